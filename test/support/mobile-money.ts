/** A service that pays by mobile money through a simulated operator, and what tests of it do over and over. */
import { scheduleActor } from '../../src/access/domain/actor.js';
import type { Payee } from '../../src/clients/domain/identity.js';
import type { MobileMoneySettings } from '../../src/kernel/settings.js';
import { DispatchService } from '../../src/transfers/rails/mobile-money/dispatch.service.js';
import { EnquiriesService } from '../../src/transfers/rails/mobile-money/enquiries.service.js';
import type { TestDatabase } from './database.js';
import { sql } from './database.js';
import { RailSimulator, type Plan } from './rail-simulator/core.js';
import { startOperator, type SimulatedOperator } from './rail-simulator/gsma-http.js';
import { instructedTransfer } from './runs.js';
import { addDays } from '../../src/kernel/domain/plain-date.js';
import { startTestService, travel, type TestService } from './service.js';

export const TODAY = '2026-03-02';
const ACTOR = scheduleActor('test');

export interface PayingService {
  service: TestService;
  operator: SimulatedOperator;
  simulator: RailSimulator;
  /** A transfer that is instructed by mobile money and not sent yet; how it goes is planned. */
  instructed(plan: Plan, options?: { payee?: Payee; country?: string; fund?: string }): Promise<Instructed>;
  /** Looks for what is to be sent; how many were. */
  send(): Promise<number>;
  /** Asks what is due to be asked, so many minutes from now. */
  askAfter(minutes: number): Promise<number>;
  /** So many days after the day on which everything is instructed, for us; and so many days on, for the operator. */
  daysLater(days: number): void;
  close(): Promise<void>;
}

export interface Instructed {
  client: string;
  transfer: string;
  run: string;
  attempt: string;
  fund: string;
}

export const WALLET: Payee = { bank: 'Wave Money', account: '09 777 000 111', kind: 'wallet' };

export async function startPayingService(
  settings: Partial<MobileMoneySettings> = {},
  options: { db?: TestDatabase; jobs?: boolean; faults?: { forgetsIds?: boolean } } = {},
): Promise<PayingService> {
  const simulator = new RailSimulator(TODAY, options.faults);
  const operator = await startOperator(simulator, settings);
  const service = await startTestService({
    today: TODAY,
    mobileMoney: operator.settings,
    db: options.db,
    jobs: options.jobs,
  });
  operator.callbackUrl((await service.app.getUrl()).replace('[::1]', '127.0.0.1'));
  let railDay = TODAY;
  return {
    service,
    operator,
    simulator,
    instructed: async (plan, { payee = WALLET, country, fund } = {}) => {
      travel(service, TODAY); // sessions last for hours
      const made = await instructedTransfer(service, TODAY, { rail: 'mobile-money', payee, country, fund });
      const [attempt] = await sql<{ id: string }>(
        service.db.url,
        'select id from payments.attempt where obligation_id = $1',
        [made.transfer],
      );
      if (!attempt) throw new Error('nothing was instructed');
      operator.plan(attempt.id, plan);
      return { ...made, run: made.run.id, attempt: attempt.id };
    },
    send: () => service.app.get(DispatchService).dispatchDue(ACTOR),
    askAfter: (minutes) => {
      service.clock.travelTo(new Date(service.clock.now().getTime() + minutes * 60_000));
      return service.app.get(EnquiriesService).askDue(ACTOR);
    },
    daysLater: (days) => {
      railDay = addDays(railDay, days);
      travel(service, addDays(TODAY, days));
      simulator.tick(railDay);
    },
    close: async () => {
      await service.close();
      await operator.close();
    },
  };
}

/** State and evidence of an attempt, in the order of their kinds. */
export async function learnt(service: TestService, attempt: string): Promise<{ state: string; evidence: string[] }> {
  const [row] = await sql<{ state: string }>(service.db.url, 'select state from payments.attempt where id = $1', [
    attempt,
  ]);
  const evidence = await sql<{ kind: string; code: string | null }>(
    service.db.url,
    'select kind, rail_code code from payments.evidence where attempt_id = $1 order by kind, rail_code',
    [attempt],
  );
  return { state: row?.state ?? '', evidence: evidence.map(({ kind, code }) => (code ? `${kind} ${code}` : kind)) };
}

export async function stateOf(service: TestService, attempt: string): Promise<string> {
  return (await learnt(service, attempt)).state;
}
