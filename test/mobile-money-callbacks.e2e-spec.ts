/** What an operator tells by itself: it is a hint, kept once, believed where all of it is right, and asked about where it is not. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Test } from 'supertest';
import { newId } from './support/builders.js';
import { sql } from './support/database.js';
import { learnt, startPayingService, stateOf, type PayingService } from './support/mobile-money.js';
import { CALLBACK_TOKEN } from './support/rail-simulator/gsma-http.js';
import { refusal } from './support/runs.js';

let paying: PayingService;

beforeAll(async () => {
  paying = await startPayingService();
});
afterAll(() => paying.close());

interface Told {
  token?: string;
  method?: 'put' | 'post';
  id?: string;
}

function tell(body: object, { token = CALLBACK_TOKEN, method = 'put', id }: Told = {}): Test {
  const test = paying.service.anybody()[method](`/api/v1/rails/mobile-money/callbacks/${token}`);
  return (id ? test.set('x-correlationid', id) : test).send(body);
}

const completed = (attempt: string, change: object = {}) => ({
  transactionReference: 'T-by-itself',
  requestingOrganisationTransactionReference: attempt.replaceAll('-', ''),
  type: 'disbursement',
  transactionStatus: 'completed',
  amount: '4707',
  currency: 'THB',
  creditParty: [{ key: 'msisdn', value: '+959777000111' }],
  ...change,
});

/** A payment under way, of which the operator would tell nothing more when it is asked. */
async function underWay(): Promise<string> {
  const { attempt } = await paying.instructed({ mode: 'accept-later', days: 300 });
  await paying.send();
  return attempt;
}

const state = (attempt: string) => stateOf(paying.service, attempt);
const messages = async (where: string): Promise<number> =>
  (
    await sql<{ n: number }>(paying.service.db.url, `select count(*)::int n from payments.rail_message where ${where}`)
  )[0]?.n ?? 0;

