/** A run that is asked for on the page: a job prepares it once, whatever is killed or comes twice, and the page says how far it is. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Clock } from '../src/kernel/clock.js';
import { addDays } from '../src/kernel/domain/plain-date.js';
import { projectRoot } from '../src/kernel/config.js';
import type { PreparationProgress } from '../src/transfers/run-preparation.service.js';
import { RunRequestsService } from '../src/transfers/run-requests.service.js';
import type { Run } from '../src/transfers/run-view.js';
import { Browser, faultsOf } from './support/browser.js';
import { enrolClient, newId, openFund } from './support/builders.js';
import { createTestDatabase, sql, type TestDatabase } from './support/database.js';
import { callOffWhatIsDue, refusal } from './support/runs.js';
import { startTestService, type TestService } from './support/service.js';

const TODAY = '2026-03-02';
const PATIENCE_MS = 120_000;

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const startedMs = performance.now(); !(await isSo()); await sleep(50)) {
    if (performance.now() - startedMs > PATIENCE_MS) throw new Error(`waited in vain until ${what}`);
  }
}

async function browserOf(service: TestService, email: string): Promise<Browser> {
  const browser = new Browser(service);
  await browser.giveEmailAndPassword(`${email}@test.example`);
  return browser;
}

const runsOf = (url: string, id: string) =>
  sql<{ items: number; by: string }>(
    url,
    `select r.item_count items, u.display_name "by" from payments.run r join payments.run_signature s on s.run_id = r.id and s.act = 'prepare'
     join access.app_user u on u.id = s.user_id where r.id = $1`,
    [id],
  );

/** Sends the form of the look; the id of the run. */
async function ask(browser: Browser, today: string, typed: Record<string, string> = {}): Promise<string> {
  const { text } = await browser.open(`/runs/new?look=yes&dueThrough=${today}`);
  const token = /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
  const answer = await browser.post('/runs', { _csrf: token, id: newId(), dueThrough: today, ...typed });
  expect(answer.status).toBe(303);
  return /^\/runs\/([0-9a-f-]{36})$/.exec(answer.headers.location ?? '')?.[1] ?? '';
}

