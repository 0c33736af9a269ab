/** What a ledger entry is: one immutable row that moves an amount from one account to another. */

/** bank + clearing + paid (debit side) = fund + committed (credit side), for every fund, at any time. */
export type AccountKind = 'bank' | 'clearing' | 'paid' | 'fund' | 'committed';

export type EntryPhase = 'single' | 'pending' | 'post' | 'void';

export type EntryKind =
  | 'grant'
  | 'reserve'
  | 'commit'
  | 'release-reserve'
  | 'instruct'
  | 'settle'
  | 'fail'
  | 'settle-late'
  | 'return'
  | 'reverse';

export interface EntryInput {
  id: string;
  debitId: string;
  creditId: string;
  currency: string;
  amountMinor: bigint;
  phase: EntryPhase;
  /** The pending entry that a `post` or `void` resolves. */
  pendingId: string | null;
  kind: EntryKind;
  /** The grant, run or attempt that caused it. */
  sourceId: string;
  obligationId: string | null;
}

export type PostResult =
  'created' | 'exists' | 'conflict' | 'insufficient' | 'currency-not-held' | 'pending-mismatch' | 'already-resolved';

/** Which accounts each kind of entry moves between: [debit, credit]. */
export const flows: Record<EntryKind, readonly [AccountKind, AccountKind]> = {
  grant: ['bank', 'fund'],
  reserve: ['fund', 'committed'],
  commit: ['fund', 'committed'],
  'release-reserve': ['fund', 'committed'],
  instruct: ['clearing', 'bank'],
  settle: ['paid', 'clearing'],
  fail: ['bank', 'clearing'],
  'settle-late': ['paid', 'bank'],
  return: ['bank', 'paid'],
  reverse: ['bank', 'paid'],
};
