/** Rebuilds the books from the entries alone, one after the other in the order in which they were made. Memory does not grow with them. */
import { knownFlows, type AccountKind } from '../../domain/entry.js';
import { at, type EntryRow } from '../../transparency-log/domain/entry-row.js';
import type { SealedSums } from '../../transparency-log/domain/seal-text.js';
import type { Check } from './findings.js';

export interface BookAccount {
  id: number;
  fund: string;
  currency: string;
  kind: AccountKind;
  /** "clearing/cash". */
  name: string;
  normalSide: 'debit' | 'credit';
  floorMinor: bigint;
}

/** Minor units. */
export interface AccountSums {
  debitsPosted: bigint;
  creditsPosted: bigint;
  debitsPending: bigint;
  creditsPending: bigint;
}

interface Holding extends AccountSums {
  account: BookAccount;
}

/** An entry that reserves, until it is resolved. */
interface Reserved {
  debit: number;
  credit: number;
  amount: bigint;
}

export interface FundQuarter {
  fund: string;
  /** "2016-Q1". */
  period: string;
  /** By currency. */
  sums: Map<string, Record<keyof SealedSums, bigint>>;
  /** Posted debits less credits by account. */
  net: Map<number, bigint>;
  transfersPaid: number;
}

export interface BooksChecks {
  accounts: Check;
  floors: Check;
  phases: Check;
}

export class BooksFold {
  private readonly holdings: Map<number, Holding>;
  private readonly open = new Map<string, Reserved>();
  readonly quarters = new Map<string, FundQuarter>();
  entries = 0;
  private latest: { fund: string; bookedOn: string; quarter: FundQuarter } | undefined;

  constructor(
    accounts: readonly BookAccount[],
    private readonly checks: BooksChecks,
  ) {
    this.holdings = new Map(
      accounts.map((account) => [
        account.id,
        { account, debitsPosted: 0n, creditsPosted: 0n, debitsPending: 0n, creditsPending: 0n },
      ]),
    );
  }

  add(row: EntryRow): void {
    this.entries += 1;
    const debit = this.holdings.get(row.number(at.debit));
    const credit = this.holdings.get(row.number(at.credit));
    if (!debit || !credit) {
      this.checks.accounts.fault('it names an account that is not there', name(row));
      return;
    }
    const { account } = debit;
    const currency = row.word(at.currency);
    if (account.fund !== credit.account.fund || account.currency !== currency || credit.account.currency !== currency)
      this.checks.accounts.fault('its accounts are of two funds, or of another currency', name(row));
    const state = row.word(at.state);
    if (!isKnownFlow(state, account.kind, credit.account.kind))
      this.checks.accounts.fault(
        `a ${state} does not move between ${account.name} and ${credit.account.name}`,
        name(row),
      );
    const amount = row.bigint(at.amount);
    if (amount <= 0n) this.checks.accounts.fault('its amount is not above nothing', name(row));
    const phase = row.word(at.phase);
    if (phase === 'pending') {
      this.open.set(row.text(at.id), { debit: account.id, credit: credit.account.id, amount });
      debit.debitsPending += amount;
      credit.creditsPending += amount;
    } else {
      if (phase === 'post' || phase === 'void') this.resolve(row, debit, credit, amount);
      if (phase !== 'void') {
        debit.debitsPosted += amount;
        credit.creditsPosted += amount;
        this.count(row, debit.account, credit.account, amount);
      }
    }
    if (isBelowFloor(debit)) this.checks.floors.fault(`${debit.account.name} went below its floor`, name(row));
    if (isBelowFloor(credit)) this.checks.floors.fault(`${credit.account.name} went below its floor`, name(row));
  }

  /** What the accounts hold, with those on which nothing was booked. */
  sums(): ReadonlyMap<number, AccountSums & { account: BookAccount }> {
    return this.holdings;
  }

  private resolve(row: EntryRow, debit: Holding, credit: Holding, amount: bigint): void {
    const pending = row.text(at.pending);
    const reserved = this.open.get(pending);
    if (!reserved) {
      this.checks.phases.fault('it resolves what was not reserved, or was resolved before', name(row));
      return;
    }
    if (reserved.debit !== debit.account.id || reserved.credit !== credit.account.id || amount > reserved.amount)
      this.checks.phases.fault('it resolves another reservation than its own', name(row));
    this.open.delete(pending);
    debit.debitsPending -= reserved.amount;
    credit.creditsPending -= reserved.amount;
  }

