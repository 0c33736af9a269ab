/** Of what the difference between a bank's statement and the books is made, movement by movement; the parts add up to it. */
import type { Rail } from '../../../funds/rails.js';
import { daysBetween, type PlainDate } from '../../../kernel/domain/plain-date.js';

/** Where statement and books do not cancel. */
export interface DifferenceRow {
  what: 'payment' | 'line' | 'entry';
  id: string;
  /** State of the payment, resolution of the line or "open", kind of the entry. */
  detail: string;
  day: PlainDate;
  /** Of a payment. */
  rail: Rail | null;
  /** In minor units: what it did to the account. */
  statement: string;
  books: string;
}

export const differenceKinds = [
  'instructed-not-debited',
  'told-settled-not-debited',
  'told-settled-long-not-debited',
  'debited-not-in-books',
  'on-work-list',
  'bank-charge',
  'other-movement',
  'paid-twice',
  'not-on-statement',
  'before-first-statement',
] as const;
export type DifferenceKind = (typeof differenceKinds)[number];

export interface Difference {
  kind: DifferenceKind;
  /** How many movements, and the latest and the earliest day of them. */
  count: number;
  day: PlainDate | null;
  oldest: PlainDate | null;
  /** Statement less books. */
  amountMinor: bigint;
  isExplained: boolean;
  /** A transfer, a work item or an entry each; the first twenty. */
  examples: string[];
}

/** Those that may stand at a month's end: money on its way, and what two people have explained. */
const EXPLAINED: ReadonlySet<DifferenceKind> = new Set([
  'instructed-not-debited',
  'told-settled-not-debited',
  'bank-charge',
  'other-movement',
  'paid-twice',
]);
const EXAMPLES = 20;

/**
 * A payment out of the account is on the statement by then: a bank that cannot make it says so within five business days, most within three
 * (research of 2026-03, Wise and Stripe). What people told as paid and no statement has debited by then, somebody has to look at.
 */
const DEBITED_WITHIN_DAYS = 7;
/** Whose payments a statement shows one by one, or as a lot: cash is fetched, and an operator paid in advance. */
const DEBITED_EACH: ReadonlySet<Rail | null> = new Set<Rail | null>(['bank-file', 'manual']);

/**
 * `broughtForwardMinor`: what the account held before the first statement that was read. What the books booked before it and no statement
 * shows is in it. `statementOn`: of which day the statement is.
 */
export function differencesOf(
  rows: readonly DifferenceRow[],
  start: { broughtForwardMinor: bigint; statementsFrom: PlainDate | null; statementOn: PlainDate },
): Difference[] {
  const byKind = new Map<DifferenceKind, Difference>();
  let beforeFirst = start.broughtForwardMinor;
  for (const row of rows) {
    const amountMinor = BigInt(row.statement) - BigInt(row.books);
    if (isBeforeFirst(row, start.statementsFrom)) {
      beforeFirst += amountMinor;
      continue;
    }
    const kind = kindOf(row, start.statementOn);
    const sum = byKind.get(kind) ?? {
      kind,
      count: 0,
      day: null,
      oldest: null,
      amountMinor: 0n,
      isExplained: EXPLAINED.has(kind),
      examples: [],
    };
    sum.count += 1;
    sum.amountMinor += amountMinor;
    if (sum.day === null || row.day > sum.day) sum.day = row.day;
    if (sum.oldest === null || row.day < sum.oldest) sum.oldest = row.day;
    if (sum.examples.length < EXAMPLES) sum.examples.push(row.id);
    byKind.set(kind, sum);
  }
  if (beforeFirst !== 0n)
    byKind.set('before-first-statement', {
      kind: 'before-first-statement',
      count: 1,
      day: start.statementsFrom,
      oldest: start.statementsFrom,
      amountMinor: beforeFirst,
      isExplained: false,
      examples: [],
    });
  return differenceKinds.flatMap((kind) => byKind.get(kind) ?? []);
}

/** On no statement because the statements begin later. A payment that is still on its way then was not debited before. */
function isBeforeFirst({ what, detail, day, statement }: DifferenceRow, from: PlainDate | null): boolean {
  if (from === null || statement !== '0' || day >= from) return false;
  return what === 'entry' || (what === 'payment' && ['settled', 'returned', 'reversed'].includes(detail));
}

function kindOf({ what, detail, day, rail, statement, books }: DifferenceRow, statementOn: PlainDate): DifferenceKind {
  if (what === 'entry') return 'not-on-statement';
  if (what === 'line')
    return detail === 'bank-charge' || detail === 'other-movement' || detail === 'paid-twice' ? detail : 'on-work-list';
  if (BigInt(statement) < BigInt(books)) return 'debited-not-in-books';
  if (detail !== 'settled') return 'instructed-not-debited';
  // Of what was debited by another amount two people said that it is this payment.
  const isLate = statement === '0' && DEBITED_EACH.has(rail) && daysBetween(day, statementOn) > DEBITED_WITHIN_DAYS;
  return isLate ? 'told-settled-long-not-debited' : 'told-settled-not-debited';
}
