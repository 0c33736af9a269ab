/**
 * What a message of the GSMA Mobile Money API 1.2 tells. A message proves something only where it is about the very transaction that was sent;
 * what is not understood, or on no list, is unclear. No text of an operator goes further than this file.
 */
import { currencies } from '../../../../kernel/reference-data.js';
import type { RailAnswer, RailInstruction, RailReversal } from '../../rail-port.js';
import { isSameAmount } from './gsma-amount.js';
import { provenFailure } from './gsma-errors.js';

export interface Reading {
  answer: RailAnswer;
  operatorId: string | null;
  reference: string | null;
  happenedAt: Date | null;
}

/** `transactionStatus` is any text by the specification. What is not here is not understood. */
const STATUSES: Readonly<Record<string, RailAnswer>> = {
  completed: { kind: 'settled' },
  pending: { kind: 'accepted' },
  accepted: { kind: 'accepted' },
  'in progress': { kind: 'accepted' },
  reversed: { kind: 'returned' },
};

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Without what could lead elsewhere in an address. */
const REFERENCE = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,139}$/;

export const unclear = (why: Extract<RailAnswer, { kind: 'unclear' }>['why']): Reading => ({
  answer: { kind: 'unclear', why },
  ...NOTHING_NAMED,
});

/** A transaction, as an answer, as what was asked for, or as a callback. */
export function readTransaction(
  body: unknown,
  sent: Pick<RailInstruction, 'reference' | 'amountMinor' | 'currency'>,
): Reading {
  const told = fieldsOf(body);
  const reference = referenceIn(told.transactionReference);
  const named = told.requestingOrganisationTransactionReference;
  const isOurs =
    reference !== null &&
    (named === undefined || named === sent.reference) &&
    (told.type === undefined || told.type === 'disbursement') &&
    told.currency === sent.currency &&
    isSameAmount(currencies, told.amount, sent.amountMinor, sent.currency);
  if (!isOurs) return { ...unclear('differs'), reference };
  return { answer: answerOf(told.transactionStatus), operatorId: null, reference, happenedAt: momentIn(told) };
}

/** A reversal is settled when the operator took the money back. */
export function readReversal(body: unknown, sent: RailReversal): Reading {
  const told = fieldsOf(body);
  const reference = referenceIn(told.transactionReference);
  const isOurs =
    reference !== null &&
    (told.type === 'reversal' || told.type === 'adjustment') &&
    told.originalTransactionReference === sent.of &&
    (told.currency === undefined || told.currency === sent.currency) &&
    (told.amount === undefined || isSameAmount(currencies, told.amount, sent.amountMinor, sent.currency));
  if (!isOurs) return { ...unclear('differs'), reference };
  const answer = answerOf(told.transactionStatus);
  return {
    answer: answer.kind === 'returned' ? notListed() : answer,
    operatorId: null,
    reference,
    happenedAt: momentIn(told),
  };
}

/** The state of a request: that it is completed names no amount, so it is taken for accepted until the transaction itself was seen. */
export function readRequestState(body: unknown): Reading {
  const told = fieldsOf(body);
  const operatorId = uuidIn(told.serverCorrelationId);
  const reference = referenceIn(told.objectReference);
  const answer: RailAnswer =
    told.status === 'pending' || told.status === 'completed'
      ? { kind: 'accepted' }
      : told.status === 'failed'
        ? readError(told.error).answer
        : notListed();
  return { answer, operatorId, reference, happenedAt: null };
}

export function readError(body: unknown): Reading {
  const { errorCategory, errorCode } = fieldsOf(body);
  if (errorCode === 'duplicateRequest') return unclear('duplicate');
  const code = provenFailure(errorCategory, errorCode);
  return code === undefined ? unclear('not-listed') : { answer: { kind: 'failed', code }, ...NOTHING_NAMED };
}

/** Whether the operator says that it has nothing by that id. */
export function isUnknownId(status: number, body: unknown): boolean {
  const { errorCategory, errorCode } = fieldsOf(body);
  return status === 404 && errorCategory === 'identification' && errorCode === 'identifierError';
}

/** The reference of the transaction that the answer to "what became of it" links to. */
export function linkedTransaction(body: unknown): string | null {
  const { link } = fieldsOf(body);
  return typeof link === 'string' ? referenceIn(/\/transactions\/([^/?#]+)$/.exec(link)?.[1]) : null;
}

/** Which request of ours a message names in its body; the specification has one field for it. */
export function referenceNamed(body: unknown): string | null {
  const named = fieldsOf(body).requestingOrganisationTransactionReference;
  return typeof named === 'string' && /^[0-9a-f]{32}$/i.test(named) ? named.toLowerCase() : null;
}

/** A callback about one of our transactions: the transaction, a reversal of it, or an error. */
export function kindOfCallback(body: unknown): 'transaction' | 'reversal' | 'error' | 'other' {
  const told = fieldsOf(body);
  if (told.errorCode !== undefined) return 'error';
  if (told.originalTransactionReference !== undefined) return 'reversal';
  return told.transactionStatus !== undefined ? 'transaction' : 'other';
}

export const uuidIn = (value: unknown): string | null =>
  typeof value === 'string' && UUID.test(value) ? value.toLowerCase() : null;

const NOTHING_NAMED = { operatorId: null, reference: null, happenedAt: null };

const notListed = (): RailAnswer => ({ kind: 'unclear', why: 'not-listed' });

function answerOf(status: unknown): RailAnswer {
  return (
    (typeof status === 'string' && Object.hasOwn(STATUSES, status.toLowerCase()) && STATUSES[status.toLowerCase()]) ||
    notListed()
  );
}

function fieldsOf(body: unknown): Record<string, unknown> {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
}

const referenceIn = (value: unknown): string | null =>
  typeof value === 'string' && REFERENCE.test(value) ? value : null;

function momentIn({ modificationDate, creationDate }: Record<string, unknown>): Date | null {
  const told = modificationDate ?? creationDate;
  const moment = typeof told === 'string' ? new Date(told) : new Date(NaN);
  return Number.isNaN(moment.getTime()) ? null : moment;
}
