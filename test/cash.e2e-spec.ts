/** Cash from hand to hand: vouchers, who carries what, what shows that it arrived, what comes back, and that the books know at every moment. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { scheduleActor } from '../src/access/domain/actor.js';
import { VouchersService } from '../src/transfers/rails/cash/vouchers.service.js';
import { ResultsService } from '../src/transfers/results.service.js';
import { enrolClient, newId, openFund, releaseRun } from './support/builders.js';
import {
  handIn,
  handOut,
  issuedFor,
  offerIn,
  offerOut,
  say,
  sayToo,
  take,
  takeIn,
  voucherFor,
  voucherOf,
  type CashPayment,
} from './support/cash.js';
import { sql } from './support/database.js';
import {
  books,
  brokenRules,
  callOffWhatIsDue,
  firstTransfer,
  instructedTransfer,
  refusal,
  reissue,
} from './support/runs.js';
import { startTestService, travel, type TestService } from './support/service.js';

const TODAY = '2026-03-02';
const FULL = '4707.00';
const FLOAT = 'float:caseworker 1';

let service: TestService;

beforeAll(async () => {
  service = await startTestService({ today: TODAY });
});
afterEach(async () => {
  expect(await brokenRules(service)).toEqual([]);
  await callOffWhatIsDue(service);
});
afterAll(() => service.close());

const results = (run: string, transfer: string, result: object) =>
  service.as('finance-preparer').post(`/api/v1/runs/${run}/results`, { results: [{ transfer, ...result }] });
const stateOf = async (payment: CashPayment) => (await firstTransfer(service, payment.client)).state;
const evidenceOf = (payment: CashPayment) =>
  sql<{ kind: string; rail_code: string; reference: string }>(
    service.db.url,
    `select e.kind, e.rail_code, e.reference from payments.evidence e join payments.attempt a on a.id = e.attempt_id
     where a.obligation_id = $1 order by e.recorded_at, e.id`,
    [payment.transfer],
  );
const idOf = (number: 1 | 2) => service.actor('caseworker', number).userId;

describe('a voucher', () => {
  it('is issued for each payment in cash of a run, once, and holds exactly the amount in notes and coins', async () => {
    const payment = await voucherFor(service, TODAY);
    expect(payment.voucher).toMatchObject({
      number: expect.stringMatching(/^V-[0-9BCDFGHJKMNPQRSTVWXYZ]{8}$/),
      client: payment.client,
      amount: FULL,
      state: 'in-till',
      denominations: [
        { piece: '1000.00', count: 4 },
        { piece: '500.00', count: 1 },
        { piece: '100.00', count: 2 },
        { piece: '5.00', count: 1 },
        { piece: '2.00', count: 1 },
      ],
    });
    const again = await service.as('finance-preparer').post(`/api/v1/runs/${payment.run}/vouchers`).expect(200);
    expect(again.body).toEqual({ issued: 0 });
  });

  it('is issued once when several ask at the same moment', async () => {
    const { run, transfer } = await instructedTransfer(service, TODAY);
    const asked = await Promise.all(
      (['finance-preparer', 'finance-approver', 'finance-releaser', 'finance-preparer'] as const).map((role) =>
        service.as(role).post(`/api/v1/runs/${run.id}/vouchers`),
      ),
    );
    expect(asked.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(asked.reduce((sum, { body }) => sum + (body as { issued: number }).issued, 0)).toBe(1);
    expect(await issuedFor(service, run.id, transfer)).toMatchObject({ amount: FULL });
  });

  it('is not issued for what is paid in another way, nor for what has ended', async () => {
    const { run } = await instructedTransfer(service, TODAY, { rail: 'manual' });
    const ended = await instructedTransfer(service, TODAY);
    await results(ended.run.id, ended.transfer, { outcome: 'settled' }).expect(200);
    for (const { id } of [run, ended.run]) {
      const answer = await service.as('finance-preparer').post(`/api/v1/runs/${id}/vouchers`).expect(200);
      expect(answer.body).toEqual({ issued: 0 });
    }
  });

  it('is issued for the others when nobody knows of one of them', async () => {
    const fund = await openFund(service);
    const clients = [await enrolClient(service, fund, TODAY), await enrolClient(service, fund, TODAY)];
    const run = await releaseRun(service, TODAY);
    await results(run.id, clients[0]?.transfers[0]?.id ?? '', { outcome: 'unknown' }).expect(200);
    const answer = await service.as('finance-preparer').post(`/api/v1/runs/${run.id}/vouchers`).expect(200);
    expect(answer.body).toEqual({ issued: 1 });
  });

  it('takes over from the results that finance tells: only that nobody knows can be told without it', async () => {
    const payment = await voucherFor(service, TODAY);
    for (const told of [
      { outcome: 'settled' },
      { outcome: 'failed', code: 'not-collected' },
      { outcome: 'resolved-paid', reference: 'a list' },
      { outcome: 'resolved-not-paid', reference: 'a list' },
      { outcome: 'returned', reference: 'a list' },
    ])
      expect(refusal(await results(payment.run, payment.transfer, told))).toEqual({
        status: 422,
        code: 'comes-by-voucher',
      });
    await results(payment.run, payment.transfer, { outcome: 'unknown' }).expect(200);
    expect(await stateOf(payment)).toBe('unknown');
    await handOut(service, payment);
    await say(service, payment, {}).expect(200);
    expect(await stateOf(payment)).toBe('settled');
  });

  it('changes nothing for an organisation that issues none', async () => {
    const { run, transfer, client } = await instructedTransfer(service, TODAY);
    await results(run.id, transfer, { outcome: 'failed', code: 'not-collected' }).expect(200);
    expect(await firstTransfer(service, client)).toMatchObject({ state: 'failed' });
  });
});

describe('cash that is handed out', () => {
  it('has moved when the holder says that they have it, and not before', async () => {
    const payment = await voucherFor(service, TODAY);
    const offer = await offerOut(service, payment);
    expect(await voucherOf(service, payment)).toMatchObject({
      state: 'offered',
      offer: { id: offer, act: 'hand-out', to: { id: idOf(1) } },
    });
    expect(await books(service, payment.fund)).toMatchObject({ 'clearing:cash': FULL });
    const taken = await take(service, payment, offer).expect(200);
    expect(taken.body).toMatchObject({ state: 'carried', holder: { id: idOf(1) }, since: TODAY, days: 0, offer: null });
    expect(await books(service, payment.fund)).toMatchObject({ 'clearing:cash': '0.00', [FLOAT]: FULL });
  });

  it('is said twice with the same effect as once', async () => {
    const payment = await voucherFor(service, TODAY);
    const body = { id: newId(), holder: idOf(1) };
    const hand = () => service.as('finance-approver').post(`/api/v1/vouchers/${payment.voucher.id}/hand-out`, body);
    await hand().expect(200);
    await hand().expect(200);
    await take(service, payment, body.id).expect(200);
    await take(service, payment, body.id).expect(200);
    await hand().expect(200);
    expect(await voucherOf(service, payment)).toMatchObject({ state: 'carried', offer: null });
    const other = await service
      .as('finance-approver')
      .post(`/api/v1/vouchers/${payment.voucher.id}/hand-out`, { ...body, holder: idOf(2) });
    expect(refusal(other)).toEqual({ status: 409, code: 'id-conflict' });
  });

  it('is with one of two to whom it is offered at the same moment, and moved once when it is taken many times at once', async () => {
    const payment = await voucherFor(service, TODAY);
    const offers = await Promise.all([
      service
        .as('finance-approver')
        .post(`/api/v1/vouchers/${payment.voucher.id}/hand-out`, { id: newId(), holder: idOf(1) }),
      service
        .as('finance-releaser')
        .post(`/api/v1/vouchers/${payment.voucher.id}/hand-out`, { id: newId(), holder: idOf(2) }),
    ]);
    expect(offers.map(({ status }) => status)).toEqual([200, 200]);
    const { offer } = await voucherOf(service, payment);
    const number = offer?.to.id === idOf(1) ? 1 : 2;
    const taken = await Promise.all([1, 2, 3, 4].map(() => take(service, payment, offer?.id ?? '', number)));
    expect(taken.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(refusal(await take(service, payment, newId(), number))).toEqual({ status: 409, code: 'offer-gone' });
    expect(await books(service, payment.fund)).toMatchObject({ [`float:caseworker ${number}`]: FULL });
  });

  it('is given and taken by two people, and carried by nobody who signed its run', async () => {
    const payment = await voucherFor(service, TODAY);
    const path = `/api/v1/vouchers/${payment.voucher.id}`;
    const toFinance = { id: newId(), holder: service.actor('finance-releaser').userId };
    expect(refusal(await service.as('finance-approver').post(`${path}/hand-out`, toFinance))).toEqual({
      status: 422,
      code: 'not-a-cash-holder',
    });
    const toSelf = { id: newId(), holder: service.actor('finance-approver').userId };
    expect(refusal(await service.as('finance-approver').post(`${path}/hand-out`, toSelf))).toEqual({
      status: 422,
      code: 'cash-holder-gives-to-themselves',
    });
    const offer = await offerOut(service, payment);
    expect(refusal(await service.as('finance-approver').post(`${path}/receipt`, { offer }))).toEqual({
      status: 403,
      code: 'forbidden',
    });
    expect(refusal(await take(service, payment, offer, 2))).toEqual({ status: 404, code: 'not-found' });
    // By the database: the roles keep the two apart already.
    const holder = await sqlState(
      `insert into payments.voucher_custody select gen_random_uuid(), '${payment.voucher.id}', 2, 'hand-out', s.user_id, null, '${idOf(2)}', now()
       from payments.run_signature s where s.run_id = '${payment.run}' and s.act = 'prepare'`,
    );
    expect(holder).toBe('UCT83');
  });

  it('that nobody took can be offered to somebody else', async () => {
    const payment = await voucherFor(service, TODAY);
    const first = await offerOut(service, payment, 1);
    await handOut(service, payment, 2);
    expect(refusal(await take(service, payment, first, 1))).toEqual({ status: 409, code: 'offer-gone' });
    expect(await books(service, payment.fund)).toMatchObject({ 'float:caseworker 2': FULL });
  });
});

describe('cash that reached the client', () => {
  it('is acknowledged by their mark: the payment is settled from the holder’s float', async () => {
    const payment = await voucherFor(service, TODAY);
    await handOut(service, payment);
    const said = await say(service, payment, { deviceAt: '2026-03-02T01:00:00Z' }).expect(200);
    expect(said.body).toMatchObject({ state: 'acknowledged', handover: { kind: 'client-mark', happenedOn: TODAY } });
    expect(await stateOf(payment)).toBe('settled');
    expect(await evidenceOf(payment)).toEqual([
      { kind: 'settled', rail_code: 'client-mark', reference: payment.voucher.number },
    ]);
    expect(await books(service, payment.fund)).toMatchObject({ 'clearing:cash': '0.00', [FLOAT]: '0.00', paid: FULL });
  });

  it.each(['witness', 'two-staff'] as const)(
    'is acknowledged by %s when the second person says so too',
    async (kind) => {
      const payment = await voucherFor(service, TODAY);
      await handOut(service, payment);
      const id = newId();
      const said = await say(service, payment, { id, kind, second: idOf(2) }).expect(200);
      expect(said.body).toMatchObject({ state: 'handed-over', handover: { id, kind, second: { id: idOf(2) } } });
      expect(await stateOf(payment)).toBe('instructed');
      expect(refusal(await sayToo(service, payment, id, 1))).toEqual({ status: 422, code: 'other-person-needed' });
      const toSay = await service.as('caseworker', 2).get('/api/v1/vouchers').expect(200);
      expect((toSay.body as { items: { id: string }[] }).items.map((one) => one.id)).toContain(payment.voucher.id);
      const both = await Promise.all([sayToo(service, payment, id), sayToo(service, payment, id)]);
      expect(both.map(({ status }) => status)).toEqual([200, 200]);
      expect(await stateOf(payment)).toBe('settled');
      expect(await books(service, payment.fund)).toMatchObject({ [FLOAT]: '0.00', paid: FULL });
    },
  );

  it('is said by whoever carried it, with a second person where one is asked for', async () => {
    const payment = await voucherFor(service, TODAY);
    expect(refusal(await say(service, payment, {}))).toEqual({ status: 404, code: 'not-found' });
    await handOut(service, payment);
    expect(refusal(await say(service, payment, { kind: 'witness' }))).toEqual({
      status: 422,
      code: 'second-person-missing',
    });
    expect(refusal(await say(service, payment, { kind: 'witness', second: idOf(1) }))).toEqual({
      status: 422,
      code: 'other-person-needed',
    });
    expect(refusal(await say(service, payment, { second: idOf(2) }))).toEqual({
      status: 422,
      code: 'second-person-not-asked',
    });
    expect(refusal(await say(service, payment, { happenedOn: '2026-03-01' }))).toEqual({
      status: 422,
      code: 'date-before-instruction',
    });
    expect(refusal(await say(service, payment, { happenedOn: '2026-03-03' }))).toEqual({
      status: 422,
      code: 'date-in-the-future',
    });
  });

  it('is acknowledged once, however many say so at the same moment', async () => {
    const payment = await voucherFor(service, TODAY);
    await handOut(service, payment);
    const said = await Promise.all([1, 2, 3, 4].map(() => say(service, payment, {})));
    expect(said.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    expect(await evidenceOf(payment)).toHaveLength(1);
    expect(await books(service, payment.fund)).toMatchObject({ paid: FULL });
  });

  it('is told again in the export of the client, by number and kind', async () => {
    const payment = await voucherFor(service, TODAY);
    await handOut(service, payment);
    await say(service, payment, {}).expect(200);
    const answer = await service.as('caseworker').get(`/api/v1/clients/${payment.client}/export`).expect(200);
    const text = JSON.stringify(answer.body);
    expect(text).toContain(payment.voucher.number);
    expect(text).toContain('client-mark');
  });
});

describe('cash that was not collected', () => {
  it('has not failed while somebody carries it, and has when it is back in the till as two people say', async () => {
    const payment = await voucherFor(service, TODAY);
    await handOut(service, payment);
    const early = await service.as('finance-preparer').post(`/api/v1/vouchers/${payment.voucher.id}/not-collected`);
    expect(refusal(early)).toEqual({ status: 409, code: 'voucher-not-in-till' });
    const offer = await offerIn(service, payment, 'not-collected');
    expect(await stateOf(payment)).toBe('instructed');
    expect(await voucherOf(service, payment)).toMatchObject({ state: 'coming-back' });
    expect(refusal(await take(service, payment, offer))).toEqual({ status: 403, code: 'forbidden' });
    await takeIn(service, payment, offer).expect(200);
    expect(await stateOf(payment)).toBe('failed');
    expect(await evidenceOf(payment)).toMatchObject([{ kind: 'failed', rail_code: 'not-collected' }]);
    expect(await books(service, payment.fund)).toMatchObject({
      'clearing:cash': '0.00',
      [FLOAT]: '0.00',
      bank: '1000000.00',
    });
    expect(await voucherOf(service, payment)).toMatchObject({ state: 'not-collected' });
  });

  it('can be paid again, with a voucher of its own', async () => {
    const payment = await voucherFor(service, TODAY);
    await handOut(service, payment);
    await handIn(service, payment, 'not-collected');
    await reissue(service, payment.transfer);
    const { run } = await instructedTransferAgain();
    const next = await issuedFor(service, run, payment.transfer);
    expect(next.number).not.toBe(payment.voucher.number);
    const second = { ...payment, run, voucher: next };
    await handOut(service, second, 2);
    await say(service, second, {}, 2).expect(200);
    expect(await stateOf(payment)).toBe('settled');
  });

  it('is explained at a month’s end while it is carried, and when it came back', async () => {
    const unexplained = async () => {
      const { body } = await service.as('auditor').get(`/api/v1/month-end?through=${TODAY}`).expect(200);
      return (body as { obstacles: { unexplainedClearing: number } }).obstacles.unexplainedClearing;
    };
    const payment = await voucherFor(service, TODAY);
    await handOut(service, payment);
    expect(await unexplained()).toBe(0);
    await handIn(service, payment, 'carried-again');
    expect(await unexplained()).toBe(0);
  });

  it('waits in the till for somebody else to carry it, as often as it takes', async () => {
    const payment = await voucherFor(service, TODAY);
    for (const number of [1, 2, 1] as const) {
      await handOut(service, payment, number);
      await handIn(service, payment, 'carried-again', number);
      expect(await stateOf(payment)).toBe('instructed');
      expect(await books(service, payment.fund)).toMatchObject({ 'clearing:cash': FULL });
    }
    await service.as('finance-preparer').post(`/api/v1/vouchers/${payment.voucher.id}/not-collected`).expect(200);
    expect(await stateOf(payment)).toBe('failed');
  });

  it('and was lost is replaced by the organisation, so that the fund is whole and the client is paid', async () => {
    const payment = await voucherFor(service, TODAY);
    await handOut(service, payment, 2);
    // The holder cannot come: finance brings it for them, and somebody else takes it.
    const id = newId();
    await service
      .as('finance-approver')
      .post(`/api/v1/vouchers/${payment.voucher.id}/hand-in`, { id, because: 'made-good' })
      .expect(200);
    const alone = await service
      .as('finance-approver')
      .post(`/api/v1/vouchers/${payment.voucher.id}/receipt`, { offer: id });
    expect(refusal(alone)).toEqual({ status: 422, code: 'other-person-needed' });
    await takeIn(service, payment, id).expect(200);
    await handOut(service, payment, 1);
    await say(service, payment, {}).expect(200);
    expect(await stateOf(payment)).toBe('settled');
    expect(await books(service, payment.fund)).toMatchObject({ 'float:caseworker 2': '0.00', paid: FULL });
  });

  it('is listed with its age for its holder and their supervisor, and an outcome nobody knows is not paid again', async () => {
    const payment = await voucherFor(service, TODAY);
    await handOut(service, payment);
    const overdue = async (role: 'caseworker' | 'supervisor' | 'finance-preparer', number: 1 | 2 = 1) => {
      const { items } = await service.app
        .get(VouchersService)
        .list(service.actor(role, number), { isOverdue: true, limit: 1000 });
      return items.filter(({ id }) => id === payment.voucher.id);
    };
    expect(await overdue('caseworker')).toEqual([]);
    travel(service, '2026-03-08', '20:00');
    expect(await overdue('caseworker')).toEqual([]);
    travel(service, '2026-03-09', '08:00');
    for (const role of ['caseworker', 'supervisor', 'finance-preparer'] as const)
      expect(await overdue(role)).toMatchObject([{ days: 7, isOverdue: true }]);
    expect(await overdue('caseworker', 2)).toEqual([]);
    await service.app.get(ResultsService).noticeSilence(scheduleActor('test'));
    travel(service, TODAY);
    expect(await stateOf(payment)).toBe('unknown');
    const again = await service.as('finance-preparer').post(`/api/v1/transfers/${payment.transfer}/reissue`);
    expect(refusal(again)).toEqual({ status: 409, code: 'not-reissuable' });
    await handIn(service, payment, 'not-collected');
    expect(await stateOf(payment)).toBe('failed');
  });
});

it('cash does not leave the till for a client who does not want to be paid any more, though it was offered before', async () => {
  const payment = await voucherFor(service, TODAY);
  const offer = await offerOut(service, payment);
  await service
    .as('caseworker')
    .post(`/api/v1/clients/${payment.client}/consents`, { purpose: 'be-paid', given: false, language: 'my' })
    .expect(204);
  expect(refusal(await take(service, payment, offer))).toEqual({ status: 409, code: 'consent-withdrawn' });
  expect(await stateOf(payment)).toBe('instructed');
  await service.as('finance-preparer').post(`/api/v1/vouchers/${payment.voucher.id}/not-collected`).expect(200);
  expect(await stateOf(payment)).toBe('failed');
});

describe('a payment that is stopped', () => {
  const stop = ({ transfer }: CashPayment) =>
    service.as('caseworker').post(`/api/v1/transfers/${transfer}/hold`, { reason: 'safety' }).expect(204);

  it('is not handed out, nor taken when it was offered before', async () => {
    const payment = await voucherFor(service, TODAY);
    const offer = await offerOut(service, payment);
    await stop(payment);
    expect(refusal(await take(service, payment, offer))).toEqual({ status: 409, code: 'payment-stopped' });
    expect(await voucherOf(service, payment)).toMatchObject({ isStopped: true, state: 'offered' });
    const other = { id: newId(), holder: idOf(2) };
    const again = await service.as('finance-approver').post(`/api/v1/vouchers/${payment.voucher.id}/hand-out`, other);
    expect(refusal(again)).toEqual({ status: 409, code: 'payment-stopped' });
  });

  it('is brought back by whoever carries it, and is not paid again before the stop ends', async () => {
    const payment = await voucherFor(service, TODAY);
    await handOut(service, payment);
    await stop(payment);
    const carried = await service.as('caseworker').get(`/api/v1/vouchers/${payment.voucher.id}`).expect(200);
    expect(carried.body).toMatchObject({ isStopped: true, state: 'carried' });
    await handIn(service, payment, 'not-collected');
    const [attempt] = (await firstTransfer(service, payment.client)).attempts;
    expect(attempt).toMatchObject({ state: 'failed' });
  });
});

describe('what turns out otherwise', () => {
  it('is applied: the client has it after all, although it was taken for brought back', async () => {
    const payment = await voucherFor(service, TODAY);
    await handOut(service, payment);
    await handIn(service, payment, 'not-collected');
    expect(await stateOf(payment)).toBe('failed');
    await say(service, payment, {}).expect(200);
    expect(await stateOf(payment)).toBe('settled');
    expect(await books(service, payment.fund)).toMatchObject({ [FLOAT]: '0.00', 'clearing:cash': '0.00', paid: FULL });
    const late = await sql(
      service.db.url,
      "select 1 from access.audit_event where act = 'transfer.late-success' and subject_id = $1",
      [payment.transfer],
    );
    expect(late).toHaveLength(1);
  });

  it('keeps the envelope of another try in the till, and that one can be stopped', async () => {
    const payment = await voucherFor(service, TODAY);
    await handOut(service, payment);
    await handIn(service, payment, 'not-collected');
    await reissue(service, payment.transfer);
    const { run } = await instructedTransferAgain();
    const second = { ...payment, run, voucher: await issuedFor(service, run, payment.transfer) };
    const offer = await offerOut(service, second, 2);
    await say(service, payment, {}).expect(200); // of the first one: the client had it after all
    expect(await stateOf(payment)).toBe('settled');
    expect(refusal(await take(service, second, offer, 2))).toEqual({ status: 409, code: 'payment-stopped' });
    await service.as('caseworker').post(`/api/v1/transfers/${payment.transfer}/hold`, { reason: 'safety' }).expect(204);
    expect(await voucherOf(service, second)).toMatchObject({ isStopped: true });
    await service.as('finance-preparer').post(`/api/v1/vouchers/${second.voucher.id}/not-collected`).expect(200);
    expect(await stateOf(payment)).toBe('settled');
  });

  it('is taken back: the client gives the cash back, and it is owed as before', async () => {
    const payment = await voucherFor(service, TODAY);
    await handOut(service, payment);
    await say(service, payment, {}).expect(200);
    const offer = await offerIn(service, payment, undefined);
    expect(await stateOf(payment)).toBe('settled');
    await takeIn(service, payment, offer).expect(200);
    expect(await stateOf(payment)).toBe('returned');
    expect(await voucherOf(service, payment)).toMatchObject({ state: 'given-back' });
    expect(await books(service, payment.fund)).toMatchObject({ paid: FULL, returned: FULL, bank: '1000000.00' });
    await reissue(service, payment.transfer);
  });

  it('comes at the same moment: said to have arrived and taken back into the till, one of the two holds', async () => {
    for (let round = 0; round < 4; round += 1) {
      const payment = await voucherFor(service, TODAY);
      await handOut(service, payment);
      const offer = await offerIn(service, payment, 'carried-again');
      const [said, taken] = await Promise.all([say(service, payment, {}), takeIn(service, payment, offer)]);
      expect([200, 409]).toContain(taken.status);
      expect(said.status).toBe(200);
      expect(await stateOf(payment)).toBe('settled');
      expect(await books(service, payment.fund)).toMatchObject({
        [FLOAT]: '0.00',
        'clearing:cash': '0.00',
        paid: FULL,
      });
    }
  });
});

describe('who sees a voucher', () => {
  it('is finance, who carries it, who is to say that it arrived, and their supervisor', async () => {
    const payment = await voucherFor(service, TODAY);
    const seenBy = async (role: Parameters<TestService['as']>[0], number: 1 | 2 = 1) =>
      (await service.as(role, number).get(`/api/v1/vouchers/${payment.voucher.id}`)).status;
    expect(await seenBy('caseworker')).toBe(404);
    await handOut(service, payment);
    expect(await seenBy('caseworker')).toBe(200);
    expect(await seenBy('caseworker', 2)).toBe(404);
    expect(await seenBy('supervisor')).toBe(200);
    expect(await seenBy('auditor')).toBe(200);
    expect(await seenBy('finance-releaser')).toBe(200);
    expect(await seenBy('donor')).toBe(403);
    expect(await seenBy('administrator')).toBe(403);
    await say(service, payment, { kind: 'witness', second: idOf(2) }).expect(200);
    expect(await seenBy('caseworker', 2)).toBe(200);
    const refused = await sql(
      service.db.url,
      "select 1 from access.audit_event where act = 'transfer.refuse' and subject_id = $1",
      [payment.transfer],
    );
    expect(refused.length).toBeGreaterThan(0);
  });

  it('finds no name in it, and nothing of what the money is for', async () => {
    const payment = await voucherFor(service, TODAY, { name: 'Thiri Canary' });
    await handOut(service, payment);
    const text = JSON.stringify((await service.as('caseworker').get(`/api/v1/vouchers/${payment.voucher.id}`)).body);
    expect(text).not.toMatch(/Thiri|Canary|plan|spend|need|outcome/i);
  });
});

describe('a count of cash', () => {
  const place = async (fund: string, holder?: string) => {
    const answer = await service.as('finance-preparer').get('/api/v1/cash-places').expect(200);
    const { items } = answer.body as { items: { fund: string; holder: { id: string } | null; books: string }[] };
    return items.find((one) => one.fund === fund && one.holder?.id === holder)?.books;
  };

  it('of the till agrees with the books, and is confirmed by somebody else', async () => {
    const payment = await voucherFor(service, TODAY);
    expect(await place(payment.fund)).toBe(FULL);
    const pieces = payment.voucher.denominations;
    const body = { id: newId(), fund: payment.fund, currency: 'THB', pieces, books: FULL };
    const count = await service.as('finance-preparer').post('/api/v1/till-counts', body).expect(201);
    expect(count.body).toMatchObject({ counted: FULL, books: FULL, difference: '0.00', confirmedBy: null });
    await service.as('finance-preparer').post('/api/v1/till-counts', body).expect(200);
    const changed = await service
      .as('finance-preparer')
      .post('/api/v1/till-counts', { ...body, fund: payment.fund, pieces: [], books: '0.00' });
    expect(refusal(changed)).toEqual({ status: 409, code: 'id-conflict' });
    const path = `/api/v1/till-counts/${body.id}/confirmation`;
    expect(refusal(await service.as('finance-preparer').post(path))).toEqual({
      status: 422,
      code: 'other-person-needed',
    });
    const confirmed = await service.as('finance-approver').post(path).expect(200);
    expect(confirmed.body).toMatchObject({ confirmedBy: { id: service.actor('finance-approver').userId } });
    await service.as('finance-approver').post(path).expect(200);
  });

  it('that differs is explained to the last coin from a closed list, and moves nothing in the books', async () => {
    const payment = await voucherFor(service, TODAY);
    const count = (more: object) =>
      service.as('finance-preparer').post('/api/v1/till-counts', {
        id: newId(),
        fund: payment.fund,
        currency: 'THB',
        pieces: [{ piece: '1000', count: 4 }],
        books: FULL,
        ...more,
      });
    expect(refusal(await count({}))).toEqual({ status: 422, code: 'difference-not-explained' });
    const lost = { reason: 'lost', amount: '-700.00' };
    expect(refusal(await count({ explanations: [lost] }))).toEqual({ status: 422, code: 'difference-not-explained' });
    expect((await count({ explanations: [{ reason: 'her plan', amount: '-707.00' }] })).status).toBe(422);
    const explained = await count({ explanations: [lost, { reason: 'not-explained', amount: '-7.00' }] });
    expect(explained.status).toBe(201);
    expect(explained.body).toMatchObject({ difference: '-707.00' });
    expect(await place(payment.fund)).toBe(FULL);
    expect(refusal(await count({ books: '4000.00' }))).toEqual({ status: 409, code: 'books-moved' });
    expect(refusal(await count({ pieces: [{ piece: '3', count: 1 }] }))).toEqual({
      status: 422,
      code: 'unknown-piece',
    });
  });

  it('of what somebody carries is theirs and of nobody else, and they are one of the two', async () => {
    const payment = await voucherFor(service, TODAY);
    await handOut(service, payment);
    expect(await place(payment.fund, idOf(1))).toBe(FULL);
    const id = newId();
    const body = {
      id,
      fund: payment.fund,
      currency: 'THB',
      holder: idOf(1),
      pieces: payment.voucher.denominations,
      books: FULL,
    };
    await service.as('finance-preparer').post('/api/v1/till-counts', body).expect(201);
    const path = `/api/v1/till-counts/${id}/confirmation`;
    expect(refusal(await service.as('finance-approver').post(path))).toEqual({
      status: 422,
      code: 'other-person-needed',
    });
    expect(refusal(await service.as('caseworker', 2).post(path))).toEqual({ status: 404, code: 'not-found' });
    await service.as('caseworker').post(path).expect(200);
    const till = await service
      .as('caseworker')
      .post('/api/v1/till-counts', { ...body, id: newId(), holder: undefined });
    expect(refusal(till)).toEqual({ status: 403, code: 'forbidden' });
    const own = await service.as('caseworker').get('/api/v1/till-counts').expect(200);
    expect((own.body as { items: unknown[] }).items).toHaveLength(1);
  });
});

/** The SQLSTATE with which the service's own role is refused; 'done' when it is not. Undone in any case. */
async function sqlState(statement: string): Promise<string> {
  return sql(service.db.url, `begin; ${statement}; set constraints all immediate; rollback`, [], 'uct_service').then(
    () => 'done',
    (error: unknown) => (error as { code: string }).code,
  );
}

