/**
 * Real processes are killed (kill -9) at each step of a run: while it is put together, approved, released, instructed, told of and followed, with the
 * queue wiped in between. 300 transfers here; UCT_KILLED_TRANSFERS=10000 for as many as a large programme has.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Role } from '../src/access/domain/actor.js';
import { Clock } from '../src/kernel/clock.js';
import { projectRoot } from '../src/kernel/config.js';
import { openFund } from './support/builders.js';
import { createTestDatabase, sql, type TestDatabase } from './support/database.js';
import { manyDueTransfers } from './support/many-transfers.js';
import { brokenRules } from './support/runs.js';
import { startTestService, TEST_PASSWORD, type TestService } from './support/service.js';

const MANY = Number(process.env.UCT_KILLED_TRANSFERS ?? '300');
/** What one transaction of instructing holds; see instructions.service.ts. */
const CHUNK = 4_096;
const PATIENCE_MS = 120_000;

let db: TestDatabase;
let service: TestService;
let blocker: pg.Client;
let run: { id: string; digest: string };
const masterKey = randomBytes(32);
const today = new Clock().today('Asia/Bangkok');
const running: ChildProcess[] = [];

beforeAll(async () => {
  db = await createTestDatabase();
  service = await startTestService({ today, db, masterKey });
  const fund = await openFund(service, { amount: '500000000.00' });
  await manyDueTransfers(service, fund, MANY, today);
  blocker = new pg.Client({ connectionString: db.url });
  await blocker.connect();
});
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await blocker.end();
  await service.close();
  await db.drop();
});

