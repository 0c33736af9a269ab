/** The one way into the ledger from code: batches of entries through the database's posting function. */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../kernel/clock.js';
import type { PlainDate } from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { flows, type AccountKind, type EntryInput, type EntryKind, type PostResult } from './domain/entry.js';

/** The accounts of one fund in one currency, by kind; clearing accounts by rail. */
export class FundAccounts {
  constructor(
    readonly fundId: string,
    readonly currency: string,
    private readonly ids: ReadonlyMap<string, string>,
  ) {}

  /** The account's id. `rail` is needed for clearing. */
  id(kind: AccountKind, rail = ''): string {
    const found = this.ids.get(kind === 'clearing' ? `clearing/${rail}` : kind);
    if (!found) throw new Error(`fund ${this.fundId} has no account ${kind} ${rail}`);
    return found;
  }

  /** Debit and credit account of an entry of that kind. */
  flow(kind: EntryKind, rail = ''): { debitId: string; creditId: string } {
    const [debit, credit] = flows[kind];
    return { debitId: this.id(debit, rail), creditId: this.id(credit, rail) };
  }
}

const BATCH_LIMIT = 10_000;

@Injectable()
export class PostingService {
  constructor(private readonly clock: Clock) {}

  /** Opens the accounts of a fund (or finds them open): bank, fund, committed, paid and one clearing account for each rail. */
  async openFundAccounts(
    manager: EntityManager,
    fundId: string,
    currency: string,
    rails: readonly string[],
  ): Promise<FundAccounts> {
    const wanted: [AccountKind, string][] = [
      ['bank', ''],
      ['fund', ''],
      ['committed', ''],
      ['paid', ''],
      ...rails.map((rail): [AccountKind, string] => ['clearing', rail]),
    ];
    for (const [kind, rail] of wanted)
      await manager.query('select ledger.open_account($1, $2, $3, $4)', [fundId, currency, kind, rail]);
    return this.fundAccounts(manager, fundId, currency);
  }

  async fundAccounts(manager: EntityManager, fundId: string, currency: string): Promise<FundAccounts> {
    const rows = await manager.query<{ id: string; kind: AccountKind; rail: string }[]>(
      'select id::text, kind, rail from ledger.account where fund_id = $1 and currency = $2',
      [fundId, currency],
    );
    return new FundAccounts(
      fundId,
      currency,
      new Map(rows.map((row) => [row.kind === 'clearing' ? `clearing/${row.rail}` : row.kind, row.id])),
    );
  }

  /**
   * Posts entries in order, in the caller's transaction; the result of each. A refused item leaves no trace, the others stand, so a caller
   * that wants all or nothing uses `postAll`. At most 10,000.
   */
  async post(manager: EntityManager, entries: readonly EntryInput[], bookedOn: PlainDate): Promise<PostResult[]> {
    const results = entries.map((): PostResult => 'created');
    if (entries.length === 0) return results;
    const column = <T>(pick: (entry: EntryInput) => T) => entries.map(pick);
    const exceptions = await manager.query<{ item: number; result: PostResult }[]>(
      'select item, result from ledger.post_entries($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)',
      [
        column((e) => e.id),
        column((e) => e.debitId),
        column((e) => e.creditId),
        column((e) => e.currency),
        column((e) => e.amountMinor.toString()),
        column((e) => e.phase),
        column((e) => e.pendingId),
        column((e) => e.kind),
        column((e) => e.sourceId),
        column((e) => e.obligationId),
        bookedOn,
        this.clock.now(),
      ],
    );
    for (const { item, result } of exceptions) results[item - 1] = result;
    return results;
  }

  /**
   * Posts all entries or, by throwing inside the caller's transaction, none. Throws `insufficient-funds` (422), `currency-not-held` (422),
   * `id-conflict` (409) and, for a pending entry resolved before, `already-resolved` (409).
   */
  async postAll(manager: EntityManager, entries: readonly EntryInput[], bookedOn: PlainDate): Promise<void> {
    for (let from = 0; from < entries.length; from += BATCH_LIMIT) {
      const results = await this.post(manager, entries.slice(from, from + BATCH_LIMIT), bookedOn);
      const refused = results.find((result) => result !== 'created' && result !== 'exists');
      if (refused) throw refusal(refused);
    }
  }
}

function refusal(result: PostResult): Problem {
  if (result === 'insufficient') return Problem.refused('insufficient-funds', 'The account does not hold that much.');
  if (result === 'currency-not-held')
    return Problem.refused('currency-not-held', 'The account does not hold that currency.', 'currency');
  if (result === 'conflict')
    return Problem.conflict('id-conflict', 'An entry with this id and another content is there.', 'id');
  return Problem.conflict(result, 'What was reserved has been resolved before.');
}
