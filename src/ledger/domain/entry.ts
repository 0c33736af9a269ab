/** What a ledger entry is: one immutable row that moves an amount from one account to another. */

/**
 * Debit-normal: bank, clearing (one for each rail), float (one for each holder of cash), paid. Credit-normal: fund, committed, returned,
 * exchange. In every fund and currency, at any time: bank + clearing + float + paid = fund + committed + returned + exchange.
 */
export type AccountKind = 'bank' | 'clearing' | 'float' | 'paid' | 'fund' | 'committed' | 'returned' | 'exchange';

export type EntryPhase = 'single' | 'pending' | 'post' | 'void';

/** Between which accounts each kind of entry moves when nothing else is said: [debit, credit]. `ledger.flow` holds all that may be. */
export const flows = {
  grant: ['bank', 'fund'],
  reserve: ['fund', 'committed'],
  commit: ['fund', 'committed'],
  'release-reserve': ['fund', 'committed'],
  uncommit: ['committed', 'fund'],
  'float-out': ['float', 'bank'],
  'float-back': ['bank', 'float'],
  instruct: ['clearing', 'bank'],
  'hand-out': ['float', 'clearing'],
  'hand-in': ['clearing', 'float'],
  settle: ['paid', 'clearing'],
  fail: ['bank', 'clearing'],
  'settle-late': ['paid', 'bank'],
  return: ['bank', 'returned'],
  reverse: ['bank', 'returned'],
  'exchange-out': ['fund', 'bank'],
  'exchange-in': ['bank', 'fund'],
  'exchange-residue': ['bank', 'exchange'],
} as const satisfies Record<string, readonly [AccountKind, AccountKind]>;

export type FlowKind = keyof typeof flows;

/** What else an entry of a kind may move between: cash goes out from its holder's float, and comes back there. */
const otherFlows: readonly (readonly [FlowKind, AccountKind, AccountKind])[] = [
  ['instruct', 'clearing', 'float'],
  ['settle', 'paid', 'float'],
  ['settle-late', 'paid', 'float'],
  ['fail', 'float', 'clearing'],
  ['return', 'float', 'returned'],
  ['reverse', 'float', 'returned'],
];

/** What came back was once taken off what was paid; such entries stand, and none is made any more. */
const flowsOfOld: typeof otherFlows = [
  ['return', 'bank', 'paid'],
  ['reverse', 'bank', 'paid'],
];

/** All that `ledger.flow` allows, as "kind debit credit". */
export const allowedFlows: ReadonlySet<string> = new Set(
  [...Object.entries(flows).map(([kind, accounts]) => [kind, ...accounts]), ...otherFlows].map((flow) =>
    flow.join(' '),
  ),
);

/** All that an entry in the books may be: what is allowed, and what once was. */
export const knownFlows: ReadonlySet<string> = new Set([...allowedFlows, ...flowsOfOld.map((flow) => flow.join(' '))]);

/** A reversal moves back between the accounts of the entry that it reverses. */
export type EntryKind = FlowKind | 'reversal';

export interface EntryInput {
  /** Made by the caller, a UUID of version 7: the same id and content again changes nothing. */
  id: string;
  debitId: string;
  creditId: string;
  currency: string;
  amountMinor: bigint;
  phase: EntryPhase;
  kind: EntryKind;
  /** The grant, run, attempt, exchange or reversal that caused it. */
  sourceId: string;
  /** The pending entry that a `post` or `void` resolves. */
  pendingId?: string | null;
  /** The transfer, for what moves one. */
  obligationId?: string | null;
  /** Entries with the same link, side by side in a batch, are created all together or not at all. */
  linkId?: string | null;
  exchangeRateId?: string | null;
  /** The entry that a reversal takes back. */
  reversesId?: string | null;
  rail?: string | null;
  /** The day at the rail or the bank; the entry is booked on the day that it is recorded. */
  happenedOn?: string | null;
  /** SHA-256 of what proves it (see `evidenceDigest`). */
  evidenceSha256?: Buffer | null;
}

export type PostResult =
  | 'created'
  | 'exists'
  | 'conflict'
  | 'insufficient'
  | 'currency-not-held'
  | 'other-fund'
  | 'accounts-not-of-kind'
  | 'period-closed'
  | 'pending-mismatch'
  | 'already-resolved'
  | 'reversal-mismatch'
  | 'already-reversed'
  | 'never-paid'
  | 'already-returned'
  | 'link-refused';