function start(program: 'worker.js' | 'main.js', settings: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, [join(projectRoot, 'dist', program)], {
    env: { PATH: process.env.PATH, DATABASE_URL: db.url, UCT_MASTER_KEY: masterKey.toString('base64'), ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(child);
  return child;
}

/** Starts the service as people use it; its address. */
async function startWeb(): Promise<{ child: ChildProcess; url: string }> {
  const child = start('main.js', { UCT_JOBS: 'off', PORT: '3900' });
  let said = '';
  child.stdout?.on('data', (part: Buffer) => (said += part.toString()));
  await until('the service is ready', () => Promise.resolve(/Ready at /.test(said)));
  return { child, url: /Ready at (\S+)/.exec(said)?.[1] ?? '' };
}

async function post(url: string, role: Role, path: string, body: object): Promise<number> {
  const call = (to: string, content: object, headers: Record<string, string> = {}) =>
    fetch(`${url}/api/v1${to}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(content),
    });
  const signedIn = await call('/sessions', { email: `${role}-1@test.example`, password: TEST_PASSWORD });
  const { token } = (await signedIn.json()) as { token: string };
  return (await call(path, body, { authorization: `Bearer ${token}` })).status;
}

/** Lets a process come to where it writes into that table, inside its transaction, and kills it there. */
async function killAtWriting(table: string, begin: () => ChildProcess | Promise<ChildProcess>): Promise<void> {
  await blocker.query('begin');
  await blocker.query(`lock table ${table} in share row exclusive mode`);
  const doomed = await begin();
  await until(`somebody waits to write into ${table}`, async () => (await sessions("wait_event_type = 'Lock'")) > 0);
  doomed.kill('SIGKILL');
  await blocker.query('rollback');
  await nothingOpen();
}

const nothingOpen = () =>
  until(
    'the database has noticed',
    async () =>
      (await sessions("state like 'idle in transaction%' or state = 'active' and pid <> pg_backend_pid()")) === 0,
  );

async function sessions(condition: string): Promise<number> {
  const [row] = await sql<{ n: number }>(
    db.url,
    `select count(*)::int n from pg_stat_activity where datname = current_database() and backend_type = 'client backend' and (${condition})`,
  );
  return row?.n ?? 0;
}

interface Figures {
  runs: number;
  signed: string[];
  attempts: number;
  settled: number;
  unknown: number;
  evidence: number;
  instructions: number;
  settlements: number;
}

async function figures(): Promise<Figures> {
  const [row] = await sql<Figures & pg.QueryResultRow>(
    db.url,
    `select (select count(*)::int from payments.run) runs,
            array(select act from payments.run_signature order by signed_at, act) signed,
            (select count(*)::int from payments.attempt) attempts,
            (select count(*)::int from payments.attempt where state = 'settled') settled,
            (select count(*)::int from payments.attempt where state = 'unknown') unknown,
            (select count(*)::int from payments.evidence) evidence,
            (select count(*)::int from ledger.entry where kind = 'instruct') instructions,
            (select count(*)::int from ledger.entry where kind = 'settle') settlements`,
  );
  if (!row) throw new Error('no figures');
  return row;
}

async function wipeQueue(): Promise<void> {
  const tables = await sql<{ name: string }>(
    db.url,
    "select format('%I.%I', schemaname, tablename) name from pg_tables where schemaname = 'bullmq' and tablename not like '%migration%'",
  );
  await sql(db.url, `truncate ${tables.map(({ name }) => name).join(', ')}`);
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const startedMs = performance.now(); !(await isSo()); await sleep(100)) {
    if (performance.now() - startedMs > PATIENCE_MS) throw new Error(`waited in vain until ${what}`);
  }
}

/** A worker that is killed there leaves what was; the next one does it. */
async function workersAt(table: string, before: Partial<Figures>, after: Partial<Figures>): Promise<void> {
  await killAtWriting(table, () => start('worker.js'));
  expect(await figures()).toMatchObject(before);
  const next = start('worker.js');
  await until(JSON.stringify(after), async () => {
    const now = await figures();
    return Object.entries(after).every(
      ([what, count]) => JSON.stringify(now[what as keyof Figures]) === JSON.stringify(count),
    );
  });
  next.kill('SIGKILL');
  await nothingOpen();
}

/** A large run is instructed in several transactions. */
async function killAfterFirstLot(): Promise<void> {
  const doomed = start('worker.js');
  await until('a lot is instructed', async () => (await figures()).attempts > 0);
  doomed.kill('SIGKILL');
  await nothingOpen();
  expect((await figures()).attempts % CHUNK === 0 || (await figures()).attempts === MANY).toBe(true);
}

describe(`A run of ${MANY} transfers, whose processes are killed`, () => {
  it('while it is put together, is put together once', async () => {
    await workersAt('payments.run_signature', { runs: 0, signed: [] }, { runs: 1, signed: ['prepare'] });
    const [made] = await sql<{ id: string; digest: string; item_count: number }>(
      db.url,
      'select id, digest, item_count from payments.run',
    );
    expect(made?.item_count).toBe(MANY);
    run = made as typeof run;
  }, 300_000);

  it('while it is approved and released, is approved and released once', async () => {
    const acts: [Role, string, string[]][] = [
      ['finance-approver', 'approvals', ['prepare']],
      ['finance-releaser', 'release', ['prepare', 'approve']],
    ];
    for (const [role, act, before] of acts) {
      const path = `/runs/${run.id}/${act}`;
      let web = await startWeb();
      await killAtWriting('payments.run_signature', () => {
        post(web.url, role, path, { digest: run.digest }).catch(() => undefined);
        return web.child;
      });
      expect(await figures()).toMatchObject({ signed: before, attempts: 0 });
      web = await startWeb();
      if (act === 'release') {
        // The release is there, and nothing is instructed when it dies.
        await killAtWriting('payments.attempt', () => {
          post(web.url, role, path, { digest: run.digest }).catch(() => undefined);
          return web.child;
        });
      } else {
        expect(await post(web.url, role, path, { digest: run.digest })).toBe(200);
        web.child.kill('SIGKILL');
      }
      await nothingOpen();
    }
    expect(await figures()).toMatchObject({ signed: ['prepare', 'approve', 'release'], attempts: 0, instructions: 0 });
  }, 300_000);

  it('while it is instructed, with the queue wiped, is instructed once', async () => {
    await wipeQueue();
    if (MANY > CHUNK) await killAfterFirstLot();
    const { attempts } = await figures();
    await workersAt('ledger.entry', { attempts, instructions: attempts }, { attempts: MANY, instructions: MANY });
    const [twice] = await sql(db.url, 'select obligation_id from payments.attempt group by 1 having count(*) > 1');
    expect(twice).toBeUndefined();
  }, 300_000);

  it('while it is told of, is told once', async () => {
    const told = await sql<{ transfer: string }>(
      db.url,
      'select obligation_id transfer from payments.attempt order by id limit $1',
      [Math.min(200, MANY / 2)],
    );
    const results = told.map(({ transfer }) => ({ transfer, outcome: 'settled', reference: 'signed voucher' }));
    const path = `/runs/${run.id}/results`;
    let web = await startWeb();
    await killAtWriting('ledger.entry', () => {
      post(web.url, 'finance-preparer', path, { results }).catch(() => undefined);
      return web.child;
    });
    expect(await figures()).toMatchObject({ settled: 0, evidence: 0, settlements: 0 });
    web = await startWeb();
    for (let time = 0; time < 2; time += 1)
      expect(await post(web.url, 'finance-preparer', path, { results })).toBe(200);
    expect(await figures()).toMatchObject({ settled: told.length, evidence: told.length, settlements: told.length });
    web.child.kill('SIGKILL');
    await nothingOpen();
  }, 300_000);

  it('while silence is noticed, is followed once, and the books are whole', async () => {
    await wipeQueue();
    // As if all of it had been instructed ten days ago.
    await sql(
      db.url,
      "update payments.attempt set instructed_on = instructed_on - 10, instructed_at = instructed_at - interval '10 days'",
    );
    const { settled, evidence } = await figures();
    const silent = MANY - settled;
    await workersAt('payments.evidence', { unknown: 0, evidence }, { unknown: silent, evidence: evidence + silent });
    expect(await brokenRules(service)).toEqual([]);
  }, 300_000);
});
