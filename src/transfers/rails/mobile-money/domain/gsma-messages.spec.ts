import { describe, expect, it } from '@jest/globals';
import { evidenceOf } from '../../outcome.js';
import { GSMA_PROOF_CODES } from './gsma-errors.js';
import { linkedTransaction, readError, readRequestState, readReversal, readTransaction } from './gsma-messages.js';

const SENT = { reference: 'ab'.repeat(16), amountMinor: 900_000n, currency: 'THB' };
const transaction = (change: object = {}) => ({
  transactionReference: 'T1',
  type: 'disbursement',
  transactionStatus: 'completed',
  amount: '9000',
  currency: 'THB',
  ...change,
});
const told = (change: object) => readTransaction(transaction(change), SENT).answer;

describe('a transaction', () => {
  it.each([
    ['completed', 'settled'],
    ['Completed', 'settled'],
    ['pending', 'accepted'],
    ['reversed', 'returned'],
    ['failed', 'unclear'],
    ['declined', 'unclear'],
    ['', 'unclear'],
    ['constructor', 'unclear'],
    [undefined, 'unclear'],
    [7, 'unclear'],
  ])('of status %j is %s', (transactionStatus, kind) => {
    expect(told({ transactionStatus }).kind).toBe(kind);
  });

  it.each([
    [{ amount: '9000.01' }],
    [{ amount: 9000 }],
    [{ currency: 'MMK' }],
    [{ type: 'withdrawal' }],
    [{ transactionReference: undefined }],
    [{ transactionReference: 'a/b' }],
    [{ requestingOrganisationTransactionReference: 'somebody else’s' }],
  ])('with %j is not ours', (change) => {
    expect(told(change)).toEqual({ kind: 'unclear', why: 'differs' });
  });

  it('tells when it happened, if it can be read', () => {
    const at = (modificationDate: unknown) => readTransaction(transaction({ modificationDate }), SENT).happenedAt;
    expect(at('2026-03-02T10:00:00Z')?.toISOString()).toBe('2026-03-02T10:00:00.000Z');
    expect(at('yesterday')).toBeNull();
  });

  it.each([undefined, null, 'completed', [], 7])('is not %j', (body) => {
    expect(readTransaction(body, SENT).answer.kind).toBe('unclear');
  });
});

describe('an error', () => {
  it('proves a failure where category and code are listed together, and evidence takes exactly those', () => {
    expect(readError({ errorCategory: 'validation', errorCode: 'formatError' }).answer).toEqual({
      kind: 'failed',
      code: 'formatError',
    });
    for (const code of GSMA_PROOF_CODES) expect(evidenceOf('mobile-money', 'failed', code)).toBe('failed');
  });

  it.each([
    ['businessRule', 'duplicateRequest'],
    ['validation', 'duplicateRequest'],
    ['internal', 'genericError'],
    ['serviceUnavailable', 'genericError'],
    ['businessRule', 'formatError'],
    ['identification', 'insufficientFunds'],
    ['validation/formatError', ''],
    [undefined, 'formatError'],
    ['authorisation', 'requestDeclined'],
  ])('%s/%s proves nothing', (errorCategory, errorCode) => {
    expect(readError({ errorCategory, errorCode }).answer.kind).toBe('unclear');
  });
});

describe('the state of a request', () => {
  it('that is completed is no more than accepted, because it names no amount', () => {
    const body = {
      serverCorrelationId: '00000000-0000-4000-8000-000000000001',
      status: 'completed',
      objectReference: 'T1',
    };
    expect(readRequestState(body)).toMatchObject({
      answer: { kind: 'accepted' },
      operatorId: body.serverCorrelationId,
      reference: 'T1',
    });
  });

  it('that failed has failed only by a listed code', () => {
    const failed = (error?: object) => readRequestState({ status: 'failed', error }).answer.kind;
    expect(failed({ errorCategory: 'businessRule', errorCode: 'insufficientFunds' })).toBe('failed');
    expect(failed({ errorCategory: 'internal', errorCode: 'genericError' })).toBe('unclear');
    expect(failed()).toBe('unclear');
  });
});

describe('a reversal', () => {
  const SENT_REVERSAL = { id: 'r', of: 'T1', amountMinor: 900_000n, currency: 'THB' };
  const reversal = (change: object = {}) =>
    readReversal(
      {
        type: 'reversal',
        originalTransactionReference: 'T1',
        transactionReference: 'R1',
        transactionStatus: 'completed',
        ...change,
      },
      SENT_REVERSAL,
    ).answer.kind;

  it('is settled when it names what it takes back, and nothing else does', () => {
    expect(reversal()).toBe('settled');
    expect(reversal({ amount: '9000', currency: 'THB' })).toBe('settled');
    for (const change of [
      { amount: '8000' },
      { originalTransactionReference: 'T2' },
      { type: 'disbursement' },
      { transactionStatus: 'reversed' },
    ])
      expect(reversal(change)).toBe('unclear');
  });
});

describe('a link', () => {
  it.each([
    ['/transactions/T1', 'T1'],
    ['https://operator.example/v1.2/mm/transactions/T1', 'T1'],
    ['/transactions/../accounts', null],
    ['/accounts/T1', null],
    ['/transactions/', null],
    [undefined, null],
  ])('%j leads to %j', (link, reference) => {
    expect(linkedTransaction({ link })).toBe(reference);
  });
});
