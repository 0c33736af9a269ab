/** Sent once at most, whatever stops in the middle: the simulated operator pays again whenever it is asked again, so it is not the operator that keeps us from it. */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getQueueToken } from '@nestjs/bullmq';
import type { Queue } from 'bullmq';
import { scheduleActor } from '../src/access/domain/actor.js';
import { Clock } from '../src/kernel/clock.js';
import { projectRoot } from '../src/kernel/config.js';
import { registerSchedules } from '../src/service.js';
import { DispatchService } from '../src/transfers/rails/mobile-money/dispatch.service.js';
import { EnquiriesService } from '../src/transfers/rails/mobile-money/enquiries.service.js';
import { MOBILE_MONEY_QUEUE } from '../src/transfers/rails/mobile-money/mobile-money-jobs.js';
import { Operator } from '../src/transfers/rails/mobile-money/operator.js';
import { RailMessagesService } from '../src/transfers/rails/mobile-money/rail-messages.service.js';
import { enrolClient, openFund, releaseRun } from './support/builders.js';
import { chanceFor } from './support/chance.js';
import { createTestDatabase, sql, type TestDatabase } from './support/database.js';
import { learnt, startPayingService, stateOf, TODAY, WALLET, type PayingService } from './support/mobile-money.js';
import { MODES, planFor, RailSimulator } from './support/rail-simulator/core.js';
import { startOperator, type SimulatedOperator } from './support/rail-simulator/gsma-http.js';
import { brokenRules, firstTransfer, reissue } from './support/runs.js';
import { startTestService, travel, type TestService } from './support/service.js';

const ACTOR = scheduleActor('test');

/** Attempts of so many clients, instructed in one run and not sent. */
async function instructMany(service: TestService, many: number, today = TODAY): Promise<string[]> {
  const fund = await openFund(service);
  for (let n = 0; n < many; n += 1) await enrolClient(service, fund, today, { rail: 'mobile-money', payee: WALLET });
  const run = await releaseRun(service, today);
  const rows = await sql<{ id: string }>(
    service.db.url,
    'select id from payments.attempt where run_id = $1 order by id',
    [run.id],
  );
  expect(rows).toHaveLength(many);
  return rows.map(({ id }) => id);
}

describe('a process that stops', () => {
  let paying: PayingService;

  beforeAll(async () => {
    paying = await startPayingService({ keepsIdsHours: 48 }, { faults: { forgetsIds: true } });
  });
  afterAll(() => paying.close());

  it('between saying that it sends and sending leaves it in doubt, and then provably never received: only a new attempt pays', async () => {
    const { attempt, transfer, client } = await paying.instructed({ mode: 'accept-now' });
    const { connected } = paying.service.app.get(Operator);
    const stopped = jest.spyOn(connected?.rail ?? ({} as never), 'send').mockRejectedValueOnce(new Error('stopped'));
    await expect(paying.send()).rejects.toThrow('stopped');
    stopped.mockRestore();
    expect(await paying.send()).toBe(0);
    await paying.askAfter(1);
    expect(await learnt(paying.service, attempt)).toEqual({ state: 'unknown', evidence: ['unclear not-known'] });
    await paying.askAfter(60);
    expect(await learnt(paying.service, attempt)).toEqual({
      state: 'failed',
      evidence: ['failed never-received', 'unclear not-known'],
    });
    expect(paying.simulator.received).not.toContain(attempt);
    travel(paying.service, TODAY);
    await reissue(paying.service, transfer);
    await releaseRun(paying.service, TODAY);
    expect(await paying.send()).toBe(1);
    expect(await firstTransfer(paying.service, client)).toMatchObject({ state: 'settled' });
  });

  it('before it has recorded the answer asks for it, and sends nothing again', async () => {
    const { attempt } = await paying.instructed({ mode: 'accept-now' });
    const stopped = jest
      .spyOn(paying.service.app.get(RailMessagesService), 'record')
      .mockRejectedValueOnce(new Error('stopped'));
    await expect(paying.send()).rejects.toThrow('stopped');
    stopped.mockRestore();
    expect(await stateOf(paying.service, attempt)).toBe('instructed');
    expect(await paying.send()).toBe(0);
    await paying.askAfter(1);
    expect(await stateOf(paying.service, attempt)).toBe('settled');
    expect(paying.simulator.timesPaid(attempt)).toBe(1);
  });

  it('before it has said that it sends has sent nothing, and the next look does', async () => {
    const { attempt } = await paying.instructed({ mode: 'accept-now' });
    const { connected } = paying.service.app.get(Operator);
    const stopped = jest.spyOn(connected?.rail ?? ({} as never), 'written').mockImplementationOnce(() => {
      throw new Error('stopped');
    });
    await expect(paying.send()).rejects.toThrow('stopped');
    stopped.mockRestore();
    expect(paying.simulator.received).not.toContain(attempt);
    expect(await paying.send()).toBe(1);
    expect(paying.simulator.timesPaid(attempt)).toBe(1);
  });

  it('never received is not concluded within minutes, nor after the operator forgets ids', async () => {
    const { attempt } = await paying.instructed({ mode: 'timeout-unpaid' });
    await paying.send();
    await paying.askAfter(14);
    expect(await stateOf(paying.service, attempt)).toBe('unknown');
    await paying.askAfter(49 * 60);
    expect(await stateOf(paying.service, attempt)).toBe('unknown');
  });
});

