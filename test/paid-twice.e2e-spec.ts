/**
 * The worst that can happen: an attempt was proven to have failed, a second one was made, and then the first turns out to have paid.
 * Nothing can undo that; but it is applied, it is raised, and it never leads to a third payment.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { scheduleActor } from '../src/access/domain/actor.js';
import { SelfCheckService } from '../src/transfers/self-check.service.js';
import { enrolClient, newId, openFund, releaseRun, type RunBody } from './support/builders.js';
import { sql } from './support/database.js';
import {
  books,
  callOffWhatIsDue,
  firstTransfer,
  instructedTransfer,
  refusal,
  reissue,
  report,
} from './support/runs.js';
import { startTestService, type TestService } from './support/service.js';

const TODAY = '2026-03-02';

let service: TestService;

beforeAll(async () => {
  service = await startTestService({ today: TODAY });
});
afterAll(() => service.close());

interface PaidAgain {
  client: string;
  transfer: string;
  fund: string;
  first: RunBody;
  second: RunBody;
}

/** A transfer whose first attempt failed and whose second one was instructed, from a fund that holds `amount`. */
async function paidAgain(amount?: string): Promise<PaidAgain> {
  const { client, transfer, fund, run: first } = await instructedTransfer(service, TODAY, { rail: 'manual', amount });
  await report(service, first.id, { transfer, outcome: 'failed', code: 'AC01' });
  await reissue(service, transfer);
  return { client, transfer, fund, first, second: await releaseRun(service, TODAY) };
}

const arrived = (run: RunBody, transfer: string) =>
  report(service, run.id, { transfer, outcome: 'settled', reference: 'late line' });
const cameBack = (run: RunBody, transfer: string) =>
  report(service, run.id, { transfer, outcome: 'returned', reference: 'credit' });
const failed = (run: RunBody, transfer: string) =>
  report(service, run.id, { transfer, outcome: 'failed', code: 'AC04' });
const putBack = (transfer: string) => service.as('finance-preparer').post(`/api/v1/transfers/${transfer}/reissue`);

/** Names of the rules of the self-check that this transfer breaks. */
async function rulesBrokenBy(transfer: string): Promise<string[]> {
  const { checks } = await service.app.get(SelfCheckService).run(scheduleActor('test'));
  return checks.filter((check) => check.examples.includes(transfer)).map((check) => check.name);
}

/** So that the incident of one test is not found by the next. */
async function forget({ transfer }: PaidAgain, ...paidInError: RunBody[]): Promise<void> {
  for (const run of paidInError) await cameBack(run, transfer);
  await callOffWhatIsDue(service);
}

