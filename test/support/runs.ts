/** What the tests of runs do over and over: report results, look at transfers and attempts, and ask the self-check. */
import { expect } from '@jest/globals';
import { scheduleActor } from '../../src/access/domain/actor.js';
import type { Rail } from '../../src/funds/rails.js';
import type { EvidenceKind } from '../../src/transfers/domain/attempt-state.js';
import type { NewResult } from '../../src/transfers/results.service.js';
import { SelfCheckService } from '../../src/transfers/self-check.service.js';
import { enrolClient, openFund, releaseRun, type ClientOptions, type RunBody } from './builders.js';
import { sql } from './database.js';
import type { TestService } from './service.js';

export interface TransferBody {
  id: string;
  client: string;
  instalment: number;
  topsUp: string | null;
  dueOn: string;
  amount: string;
  currency: string;
  rail: Rail;
  state: string;
  settledOn: string | null;
  wage: Record<string, string>;
  raises: { on: string; from: string; to: string }[];
  attempts: { attemptNo: number; run: string; state: string; settledOn: string | null }[];
}

/** Reports results of a run and expects them to be taken; by a second person too, where two are needed. */
export async function report(service: TestService, runId: string, ...results: NewResult[]): Promise<void> {
  const answer = await service.as('finance-preparer').post(`/api/v1/runs/${runId}/results`, { results }).expect(200);
  if ((answer.body as { waiting: number }).waiting > 0)
    await service.as('finance-approver').post(`/api/v1/runs/${runId}/results`, { results }).expect(200);
}

export async function transfersOf(service: TestService, client: string): Promise<TransferBody[]> {
  const answer = await service.as('auditor').get(`/api/v1/transfers?client=${client}`).expect(200);
  return (answer.body as { items: TransferBody[] }).items;
}

/** The client's first transfer as it stands. */
export async function firstTransfer(service: TestService, client: string): Promise<TransferBody> {
  const [first] = await transfersOf(service, client);
  if (!first) throw new Error('the client has no transfer');
  return first;
}

/** A fund of its own, a client whose first transfer is due, and the run in which it was instructed. */
export async function instructedTransfer(
  service: TestService,
  today: string,
  options: ClientOptions & { rail?: Rail; amount?: string; fund?: string } = {},
): Promise<{ client: string; transfer: string; fund: string; run: RunBody }> {
  const fund = options.fund ?? (await openFund(service, { amount: options.amount }));
  const { client, transfers } = await enrolClient(service, fund, today, options);
  const run = await releaseRun(service, today);
  return { client, transfer: transfers[0]?.id ?? '', fund, run };
}

/** Puts a transfer that did not arrive back to be paid: by somebody else than who told of it. */
export async function reissue(service: TestService, transfer: string): Promise<void> {
  await service.as('finance-releaser').post(`/api/v1/transfers/${transfer}/reissue`).expect(204);
}

/** Names of the rules that the self-check finds broken. */
export async function brokenRules(service: TestService): Promise<string[]> {
  const { checks } = await service.app.get(SelfCheckService).run(scheduleActor('test'));
  return checks.filter((check) => !check.holds).map((check) => check.name);
}

/** What a fund's accounts hold in major units: THB, as the trial balance says. */
export async function books(service: TestService, fund: string): Promise<Record<string, string>> {
  const answer = await service.as('auditor').get('/api/v1/ledger/trial-balance').expect(200);
  const { accounts } = answer.body as { accounts: { fund: string; account: string; balance: string }[] };
  return Object.fromEntries(accounts.filter((one) => one.fund === fund).map((one) => [one.account, one.balance]));
}

/** So that one test's transfers are not in the next one's run: what has not been instructed is called off, by the database's owner. */
export async function callOffWhatIsDue(service: TestService): Promise<void> {
  await sql(
    service.db.url,
    `update payments.obligation set state = 'cancelled', cancelled_at = now(), hold_reason = null, run_id = null
     where state in ('planned', 'scheduled', 'on_hold', 'in_run', 'approved')`,
  );
}

/** The refusal's status and code, for `toEqual`. */
export function refusal(answer: { status: number; body: unknown }): { status: number; code: string } {
  return { status: answer.status, code: (answer.body as { code: string }).code };
}

/** A report that makes evidence of that kind on a bank transfer. */
export function resultFor(kind: EvidenceKind, transfer: string, happenedOn: string): NewResult {
  const told = { transfer, happenedOn, reference: `line of ${kind} on ${happenedOn}` };
  if (kind === 'failed') return { ...told, outcome: 'failed', code: 'AC01' };
  if (kind === 'unclear' || kind === 'silence') return { ...told, outcome: 'unknown' };
  expect(kind).not.toBe('silence');
  return { ...told, outcome: kind };
}
