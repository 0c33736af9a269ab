/** The rules of the ledger once more, in memory and without cleverness: what the database is compared with. */
import type { AccountKind, EntryInput, PostResult } from '../../src/ledger/domain/entry.js';
import type { Held } from './books.js';
import { ALLOWED_FLOWS, worth, type Rate } from './entries.js';

export interface ModelAccount {
  id: string;
  fundId: string;
  currency: string;
  kind: AccountKind;
}

/** What a batch ends in: a result for each item, or the SQLSTATE with which all of it is refused. */
export type Ending = { results: PostResult[] } | { refused: string };

const DEBIT_NORMAL: readonly AccountKind[] = ['bank', 'clearing', 'float', 'paid'];
const ALLOWED = new Set(ALLOWED_FLOWS.map((flow) => flow.join()));
const CONTENT = [
  'debitId',
  'creditId',
  'currency',
  'amountMinor',
  'phase',
  'pendingId',
  'kind',
  'sourceId',
  'obligationId',
  'linkId',
  'exchangeRateId',
  'reversesId',
  'rail',
] as const satisfies readonly (keyof EntryInput)[];

interface Posted extends EntryInput {
  batch: number;
}

export class ModelLedger {
  readonly held = new Map<string, Held>();
  /** In the order in which they were created. */
  readonly created: EntryInput[] = [];
  private readonly accounts = new Map<string, ModelAccount>();
  private readonly entries = new Map<string, Posted>();
  private readonly resolvedBy = new Map<string, string>();
  private readonly reversedBy = new Map<string, string>();
  private readonly causes = new Set<string>();
  private readonly byCause = new Map<string, Posted[]>();
  private readonly links = new Map<string, Posted[]>();
  private readonly rates: ReadonlyMap<string, Rate>;
  private readonly closedThrough = new Map<string, string>();
  private undo: (() => void)[] = [];
  private batch = 0;

  constructor(accounts: readonly ModelAccount[], rates: readonly Rate[]) {
    this.rates = new Map(rates.map((rate) => [rate.id, rate]));
    for (const account of accounts) {
      this.accounts.set(account.id, account);
      this.held.set(account.id, { debitsPosted: 0n, creditsPosted: 0n, debitsPending: 0n, creditsPending: 0n });
    }
  }

  closePeriod(fundId: string, through: string): void {
    if (through > (this.closedThrough.get(fundId) ?? '')) this.closedThrough.set(fundId, through);
  }

  /** What can leave that account. */
  available(id: string): bigint {
    const { kind } = this.accounts.get(id) as ModelAccount;
    const { debitsPosted, creditsPosted, debitsPending, creditsPending } = this.held.get(id) as Held;
    return DEBIT_NORMAL.includes(kind)
      ? debitsPosted - creditsPosted - creditsPending
      : creditsPosted - debitsPosted - debitsPending;
  }

  post(items: readonly EntryInput[], bookedOn: string): Ending {
    this.undo = [];
    this.batch += 1;
    const results: PostResult[] = [];
    const touched: Posted[] = [];
    for (const together of sideBySide(items)) {
      const from = this.undo.length;
      const outcomes: PostResult[] = [];
      for (const item of together) {
        let outcome = this.postOne(item, bookedOn);
        if (outcome === 'same cause') return this.refuse('23505');
        const first = outcomes[0] ?? outcome;
        if ((outcome === 'created' || outcome === 'exists') && outcome !== first) outcome = 'conflict';
        outcomes.push(outcome);
        if (outcome !== 'created' && outcome !== 'exists') break;
      }
      const last = outcomes.at(-1) as PostResult;
      if (last === 'created' || last === 'exists' || together.length === 1) {
        results.push(...outcomes);
      } else {
        this.rollBackTo(from);
        results.push(...together.map((_, place) => (place === outcomes.length - 1 ? last : 'link-refused')));
      }
      touched.push(...together.flatMap(({ id }) => this.ofThisBatch(id)));
    }
    if (touched.some((row) => !this.isWhole(row))) return this.refuse('UCT08');
    return { results };
  }

