/**
 * What the lines of a report prove of the payments that they are about. A status of one payment counts before that of its lot, and that
 * before the message's; only listed reasons prove that a payment failed, and what a report does not name it says nothing of.
 */
import type { EvidenceKind } from '../../domain/attempt-state.js';
import { BANK_CODES } from '../../rails/outcome.js';
import type { EntryItem, ReportItem, ReportLine, StatusItem } from './report-items.js';

/** Why a line waits for a person. */
export const workReasons = [
  'no-such-payment',
  'no-reference',
  'references-disagree',
  'amount-differs',
  'currency-differs',
  'amount-missing',
  'day-impossible',
  'batch-without-details',
  'unreadable',
  'credit-we-do-not-know',
  'debit-we-do-not-know',
  'bank-charge',
  'paid-twice',
  'failed-code-not-listed',
  'failed-though-paid',
  'refused-as-duplicate',
  'status-not-known',
  'levels-disagree',
] as const;
export type WorkReason = (typeof workReasons)[number];

/** What one line says. `kind` null: nothing about what became of a payment. `work`: a person looks at it, whatever else follows. */
export interface Verdict {
  kind: Extract<EvidenceKind, 'accepted' | 'settled' | 'failed' | 'unclear' | 'returned'> | null;
  code: string | null;
  work: WorkReason | null;
}

const NOTHING: Verdict = { kind: null, code: null, work: null };

const ACCEPTED = new Set(['RCVD', 'ACTC', 'ACCP', 'ACSP', 'ACWC', 'ACFC', 'PDNG']);
const SETTLED = new Set(['ACSC', 'ACCC']);

/** "Duplicate": what was sent before, and what became of that, is another question. */
const DUPLICATE_CODES = new Set(['AM05', 'DUPL', 'DU01', 'DU02', 'DU03', 'DU04', 'DU05', 'FF10']);
const DUPLICATE_WORDS = /already (exist|process|receiv|paid|sent)|duplicat/i;

export function judgeStatus(item: StatusItem): Verdict {
  const { status } = item;
  if (ACCEPTED.has(status)) return { kind: 'accepted', code: status, work: null };
  if (SETTLED.has(status)) return { kind: 'settled', code: status, work: null };
  // What follows of them stands in the rows.
  if (status === 'PART') return NOTHING;
  if (status !== 'RJCT') return { kind: 'unclear', code: codeOf(status), work: 'status-not-known' };
  const [first] = item.reasonCodes;
  if (item.reasonCodes.some((code) => DUPLICATE_CODES.has(code)) || DUPLICATE_WORDS.test(item.reasonText))
    return { kind: 'unclear', code: codeOf(first ?? status), work: 'refused-as-duplicate' };
  const proven = item.reasonCodes.length > 0 && item.reasonCodes.every((code) => BANK_CODES.includes(code));
  if (proven) return { kind: 'failed', code: codeOf(first ?? status), work: null };
  return { kind: 'unclear', code: codeOf(first ?? status), work: 'failed-code-not-listed' };
}

export function judgeEntry(item: EntryItem): Verdict {
  if (item.bookingStatus === 'information') return NOTHING;
  if (isBatchWithoutDetails(item))
    return { ...NOTHING, work: item.bookingStatus === 'booked' ? 'batch-without-details' : null };
  if (item.amount === null) return { ...NOTHING, work: 'amount-missing' };
  const isPending = item.bookingStatus === 'pending';
  if (!hasReference(item)) return { ...NOTHING, work: isPending ? null : unknownMovement(item) };
  if (item.direction === 'debit') {
    // The bank takes back a credit, or returns one: neither is the payment that we asked for.
    if (item.isReversal || item.isReturn) return { ...NOTHING, work: 'debit-we-do-not-know' };
    if (isPending) return { kind: 'accepted', code: 'PDNG', work: null };
    return item.bookedOn ? { kind: 'settled', code: null, work: null } : { ...NOTHING, work: 'day-impossible' };
  }
  if (isPending) return NOTHING;
  if (!item.isReturn && !item.isReversal) return { ...NOTHING, work: 'credit-we-do-not-know' };
  if (!item.bookedOn) return { ...NOTHING, work: 'day-impossible' };
  return {
    kind: 'returned',
    code: codeOf(item.returnCode ?? (item.isReversal ? 'reversed-by-bank' : 'RRTN')),
    work: null,
  };
}