describe('two services and many looks at once', () => {
  let db: TestDatabase;
  let simulator: RailSimulator;
  let operator: SimulatedOperator;
  let services: TestService[];

  beforeAll(async () => {
    db = await createTestDatabase();
    simulator = new RailSimulator(TODAY, { forgetsIds: true });
    operator = await startOperator(simulator);
    const start = () => startTestService({ today: TODAY, db, mobileMoney: operator.settings });
    services = [await start(), await start()];
    operator.callbackUrl((await services[0]?.app.getUrl())?.replace('[::1]', '127.0.0.1') ?? '');
  });
  afterAll(async () => {
    for (const service of services) await service.close();
    await operator.close();
    await db.drop();
  });

  const each = <T>(act: (service: TestService) => Promise<T>) =>
    Promise.all([...services, ...services, ...services].map(act));

  it('send everything once', async () => {
    const attempts = await instructMany(services[0] as TestService, 24);
    const sent = await each((service) => service.app.get(DispatchService).dispatchDue(ACTOR));
    expect(sent.reduce((sum, one) => sum + one, 0)).toBe(24);
    expect([...simulator.received].sort()).toEqual(attempts);
    expect(simulator.paidTwice()).toEqual([]);
  });

  it('by any plan, with callbacks and questions at the same time, come to what the operator paid', async () => {
    const chance = chanceFor('mobile money from two services');
    const [service] = services as [TestService, TestService];
    const attempts = await instructMany(service, MODES.length * 2);
    attempts.forEach((attempt, at) =>
      operator.plan(attempt, at < MODES.length ? { mode: MODES[at] ?? 'accept-now', days: 1 } : planFor(chance)),
    );
    operator.beforeAnswer = async () => {
      if (chance.percent(50)) await operator.deliver();
    };
    let day = TODAY;
    for (let look = 0; look < 9; look += 1) {
      await Promise.all([
        each((one) => one.app.get(DispatchService).dispatchDue(ACTOR)),
        each((one) => one.app.get(EnquiriesService).askDue(ACTOR)),
        operator.deliver(),
      ]);
      day = new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
      simulator.tick(day);
      for (const one of services) travel(one, day);
    }
    operator.beforeAnswer = undefined;
    expect(simulator.paidTwice()).toEqual([]);
    expect(new Set(simulator.received).size).toBe(simulator.received.length);
    for (const attempt of attempts) {
      const { state, evidence } = await learnt(service, attempt);
      const hasIt = simulator.netPaid(attempt) > 0n;
      // Whoever has the money is settled, whoever has not is not; and nothing is taken for failed that was paid.
      expect({ attempt, evidence, settled: state === 'settled' }).toEqual({ attempt, evidence, settled: hasIt });
      if (simulator.timesPaid(attempt) > 0) expect(state).not.toBe('failed');
    }
    expect(await brokenRules(service)).toEqual([]);
    for (const one of services) travel(one, TODAY);
  }, 60_000);

  it('keep together to what the operator takes in a minute', async () => {
    const slow = await startOperator(simulator, { perMinute: 5 });
    const service = await startTestService({ today: TODAY, db, mobileMoney: slow.settings });
    await instructMany(service, 8);
    travel(service, TODAY, '11:00');
    const look = () => service.app.get(DispatchService).dispatchDue(ACTOR);
    expect((await Promise.all([look(), look(), look()])).reduce((sum, one) => sum + one, 0)).toBe(5);
    travel(service, TODAY, '11:02');
    expect(await look()).toBe(3);
    await service.close();
    await slow.close();
  });
});

