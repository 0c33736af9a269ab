/** Paying by mobile money, over HTTP to a simulated operator: whatever it answers, or does not, nobody is paid twice and nothing is taken for failed without proof. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, releaseRun } from './support/builders.js';
import { sql } from './support/database.js';
import { learnt, startPayingService, stateOf, TODAY, type PayingService } from './support/mobile-money.js';
import type { Mode } from './support/rail-simulator/core.js';
import { books, brokenRules, firstTransfer, refusal, reissue, report } from './support/runs.js';
import { travel } from './support/service.js';

let paying: PayingService;

beforeAll(async () => {
  paying = await startPayingService();
});
afterAll(() => paying.close());
afterEach(() => {
  expect(paying.simulator.paidTwice()).toEqual([]);
  expect(paying.simulator.received).toEqual([...new Set(paying.simulator.received)]);
  paying.operator.otherwise = { mode: 'accept-now' };
  paying.operator.service = 'available';
  paying.operator.answersQuestions = true;
  paying.operator.beforeAnswer = undefined;
});

const state = (attempt: string) => stateOf(paying.service, attempt);
const count = async (table: string): Promise<number> =>
  (await sql<{ n: number }>(paying.service.db.url, `select count(*)::int n from payments.${table}`))[0]?.n ?? 0;

describe('a payment', () => {
  it('tells the operator an account, an amount and opaque references, and nothing of whom or why', async () => {
    const { attempt } = await paying.instructed({ mode: 'accept-now' });
    paying.operator.heard.length = 0;
    expect(await paying.send()).toBe(1);
    const [heartbeat, sent, ...more] = paying.operator.heard;
    expect(heartbeat).toMatchObject({ method: 'GET', path: '/heartbeat' });
    expect(more).toEqual([]);
    expect(sent).toMatchObject({ method: 'POST', path: '/transactions/type/disbursement' });
    expect(sent?.headers).toMatchObject({
      'x-correlationid': attempt,
      'x-callback-url': expect.stringMatching(
        /^https:\/\/ledger\.example\.org\/api\/v1\/rails\/mobile-money\/callbacks\/\S{32,}$/,
      ),
      'content-type': 'application/json',
    });
    expect(sent?.body).toEqual({
      amount: '4707',
      currency: 'THB',
      creditParty: [{ key: 'msisdn', value: '+959777000111' }],
      debitParty: [{ key: 'walletid', value: '5000' }],
      descriptionText: 'Support 1/3',
      requestingOrganisationTransactionReference: attempt.replaceAll('-', ''),
    });
    // The patterns of the GSMA Mobile Money API 1.2.0.
    expect(sent?.body?.amount).toMatch(/^([0]|([1-9][0-9]{0,17}))([.][0-9]{0,3}[1-9])?$/);
    expect(sent?.headers['x-correlationid']).toMatch(/^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/);
  });

  it('is settled by the answer, in the books and for the client', async () => {
    const { attempt, client, fund } = await paying.instructed({ mode: 'accept-now' });
    await paying.send();
    expect(await learnt(paying.service, attempt)).toEqual({ state: 'settled', evidence: ['settled'] });
    expect(await firstTransfer(paying.service, client)).toMatchObject({ state: 'settled', settledOn: TODAY });
    expect(await books(paying.service, fund)).toMatchObject({ paid: '4707.00' });
    expect(await paying.send()).toBe(0);
  });

  it.each<{ mode: Mode; at: string; then: string; after: string; paid: 0 | 1 }>([
    { mode: 'accept-later', at: 'accepted', then: 'a callback', after: 'settled', paid: 1 },
    { mode: 'callback-first', at: 'accepted', then: 'a callback', after: 'settled', paid: 1 },
    { mode: 'callback-twice', at: 'accepted', then: 'a callback', after: 'settled', paid: 1 },
    { mode: 'out-of-order', at: 'accepted', then: 'a callback', after: 'settled', paid: 1 },
    { mode: 'callback-never', at: 'accepted', then: 'a question', after: 'settled', paid: 1 },
    { mode: 'timeout-paid', at: 'unknown', then: 'a question', after: 'settled', paid: 1 },
    { mode: 'timeout-unpaid', at: 'unknown', then: 'a question', after: 'unknown', paid: 0 },
    { mode: 'error-paid', at: 'unknown', then: 'a question', after: 'settled', paid: 1 },
    { mode: 'duplicate-refusal', at: 'unknown', then: 'a question', after: 'settled', paid: 1 },
    { mode: 'reject-listed', at: 'failed', then: 'nothing', after: 'failed', paid: 0 },
    { mode: 'reject-unlisted', at: 'unknown', then: 'a question', after: 'unknown', paid: 0 },
    { mode: 'reject-later', at: 'accepted', then: 'a question', after: 'failed', paid: 0 },
    { mode: 'settle-then-return', at: 'settled', then: 'a callback and a question', after: 'returned', paid: 1 },
  ])('that goes $mode is $at, and after $then $after', async ({ mode, at, then, after, paid }) => {
    const { attempt } = await paying.instructed({ mode });
    expect(await paying.send()).toBe(1);
    expect(await state(attempt)).toBe(at);
    paying.daysLater(1);
    if (then.includes('callback')) for (const status of await paying.operator.deliver()) expect(status).toBe(204);
    else paying.simulator.due(); // lost
    if (then.includes('question')) await paying.askAfter(0);
    expect(await state(attempt)).toBe(after);
    await paying.askAfter(24 * 60);
    expect(await state(attempt)).toBe(after);
    expect(await paying.send()).toBe(0);
    expect(paying.simulator.timesPaid(attempt)).toBe(paid);
    expect(await brokenRules(paying.service)).toEqual([]);
  });

  it('is settled by a callback that is there before the answer, while the answer is still awaited', async () => {
    const { attempt } = await paying.instructed({ mode: 'callback-first' });
    const statuses: number[] = [];
    paying.operator.beforeAnswer = async () => void statuses.push(...(await paying.operator.deliver()));
    await paying.send();
    expect(statuses).toEqual([204]);
    expect(await learnt(paying.service, attempt)).toEqual({ state: 'settled', evidence: ['accepted', 'settled'] });
  });
});

describe('what is not sent', () => {
  it('is what a client does not consent to any more: it never left, and is owed', async () => {
    const { attempt, client } = await paying.instructed({ mode: 'accept-now' });
    await paying.service
      .as('caseworker')
      .post(`/api/v1/clients/${client}/consents`, { purpose: 'be-paid', given: false, language: 'my' })
      .expect(204);
    expect(await paying.send()).toBe(0);
    expect(await learnt(paying.service, attempt)).toEqual({ state: 'failed', evidence: ['failed not-sent'] });
    expect(await firstTransfer(paying.service, client)).toMatchObject({ state: 'failed' });
    expect(paying.simulator.received).not.toContain(attempt);
  });

  it('is what would go to a number that could be anybody’s', async () => {
    const payee = { bank: 'Wave Money', account: '777 000 111', kind: 'wallet' as const };
    const { attempt } = await paying.instructed({ mode: 'accept-now' }, { payee });
    expect(await paying.send()).toBe(0);
    expect(await learnt(paying.service, attempt)).toEqual({ state: 'failed', evidence: ['failed not-sent'] });
    expect(paying.simulator.received).not.toContain(attempt);
  });

  it('is what was stopped: it never left', async () => {
    const { attempt, transfer } = await paying.instructed({ mode: 'accept-now' });
    await paying.service.as('caseworker').post(`/api/v1/transfers/${transfer}/hold`, { reason: 'safety' }).expect(204);
    await expect(leave(attempt)).rejects.toMatchObject({ code: 'UCT76' });
    expect(await paying.send()).toBe(0);
    expect(await learnt(paying.service, attempt)).toEqual({ state: 'failed', evidence: ['failed not-sent'] });
  });

  it('is anything while the operator says that it is not at work, or does not say anything', async () => {
    const { attempt } = await paying.instructed({ mode: 'accept-now' });
    paying.operator.service = 'unavailable';
    expect(await paying.send()).toBe(0);
    expect(await count('dispatch where attempt_id = ' + `'${attempt}'`)).toBe(0);
    paying.operator.service = 'available';
    expect(await paying.send()).toBe(1);
  });

  it('is what somebody has learnt of otherwise', async () => {
    const { attempt, run, transfer } = await paying.instructed({ mode: 'accept-now' });
    await paying.service
      .as('finance-preparer')
      .post(`/api/v1/runs/${run}/results`, { results: [{ transfer, outcome: 'failed', code: 'not-sent' }] })
      .expect(200);
    expect(await paying.send()).toBe(0);
    await expect(leave(attempt)).rejects.toMatchObject({ code: 'UCT76' });
  });

  it('is nothing for being late: what our own downtime kept is still sent', async () => {
    const { attempt, transfer } = await paying.instructed({ mode: 'accept-now' });
    paying.daysLater(3);
    await sql(
      paying.service.db.url,
      `insert into payments.evidence (id, attempt_id, kind, happened_on, recorded_by, recorded_at)
       select gen_random_uuid(), $1, 'silence', '2026-03-03', id, now() from access.app_user limit 1`,
      [attempt],
    );
    await sql(paying.service.db.url, "update payments.attempt set state = 'unknown' where id = $1", [attempt]);
    await sql(paying.service.db.url, "update payments.obligation set state = 'unknown' where id = $1", [transfer]);
    expect(await paying.send()).toBe(1);
    expect(await state(attempt)).toBe('settled');
  });
});

const leave = (attempt: string) =>
  sql(
    paying.service.db.url,
    "insert into payments.dispatch values ($1, decode(repeat('00', 32), 'hex'), now())",
    [attempt],
    'uct_service',
  );

describe('the database', () => {
  it('lets an attempt leave once, and nobody say afterwards that it never left', async () => {
    const { attempt } = await paying.instructed({ mode: 'timeout-paid' });
    await paying.send();
    await expect(leave(attempt)).rejects.toMatchObject({ code: expect.stringMatching(/^(UCT76|23505)$/) });
    await expect(
      sql(
        paying.service.db.url,
        `insert into payments.evidence (id, attempt_id, kind, rail_code, happened_on, recorded_by, recorded_at)
         select gen_random_uuid(), $1, 'failed', 'not-sent', '2026-03-02', id, now() from access.app_user limit 1`,
        [attempt],
        'uct_service',
      ),
    ).rejects.toMatchObject({ code: 'UCT77' });
    const { id: transfer, run } = await transferOf(attempt);
    for (const code of ['not-sent', 'formatError', 'never-received']) {
      const told = { results: [{ transfer, outcome: 'failed', code }] };
      const answer = await paying.service.as('finance-preparer').post(`/api/v1/runs/${run}/results`, told);
      expect(refusal(answer)).toEqual({ status: 409, code: 'was-sent' });
    }
  });

  it('keeps an attempt from leaving whose client may not be paid at that moment', async () => {
    const { attempt, client } = await paying.instructed({ mode: 'accept-now' });
    await paying.service
      .as('caseworker')
      .post(`/api/v1/clients/${client}/consents`, { purpose: 'be-paid', given: false, language: 'my' })
      .expect(204);
    await expect(leave(attempt)).rejects.toMatchObject({ code: 'UCT44' });
    await paying.send();
  });

  it('knows no telephone number: digests are keyed, and messages are codes', async () => {
    await paying.instructed({ mode: 'accept-now' });
    await paying.send();
    for (const table of ['dispatch', 'rail_message', 'enquiry', 'reversal_request', 'reversal_confirmed']) {
      const rows = await sql<{ row: string }>(paying.service.db.url, `select t::text as row from payments.${table} t`);
      expect(JSON.stringify(rows)).not.toMatch(/777000111|msisdn|Aung/);
    }
  });
});

async function transferOf(attempt: string): Promise<{ id: string; run: string }> {
  const [row] = await sql<{ id: string; run: string }>(
    paying.service.db.url,
    'select obligation_id id, run_id run from payments.attempt where id = $1',
    [attempt],
  );
  return row ?? { id: '', run: '' };
}

describe('asking', () => {
  it('is tried again when nothing comes back, and then nothing was learned', async () => {
    const { attempt } = await paying.instructed({ mode: 'accept-later', days: 30 });
    await paying.send();
    paying.operator.answersQuestions = false;
    paying.operator.heard.length = 0;
    await paying.askAfter(1);
    expect(paying.operator.heard.filter(({ path }) => path === `/responses/${attempt}`)).toHaveLength(3);
    expect(await learnt(paying.service, attempt)).toEqual({ state: 'accepted', evidence: ['accepted'] });
  });

  it('is at growing distances and has an end, after which it is unknown, and late news counts all the same', async () => {
    const { attempt } = await paying.instructed({ mode: 'callback-never', days: 30 });
    await paying.send();
    const asked: number[] = [];
    paying.operator.heard.length = 0;
    for (let minute = 1; minute <= 40 * 60; minute += 1) {
      const before = paying.operator.heard.filter(({ path }) => path === `/responses/${attempt}`).length;
      await paying.askAfter(1);
      if (paying.operator.heard.filter(({ path }) => path === `/responses/${attempt}`).length > before)
        asked.push(minute);
      if (asked.length === 12) break;
    }
    expect(asked).toEqual([1, 3, 7, 15, 31, 63, 127, 255, 511, 871, 1231, 1591]);
    expect(await learnt(paying.service, attempt)).toEqual({ state: 'unknown', evidence: ['accepted', 'silence'] });
    paying.daysLater(40);
    await sql(paying.service.db.url, 'update payments.enquiry set next_at = now() where correlation_id = $1', [
      attempt,
    ]);
    await paying.askAfter(24 * 300 * 60);
    expect(await state(attempt)).toBe('settled');
  }, 60_000);

  it('takes no refusal of the question for a failure of the payment', async () => {
    const { attempt } = await paying.instructed({ mode: 'timeout-unpaid' });
    await paying.send();
    await paying.askAfter(1);
    // The operator answered identification/identifierError, which would have proven a failure as the answer to the payment itself.
    expect(await learnt(paying.service, attempt)).toEqual({
      state: 'unknown',
      evidence: ['unclear no-answer', 'unclear not-known'],
    });
  });
});

describe('another try', () => {
  it('does not leave once the first turned out to have paid, in SQL neither', async () => {
    const { attempt, transfer, client, run } = await paying.instructed({ mode: 'reject-listed' });
    await paying.send();
    expect(await state(attempt)).toBe('failed');
    await reissue(paying.service, transfer);
    await releaseRun(paying.service, TODAY);
    const [second] = await sql<{ id: string }>(
      paying.service.db.url,
      'select id from payments.attempt where obligation_id = $1 and attempt_no = 2',
      [transfer],
    );
    await report(paying.service, run, { transfer, outcome: 'settled', happenedOn: TODAY, reference: 'late' });
    expect(await firstTransfer(paying.service, client)).toMatchObject({ state: 'settled' });
    await expect(
      sql(
        paying.service.db.url,
        "insert into payments.dispatch values ($1, sha256('x'), now())",
        [second?.id],
        'uct_service',
      ),
    ).rejects.toMatchObject({ code: 'UCT76' });
    expect(await paying.send()).toBe(0);
    expect(paying.simulator.received).not.toContain(second?.id);
    expect(await learnt(paying.service, second?.id ?? '')).toEqual({ state: 'failed', evidence: ['failed not-sent'] });
  });

  it('nobody tells the end of what has not left', async () => {
    const { transfer, run, attempt } = await paying.instructed({ mode: 'accept-now' });
    const results = [{ transfer, outcome: 'unknown' }];
    const answer = await paying.service.as('finance-preparer').post(`/api/v1/runs/${run}/results`, { results });
    expect(refusal(answer)).toEqual({ status: 409, code: 'was-not-sent' });
    expect(await paying.send()).toBe(1);
    expect(await state(attempt)).toBe('settled');
  });
});

describe('a reversal', () => {
  type Asker = 'finance-preparer' | 'finance-approver' | 'finance-releaser' | 'supervisor';
  const ask = (transfer: string, body: object, role: Asker = 'finance-preparer') =>
    paying.service.as(role).post(`/api/v1/transfers/${transfer}/reversal`, body);
  const asked = async (id: string) => {
    const { body } = await paying.service.as('auditor').get('/api/v1/reversals').expect(200);
    return (body as { items: { id: string; state: string }[] }).items.find((one) => one.id === id);
  };
  const received = () => paying.operator.heard.filter(({ path }) => path.endsWith('/reversals')).length;
  const arrived = async () => {
    const made = await paying.instructed({ mode: 'accept-now' });
    await paying.send();
    paying.operator.heard.length = 0;
    return made;
  };

  it('is sent once two people have asked for it, and changes nothing until the operator says that the money is back', async () => {
    const { attempt, transfer, client } = await arrived();
    const reversal = { id: newId(), attempt: 1, reason: 'wrong-account' };
    paying.operator.plan(reversal.id, { mode: 'accept-later' });
    for (let times = 0; times < 2; times += 1) {
      const { body } = await ask(transfer, reversal).expect(202);
      expect(body).toMatchObject({ state: 'awaits-second', confirmedBy: null, askedBy: 'finance-preparer 1' });
    }
    expect(refusal(await ask(transfer, { ...reversal, reason: 'client-wish' }, 'finance-approver'))).toEqual({
      status: 409,
      code: 'id-conflict',
    });
    expect(received()).toBe(0);
    const { body } = await ask(transfer, reversal, 'finance-approver').expect(202);
    expect(body).toMatchObject({ state: 'asked', confirmedBy: 'finance-approver 1' });
    await ask(transfer, reversal, 'finance-releaser').expect(202);
    expect(received()).toBe(1);
    expect(refusal(await ask(transfer, { ...reversal, id: newId() }))).toEqual({
      status: 409,
      code: 'reversal-asked-before',
    });
    expect(await state(attempt)).toBe('settled');
    paying.daysLater(1);
    await paying.operator.deliver();
    expect(await state(attempt)).toBe('settled'); // a callback alone is a hint
    await paying.askAfter(0);
    expect(await learnt(paying.service, attempt)).toEqual({ state: 'reversed', evidence: ['reversed', 'settled'] });
    expect(paying.simulator.netPaid(attempt)).toBe(0n);
    travel(paying.service, TODAY);
    expect(await asked(reversal.id)).toMatchObject({ state: 'reversed' });
    expect(await firstTransfer(paying.service, client)).toMatchObject({ state: 'reversed' });
    expect(await brokenRules(paying.service)).toEqual([]);
  });

  it('by six people at once is sent once', async () => {
    const { transfer } = await arrived();
    const reversal = { id: newId(), attempt: 1, reason: 'client-wish' };
    await ask(transfer, reversal).expect(202);
    const roles: Asker[] = ['finance-approver', 'finance-releaser', 'finance-preparer'];
    await Promise.all([...roles, ...roles].map((role) => ask(transfer, reversal, role)));
    expect(received()).toBe(1);
  });

  it('that is refused leaves the payment as it is, and can be asked for again', async () => {
    const { attempt, transfer } = await arrived();
    const reversal = { id: newId(), attempt: 1, reason: 'client-wish' };
    paying.operator.plan(reversal.id, { mode: 'reject-listed' });
    await ask(transfer, reversal).expect(202);
    await ask(transfer, reversal, 'finance-approver').expect(202);
    await paying.askAfter(24 * 60);
    expect(await state(attempt)).toBe('settled');
    travel(paying.service, TODAY);
    expect(await asked(reversal.id)).toMatchObject({ state: 'refused' });
    expect((await ask(transfer, { ...reversal, id: newId() }).expect(202)).body).toMatchObject({
      state: 'awaits-second',
    });
  });

  it('is of two people by SQL as well, of what arrived, and once', async () => {
    const { attempt, transfer } = await arrived();
    const { userId } = paying.service.actor('finance-preparer');
    const insert = (id: string) =>
      sql(
        paying.service.db.url,
        "insert into payments.reversal_request values ($1, $2, 'client-wish', 'ref', $3, now())",
        [id, attempt, userId],
        'uct_service',
      );
    const id = newId();
    await expect(insert(attempt)).rejects.toMatchObject({ code: 'UCT78' }); // an id that means a payment
    await insert(id);
    await expect(
      sql(
        paying.service.db.url,
        'insert into payments.reversal_confirmed values ($1, $2, $2, now())',
        [id, userId],
        'uct_service',
      ),
    ).rejects.toMatchObject({ code: '23514' });
    expect((await ask(transfer, { id, attempt: 1, reason: 'client-wish' }).expect(202)).body).toMatchObject({
      state: 'awaits-second',
    });
  });

  it('is of what arrived through an operator, for a reason that is no condition, and asked by finance', async () => {
    const { transfer } = await paying.instructed({ mode: 'timeout-unpaid' });
    await paying.send();
    const body = { id: newId(), attempt: 1, reason: 'paid-twice' };
    expect(refusal(await ask(transfer, body))).toEqual({ status: 409, code: 'not-reversible' });
    expect(refusal(await ask(transfer, { ...body, reason: 'no-receipts' }))).toEqual({
      status: 422,
      code: 'unknown-reason',
    });
    expect(refusal(await ask(newId(), body))).toEqual({ status: 404, code: 'not-found' });
    expect(refusal(await ask(transfer, body, 'supervisor'))).toEqual({ status: 403, code: 'forbidden' });
  });
});
