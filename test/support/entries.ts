/** Builders of ledger entries: each is whole and valid unless something about it is said otherwise. */
import { randomUUID } from 'node:crypto';
import {
  flows,
  type AccountKind,
  type EntryInput,
  type EntryKind,
  type FlowKind,
} from '../../src/ledger/domain/entry.js';
import type { FundAccounts } from '../../src/ledger/posting.service.js';

/** Every movement that the ledger allows, as the words of the domain have it: [kind, debit, credit]. */
export const ALLOWED_FLOWS: readonly (readonly [FlowKind, AccountKind, AccountKind])[] = [
  ['grant', 'bank', 'fund'],
  ['reserve', 'fund', 'committed'],
  ['commit', 'fund', 'committed'],
  ['release-reserve', 'fund', 'committed'],
  ['uncommit', 'committed', 'fund'],
  ['float-out', 'float', 'bank'],
  ['float-back', 'bank', 'float'],
  ['instruct', 'clearing', 'bank'],
  ['instruct', 'clearing', 'float'],
  ['hand-out', 'float', 'clearing'],
  ['hand-in', 'clearing', 'float'],
  ['settle', 'paid', 'clearing'],
  ['settle', 'paid', 'float'],
  ['settle-late', 'paid', 'bank'],
  ['settle-late', 'paid', 'float'],
  ['fail', 'bank', 'clearing'],
  ['fail', 'float', 'clearing'],
  ['return', 'bank', 'returned'],
  ['return', 'float', 'returned'],
  ['reverse', 'bank', 'returned'],
  ['reverse', 'float', 'returned'],
  ['exchange-out', 'fund', 'bank'],
  ['exchange-in', 'bank', 'fund'],
  ['exchange-residue', 'bank', 'exchange'],
];

const OF_AN_ATTEMPT: readonly EntryKind[] = [
  'instruct',
  'hand-out',
  'hand-in',
  'settle',
  'fail',
  'settle-late',
  'return',
  'reverse',
];

/** An entry of that kind between the accounts that such an entry moves between; anything about it may be said otherwise. */
export function entry(
  fund: FundAccounts,
  kind: FlowKind,
  amountMinor: number | bigint,
  otherwise: Partial<EntryInput> & { holder?: string } = {},
): EntryInput {
  const ofAttempt = OF_AN_ATTEMPT.includes(kind);
  const { holder, ...said } = otherwise;
  const [debit, credit] = flows[kind];
  const idOf = (account: AccountKind) =>
    fund.id(account, account === 'clearing' ? 'cash' : account === 'float' ? holder : '');
  return {
    id: randomUUID(),
    debitId: said.debitId ?? idOf(debit),
    creditId: said.creditId ?? idOf(credit),
    currency: fund.currency,
    amountMinor: BigInt(amountMinor),
    phase: 'single',
    pendingId: null,
    kind,
    sourceId: randomUUID(),
    obligationId: ofAttempt || kind === 'uncommit' ? randomUUID() : null,
    linkId: null,
    exchangeRateId: null,
    reversesId: null,
    rail: ofAttempt ? 'cash' : null,
    happenedOn: null,
    evidenceSha256: null,
    ...said,
  };
}

export const grant = (fund: FundAccounts, amountMinor: number | bigint): EntryInput =>
  entry(fund, 'grant', amountMinor);

export const reserve = (fund: FundAccounts, amountMinor: number | bigint): EntryInput =>
  entry(fund, 'reserve', amountMinor, { phase: 'pending' });

export const commit = (
  fund: FundAccounts,
  reserved: EntryInput,
  amountMinor: number | bigint = reserved.amountMinor,
): EntryInput => entry(fund, 'commit', amountMinor, { phase: 'post', pendingId: reserved.id });

export const giveBack = (
  fund: FundAccounts,
  reserved: EntryInput,
  amountMinor: number | bigint = reserved.amountMinor,
): EntryInput => entry(fund, 'release-reserve', amountMinor, { phase: 'void', pendingId: reserved.id });

/** What happens next to the money of an attempt that was instructed. */
export const next = (
  fund: FundAccounts,
  kind: 'hand-out' | 'hand-in' | 'settle' | 'settle-late' | 'fail' | 'return' | 'reverse',
  instructed: EntryInput,
  otherwise: Partial<EntryInput> & { holder?: string } = {},
): EntryInput =>
  entry(fund, kind, instructed.amountMinor, {
    sourceId: instructed.sourceId,
    obligationId: instructed.obligationId,
    ...otherwise,
  });

export function reversalOf(of: EntryInput, otherwise: Partial<EntryInput> = {}): EntryInput {
  return {
    id: randomUUID(),
    debitId: of.creditId,
    creditId: of.debitId,
    currency: of.currency,
    amountMinor: of.amountMinor,
    phase: 'single',
    pendingId: null,
    kind: 'reversal',
    sourceId: randomUUID(),
    obligationId: of.obligationId,
    linkId: null,
    exchangeRateId: null,
    reversesId: of.id,
    rail: null,
    happenedOn: null,
    evidenceSha256: null,
    ...otherwise,
  };
}

/** Reversals of entries that stand or fall together, linked like these. */
export function reversalsOf(entries: readonly EntryInput[]): EntryInput[] {
  const [linkId, sourceId] = [randomUUID(), randomUUID()];
  return entries.map((of) => reversalOf(of, { linkId, sourceId }));
}

/** Major units of `quote` for one of `base`, as a decimal of up to ten places. */
export interface Rate {
  id: string;
  base: string;
  quote: string;
  rate: string;
}

export const MINOR_DIGITS: Readonly<Record<string, number>> = { THB: 2, USD: 2, VND: 0 };

/** What so many minor units are worth at the rate, in minor units, rounded down. */
export function worth(soldMinor: bigint, { base, quote, rate }: Rate): bigint {
  const [whole = '0', decimals = ''] = rate.split('.');
  const scaled = BigInt(whole + decimals.padEnd(10, '0'));
  const digits = (MINOR_DIGITS[quote] as number) - (MINOR_DIGITS[base] as number);
  return (soldMinor * scaled * 10n ** BigInt(Math.max(digits, 0))) / 10n ** BigInt(10 + Math.max(-digits, 0));
}

/** A fund's money changed from one of its currencies into another: two linked rows, and a third when the bank gave more than it is worth. */
export function exchange(
  sold: FundAccounts,
  bought: FundAccounts,
  rate: Rate,
  soldMinor: number | bigint,
  residueMinor: number | bigint = 0,
): EntryInput[] {
  const linked = { linkId: randomUUID(), exchangeRateId: rate.id, sourceId: randomUUID() };
  const rows = [
    entry(sold, 'exchange-out', soldMinor, linked),
    entry(bought, 'exchange-in', worth(BigInt(soldMinor), rate), linked),
  ];
  return BigInt(residueMinor) === 0n ? rows : [...rows, entry(bought, 'exchange-residue', residueMinor, linked)];
}