describe('a worker that is killed', () => {
  let db: TestDatabase;
  let service: TestService;
  const masterKey = randomBytes(32);
  const today = new Clock().today('Asia/Bangkok');
  const simulator = new RailSimulator(today, { forgetsIds: true });
  let operator: SimulatedOperator;
  const workers: ChildProcess[] = [];

  beforeAll(async () => {
    db = await createTestDatabase();
    operator = await startOperator(simulator, { apiKey: 'k3y-0f-the-0perat0r-5im' });
    service = await startTestService({ today, db, masterKey });
  });
  afterAll(async () => {
    for (const worker of workers) worker.kill('SIGKILL');
    await service.close();
    await operator.close();
    await db.drop();
  });

  function startWorker(): ChildProcess {
    const { url, apiKey = '', callbackToken, payer } = operator.settings;
    const worker = spawn(process.execPath, [join(projectRoot, 'dist', 'worker.js')], {
      env: {
        PATH: process.env.PATH,
        DATABASE_URL: db.url,
        UCT_MASTER_KEY: masterKey.toString('base64'),
        UCT_PUBLIC_URL: 'https://ledger.example.org',
        UCT_MOBILE_MONEY_URL: url,
        UCT_MOBILE_MONEY_API_KEY: apiKey,
        UCT_MOBILE_MONEY_PAYER: `${payer.key}:${payer.value}`,
        UCT_MOBILE_MONEY_CALLBACK_TOKEN: callbackToken,
        UCT_MOBILE_MONEY_PER_MINUTE: '1000',
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    workers.push(worker);
    return worker;
  }

  it('while payments are on their way is followed by one that sends the rest, and nothing twice; a wiped queue in between loses nothing', async () => {
    const attempts = await instructMany(service, 20, today);
    let doomed: ChildProcess | undefined = startWorker();
    operator.beforeAnswer = async () => {
      if (simulator.received.length < 3) return;
      operator.beforeAnswer = undefined;
      doomed?.kill('SIGKILL');
      doomed = undefined;
      await sleep(100);
    };
    await until('it was killed', () => Promise.resolve(doomed === undefined));
    expect(simulator.received.length).toBeLessThan(20);
    const tables = await sql<{ name: string }>(
      db.url,
      "select format('%I.%I', schemaname, tablename) name from pg_tables where schemaname = 'bullmq' and tablename not like '%migration%'",
    );
    await sql(db.url, `truncate ${tables.map(({ name }) => name).join(', ')}`);
    startWorker();
    await until('all have left', async () => (await count('dispatch')) === 20);
    await sql(db.url, 'update payments.enquiry set next_at = now() where next_at is not null');
    startWorker(); // looks at once
    await until('all is known or in doubt', async () => {
      const known = await count("attempt where state = 'settled'");
      return known === simulator.received.length && known + (await count("attempt where state = 'unknown'")) === 20;
    });
    // Those that had left by the row and not by the wire when it was killed: nobody knows, and nobody sends them again.
    expect(simulator.received.length).toBeGreaterThanOrEqual(3 + 12);
    expect([...new Set(simulator.received)].sort()).toEqual([...simulator.received].sort());
    expect(simulator.received.filter((id) => !attempts.includes(id))).toEqual([]);
    expect(simulator.paidTwice()).toEqual([]);
    expect(await brokenRules(service)).toEqual([]);
  }, 180_000);

  const count = async (what: string) =>
    (await sql<{ n: number }>(db.url, `select count(*)::int n from payments.${what}`))[0]?.n ?? 0;
});

describe('the queue', () => {
  it('has a look a minute for what is to be sent and one for what is to be asked, while there is an operator', async () => {
    const db = await createTestDatabase();
    const operator = await startOperator(new RailSimulator());
    for (const { settings, looks } of [
      { settings: undefined, looks: [] },
      { settings: operator.settings, looks: ['ask', 'send'] },
      { settings: undefined, looks: [] },
    ]) {
      const service = await startTestService({ today: TODAY, db, mobileMoney: settings });
      await registerSchedules(service.app);
      const queue = service.app.get<Queue>(getQueueToken(MOBILE_MONEY_QUEUE), { strict: false });
      const found = (await queue.getJobSchedulers()).map(({ name, pattern }) => ({ name, pattern }));
      expect(found.map(({ name }) => name).sort()).toEqual(looks);
      expect(found.every(({ pattern }) => pattern === '* * * * *')).toBe(true);
      await service.close();
    }
    await operator.close();
    await db.drop();
  });
});

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const startedMs = performance.now(); !(await isSo()); await sleep(100)) {
    if (performance.now() - startedMs > 60_000) throw new Error(`waited in vain until ${what}`);
  }
}