  private postOne(item: EntryInput, bookedOn: string): PostResult | 'same cause' {
    const seen = this.entries.get(item.id);
    if (seen) return CONTENT.every((field) => (seen[field] ?? null) === (item[field] ?? null)) ? 'exists' : 'conflict';
    const [debit, credit] = [this.accounts.get(item.debitId), this.accounts.get(item.creditId)];
    if (debit?.currency !== item.currency || credit?.currency !== item.currency) return 'currency-not-held';
    if (debit.fundId !== credit.fundId) return 'other-fund';
    if (bookedOn <= (this.closedThrough.get(debit.fundId) ?? '')) return 'period-closed';
    const refused =
      this.refusalOfReversal(item) ??
      (item.kind !== 'reversal' && !ALLOWED.has([item.kind, debit.kind, credit.kind].join())
        ? 'accounts-not-of-kind'
        : undefined) ??
      this.refusalOfReturn(item, debit) ??
      this.refusalOfResolving(item);
    if (refused) return refused;
    const released = item.pendingId ? (this.entries.get(item.pendingId) as Posted).amountMinor : 0n;
    const moved = item.phase === 'single' || item.phase === 'post' ? item.amountMinor : 0n;
    const setAside = item.phase === 'pending' ? item.amountMinor : 0n;
    const from = this.undo.length;
    this.change(debit, (was) => ({
      ...was,
      debitsPosted: was.debitsPosted + moved,
      debitsPending: was.debitsPending + setAside - released,
    }));
    this.change(credit, (was) => ({
      ...was,
      creditsPosted: was.creditsPosted + moved,
      creditsPending: was.creditsPending + setAside - released,
    }));
    if ([debit, credit].some(({ id, kind }) => kind !== 'bank' && this.available(id) < 0n)) {
      this.rollBackTo(from);
      return 'insufficient';
    }
    if (this.causes.has(causeOf(item))) return 'same cause';
    this.keep({ ...item, batch: this.batch });
    return 'created';
  }

  private refusalOfReversal(item: EntryInput): PostResult | undefined {
    if (item.kind !== 'reversal') return undefined;
    const of = this.entries.get(item.reversesId ?? '');
    const isMirror =
      of !== undefined &&
      (of.phase === 'single' || of.phase === 'post') &&
      of.kind !== 'reversal' &&
      of.debitId === item.creditId &&
      of.creditId === item.debitId &&
      of.amountMinor === item.amountMinor &&
      (of.obligationId ?? null) === (item.obligationId ?? null);
    if (!isMirror) return 'reversal-mismatch';
    if (this.reversedBy.has(of.id)) return 'already-reversed';
    return isPayment(of) && this.cameBack(of.sourceId) ? 'already-returned' : undefined;
  }

  private refusalOfReturn(item: EntryInput, { fundId, currency }: ModelAccount): PostResult | undefined {
    if (!isReturn(item)) return undefined;
    const wasPaid = this.standing(item.sourceId).some((paid) => {
      const account = this.accounts.get(paid.debitId) as ModelAccount;
      return (
        isPayment(paid) &&
        paid.amountMinor === item.amountMinor &&
        account.fundId === fundId &&
        account.currency === currency
      );
    });
    if (!wasPaid) return 'never-paid';
    return this.cameBack(item.sourceId) ? 'already-returned' : undefined;
  }

  private refusalOfResolving(item: EntryInput): PostResult | undefined {
    if (item.phase !== 'post' && item.phase !== 'void') return undefined;
    const reserved = this.entries.get(item.pendingId ?? '');
    const fits =
      reserved?.phase === 'pending' &&
      reserved.debitId === item.debitId &&
      reserved.creditId === item.creditId &&
      (item.phase === 'void' ? item.amountMinor === reserved.amountMinor : item.amountMinor <= reserved.amountMinor);
    if (!fits) return 'pending-mismatch';
    return this.resolvedBy.has(reserved.id) ? 'already-resolved' : undefined;
  }