describe('A run that is asked for', () => {
  let service: TestService;
  let preparer: Browser;
  let approver: Browser;
  let fund: string;

  beforeAll(async () => {
    service = await startTestService({ today: TODAY });
    fund = await openFund(service);
    preparer = await browserOf(service, 'finance-preparer-1');
    approver = await browserOf(service, 'finance-approver-1');
  });
  afterAll(() => service.close());
  afterEach(() => callOffWhatIsDue(service));

  /** What the job does, with what it told meanwhile. */
  async function work(id: string): Promise<{ came: string; told: PreparationProgress[] }> {
    const told: PreparationProgress[] = [];
    const came = await service.app.get(RunRequestsService).prepare(id, 'test', (progress) => told.push(progress));
    return { came, told };
  }

  it('is said to wait, on a page that looks again, until it is there; and is what the API would have made', async () => {
    await enrolClient(service, fund, TODAY);
    await enrolClient(service, fund, TODAY);
    const id = await ask(preparer, TODAY);
    const waiting = await preparer.open(`/runs/${id}`).expect(200);
    for (const words of ['Run being prepared', 'It waits for its turn', 'http-equiv="refresh"', 'role="status"'])
      expect(waiting.text).toContain(words);
    expect((await approver.open('/runs')).text).toContain(`href="/runs/${id}"`);
    const { came, told } = await work(id);
    expect(came).toBe('prepared');
    expect(told).toEqual([
      { step: 'collect', count: null },
      { step: 'reserve', count: 2 },
      { step: 'compare', count: 2 },
      { step: 'write', count: 2 },
    ]);
    const page = await preparer.open(`/runs/${id}`).expect(200);
    expect(page.text).toContain('id="digest"');
    expect(page.text).not.toContain('http-equiv="refresh"');
    expect(await runsOf(service.db.url, id)).toEqual([{ items: 2, by: 'finance-preparer 1' }]);
    // Whoever asked for it has prepared it.
    const { body } = await service.as('finance-approver').get(`/api/v1/runs/${id}`).expect(200);
    const { digest } = body as Run;
    await service.as('finance-approver').post(`/api/v1/runs/${id}/approvals`, { digest }).expect(200);
  });

  it('is asked for once, however often the form is sent, and an id means one run', async () => {
    await enrolClient(service, fund, TODAY);
    const id = newId();
    for (let times = 0; times < 2; times += 1) expect(await ask(preparer, TODAY, { id })).toBe(id);
    const requests = await sql(service.db.url, 'select 1 from payments.run_request where id = $1', [id]);
    expect(requests).toHaveLength(1);
    const { text } = await preparer.open('/runs/new');
    const token = /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
    const send = (typed: object) => preparer.post('/runs', { _csrf: token, id, dueThrough: TODAY, ...typed });
    const other = await send({ country: 'TH' });
    expect([other.status, faultsOf(other)]).toEqual([409, [['#id', expect.stringContaining('Use a new id')]]]);
    const far = await send({ id: newId(), dueThrough: '2026-05-01' });
    expect([far.status, faultsOf(far)[0]?.[0]]).toEqual([422, '#dueThrough']);
    expect(await Promise.all(Array.from({ length: 8 }, () => work(id)))).toHaveLength(8);
    expect(await runsOf(service.db.url, id)).toHaveLength(1);
    expect((await work(id)).came).toBe('nothing');
  });

  it('that cannot be prepared says why, in the words of the API, and is never prepared after that', async () => {
    const id = await ask(preparer, TODAY);
    expect((await work(id)).came).toBe('refused');
    const page = await preparer.open(`/runs/${id}`).expect(200);
    for (const words of ['Run could not be prepared', 'Nothing is due that could be paid.', 'nothing-due'])
      expect(page.text).toContain(words);
    expect(page.text).not.toContain('http-equiv="refresh"');
    expect((await approver.open('/runs')).text).toContain('could not be prepared');

    const poor = await openFund(service, { amount: '100.00' });
    await enrolClient(service, poor, TODAY);
    const unfunded = await ask(preparer, TODAY);
    expect((await work(unfunded)).came).toBe('refused');
    expect((await preparer.open(`/runs/${unfunded}`)).text).toContain(`Fund ${poor} does not have`);
    await callOffWhatIsDue(service);

    await enrolClient(service, fund, TODAY);
    expect((await work(id)).came).toBe('nothing');
    const again = { id, dueThrough: TODAY };
    expect(refusal(await service.as('finance-preparer').post('/api/v1/runs', again))).toEqual({
      status: 409,
      code: 'run-refused-before',
    });
    expect(await runsOf(service.db.url, id)).toEqual([]);
  });

  it('is prepared by what whoever asked may do then', async () => {
    await enrolClient(service, fund, TODAY);
    const leaver = await browserOf(service, 'finance-preparer-2');
    const id = await ask(leaver, TODAY);
    const { userId } = service.actor('finance-preparer', 2);
    await sql(service.db.url, 'update access.app_user set disabled_at = now() where id = $1', [userId]);
    expect((await work(id)).came).toBe('refused');
    expect((await preparer.open(`/runs/${id}`)).text).toContain('may not sign in any more');
    await sql(service.db.url, 'update access.app_user set disabled_at = null where id = $1', [userId]);
  });

  it('is prepared or refused, and of two at once exactly one wins', async () => {
    await enrolClient(service, fund, TODAY);
    const refuse = (client: pg.Client, id: string) =>
      client.query("insert into payments.run_request_refused values ($1, 'nothing-due', 'Nothing is due.', now())", [
        id,
      ]);
    const other = new pg.Client({ connectionString: service.db.url });
    await other.connect();
    try {
      const first = await ask(preparer, TODAY);
      await other.query('begin');
      await refuse(other, first);
      const preparing = work(first);
      await until('the run waits for the refusal', async () => {
        const waits = await sql(service.db.url, "select 1 from pg_stat_activity where wait_event_type = 'Lock'");
        return waits.length > 0;
      });
      await other.query('commit');
      expect((await preparing).came).toBe('nothing');
      expect(await runsOf(service.db.url, first)).toEqual([]);

      const second = await ask(preparer, TODAY);
      expect((await work(second)).came).toBe('prepared');
      await expect(refuse(other, second)).rejects.toMatchObject({ code: 'UCT70' });
    } finally {
      await other.end();
    }
  });

  it('is for whoever may prepare runs', async () => {
    await approver.open('/runs/new').expect(403);
    await service.as('finance-approver').post('/runs', { id: newId(), dueThrough: TODAY }).expect(403);
  });
});

