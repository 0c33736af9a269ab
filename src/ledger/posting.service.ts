/** The one way into the ledger from code: batches of entries through the database's posting function. */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../kernel/clock.js';
import type { PlainDate } from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { flows, type AccountKind, type EntryInput, type FlowKind, type PostResult } from './domain/entry.js';

const CARRIED_TO_THE_CLIENT: readonly [AccountKind, AccountKind] = ['paid', 'float'];

/** The accounts of one fund in one currency, by kind; clearing accounts by rail. */
export class FundAccounts {
  constructor(
    readonly fundId: string,
    readonly currency: string,
    private readonly ids: ReadonlyMap<string, string>,
  ) {}

  /** The account's id. `of`: the rail of a clearing account, the holder of a float. */
  id(kind: AccountKind, of = ''): string {
    const found = this.ids.get(accountKey(kind, of));
    if (!found) throw new Error(`fund ${this.fundId} has no account ${kind} ${of} in ${this.currency}`);
    return found;
  }

  /** Debit and credit account of an entry of that kind. `holder`: whoever carries the cash, so that it reaches the client from their float. */
  flow(kind: FlowKind, rail = '', holder = ''): { debitId: string; creditId: string } {
    const [debit, credit] = holder && kind === 'settle' ? CARRIED_TO_THE_CLIENT : flows[kind];
    const idOf = (account: AccountKind) =>
      this.id(account, account === 'clearing' ? rail : account === 'float' ? holder : '');
    return { debitId: idOf(debit), creditId: idOf(credit) };
  }
}

interface AccountRow {
  id: string;
  fund_id: string;
  currency: string;
  kind: AccountKind;
  of: string;
}

export class AccountsOfFunds {
  private readonly ids = new Map<string, Map<string, string>>();

  constructor(rows: readonly AccountRow[]) {
    for (const row of rows) {
      const key = `${row.fund_id}/${row.currency}`;
      const ids = this.ids.get(key) ?? new Map<string, string>();
      this.ids.set(key, ids.set(accountKey(row.kind, row.of), row.id));
    }
  }

  holds(fundId: string, currency: string): boolean {
    return this.ids.has(`${fundId}/${currency}`);
  }

  of(fundId: string, currency: string): FundAccounts {
    return new FundAccounts(fundId, currency, this.ids.get(`${fundId}/${currency}`) ?? new Map<string, string>());
  }
}

const BATCH_LIMIT = 10_000;

const FUND_ACCOUNTS: readonly AccountKind[] = ['bank', 'fund', 'committed', 'paid', 'returned', 'exchange'];

const accountKey = (kind: AccountKind, of: string) => (of ? `${kind}/${of}` : kind);

const POST_ENTRIES = `select item, result from ledger.post_entries($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`;

@Injectable()
export class PostingService {
  constructor(private readonly clock: Clock) {}

  /** Opens the accounts of a fund in one currency (or finds them open), with one clearing account for each rail. */
  async openFundAccounts(
    manager: EntityManager,
    fundId: string,
    currency: string,
    rails: readonly string[],
  ): Promise<FundAccounts> {
    const wanted: [AccountKind, string][] = [
      ...FUND_ACCOUNTS.map((kind): [AccountKind, string] => [kind, '']),
      ...rails.map((rail): [AccountKind, string] => ['clearing', rail]),
    ];
    for (const [kind, rail] of wanted)
      await manager.query('select ledger.open_account($1, $2, $3, $4)', [fundId, currency, kind, rail]);
    return this.fundAccounts(manager, fundId, currency);
  }

  /** Opens the float of somebody who carries cash of that fund, or finds it open. */
  async openFloat(manager: EntityManager, fundId: string, currency: string, holderId: string): Promise<FundAccounts> {
    await manager.query("select ledger.open_account($1, $2, 'float', '', $3)", [fundId, currency, holderId]);
    return this.fundAccounts(manager, fundId, currency);
  }