describe('an attempt that paid after all, when a second one is under way', () => {
  it('is applied, leaves both attempts to be seen, and is raised at once', async () => {
    const made = await paidAgain();
    await arrived(made.first, made.transfer);
    expect(await firstTransfer(service, made.client)).toMatchObject({
      state: 'settled',
      settledOn: TODAY,
      attempts: [
        { attemptNo: 1, state: 'settled' },
        { attemptNo: 2, state: 'instructed' },
      ],
    });
    expect(await rulesBrokenBy(made.transfer)).toEqual(['nobody was paid an instalment twice, or is about to be']);
    const events = await sql<{ detail: unknown }>(
      service.db.url,
      "select detail from access.audit_event where act = 'transfer.late-success' and subject_id = $1",
      [made.transfer],
    );
    expect(events).toMatchObject([{ detail: { paidAgainMeanwhile: true } }]);
    await failed(made.second, made.transfer);
    expect(await rulesBrokenBy(made.transfer)).toEqual([]);
  });

  it('and the second one pays too: the books say what was paid, and the self-check reports it', async () => {
    const made = await paidAgain();
    await arrived(made.first, made.transfer);
    await arrived(made.second, made.transfer);
    expect(await books(service, made.fund)).toMatchObject({
      paid: '9414.00',
      'clearing:manual': '0.00',
      bank: '990586.00',
      committed: '4707.00',
    });
    expect(await rulesBrokenBy(made.transfer)).toEqual(['nobody was paid an instalment twice, or is about to be']);
    expect(refusal(await putBack(made.transfer))).toEqual({ status: 409, code: 'not-reissuable' });
    await forget(made, made.second);
    expect(await rulesBrokenBy(made.transfer)).toEqual([]);
    expect((await firstTransfer(service, made.client)).state).toBe('settled');
  });

  it.each<[string, (made: PaidAgain) => Promise<void>, { paid: string; returned: string }]>([
    [
      'first',
      async ({ first, second, transfer }) => {
        await arrived(first, transfer);
        await failed(second, transfer);
      },
      { paid: '4707.00', returned: '0.00' },
    ],
    [
      'last',
      async ({ first, second, transfer }) => {
        await failed(second, transfer);
        await arrived(first, transfer);
      },
      { paid: '4707.00', returned: '0.00' },
    ],
    [
      'last, and the second one came back',
      async ({ first, second, transfer }) => {
        await arrived(second, transfer);
        await cameBack(second, transfer);
        await arrived(first, transfer);
      },
      { paid: '9414.00', returned: '4707.00' },
    ],
  ])('and the second one does not: the client is paid, and is not paid again (heard %s)', async (_, hear, booked) => {
    const made = await paidAgain();
    await hear(made);
    expect(await firstTransfer(service, made.client)).toMatchObject({ state: 'settled', settledOn: TODAY });
    expect(await books(service, made.fund)).toMatchObject({ ...booked, 'clearing:manual': '0.00' });
    expect(refusal(await putBack(made.transfer))).toEqual({ status: 409, code: 'not-reissuable' });
    expect(await rulesBrokenBy(made.transfer)).toEqual([]);
  });

  it('is heard of when the transfer had been put back a second time: it leaves the third run', async () => {
    const made = await paidAgain();
    await failed(made.second, made.transfer);
    await reissue(service, made.transfer);
    await arrived(made.first, made.transfer);
    expect((await firstTransfer(service, made.client)).state).toBe('settled');
    const third = await service.as('finance-preparer').post('/api/v1/runs', { id: made.transfer, dueThrough: TODAY });
    expect(refusal(third)).toEqual({ status: 422, code: 'nothing-due' });
  });

  it('and then comes back: the transfer is what the second attempt is', async () => {
    const made = await paidAgain();
    await failed(made.second, made.transfer);
    await arrived(made.first, made.transfer);
    await cameBack(made.first, made.transfer);
    expect((await firstTransfer(service, made.client)).state).toBe('failed');
    expect(await books(service, made.fund)).toMatchObject({
      paid: '4707.00',
      returned: '4707.00',
      'clearing:manual': '0.00',
      bank: '1000000.00',
    });
    await putBack(made.transfer).expect(204);
    await callOffWhatIsDue(service);
  });

  it('cannot be followed by a third, not even in SQL', async () => {
    const third = newId();
    const made = await paidAgain();
    await failed(made.second, made.transfer);
    await arrived(made.first, made.transfer);
    await sql(
      service.db.url,
      'update payments.attempt set superseded = true where obligation_id = $1 and attempt_no = 2',
      [made.transfer],
      'uct_service',
    );
    await sql(
      service.db.url,
      'insert into payments.run select $2, country, due_through, prepared_at, item_count, digest, totals from payments.run where id = $1',
      [made.second.id, third],
    );
    await sql(
      service.db.url,
      `insert into payments.run_item select $2, obligation_id, currency, amount_minor, rail, payee_ref
       from payments.run_item where run_id = $1`,
      [made.second.id, third],
    );
    const attempt = sql(
      service.db.url,
      `insert into payments.attempt (id, obligation_id, run_id, attempt_no, rail, payee_ref, correlation_id, currency, amount_minor, instructed_at, instructed_on, state)
       select gen_random_uuid(), obligation_id, $2, 3, rail, payee_ref, 'third', currency, amount_minor,
              instructed_at, instructed_on, 'instructed' from payments.attempt where obligation_id = $1 and attempt_no = 2`,
      [made.transfer, third],
      'uct_service',
    );
    await expect(attempt).rejects.toMatchObject({ code: 'UCT05' });
  });
});

describe('when the fund had no more than the one payment', () => {
  it('the news is applied all the same, and the bank account shows what it is short of', async () => {
    const made = await paidAgain('4707.00');
    await arrived(made.first, made.transfer);
    await arrived(made.second, made.transfer);
    expect(await books(service, made.fund)).toMatchObject({
      bank: '-4707.00',
      paid: '9414.00',
      fund: '0.00',
      committed: '4707.00',
    });
    await forget(made, made.first);
    expect(await books(service, made.fund)).toMatchObject({ bank: '0.00', paid: '9414.00', returned: '4707.00' });
  });

  it('it holds up nobody else: the others of the fund are paid what they were promised', async () => {
    const fund = await openFund(service, { amount: '9414.00' });
    const { client, transfer, run: first } = await instructedTransfer(service, TODAY, { rail: 'manual', fund });
    await report(service, first.id, { transfer, outcome: 'failed', code: 'AC01' });
    await reissue(service, transfer);
    const second = await releaseRun(service, TODAY);
    await arrived(second, transfer);
    await arrived(first, transfer);
    const other = await enrolClient(service, fund, TODAY);
    await releaseRun(service, TODAY);
    expect((await firstTransfer(service, other.client)).state).toBe('instructed');
    await forget({ client, transfer, fund, first, second }, first);
  });
});