/** Which movement that names no payment of ours it is. */
export function unknownMovement(item: EntryItem): WorkReason {
  const parts = (item.transactionCode ?? '').split('.');
  if (item.direction === 'credit') return 'credit-we-do-not-know';
  return parts.includes('CHRG') || parts.includes('COMM') || parts.includes('FEES')
    ? 'bank-charge'
    : 'debit-we-do-not-know';
}

export function judgeLine(line: ReportLine): Verdict {
  if (line.item === 'status') return judgeStatus(line);
  if (line.item === 'entry') return judgeEntry(line);
  return line.item === 'unreadable' ? { ...NOTHING, work: 'unreadable' } : NOTHING;
}

/** Whether a level may speak for a payment of which there is no row: never where it says something final that a row of it contradicts. */
export function levelCounts(level: Verdict, rows: ReadonlySet<Verdict['kind']>): boolean {
  if (level.kind === 'accepted' || level.kind === 'unclear') return true;
  return level.kind !== null && [...rows].every((kind) => kind === level.kind);
}

export interface Judgement {
  payments: ReadonlyMap<string, readonly Verdict[]>;
  /** By lot; the message's own under ''. */
  levels: ReadonlyMap<string, Verdict>;
  work: readonly { place: number; reason: WorkReason }[];
}

/** The fold of a whole file, in any order of its lines. What a level says of a payment without a row is `verdictOfAbsent`. */
export function judge(items: Iterable<ReportItem>): Judgement {
  const payments = new Map<string, Verdict[]>();
  const levels = new Map<string, Verdict>();
  const work: { place: number; reason: WorkReason }[] = [];
  const rows = new Map<string, Set<Verdict['kind']>>();
  for (const item of items) {
    if (item.item === 'about' || item.item === 'end') continue;
    const verdict = judgeLine(item);
    const isLevel = item.item === 'status' && item.level !== 'payment';
    if (isLevel) levels.set(item.level === 'lot' ? (item.lotId ?? '') : '', verdict);
    else if (verdict.work) work.push({ place: item.place, reason: verdict.work });
    if (isLevel || (item.item !== 'status' && item.item !== 'entry')) continue;
    const reference = item.endToEndId ?? item.instructionId ?? item.uetr;
    if (reference && verdict.kind) payments.set(reference, [...(payments.get(reference) ?? []), verdict]);
    if (item.item === 'status')
      for (const lot of new Set([item.lotId ?? '', ''])) rows.set(lot, (rows.get(lot) ?? new Set()).add(verdict.kind));
  }
  for (const [lot, level] of levels) if (!levelCounts(level, rows.get(lot) ?? new Set())) levels.delete(lot);
  for (const verdicts of payments.values()) verdicts.sort((a, b) => keyOf(a).localeCompare(keyOf(b)));
  return { payments, levels, work: work.sort((a, b) => a.place - b.place) };
}

/** Of a payment in that lot of which the file has no row. */
export function verdictOfAbsent(judgement: Judgement, lotId: string): Verdict {
  const lot = judgement.levels.get(lotId);
  return (lot?.kind ? lot : judgement.levels.get('')) ?? NOTHING;
}

function hasReference(item: EntryItem | StatusItem): boolean {
  return item.endToEndId !== null || item.instructionId !== null || item.uetr !== null;
}

/** One entry of several payments that does not list them; or one that names the message or the lot and no payment. */
export function isBatchWithoutDetails(item: EntryItem): boolean {
  if (hasReference(item)) return false;
  return (item.paymentsBehind ?? 1) > 1 || (!item.hasDetails && (item.lotId !== null || item.messageId !== null));
}

/** As evidence may hold it: codes only, never words of a bank. */
function codeOf(code: string): string {
  return /^[A-Za-z0-9-]{1,20}$/.test(code) ? code : 'not-listed';
}

function keyOf(verdict: Verdict): string {
  return `${verdict.kind} ${verdict.code} ${verdict.work}`;
}
