/** The embedded default: one folder that holds the database, its keys and a note of what runs, and one process at a time in it. */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { newClusterPassword, startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js';
import { migrateDatabase } from './migrate.js';

const DATABASE = 'uct_ledger';
const LOCK_TRIES = 20;
const LOCK_PAUSE_MS = 250;

interface Keys {
  /** 32 bytes, base64. */
  masterKey: string;
  superuserPassword: string;
  servicePassword: string;
}

export interface EmbeddedHome {
  /** Login uct_app: what the service's role may do, and no more. */
  databaseUrl: string;
  masterKey: Buffer;
  stop(): Promise<void>;
  /** Called when the database ends by itself. */
  onCrash(listener: () => void): void;
}

/** Starts what `dataDir` holds (making it when empty), migrated. Throws when another process works in it. */
export async function openEmbeddedHome(dataDir: string): Promise<EmbeddedHome> {
  mkdirSync(dataDir, { recursive: true, mode: 0o711 }); // the database may run as another user, who must get through
  const unlock = await lock(join(dataDir, 'service.lock'));
  let postgres: EmbeddedPostgres | undefined;
  try {
    const keys = readOrMakeKeys(dataDir);
    postgres = await startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres'), password: keys.superuserPassword });
    await prepareDatabase(postgres, keys.servicePassword);
    await migrateDatabase(postgres.adminUrl(DATABASE), { queueInDatabase: true });
    const cluster = postgres;
    return {
      databaseUrl: `postgres://uct_app:${keys.servicePassword}@127.0.0.1:${cluster.port}/${DATABASE}`,
      masterKey: Buffer.from(keys.masterKey, 'base64'),
      onCrash: (listener) => cluster.onCrash(listener),
      stop: async () => {
        await cluster.stop();
        unlock();
      },
    };
  } catch (error) {
    await postgres?.stop();
    unlock();
    throw error;
  }
}

/** Writes a file whole or not at all, readable by its owner only. */
export function writePrivateFile(path: string, content: string): void {
  writeFileSync(`${path}.part`, content, { mode: 0o600 });
  renameSync(`${path}.part`, path);
}

function readOrMakeKeys(dataDir: string): Keys {
  const file = join(dataDir, 'keys.json');
  if (!existsSync(file)) {
    if (existsSync(join(dataDir, 'postgres'))) {
      throw new Error(`${file} is missing, and without it nobody's identity can be read. Restore it from your backup.`);
    }
    const keys: Keys = {
      masterKey: randomBytes(32).toString('base64'),
      superuserPassword: newClusterPassword(),
      servicePassword: newClusterPassword(),
    };
    writePrivateFile(file, `${JSON.stringify(keys, null, 2)}\n`);
  }
  chmodSync(file, 0o600);
  return JSON.parse(readFileSync(file, 'utf8')) as Keys;
}

async function prepareDatabase(postgres: EmbeddedPostgres, servicePassword: string): Promise<void> {
  await onCluster(postgres, async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
    const role = await client.query("select from pg_roles where rolname = 'uct_service'");
    if (role.rowCount === 0) await client.query('create role uct_service nologin');
    const login = await client.query("select from pg_roles where rolname = 'uct_app'");
    if (login.rowCount === 0)
      await client.query(`create role uct_app login in role uct_service password '${servicePassword}'`);
  });
}

async function onCluster(postgres: EmbeddedPostgres, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: postgres.adminUrl('postgres') });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** Two services on one folder would stop each other's database. A lock whose process is gone is taken over; one that is going is waited for. */
async function lock(file: string): Promise<() => void> {
  for (let tries = 0; tries < LOCK_TRIES; tries++) {
    try {
      writeFileSync(file, JSON.stringify({ pid: process.pid }), { flag: 'wx', mode: 0o600 });
      return () => rmSync(file, { force: true });
    } catch {
      const holder = readHolder(file);
      if (holder !== undefined && holder !== process.pid && isRunning(holder)) await sleep(LOCK_PAUSE_MS);
      else rmSync(file, { force: true });
    }
  }
  throw new Error(
    `The service already runs from this folder (process ${readHolder(file) ?? 'unknown'}). Stop it first.`,
  );
}

function readHolder(file: string): number | undefined {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { pid: number }).pid;
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  try {
    // Process ids are used again: on Linux it can be seen whether it is still one of ours.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('node');
  } catch {
    return true;
  }
}
