/** What holds for the queue, whichever machine it works on: a job only says "look now", what is due stands in the database. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getQueueToken } from '@nestjs/bullmq';
import type { Job, Queue } from 'bullmq';
import pg from 'pg';
import { REPORTS_QUEUE } from '../../src/donor-reports/report-jobs.js';
import { Clock } from '../../src/kernel/clock.js';
import { projectRoot } from '../../src/kernel/config.js';
import type { QueueConnection } from '../../src/kernel/queue/queue.module.js';
import { countries } from '../../src/kernel/reference-data.js';
import { registerSchedules } from '../../src/service.js';
import { TRANSFERS_QUEUE } from '../../src/transfers/jobs.js';
import { InstructionsService } from '../../src/transfers/instructions.service.js';
import { RunsService } from '../../src/transfers/runs.service.js';
import { enrolClient, openFund, prepareRun, releaseRun } from './builders.js';
import { createTestDatabase, sql, type TestDatabase } from './database.js';
import { startTestService, travel, type TestService } from './service.js';

export interface QueueMachine {
  connection: (db: TestDatabase) => QueueConnection;
  /** Everything that the queue holds is gone, as after a lost disk. */
  wipe: (db: TestDatabase) => Promise<void>;
}

const TODAY = '2026-03-02';
const NAME = 'Maung Queuename';
const PATIENCE_MS = 20_000;