describe('a callback', () => {
  it.each([
    ['one letter less', CALLBACK_TOKEN.slice(0, -1)],
    ['another letter', `${CALLBACK_TOKEN.slice(0, -1)}x`],
    ['nothing like it', 'x'],
  ])('to an address with %s is nowhere, and nothing is kept', async (_, token) => {
    const attempt = await underWay();
    const before = await messages('true');
    expect(refusal(await tell(completed(attempt), { token, id: attempt }))).toEqual({ status: 404, code: 'not-found' });
    expect(await messages('true')).toBe(before);
    expect(await state(attempt)).toBe('accepted');
  });

  it.each([
    ['names our id in its header and our reference in its body', (attempt: string) => ({ id: attempt })],
    ['names our reference alone', () => ({})],
    ['is posted instead of put', (attempt: string) => ({ id: attempt, method: 'post' as const })],
  ])('is believed that %s', async (_, told) => {
    const attempt = await underWay();
    await tell(completed(attempt), told(attempt)).expect(204);
    expect(await state(attempt)).toBe('settled');
  });

  it.each<[string, object]>([
    ['another amount', { amount: '4708' }],
    ['an amount that is no amount', { amount: '4707 THB' }],
    ['another currency', { currency: 'MMK' }],
    ['another kind of transaction', { type: 'withdrawal' }],
    ['a status that nobody knows', { transactionStatus: 'Done, I think' }],
    ['a status that says failed and no code that proves it', { transactionStatus: 'failed' }],
    ['no reference of its own', { transactionReference: undefined }],
    ['a reference that leads elsewhere', { transactionReference: '../accounts/1' }],
  ])('with %s settles nothing and fails nothing: it is unknown, and asked about', async (_, change) => {
    const attempt = await underWay();
    await tell(completed(attempt, change), { id: attempt }).expect(204);
    expect(await state(attempt)).toBe('unknown');
    paying.operator.heard.length = 0;
    await paying.askAfter(0);
    expect(paying.operator.heard.map(({ path }) => path)).toContain(`/responses/${attempt}`);
  });

  it('that names two different requests is about none', async () => {
    const [one, other] = [await underWay(), await underWay()];
    await tell(completed(one), { id: other }).expect(204);
    expect([await state(one), await state(other)]).toEqual(['accepted', 'accepted']);
  });

  it('that tells of a failure is asked about, and counts when the operator has no transaction of ours', async () => {
    const attempt = await underWay();
    const error = { errorCategory: 'identification', errorCode: 'identifierError' };
    await tell(error, { id: attempt }).expect(204);
    expect(await state(attempt)).toBe('accepted');
    await paying.askAfter(0);
    expect(await state(attempt)).toBe('accepted'); // the operator itself says that it is under way
    const { attempt: lost } = await paying.instructed({ mode: 'timeout-unpaid' });
    await paying.send();
    await tell(error, { id: lost }).expect(204);
    await paying.askAfter(0);
    expect(await learnt(paying.service, lost)).toEqual({
      state: 'failed',
      evidence: ['failed identifierError', 'unclear no-answer'],
    });
  });

  it.each([
    ['businessRule', 'duplicateRequest'],
    ['businessRule', 'identifierError'],
    ['internal', 'genericError'],
    ['serviceUnavailable', 'insufficientFunds'],
    ['anything', 'failed'],
  ])('of %s/%s proves no failure', async (errorCategory, errorCode) => {
    const attempt = await underWay();
    await tell(
      { errorCategory, errorCode, errorDescription: 'Aung Myint Oo has no such wallet' },
      { id: attempt },
    ).expect(204);
    expect(await state(attempt)).toBe('unknown');
  });

  it('is kept once, however often it comes and from however many sides at once', async () => {
    const attempt = await underWay();
    const told = await Promise.all(Array.from({ length: 8 }, () => tell(completed(attempt), { id: attempt })));
    expect(told.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 204));
    expect(await messages(`attempt_id = '${attempt}' and kind = 'callback'`)).toBe(1);
    expect(await learnt(paying.service, attempt)).toEqual({ state: 'settled', evidence: ['accepted', 'settled'] });
  });

  it('of what was settled that says less later changes nothing', async () => {
    const attempt = await underWay();
    await tell(completed(attempt), { id: attempt }).expect(204);
    await tell(completed(attempt, { transactionStatus: 'pending' }), { id: attempt }).expect(204);
    await tell({ errorCategory: 'validation', errorCode: 'formatError' }, { id: attempt }).expect(204);
    await paying.askAfter(0);
    expect(await state(attempt)).toBe('settled');
  });

  it('that names nothing of ours is kept without a payment, for finance to look at', async () => {
    const stranger = newId();
    await tell(completed(stranger), { id: stranger }).expect(204);
    await tell({ hello: 'Aung Myint Oo' }).expect(204);
    const list = await paying.service.as('finance-approver').get('/api/v1/rail-messages?unmatched').expect(200);
    const { items } = list.body as { items: { correlationId: string | null; transfer: null; told: string }[] };
    expect(items[0]).toMatchObject({ kind: 'callback', correlationId: null, transfer: null, told: 'unclear' });
    expect(items[1]).toMatchObject({ correlationId: stranger, transfer: null, told: 'unclear' });
    expect(items.every(({ transfer }) => transfer === null)).toBe(true);
    expect(JSON.stringify(items)).not.toContain('Aung');
    const all = await paying.service.as('auditor').get('/api/v1/rail-messages?limit=2').expect(200);
    const page = all.body as { items: unknown[]; next: string };
    expect(page.items).toHaveLength(2);
    const next = await paying.service.as('auditor').get(`/api/v1/rail-messages?after=${page.next}`).expect(200);
    expect((next.body as { items: unknown[] }).items.length).toBeGreaterThan(2);
    expect(refusal(await paying.service.as('caseworker').get('/api/v1/rail-messages'))).toEqual({
      status: 403,
      code: 'forbidden',
    });
  });
});