describe('The job of a run that is asked for', () => {
  let db: TestDatabase;
  let service: TestService;
  let blocker: pg.Client;
  let preparer: Browser;
  // Workers of their own refuse a weak key, and tell real time.
  const masterKey = randomBytes(32);
  const today = new Clock().today('Asia/Bangkok');
  // What is due tomorrow is no schedule's yet.
  const due = addDays(today, 1);
  const workers: ChildProcess[] = [];

  beforeAll(async () => {
    db = await createTestDatabase();
    service = await startTestService({ at: new Date(), db, masterKey });
    preparer = await browserOf(service, 'finance-preparer-1');
    blocker = new pg.Client({ connectionString: db.url });
    await blocker.connect();
  });
  afterAll(async () => {
    for (const worker of workers) worker.kill('SIGKILL');
    await blocker.end();
    await service.close();
    await db.drop();
  });

  function startWorker(): ChildProcess {
    const worker = spawn(process.execPath, [join(projectRoot, 'dist', 'worker.js')], {
      env: { PATH: process.env.PATH, DATABASE_URL: db.url, UCT_MASTER_KEY: masterKey.toString('base64') },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    workers.push(worker);
    return worker;
  }

  it('says from another process how far it is, and after a kill -9 the next one prepares the run once', async () => {
    const fund = await openFund(service, { amount: '500000.00' });
    const firstWorker = startWorker();
    for (let count = 0; count < 3; count += 1) await enrolClient(service, fund, due, { country: 'TH' });
    await blocker.query('begin');
    await blocker.query('lock table payments.run in share row exclusive mode');
    const id = await ask(preparer, due, { country: 'TH' });
    await until('the page says how far it is', async () =>
      (await preparer.open(`/runs/${id}`)).text.includes('Step 4 of 4: 3 transfers'),
    );
    firstWorker.kill('SIGKILL');
    await blocker.query('rollback');
    await until('the database has noticed', async () => {
      const open = await sql(
        db.url,
        "select 1 from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'",
      );
      return open.length === 0;
    });
    expect(await runsOf(db.url, id)).toEqual([]);
    startWorker();
    await until('the next one prepares it', async () => (await runsOf(db.url, id)).length > 0);
    await sleep(2_000);
    expect(await runsOf(db.url, id)).toEqual([{ items: 3, by: 'finance-preparer 1' }]);
    const [{ n }] = (await sql<{ n: number }>(db.url, 'select count(*)::int n from payments.run')) as [{ n: number }];
    expect(n).toBe(1);
    expect((await preparer.open(`/runs/${id}`)).text).toContain('id="digest"');
  }, 300_000);

  it('is made again when the queue was emptied', async () => {
    for (const worker of workers.splice(0)) worker.kill('SIGKILL');
    const fund = await openFund(service, { amount: '500000.00' });
    await enrolClient(service, fund, due, { country: 'TH' });
    const id = await ask(preparer, due, { country: 'TH' });
    await sql(db.url, 'truncate bullmq.job cascade');
    startWorker();
    await until('it is prepared', async () => (await runsOf(db.url, id)).length > 0);
  }, 300_000);
});
