/** A PostgreSQL of this test's own, that can be killed in several ways and comes back with what it had. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import {
  newClusterPassword,
  removeCluster,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../../src/kernel/database/embedded-postgres.js';
import { migrateDatabase } from '../../../src/kernel/database/migrate.js';

/** All of its processes at the same moment; only the first of them, which the others notice; or one that serves a client, which it notices. */
export type Kill = 'the whole server' | 'the postmaster' | 'a backend';

export interface OwnCluster {
  /** Of the superuser on the test's database; another one after a restart. */
  url(): string;
  port(): number;
  password: string;
  /** Kills and waits until it answers again. */
  kill(how: Kill): Promise<void>;
  stop(): Promise<void>;
}

/** Nothing is waited for but the operating system, which a kill -9 leaves alone. */
const SETTINGS = {
  shared_buffers: '16MB',
  fsync: 'off',
  full_page_writes: 'off',
  max_connections: '20',
  wal_buffers: '1MB',
};
const DATABASE = 'faults';
const PATIENCE_MS = 30_000;

export async function startOwnCluster(): Promise<OwnCluster> {
  // Named as the tests' own cluster is, so that the next run clears away what a killed one left.
  const home = mkdtempSync(join(tmpdir(), 'uct-test-'));
  chmodSync(home, 0o711);
  writeFileSync(join(home, 'owner'), String(process.pid));
  const dataDir = join(home, 'postgres');
  const password = newClusterPassword();
  let running: EmbeddedPostgres = await startEmbeddedPostgres({ dataDir, password, settings: SETTINGS });
  const url = () => running.adminUrl(DATABASE);
  await query(running.adminUrl('postgres'), `create database ${DATABASE}`);
  await migrateDatabase(url(), { queueInDatabase: false });

  const postmaster = () => Number(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
  return {
    url,
    port: () => running.port,
    password,
    kill: async (how) => {
      const first = postmaster();
      const others = childrenOf(first);
      if (how === 'a backend') {
        await killABackend(url());
        await until(() => query(url(), 'select 1'));
        return;
      }
      for (const pid of how === 'the whole server' ? [first, ...others] : [first]) endNow(pid);
      // As long as one of them holds the shared memory, no other server starts on these files; nor while the first, which is this process's
      // child, has not been asked how it ended.
      const deadline = performance.now() + PATIENCE_MS;
      while (exists(first) || others.some(runs)) {
        if (performance.now() > deadline) throw new Error('a process of the killed server does not end');
        await sleep(2);
      }
      running = await startEmbeddedPostgres({ dataDir, password, settings: SETTINGS });
    },
    stop: async () => {
      await running.stop();
      removeCluster(dataDir);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A server one of whose processes was killed may take a connection, notice, and drop it: then it is asked again when it is back. */
export async function query(url: string, statement: string): Promise<unknown[]> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await ask(url, statement);
    } catch (error) {
      if (!isDropped(error) || performance.now() > deadline) throw error;
      await sleep(50);
    }
  }
}

function isDropped(error: unknown): boolean {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  return (
    ['ECONNRESET', 'ECONNREFUSED', 'EPIPE', '57P01', '57P02', '57P03'].includes(code) ||
    /terminated|timeout/i.test(message)
  );
}

async function ask(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<pg.QueryResultRow>(statement)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Kills a process that works for a poster. */
async function killABackend(url: string): Promise<void> {
  const rows = (await query(
    url,
    `select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() order by state = 'active' desc, random() limit 1`,
  )) as { pid: number }[];
  for (const { pid } of rows) endNow(pid);
}

async function until(attempt: () => Promise<unknown>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    await sleep(10);
    try {
      await attempt();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
  }
}

function endNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It had ended by itself.
  }
}

function processes(): { pid: number; parent: number; state: string }[] {
  const told = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,state='], { encoding: 'utf8' });
  if (told.status !== 0) throw new Error('ps does not tell which processes there are');
  return told.stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .map(([pid, parent, state = '']) => ({ pid: Number(pid), parent: Number(parent), state }));
}

const childrenOf = (of: number): number[] => processes().flatMap(({ pid, parent }) => (parent === of ? [pid] : []));

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Not one that has ended and only waits to be asked how. */
const runs = (of: number): boolean =>
  exists(of) && processes().some(({ pid, state }) => pid === of && !state.startsWith('Z'));