  /** For the seals: what a fund moved in a quarter. */
  private count(row: EntryRow, debit: BookAccount, credit: BookAccount, amount: bigint): void {
    const quarter = this.quarter(debit.fund, row.word(at.bookedOn));
    quarter.net.set(debit.id, (quarter.net.get(debit.id) ?? 0n) + amount);
    quarter.net.set(credit.id, (quarter.net.get(credit.id) ?? 0n) - amount);
    let sums = quarter.sums.get(debit.currency);
    if (!sums) quarter.sums.set(debit.currency, (sums = noSums()));
    if (debit.kind === 'paid') sums.paid += amount;
    else if (credit.kind === 'paid') sums.paid -= amount;
    if (credit.kind === 'returned') sums.returned += amount;
    else if (debit.kind === 'returned') sums.returned -= amount;
    const state = row.word(at.state);
    const isReversal = state.startsWith(REVERSAL);
    const kind = isReversal ? state.slice(REVERSAL.length) : state;
    const part = SUM_OF[kind];
    if (part) sums[part] += isReversal ? -amount : amount;
    if (kind === 'settle' || kind === 'settle-late') quarter.transfersPaid += isReversal ? -1 : 1;
  }

  private quarter(fund: string, bookedOn: string): FundQuarter {
    // Most entries are of the fund and the day of the one before.
    if (this.latest?.fund === fund && this.latest.bookedOn === bookedOn) return this.latest.quarter;
    const period = periodOf(bookedOn);
    const key = `${fund}/${period}`;
    let quarter = this.quarters.get(key);
    if (!quarter)
      this.quarters.set(key, (quarter = { fund, period, sums: new Map(), net: new Map(), transfersPaid: 0 }));
    this.latest = { fund, bookedOn, quarter };
    return quarter;
  }
}

const REVERSAL = 'reversal of ';
const SUM_OF: Record<string, 'granted' | 'exchangedIn' | 'exchangedOut' | undefined> = {
  grant: 'granted',
  'exchange-in': 'exchangedIn',
  'exchange-residue': 'exchangedIn',
  'exchange-out': 'exchangedOut',
};

const noSums = (): Record<keyof SealedSums, bigint> => ({
  granted: 0n,
  paid: 0n,
  returned: 0n,
  exchangedIn: 0n,
  exchangedOut: 0n,
});

/** By debit and credit account, the kinds of entries that were asked about, and the answer. */
const flowsSeen = new Map<AccountKind, Map<AccountKind, Map<string, boolean>>>();

/** A reversal goes the other way between the accounts of what it takes back. */
function isKnownFlow(state: string, debit: AccountKind, credit: AccountKind): boolean {
  const seen = within(within(flowsSeen, debit), credit);
  let isKnown = seen.get(state);
  if (isKnown === undefined) {
    isKnown = state.startsWith(REVERSAL)
      ? knownFlows.has(`${state.slice(REVERSAL.length)} ${credit} ${debit}`)
      : knownFlows.has(`${state} ${debit} ${credit}`);
    if (seen.size < 100) seen.set(state, isKnown);
  }
  return isKnown;
}

function within<Key, Of, Value>(outer: Map<Key, Map<Of, Value>>, key: Key): Map<Of, Value> {
  let inner = outer.get(key);
  if (!inner) outer.set(key, (inner = new Map<Of, Value>()));
  return inner;
}

/** The quarter of a day, like "2016-Q1". */
export function periodOf(day: string): string {
  return `${day.slice(0, 4)}-Q${Math.ceil(Number(day.slice(5, 7)) / 3)}`;
}

function isBelowFloor({ account, debitsPosted, creditsPosted, debitsPending, creditsPending }: Holding): boolean {
  const available =
    account.normalSide === 'debit'
      ? debitsPosted - creditsPosted - creditsPending
      : creditsPosted - debitsPosted - debitsPending;
  return available < account.floorMinor;
}

function name(row: EntryRow): string {
  return `entry ${row.text(at.id)} (seq ${row.text(at.seq)}, booked on ${row.text(at.bookedOn)})`;
}