describe('the database by itself', () => {
  const custody = (payment: CashPayment, place: number, act: string, holder: string, by: string, because = 'null') =>
    `insert into payments.voucher_custody values (gen_random_uuid(), '${payment.voucher.id}', ${place}, '${act}', '${holder}', ${because}, '${by}', now())`;
  const evidence = (payment: CashPayment, kind: string) =>
    `insert into payments.evidence select gen_random_uuid(), a.id, '${kind}', 'x', current_date, 'x', '${idOf(1)}', now()
     from payments.voucher v join payments.attempt a on a.id = v.attempt_id where v.id = '${payment.voucher.id}'`;
  const finance = () => service.actor('finance-approver').userId;

  it('issues no voucher of another amount, in pieces that do not come to it, twice, or for what is not cash', async () => {
    const payment = await voucherFor(service, TODAY);
    const bare = await instructedTransfer(service, TODAY);
    const bank = await instructedTransfer(service, TODAY, { rail: 'manual' });
    const voucher = (transfer: string, minor: number, pieces: object) =>
      `insert into payments.voucher select gen_random_uuid(), id, 'V-BBBBBBBB', currency, ${minor}, '${JSON.stringify(pieces)}', '${idOf(1)}', now()
       from payments.attempt where obligation_id = '${transfer}'`;
    const exact = [{ piece: '470700', count: 1 }];
    expect(await sqlState(voucher(bare.transfer, 470700, exact))).toBe('done');
    expect(await sqlState(voucher(payment.transfer, 470700, exact))).toBe('23505');
    expect(await sqlState(voucher(bare.transfer, 1, [{ piece: '1', count: 1 }]))).toBe('UCT81');
    expect(await sqlState(voucher(bank.transfer, 470700, exact))).toBe('UCT81');
    for (const wrong of [
      [{ piece: '470600', count: 1 }],
      [],
      { piece: '470700', count: 1 },
      [
        { piece: '235350', count: 1 },
        { piece: '235350', count: 1 },
      ],
      [
        { piece: '470701', count: 1 },
        { piece: '-1', count: 1 },
      ],
      [{ piece: '470700', count: 1, name: 'x' }],
      [{ piece: '941400', count: 0.5 }],
    ])
      expect(await sqlState(voucher(bare.transfer, 470700, wrong))).toBe('23514');
  });

  it('lets no evidence past the voucher: not of failing while it is carried, not of arriving without an acknowledgement', async () => {
    const payment = await voucherFor(service, TODAY);
    expect(await sqlState(evidence(payment, 'failed'))).toBe('done');
    await handOut(service, payment);
    for (const kind of ['failed', 'settled', 'returned', 'reversed', 'resolved-paid', 'resolved-not-paid'])
      expect(await sqlState(evidence(payment, kind))).toBe('UCT86');
    for (const kind of ['silence', 'unclear', 'accepted']) expect(await sqlState(evidence(payment, kind))).toBe('done');
  });

  it('moves cash only from where it is, by two people, and in the books too', async () => {
    const payment = await voucherFor(service, TODAY);
    const receipt = (offer: string, by: string) =>
      `insert into payments.voucher_receipt values ('${offer}', '${by}', now())`;
    expect(await sqlState(custody(payment, 1, 'hand-in', idOf(1), idOf(1), "'not-collected'"))).toBe('UCT82');
    expect(await sqlState(custody(payment, 1, 'give-back', idOf(1), idOf(1)))).toBe('UCT82');
    expect(await sqlState(custody(payment, 2, 'hand-out', idOf(1), finance()))).toBe('40001');
    expect(await sqlState(custody(payment, 1, 'hand-out', idOf(1), idOf(1)))).toBe('23514');
    expect(await sqlState(custody(payment, 1, 'hand-out', idOf(1), finance(), "'not-collected'"))).toBe('23514');
    const offer = await offerOut(service, payment);
    expect(await sqlState(receipt(offer, finance()))).toBe('UCT85');
    expect(await sqlState(receipt(offer, idOf(2)))).toBe('UCT85');
    // Said, and not moved in the books.
    expect(await sqlState(receipt(offer, idOf(1)))).toBe('UCT87');
    await take(service, payment, offer).expect(200);
    expect(await sqlState(custody(payment, 2, 'hand-out', idOf(2), finance()))).toBe('UCT82');
    expect(await sqlState(custody(payment, 2, 'hand-in', idOf(2), idOf(2), "'not-collected'"))).toBe('UCT82');
    expect(await sqlState(custody(payment, 2, 'hand-in', idOf(1), idOf(1)))).toBe('23514');
    const back = await offerIn(service, payment, 'not-collected');
    expect(await sqlState(receipt(back, idOf(1)))).toBe('UCT85');
  });

  it('takes no acknowledgement that the holder did not tell, or whose second person did not say so', async () => {
    const payment = await voucherFor(service, TODAY);
    const handover = (by: string, kind: string, second: string, on = TODAY) =>
      `insert into payments.voucher_handover select gen_random_uuid(), '${payment.voucher.id}', r.custody_id, '${kind}', '${by}', ${second}, '${on}', null, now()
       from payments.voucher_receipt r join payments.voucher_custody c on c.id = r.custody_id where c.voucher_id = '${payment.voucher.id}'`;
    await handOut(service, payment);
    expect(await sqlState(handover(idOf(2), 'client-mark', 'null'))).toBe('UCT82');
    expect(await sqlState(handover(idOf(1), 'client-mark', 'null', '2026-03-01'))).toBe('UCT82');
    expect(await sqlState(handover(idOf(1), 'witness', 'null'))).toBe('23514');
    expect(await sqlState(handover(idOf(1), 'witness', `'${idOf(1)}'`))).toBe('23514');
    expect(await sqlState(handover(idOf(1), 'client-mark', `'${idOf(2)}'`))).toBe('23514');
    expect(await sqlState(handover(idOf(1), 'witness', `'${finance()}'`))).toBe('UCT83');
    const id = newId();
    await say(service, payment, { id, kind: 'two-staff', second: idOf(2) }).expect(200);
    const acknowledged = (by: string) =>
      `insert into payments.voucher_acknowledgement values ('${payment.voucher.id}', '${id}', ${by}, now())`;
    expect(await sqlState(acknowledged('null'))).toBe('UCT85');
    expect(await sqlState(acknowledged(`'${idOf(1)}'`))).toBe('UCT85');
    // Said, and not known of the payment.
    expect(await sqlState(acknowledged(`'${idOf(2)}'`))).toBe('UCT87');
    await sayToo(service, payment, id).expect(200);
    expect(await sqlState(handover(idOf(1), 'client-mark', 'null'))).toBe('UCT82');
  });

  it('keeps no count that differs without an explanation, or by one person', async () => {
    const payment = await voucherFor(service, TODAY);
    const count = (pieces: object, counted: number, said: number, why: object) =>
      `insert into payments.till_count select gen_random_uuid(), f.id, 'THB', null, '${JSON.stringify(pieces)}', ${counted}, ${said}, '${JSON.stringify(why)}', '${finance()}', now()
       from payments.fund f where f.code = '${payment.fund}'`;
    const four = [{ piece: '100000', count: 4 }];
    expect(await sqlState(count(four, 400000, 470700, [{ reason: 'lost', amountMinor: '-70700' }]))).toBe('done');
    expect(await sqlState(count(four, 400000, 470700, []))).toBe('23514');
    expect(await sqlState(count(four, 400000, 470700, [{ reason: 'other', amountMinor: '-70700' }]))).toBe('23514');
    expect(await sqlState(count(four, 470700, 470700, []))).toBe('23514');
    expect(await sqlState(count(four, 400000, 400000, []))).toBe('UCT88');
    const id = newId();
    const body = { id, fund: payment.fund, currency: 'THB', pieces: payment.voucher.denominations, books: FULL };
    await service.as('finance-approver').post('/api/v1/till-counts', body).expect(201);
    expect(await sqlState(`insert into payments.till_count_confirmation values ('${id}', '${finance()}', now())`)).toBe(
      'UCT85',
    );
  });
});

/** The next run of what is due, released; for what was put back to be paid. */
async function instructedTransferAgain(): Promise<{ run: string }> {
  return { run: (await releaseRun(service, TODAY)).id };
}