  async fundAccounts(manager: EntityManager, fundId: string, currency: string): Promise<FundAccounts> {
    return (await this.accountsOfFunds(manager, [fundId])).of(fundId, currency);
  }

  /** The accounts of several funds, in every currency that they hold. */
  async accountsOfFunds(manager: EntityManager, fundIds: readonly string[]): Promise<AccountsOfFunds> {
    const rows = await manager.query<AccountRow[]>(
      'select id::text, fund_id, currency, kind, coalesce(holder_id::text, rail) "of" from ledger.account where fund_id = any ($1)',
      [[...new Set(fundIds)]],
    );
    return new AccountsOfFunds(rows);
  }

  /**
   * Posts entries in order, in the caller's transaction; the result of each. A refused item leaves no trace, the others stand, so a caller
   * that wants all or nothing uses `postAll`. At most 10,000.
   */
  async post(manager: EntityManager, entries: readonly EntryInput[], bookedOn: PlainDate): Promise<PostResult[]> {
    const results = entries.map((): PostResult => 'created');
    if (entries.length === 0) return results;
    const column = <T>(pick: (entry: EntryInput) => T) => entries.map(pick);
    // Most batches have nothing in these; an empty array says that all of it is null, and costs nothing to send and to read.
    const sparse = <T>(pick: (entry: EntryInput) => T | null | undefined) =>
      entries.some((entry) => pick(entry) != null) ? entries.map((entry) => pick(entry) ?? null) : [];
    const exceptions = await manager.query<{ item: number; result: PostResult }[]>(POST_ENTRIES, [
      column((e) => e.id),
      column((e) => e.debitId),
      column((e) => e.creditId),
      column((e) => e.currency),
      column((e) => e.amountMinor.toString()),
      column((e) => e.phase),
      column((e) => e.kind),
      column((e) => e.sourceId),
      bookedOn,
      this.clock.now(),
      sparse((e) => e.pendingId),
      sparse((e) => e.obligationId),
      sparse((e) => e.linkId),
      sparse((e) => e.exchangeRateId),
      sparse((e) => e.reversesId),
      sparse((e) => e.rail),
      sparse((e) => e.happenedOn),
      sparse((e) => e.evidenceSha256),
    ]);
    for (const { item, result } of exceptions) results[item - 1] = result;
    return results;
  }

  /**
   * Posts all entries or, by throwing inside the caller's transaction, none. Throws `insufficient-funds` (or what the caller says instead),
   * `currency-not-held`, `period-closed` (422), `id-conflict`, `already-resolved`, `already-reversed` (409), and an Error for what no caller
   * may try.
   */
  async postAll(
    manager: EntityManager,
    entries: readonly EntryInput[],
    bookedOn: PlainDate,
    whenShort = Problem.refused('insufficient-funds', 'The account does not hold that much.'),
  ): Promise<void> {
    for (let from = 0; from < entries.length; from += BATCH_LIMIT) {
      const results = await this.post(manager, entries.slice(from, from + BATCH_LIMIT), bookedOn);
      const refused = results.find((result) => result !== 'created' && result !== 'exists');
      if (refused) throw refused === 'insufficient' ? whenShort : refusal(refused);
    }
  }
}

function refusal(result: PostResult): Error {
  switch (result) {
    case 'currency-not-held':
      return Problem.refused('currency-not-held', 'The account does not hold that currency.', 'currency');
    case 'period-closed':
      return Problem.refused('period-closed', 'The books of that day are closed.');
    case 'conflict':
      return Problem.conflict('id-conflict', 'An entry with this id and another content is there.', 'id');
    case 'already-resolved':
      return Problem.conflict(result, 'What was reserved has been resolved before.');
    case 'already-reversed':
      return Problem.conflict(result, 'That entry has been reversed before.');
    default:
      return new Error(`the ledger refused an entry: ${result}`);
  }
}
