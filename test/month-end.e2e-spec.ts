/** A month's end with the real service: what two people say of lines, balances of statements, and the sentence on top of it all. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BankReport } from '../src/transfers/reconciliation/bank-report-views.js';
import type { MonthEnd } from '../src/transfers/reconciliation/month-end.service.js';
import type { WorkItem } from '../src/transfers/reconciliation/work-list.service.js';
import { sendFile, type SentFile } from './support/bank-payments.js';
import { camt, type Entry } from './support/bank-reports.js';
import { sql } from './support/database.js';
import { raw, tokenOf } from './support/raw-requests.js';
import { brokenRules, firstTransfer, refusal } from './support/runs.js';
import { startTestService, type TestService } from './support/service.js';

const TODAY = '2026-03-31';
const NONE = {
  unknownPayments: 0,
  unexplainedClearing: 0,
  openWorkItems: 0,
  unfinishedReports: 0,
  accountsWithoutStatement: 0,
  accountsThatDiffer: 0,
  fundsWithoutAccount: 0,
};
let service: TestService;
let token: string;
let sent: SentFile;

beforeAll(async () => {
  service = await startTestService({ today: TODAY });
  token = await tokenOf(service, 'finance-preparer');
  sent = await sendFile(service, TODAY, 4);
});
afterAll(async () => {
  expect(await brokenRules(service)).toEqual([]);
  await service.close();
});

async function take(entries: readonly Entry[], balances: { opening?: string; closing?: string }): Promise<BankReport> {
  const text = camt({
    account: sent.account.number,
    day: TODAY,
    entries: entries.map((one) => ({ day: TODAY, ...one })),
    ...balances,
  });
  const answer = await raw(service, token, 'post', '/api/v1/bank-reports', text, { 'content-type': 'application/xml' });
  expect(answer.status).toBe(201);
  return answer.body as BankReport;
}

async function monthEnd(through = TODAY): Promise<MonthEnd> {
  return (await service.as('auditor').get(`/api/v1/month-end?through=${through}`).expect(200)).body as MonthEnd;
}

async function openItem(reason: string): Promise<WorkItem> {
  const { body } = await service.as('finance-approver').get('/api/v1/work-items').expect(200);
  const found = (body as { items: WorkItem[] }).items.find((item) => item.reason === reason);
  if (!found) throw new Error(`nothing waits because of ${reason}`);
  return found;
}

const say = (role: 'finance-preparer' | 'finance-approver' | 'finance-releaser', id: string, said: object) =>
  service.as(role).post(`/api/v1/work-items/${id}/resolution`, said);

const statement = () => monthEnd().then(({ accounts }) => accounts.find(({ code }) => code === sent.account.code));
const itemsOf = async () =>
  Object.fromEntries((await statement())?.items.map(({ kind, count, amount }) => [kind, `${count}: ${amount}`]) ?? []);

describe('a month', () => {
  it('is not in order while payments are on their way and there is no statement', async () => {
    const found = await monthEnd();
    expect(found).toMatchObject({ inOrder: false, obstacles: { accountsWithoutStatement: 1, unexplainedClearing: 0 } });
    expect(found.sentence).toBe(
      'Through 2026-03-31 not everything is in order: there is 1 account without a statement.',
    );
    expect(found.clearing).toEqual([
      expect.objectContaining({ rail: 'bank-file', balance: '36000.00', explained: '36000.00', payments: 4 }),
    ]);
    expect(found.behindClearing).toHaveLength(4);
    expect(found.behindClearing[0]).toMatchObject({ state: 'instructed', ageDays: 0, amount: '9000.00' });
    expect((await monthEnd('2026-02-28')).clearing).toEqual([]);
  });

  it('says movement by movement what is between the statement and the books', async () => {
    const [a, b, c] = sent.payments.map(({ endToEndId }) => endToEndId) as [string, string, string];
    const debit = (endToEndId: string, amount = '9000.00'): Entry => ({
      servicerReference: `S${endToEndId.slice(-6)}`,
      amount,
      direction: 'DBIT',
      details: [{ endToEndId }],
    });
    await take(
      [
        debit(a),
        debit(b),
        debit(c, '8970.00'),
        { servicerReference: 'FEE1', amount: '25.00', direction: 'DBIT', code: 'ACMT.MDOP.CHRG' },
      ],
      { opening: '1000000.00', closing: '973005.00' },
    );
    expect(await statement()).toMatchObject({
      statement: '973005.00',
      books: '964000.00',
      difference: '9005.00',
      agrees: false,
    });
    // The grant was booked before the first statement, whose opening balance holds it.
    expect(await itemsOf()).toEqual({ 'instructed-not-debited': '2: 18000.00', 'on-work-list': '2: -8995.00' });
  });

  it('takes the word of two different people for a movement of money', async () => {
    const fee = await openItem('bank-charge');
    const first = await say('finance-preparer', fee.id, { resolution: 'bank-charge' }).expect(200);
    expect(first.body).toMatchObject({ state: 'awaits-second', said: [{ resolution: 'bank-charge', byYou: true }] });
    expect((await say('finance-preparer', fee.id, { resolution: 'bank-charge' }).expect(200)).body).toMatchObject({
      state: 'awaits-second',
    });
    await say('finance-releaser', fee.id, { resolution: 'other-movement' }).expect(200);
    expect((await say('finance-approver', fee.id, { resolution: 'bank-charge' }).expect(200)).body).toMatchObject({
      state: 'settled',
      resolution: 'bank-charge',
    });
    expect(refusal(await say('finance-releaser', fee.id, { resolution: 'paid-twice' }))).toEqual({
      status: 409,
      code: 'work-item-settled',
    });
    expect(await itemsOf()).toMatchObject({ 'bank-charge': '1: -25.00', 'on-work-list': '1: -8970.00' });
  });

  it('lets nobody alone say that a line that was booked moved no money, by SQL neither', async () => {
    const differs = await openItem('amount-differs');
    expect(refusal(await say('finance-preparer', differs.id, { resolution: 'no-money-moved' }))).toEqual({
      status: 422,
      code: 'resolution-not-possible',
    });
    await expect(
      sql(
        service.db.url,
        `insert into payments.work_item_word (id, work_item_id, resolution, said_by, said_at)
         select gen_random_uuid(), '${differs.id}', 'no-money-moved', id, now() from access.app_user where email = 'finance-preparer-1@test.example'`,
      ),
    ).rejects.toThrow('a booked line moved money');
    expect(refusal(await say('finance-preparer', differs.id, { resolution: 'is-payment' }))).toEqual({
      status: 422,
      code: 'missing',
    });
    expect(
      refusal(
        await service.as('auditor').post(`/api/v1/work-items/${differs.id}/resolution`, { resolution: 'bank-charge' }),
      ),
    ).toEqual({ status: 403, code: 'forbidden' });
  });

  it('settles a payment by a line that two people know again, and shows what the line and the payment differ by', async () => {
    const differs = await openItem('amount-differs');
    const [, , third] = sent.payments;
    expect(differs.transfer).toBe(third?.transfer);
    const said = { resolution: 'is-payment', transfer: third?.transfer };
    await say('finance-preparer', differs.id, said).expect(200);
    expect((await firstTransfer(service, third?.client ?? '')).state).toBe('instructed');
    await say('finance-approver', differs.id, said).expect(200);
    expect((await firstTransfer(service, third?.client ?? '')).state).toBe('settled');
    const [evidence] = await sql<{ source: string; confirmed_by: string | null }>(
      service.db.url,
      'select source, confirmed_by from payments.evidence where attempt_id = $1',
      [third?.attempt],
    );
    expect(evidence).toEqual({ source: 'statement', confirmed_by: service.actor('finance-approver').userId });
    expect(await itemsOf()).toEqual({
      'bank-charge': '1: -25.00',
      'instructed-not-debited': '1: 9000.00',
      'told-settled-not-debited': '1: 30.00',
    });
  });

  it('is in order once everything is at zero or explained', async () => {
    const found = await monthEnd();
    expect(found).toMatchObject({
      inOrder: true,
      sentence: expect.stringMatching(/^Through 2026-03-31 everything is in order/),
    });
    const [account] = found.accounts;
    const sum = account?.items.reduce((total, { amount }) => total + Math.round(Number(amount) * 100), 0) ?? 0;
    expect(sum).toBe(Math.round(Number(account?.difference) * 100));
  });

  it('is out of order again with a file that is cut off, until somebody has looked at it', async () => {
    const whole = camt({ account: sent.account.number, entries: [{ amount: '1.00', direction: 'CRDT' }] });
    await raw(service, token, 'post', '/api/v1/bank-reports', whole.slice(0, whole.indexOf('<Ntry>')), {
      'content-type': 'application/xml',
    }).expect(201);
    expect((await monthEnd()).sentence).toContain('1 line on the work list');
    const cut = await openItem('unreadable');
    await say('finance-preparer', cut.id, { resolution: 'no-money-moved' }).expect(200);
    expect((await monthEnd()).inOrder).toBe(false); // what nobody could read, two people have looked at
    await say('finance-approver', cut.id, { resolution: 'no-money-moved' }).expect(200);
    expect((await monthEnd()).inOrder).toBe(true);
  });

  it('takes no line for a payment of another amount, by SQL neither', async () => {
    await take([{ servicerReference: 'X1', amount: '17.00', direction: 'DBIT' }], {});
    const stranger = await openItem('debit-we-do-not-know');
    const [, , , fourth] = sent.payments;
    const said = { resolution: 'is-payment', transfer: fourth?.transfer };
    expect(refusal(await say('finance-preparer', stranger.id, said))).toEqual({
      status: 422,
      code: 'resolution-not-possible',
    });
    for (const role of ['finance-preparer', 'finance-approver'] as const)
      await say(role, stranger.id, { resolution: 'other-movement' }).expect(200);
    await take([{ servicerReference: 'X2', amount: '17.00', direction: 'CRDT' }], {});
    const back = await openItem('credit-we-do-not-know');
    for (const role of ['finance-preparer', 'finance-approver'] as const)
      await say(role, back.id, { resolution: 'other-movement' }).expect(200);
  });

  it('pairs what the books have with the line that it is, once', async () => {
    await service
      .as('finance-preparer')
      .post(`/api/v1/funds/${await fundId()}/grants`, {
        id: crypto.randomUUID(),
        amount: '500.00',
        currency: 'THB',
        receivedOn: TODAY,
        reference: 'second',
      })
      .expect(201);
    expect(await itemsOf()).toMatchObject({ 'not-on-statement': '1: -500.00' });
    await take([{ servicerReference: 'G2', amount: '500.00', direction: 'CRDT' }], { closing: '973505.00' });
    expect((await monthEnd()).obstacles).toMatchObject({ openWorkItems: 1, accountsThatDiffer: 1 });
    const grant = await openItem('credit-we-do-not-know');
    const [entry] = await sql<{ id: string }>(
      service.db.url,
      "select id from ledger.entry where kind = 'grant' and amount_minor = 50000",
    );
    for (const role of ['finance-preparer', 'finance-releaser'] as const)
      await say(role, grant.id, { resolution: 'in-the-books', entry: entry?.id }).expect(200);
    expect(await itemsOf()).not.toHaveProperty('not-on-statement');
    expect((await monthEnd()).obstacles).toEqual(NONE);
  });

  it('takes a balance that two people type the same where there is no file', async () => {
    const type = (role: 'finance-preparer' | 'finance-approver', amount: string, day = '2026-03-30') =>
      service.as(role).post('/api/v1/statement-balances', { account: sent.account.code, day, amount });
    expect((await type('finance-preparer', '1000000.00').expect(200)).body).toMatchObject({ amount: null });
    expect((await type('finance-approver', '999999.00').expect(200)).body).toMatchObject({ amount: null });
    expect((await type('finance-approver', '1000000.00').expect(200)).body).toMatchObject({ amount: '1000000.00' });
    expect(refusal(await type('finance-preparer', 'a lot'))).toEqual({ status: 422, code: 'amount-malformed' });
    expect(refusal(await type('finance-preparer', '1.00', '2026-04-01'))).toEqual({
      status: 422,
      code: 'date-in-the-future',
    });
  });

  it('is held up by a line that the bank dates in a year to come', async () => {
    const before = (await monthEnd()).obstacles.openWorkItems;
    await take([{ servicerReference: 'LATE1', amount: '10.00', direction: 'CRDT', day: '2199-12-31' }], {});
    expect((await monthEnd()).obstacles.openWorkItems).toBe(before + 1);
  });
});

async function fundId(): Promise<string> {
  const [fund] = await sql<{ id: string }>(service.db.url, 'select id from payments.fund where code = $1', [sent.fund]);
  return fund?.id ?? '';
}