  /** Entries of that cause which were not reversed. */
  private standing(sourceId: string): Posted[] {
    return (this.byCause.get(sourceId) ?? []).filter(({ id }) => !this.reversedBy.has(id));
  }

  private cameBack(sourceId: string): boolean {
    return this.standing(sourceId).some(isReturn);
  }

  private ofThisBatch(id: string): Posted[] {
    const row = this.entries.get(id);
    return row?.batch === this.batch ? [row] : [];
  }

  /** What is looked at when the transaction ends. */
  private isWhole(row: Posted): boolean {
    if (row.reversesId) {
      const { linkId } = this.entries.get(row.reversesId) as Posted;
      return !linkId || (this.links.get(linkId) ?? []).every(({ id }) => this.reversedBy.has(id));
    }
    if (!row.linkId) return true;
    const rows = (this.links.get(row.linkId) ?? []).filter(({ kind }) => kind !== 'reversal');
    const of = (kind: string) => rows.filter((one) => one.kind === kind);
    const [[sold, ...soldMore], [bought, ...boughtMore], residues] = [
      of('exchange-out'),
      of('exchange-in'),
      of('exchange-residue'),
    ];
    const rate = this.rates.get(row.exchangeRateId ?? '');
    if (!sold || !bought || !rate || soldMore.length + boughtMore.length > 0 || residues.length > 1) return false;
    return (
      sold.currency === rate.base &&
      bought.currency === rate.quote &&
      bought.amountMinor === worth(sold.amountMinor, rate) &&
      this.accounts.get(sold.debitId)?.fundId === this.accounts.get(bought.debitId)?.fundId &&
      residues.every(({ debitId }) => debitId === bought.debitId) &&
      rows.every((one) => one.exchangeRateId === rate.id && one.sourceId === sold.sourceId && one.batch === sold.batch)
    );
  }

  private keep(row: Posted): void {
    this.entries.set(row.id, row);
    this.created.push(row);
    this.causes.add(causeOf(row));
    push(this.byCause, row.sourceId, row);
    if (row.linkId) push(this.links, row.linkId, row);
    if (row.pendingId) this.resolvedBy.set(row.pendingId, row.id);
    if (row.reversesId) this.reversedBy.set(row.reversesId, row.id);
    this.undo.push(() => {
      this.entries.delete(row.id);
      this.created.pop();
      this.causes.delete(causeOf(row));
      this.byCause.get(row.sourceId)?.pop();
      if (row.linkId) this.links.get(row.linkId)?.pop();
      if (row.pendingId) this.resolvedBy.delete(row.pendingId);
      if (row.reversesId) this.reversedBy.delete(row.reversesId);
    });
  }

  private change({ id }: ModelAccount, how: (was: Held) => Held): void {
    const was = this.held.get(id) as Held;
    this.held.set(id, how(was));
    this.undo.push(() => this.held.set(id, was));
  }

  private rollBackTo(mark: number): void {
    while (this.undo.length > mark) this.undo.pop()?.();
  }

  private refuse(code: string): Ending {
    this.rollBackTo(0);
    return { refused: code };
  }
}

const isPayment = ({ kind }: EntryInput): boolean => kind === 'settle' || kind === 'settle-late';
const isReturn = ({ kind }: EntryInput): boolean => kind === 'return' || kind === 'reverse';
const causeOf = ({ sourceId, kind, debitId }: EntryInput): string => [sourceId, kind, debitId].join();

function push<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** Items that stand or fall together: neighbours with one link, and every other item alone. */
function sideBySide(items: readonly EntryInput[]): EntryInput[][] {
  const groups: EntryInput[][] = [];
  for (const item of items) {
    const last = groups.at(-1);
    if (item.linkId && last?.[0]?.linkId === item.linkId) last.push(item);
    else groups.push([item]);
  }
  return groups;
}