export function queueRules({ connection, wipe }: QueueMachine): void {
  let db: TestDatabase;
  let service: TestService;
  let transfers: Queue;
  let reports: Queue;
  let fund: string;

  const start = async () => {
    service = await startTestService({ today: TODAY, jobs: true, db, queue: connection(db) });
    transfers = service.app.get<Queue>(getQueueToken(TRANSFERS_QUEUE), { strict: false });
    reports = service.app.get<Queue>(getQueueToken(REPORTS_QUEUE), { strict: false });
  };
  const enrol = (country = 'MM', anchorOn = TODAY) => enrolClient(service, fund, anchorOn, { country, name: NAME });
  const prepareDue = (country = 'MM') => transfers.add('prepare-due-runs', { country });

  beforeAll(async () => {
    db = await createTestDatabase();
    await wipe(db);
    await start();
    fund = await openFund(service);
  });
  afterAll(async () => {
    await service.close();
    await db.drop();
  });

  describe('the schedules', () => {
    const expected = [
      ...countries.map(({ code, timeZone }) => ({
        key: `prepare-due-runs-${code}`,
        name: 'prepare-due-runs',
        pattern: '0 6 * * *',
        tz: timeZone,
      })),
      { key: 'follow-unknown', name: 'follow-unknown', pattern: '15 * * * *', tz: undefined },
      { key: 'self-check', name: 'self-check', pattern: '30 2 * * *', tz: 'Asia/Bangkok' },
    ];
    const ofReports = [
      { key: 'donor-reports', name: 'donor-reports', pattern: '0 5 2 1,4,7,10 *', tz: 'Asia/Bangkok' },
    ];

    it('are all registered, each at its hour and in its zone', async () => {
      await registerSchedules(service.app);
      expect(await schedulersOf(transfers)).toEqual(byKey(expected));
      expect(await schedulersOf(reports)).toEqual(ofReports);
      expect(expected.filter(({ name }) => name === 'prepare-due-runs')).toHaveLength(8);
    });

    it('run next at 06:00 on the clocks of each country', async () => {
      for (const { code, timeZone } of countries) {
        const next = (await transfers.getJobScheduler(`prepare-due-runs-${code}`))?.next;
        const hour = new Intl.DateTimeFormat('en-GB', { timeZone, timeStyle: 'short' }).format(next);
        expect({ code, hour }).toEqual({ code, hour: '06:00' });
      }
    });

    it('are there once each, however often and from however many processes they are registered', async () => {
      const other = await startTestService({ today: TODAY, db, queue: connection(db) });
      await Promise.all([registerSchedules(service.app), registerSchedules(other.app), registerSchedules(service.app)]);
      await registerSchedules(other.app);
      await other.close();
      await settled(transfers, reports);
      expect(await schedulersOf(transfers)).toEqual(byKey(expected));
      expect(await schedulersOf(reports)).toEqual(ofReports);
      // One job waits for the next time of each, and no more.
      expect(await transfers.getJobCountByTypes('delayed')).toBe(expected.length);
      expect(await reports.getJobCountByTypes('delayed')).toBe(1);
    });

    it('carry a country at most', async () => {
      for (const { template } of [...(await transfers.getJobSchedulers()), ...(await reports.getJobSchedulers())]) {
        expect(Object.keys((template?.data ?? {}) as object).filter((key) => key !== 'country')).toEqual([]);
      }
    });
  });

  describe('a job that prepares what is due', () => {
    it('prepares exactly that, once, and leaves the rest', async () => {
      const due = [await enrol(), await enrol(), await enrol()];
      await enrol('MM', '2026-03-03');
      await enrol('TH');
      await done(await prepareDue());
      const [run, ...others] = await runs();
      expect(others).toEqual([]);
      expect(run).toEqual({ country: 'MM', items: 3, signed: [{ act: 'prepare', by: 'Schedule' }] });
      const inRun = await sql<{ code: string }>(
        db.url,
        "select c.code from payments.obligation o join casework.client c on c.id = o.client_id where o.state = 'in_run'",
      );
      expect(inRun.map(({ code }) => code).sort()).toEqual(due.map(({ client }) => client).sort());
    });

    it('changes nothing when it comes again, and again, and twenty times at once', async () => {
      const before = await figures(db);
      await done(await prepareDue());
      await done(await prepareDue());
      const jobs = await transfers.addBulk(
        Array.from({ length: 20 }, () => ({ name: 'prepare-due-runs', data: { country: 'MM' } })),
      );
      for (const job of jobs) await done(job);
      expect(await figures(db)).toEqual(before);
    });

    it('pays nobody twice when many come at once and something is due', async () => {
      for (let count = 0; count < 6; count += 1) await enrol('LA');
      const jobs = await transfers.addBulk(
        Array.from({ length: 20 }, () => ({ name: 'prepare-due-runs', data: { country: 'LA' } })),
      );
      for (const job of jobs) await done(job);
      const ofLaos = (await runs()).filter(({ country }) => country === 'LA');
      expect(ofLaos.reduce((sum, { items }) => sum + items, 0)).toBe(6);
      const [{ twice }] = (await sql<{ twice: number }>(
        db.url,
        'select count(*)::int twice from (select obligation_id from payments.run_item group by 1 having count(*) > 1) repeated',
      )) as [{ twice: number }];
      expect(twice).toBe(0);
    });

    it('prepares after days of silence all that fell due meanwhile', async () => {
      travel(service, '2026-03-06');
      await done(await prepareDue());
      travel(service, TODAY);
      expect((await runs()).filter(({ country }) => country === 'MM').map(({ items }) => items)).toEqual([3, 1]);
    });
  });

  describe('the other jobs', () => {
    it('notice once that nothing was heard of a payment', async () => {
      travel(service, TODAY);
      await enrol('TH');
      await releaseRun(service, TODAY, 'TH');
      travel(service, '2026-03-09');
      const unknown = async () =>
        (await sql<{ n: number }>(db.url, "select count(*)::int n from payments.attempt where state = 'unknown'"))[0]
          ?.n;
      await done(await transfers.add('follow-unknown', {}));
      const noticed = await unknown();
      expect(noticed).toBeGreaterThan(0);
      const before = await figures(db);
      const jobs = await transfers.addBulk(Array.from({ length: 8 }, () => ({ name: 'follow-unknown', data: {} })));
      for (const job of jobs) await done(job);
      expect(await unknown()).toBe(noticed);
      expect(await figures(db)).toEqual(before);
      travel(service, TODAY);
    });

    it('go on with the other runs, and with what comes after them, when one cannot be instructed', async () => {
      travel(service, TODAY);
      await enrol('MM');
      await releaseRun(service, TODAY, 'MM');
      const runs: string[] = [];
      for (const country of ['TH', 'LA']) {
        await enrol(country);
        const { id, digest } = await prepareRun(service, TODAY, country);
        await service.as('finance-approver').post(`/api/v1/runs/${id}/approvals`, { digest }).expect(200);
        await service.app.get(RunsService).release(service.actor('finance-releaser'), id, digest);
        runs.push(id);
      }
      const unfinished = () => service.app.get(InstructionsService).unfinishedRuns();
      const [broken] = await unfinished();
      expect(runs).toContain(broken);
      await sql(
        db.url,
        `create function public.refuse_that_run() returns trigger language plpgsql as $$ begin raise exception 'out of order'; end $$;
         create trigger refuse_that_run before insert on payments.attempt for each row when (new.run_id = '${broken}')
         execute function public.refuse_that_run();`,
      );
      travel(service, '2026-03-20');
      const job = await finished(transfers, await transfers.add('follow-unknown', {}));
      expect(job.failedReason).toBe('The job failed; the log of the service says where.');
      expect(await unfinished()).toEqual([broken]);
      const open = await sql(
        db.url,
        "select 1 from payments.attempt where state in ('instructed', 'accepted') and instructed_on < '2026-03-05'",
      );
      expect(open).toEqual([]);
      await sql(db.url, 'drop trigger refuse_that_run on payments.attempt; drop function public.refuse_that_run()');
      await done(await transfers.add('follow-unknown', {}));
      expect(await unfinished()).toEqual([]);
      travel(service, TODAY);
    });

    it('check the books and find nothing', async () => {
      const job = await done(await transfers.add('self-check', {}));
      expect(job.returnvalue).toMatchObject({ ok: true });
    });

    it("make a quarter's reports once", async () => {
      travel(service, '2026-04-02');
      const reportCount = async () =>
        (await sql<{ n: number }>(db.url, 'select count(*)::int n from reports.donor_report'))[0]?.n;
      await done(await reports.add('donor-reports', {}));
      const made = await reportCount();
      expect(made).toBeGreaterThan(0);
      for (const job of await reports.addBulk(Array.from({ length: 6 }, () => ({ name: 'donor-reports', data: {} }))))
        await done(job);
      expect(await reportCount()).toBe(made);
      travel(service, TODAY);
    });

    it('do not break the worker by failing, and say why without a secret', async () => {
      const unknownJob = await transfers.add('pay-everybody', { amount: '1000000' });
      const unknownCountry = await transfers.add('prepare-due-runs', { country: 'ZZ' });
      const noCountry = await transfers.add('prepare-due-runs', {});
      for (const job of [unknownJob, unknownCountry, noCountry]) {
        const failed = await finished(transfers, job);
        expect(await failed.getState()).toBe('failed');
        expect(failed.failedReason).not.toMatch(/select|insert|update/i);
      }
      const before = await figures(db);
      await done(await prepareDue());
      expect(await figures(db)).toEqual(before);
    });
  });

  describe('a queue that lost everything', () => {
    it('is filled again by the next start, and what fell due meanwhile is prepared at once', async () => {
      const before = await figures(db);
      await service.close();
      await wipe(db);
      await start();
      expect(await transfers.getJobSchedulers()).toEqual([]);
      await enrol('TH');
      await registerSchedules(service.app);
      await settled(transfers, reports);
      expect(await transfers.getJobSchedulers()).toHaveLength(countries.length + 2);
      const after = await figures(db);
      expect(after.runs).toBe(before.runs + 1);
      expect(after.inRun).toBe(before.inRun + 1);
      expect(after.settled).toBe(before.settled);
    });

    it('is filled again also when it was emptied under the hands of a worker', async () => {
      const before = await figures(db);
      await transfers.obliterate({ force: true });
      await reports.obliterate({ force: true });
      await registerSchedules(service.app);
      await settled(transfers, reports);
      expect(await transfers.getJobSchedulers()).toHaveLength(countries.length + 2);
      expect(await figures(db)).toEqual(before);
      await enrol('TH');
      await done(await prepareDue('TH'));
      expect((await figures(db)).inRun).toBe(before.inRun + 1);
    });
  });

  it('never holds who somebody is', async () => {
    const codes = (await sql<{ code: string }>(db.url, 'select code from casework.client')).map(({ code }) => code);
    expect(codes.length).toBeGreaterThan(10);
    const jobs = (
      await Promise.all(
        [transfers, reports].map((queue) => queue.getJobs(['completed', 'failed', 'delayed', 'waiting', 'active'])),
      )
    ).flat();
    const held = JSON.stringify(jobs.map((job) => job.asJSON()));
    expect(jobs.length).toBeGreaterThan(10);
    for (const secret of [NAME, 'Aung Myint Oo', '1988-04-12', ...codes]) expect(held).not.toContain(secret);
  });

  async function schedulersOf(queue: Queue) {
    return byKey((await queue.getJobSchedulers()).map(({ key, name, pattern, tz }) => ({ key, name, pattern, tz })));
  }

  function byKey<T extends { key: string }>(schedulers: T[]): T[] {
    return schedulers.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** The job when it has been worked on, whatever came of it. */
  async function finished(queue: Queue, job: Job): Promise<Job> {
    let latest: Job | undefined;
    await until(`${job.name} is finished`, async () => {
      latest = await queue.getJob(job.id ?? '');
      return latest?.finishedOn !== undefined;
    });
    return latest as Job;
  }

  async function done(job: Job): Promise<Job> {
    const after = await finished(job.queueName === REPORTS_QUEUE ? reports : transfers, job);
    expect({ name: job.name, failed: after.failedReason }).toEqual({ name: job.name, failed: undefined });
    return after;
  }

  async function settled(...queues: Queue[]): Promise<void> {
    for (const queue of queues) {
      await until(
        'nothing is left to do',
        async () => (await queue.getJobCountByTypes('waiting', 'active', 'prioritized')) === 0,
      );
    }
  }

  async function runs(): Promise<{ country: string; items: number; signed: { act: string; by: string }[] }[]> {
    return sql(
      db.url,
      `select r.country, r.item_count items,
              (select jsonb_agg(jsonb_build_object('act', s.act, 'by', u.display_name)) from payments.run_signature s
               join access.app_user u on u.id = s.user_id where s.run_id = r.id) signed
       from payments.run r order by r.id`,
    );
  }
}

/** A worker is killed in the middle of a job, as by a power cut: nothing is half done, and the next one does it once. */
export function killedWorkerRules({ connection, wipe }: QueueMachine): void {
  let db: TestDatabase;
  let service: TestService;
  let blocker: pg.Client;
  let fund: string;
  const workers: ChildProcess[] = [];
  // Workers of their own refuse a weak key, and tell real time.
  const masterKey = randomBytes(32);
  const today = new Clock().today('Asia/Bangkok');

  beforeAll(async () => {
    db = await createTestDatabase();
    await wipe(db);
    service = await startTestService({ today, db, masterKey, queue: connection(db) });
    fund = await openFund(service);
    blocker = new pg.Client({ connectionString: db.url });
    await blocker.connect();
  });
  afterAll(async () => {
    for (const worker of workers) worker.kill('SIGKILL');
    await blocker.end();
    await service.close();
    await db.drop();
  });

  it('leaves nothing half done, and the next one does it once', async () => {
    for (let count = 0; count < 3; count += 1) await enrolClient(service, fund, today, { country: 'TH' });
    const before = await figures(db);
    await blocker.query('begin');
    await blocker.query('lock table payments.run in share row exclusive mode');
    const doomed = startWorker();
    await until(
      'the job waits in the middle of its transaction',
      async () => (await sessions("wait_event_type = 'Lock'")) > 0,
    );
    doomed.kill('SIGKILL');
    await blocker.query('rollback');
    await until('the database has noticed', async () => (await sessions("state like 'idle in transaction%'")) === 0);
    expect(await figures(db)).toEqual(before);

    startWorker();
    await until('the next one prepares it', async () => (await figures(db)).inRun === 3);
    const after = await figures(db);
    expect(after).toEqual({
      ...before,
      runs: 1,
      items: 3,
      inRun: 3,
      entries: before.entries + 1,
      reserved: String(3 * 900_000),
    });
    startWorker();
    await sleep(2_000);
    expect(await figures(db)).toEqual(after);
  });

  /** The process that an operator starts. */
  function startWorker(): ChildProcess {
    const queue = connection(db);
    const worker = spawn(process.execPath, [join(projectRoot, 'dist', 'worker.js')], {
      env: {
        PATH: process.env.PATH,
        DATABASE_URL: db.url,
        UCT_MASTER_KEY: masterKey.toString('base64'),
        ...(queue.on === 'redis' ? { REDIS_URL: queue.url } : {}),
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    workers.push(worker);
    return worker;
  }

  async function sessions(condition: string): Promise<number> {
    const [row] = await sql<{ n: number }>(
      db.url,
      `select count(*)::int n from pg_stat_activity where datname = current_database() and ${condition}`,
    );
    return row?.n ?? 0;
  }
}

/** What a job could have changed. */
async function figures(db: TestDatabase) {
  const [row] = await sql<{
    runs: number;
    items: number;
    inRun: number;
    settled: number;
    attempts: number;
    evidence: number;
    entries: number;
    reserved: string;
  }>(
    db.url,
    `select (select count(*)::int from payments.run) runs, (select count(*)::int from payments.run_item) items,
              (select count(*)::int from payments.obligation where state = 'in_run') "inRun",
              (select count(*)::int from payments.obligation where state = 'settled') settled,
              (select count(*)::int from payments.attempt) attempts, (select count(*)::int from payments.evidence) evidence,
              (select count(*)::int from ledger.entry) entries,
              (select coalesce(sum(debits_pending), 0)::text from ledger.balance) reserved`,
  );
  if (!row) throw new Error('no figures');
  return row;
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const startedMs = performance.now(); !(await isSo()); await sleep(50)) {
    if (performance.now() - startedMs > PATIENCE_MS) throw new Error(`waited in vain until ${what}`);
  }
}
