/**
 * Counts of the till and of what a holder carries, by two people, piece by piece, beside what the books say at that moment. What differs is
 * explained from a closed list; a count moves nothing in the books.
 */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditTrail } from '../../../access/audit-trail.js';
import { requirePermission, type Actor } from '../../../access/domain/actor.js';
import { Clock } from '../../../kernel/clock.js';
import { Problem } from '../../../kernel/domain/problem.js';
import { sentence } from '../../../kernel/domain/sentence.js';
import { isId } from '../../../kernel/ids.js';
import { currencies } from '../../../kernel/reference-data.js';
import { piecesOf, toShown, toStored, type StoredPieces } from './denominations.js';
import { worthOf } from './domain/denominations.js';

/**
 * `not-fetched-from-bank`: instructed, and the cash is still at the bank. `not-taken-to-bank`: failed or came back, and still lies in the till.
 * `not-recorded-yet`: moved, and nobody said so here.
 */
export const differenceReasons = [
  'not-fetched-from-bank',
  'not-taken-to-bank',
  'not-recorded-yet',
  'lacks-change',
  'lost',
  'stolen',
  'found',
  'not-explained',
] as const;
export type DifferenceReason = (typeof differenceReasons)[number];

export interface Place {
  fund: string;
  fundId: string;
  currency: string;
  /** Null: the till. */
  holder: { id: string; name: string } | null;
  /** What the books say is there, as a decimal string in major units. */
  books: string;
  lastCountedAt: string | null;
}

export interface Explanation {
  reason: DifferenceReason;
  /** Negative for what is missing. */
  amount: string;
}

export interface NewCount {
  id: string;
  fund: string;
  currency: string;
  holder?: string;
  pieces: StoredPieces[];
  /** What the books said when it was counted; when they have moved since, it is counted again. */
  books: string;
  explanations?: Explanation[];
}

export interface TillCount {
  id: string;
  fund: string;
  fundId: string;
  currency: string;
  holder: { id: string; name: string } | null;
  pieces: StoredPieces[];
  counted: string;
  books: string;
  difference: string;
  explanations: Explanation[];
  countedBy: { id: string; name: string };
  countedAt: string;
  confirmedBy: { id: string; name: string } | null;
}

@Injectable()
export class TillCountsService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {}

  /** Where cash is by the books: each fund's till, and everybody who carries some. Whoever does not hand out sees what they carry themselves. */
  async places(actor: Actor): Promise<Place[]> {
    const rows = await this.db.query<(Omit<Place, 'books'> & { minor: string })[]>(PLACES, this.reachOf(actor));
    return rows.map(({ minor, ...place }) => ({ ...place, books: currencies.format(BigInt(minor), place.currency) }));
  }

  /**
   * Records a count; it counts when a second person has confirmed it. The same id again answers as before.
   * Throws `unknown-fund`, `unknown-piece`, `difference-not-explained`, `amount-malformed` (422), `books-moved`, `id-conflict` (409).
   */
  async count(actor: Actor, input: NewCount): Promise<{ count: TillCount; created: boolean }> {
    const [self] = this.reachOf(actor);
    if (self !== null && input.holder !== self)
      throw Problem.forbidden('You count what you carry; the till is counted by finance.');
    const { code: currency } = currencies.get(input.currency);
    const fundId = await this.fundOf(input.fund);
    const pieces = piecesIn(input.pieces, currency);
    const counted = worthOf(pieces);
    const books = signedIn(input.books, currency, 'books');
    const explanations = (input.explanations ?? []).map(({ reason, amount }, index) => ({
      reason,
      amountMinor: signedIn(amount, currency, `explanations.${index}.amount`).toString(),
    }));
    const explained = explanations.reduce((sum, one) => sum + BigInt(one.amountMinor), 0n);
    if (explained !== counted - books || new Set(explanations.map(({ reason }) => reason)).size < explanations.length) {
      const difference = currencies.format(counted - books, currency);
      throw Problem.refused(
        'difference-not-explained',
        sentence(
          'Counted less books is {difference} {currency}. Explain exactly that, each reason once; what nobody can explain is "not-explained".',
          { difference, currency },
        ),
        'explanations',
      );
    }
    const row = [
      input.id,
      fundId,
      currency,
      input.holder ?? null,
      JSON.stringify(toStored(pieces)),
      counted.toString(),
      books.toString(),
      JSON.stringify(explanations),
      actor.userId,
    ];
    const created = await this.db.transaction(async (manager) => {
      const [existing] = await manager.query<{ same: boolean }[]>(
        `select (fund_id, currency, holder_id, pieces, counted_minor, books_minor, explanations, counted_by)
                is not distinct from ($2::uuid, $3::text, $4::uuid, $5::jsonb, $6::bigint, $7::bigint, $8::jsonb, $9::uuid) same
         from payments.till_count where id = $1`,
        row,
      );
      if (existing && !existing.same)
        throw Problem.conflict('id-conflict', 'Another count was recorded under this id.', 'id');
      if (existing) return false;
      await manager.query(
        `insert into payments.till_count (id, fund_id, currency, holder_id, pieces, counted_minor, books_minor, explanations, counted_by, counted_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [...row, this.clock.now()],
      );
      await this.audit.record(
        manager,
        actor,
        'cash.count',
        { kind: 'fund', id: fundId },
        { count: input.id, differs: counted !== books, reasons: explanations.map(({ reason }) => reason) },
      );
      return true;
    });
    return { count: await this.find(actor, input.id), created };
  }

  /** The second person confirms what they counted too. Throws `not-found` (404), `other-person-needed` (422). */
  async confirm(actor: Actor, id: string): Promise<TillCount> {
    const counted = await this.find(actor, id);
    if (counted.confirmedBy?.id === actor.userId) return counted;
    if (counted.confirmedBy)
      throw Problem.conflict('already-confirmed', 'Somebody confirmed this count already.', 'id');
    if (
      counted.countedBy.id === actor.userId ||
      (counted.holder && ![counted.countedBy.id, actor.userId].includes(counted.holder.id))
    ) {
      throw Problem.refused('other-person-needed', 'Two people count, and whoever carries the cash is one of the two.');
    }
    await this.db.transaction(async (manager) => {
      await manager.query(
        'insert into payments.till_count_confirmation (count_id, confirmed_by, confirmed_at) values ($1, $2, $3)',
        [id, actor.userId, this.clock.now()],
      );
      await this.audit.record(
        manager,
        actor,
        'cash.confirm-count',
        { kind: 'fund', id: counted.fundId },
        { count: id },
      );
    });
    return this.find(actor, id);
  }

  /** A page of counts, newest first. `after` is the `next` of the page before. Throws `cursor-malformed` (400). */
  async list(
    actor: Actor,
    page: { after?: string; limit: number },
  ): Promise<{ items: TillCount[]; next: string | null }> {
    if (page.after !== undefined && !isId(page.after))
      throw Problem.malformed('cursor-malformed', 'Use the `next` of the page before.', 'after');
    const rows = await this.db.query<CountRow[]>(COUNTS, [
      ...this.reachOf(actor),
      null,
      page.after ?? null,
      page.limit + 1,
    ]);
    const items = rows.slice(0, page.limit).map(toCount);
    return { items, next: rows.length > page.limit ? (items.at(-1)?.id ?? null) : null };
  }

  private async find(actor: Actor, id: string): Promise<TillCount> {
    const [row] = await this.db.query<CountRow[]>(COUNTS, [...this.reachOf(actor), id, null, 1]);
    if (!row) throw Problem.notFound('count');
    return toCount(row);
  }

  /** Nobody for whoever sees every place; else the holder who sees their own, and the team of a supervisor. Throws `forbidden` (403). */
  private reachOf(actor: Actor): [holder: string | null, team: string | null] {
    if (actor.permissions.has('transfers:read')) return [null, null];
    requirePermission(actor, 'cash:carry');
    return [actor.userId, actor.permissions.has('clients:read-team') ? actor.teamId : null];
  }

  private async fundOf(codeOrId: string): Promise<string> {
    const [fund] = await this.db.query<{ id: string }[]>(
      'select id from payments.fund where code = $1 or id::text = $1',
      [codeOrId],
    );
    if (!fund) throw Problem.refused('unknown-fund', 'There is no such fund.', 'fund');
    return fund.id;
  }
}

/** Throws `unknown-piece` (422). */
function piecesIn(given: readonly StoredPieces[], currency: string) {
  const known = piecesOf(currency);
  const pieces = given.map(({ piece, count }, index) => {
    const { amountMinor } = currencies.parse(piece, currency, `pieces.${index}.piece`);
    if (!known.includes(amountMinor))
      throw Problem.refused(
        'unknown-piece',
        sentence('There is no piece of {piece} {currency}.', { piece, currency }),
        `pieces.${index}.piece`,
      );
    return { piece: amountMinor, count };
  });
  if (new Set(pieces.map(({ piece }) => piece)).size < pieces.length)
    throw Problem.refused('unknown-piece', 'Name each piece once.', 'pieces');
  return pieces.filter(({ count }) => count > 0);
}

/** A decimal string that may be below nothing. Throws what `CurrencyTable.parse` throws. */
function signedIn(text: string, currency: string, field: string): bigint {
  const { amountMinor } = currencies.parse(text.replace(/^-/, ''), currency, field, { zeroAllowed: true });
  return text.startsWith('-') ? -amountMinor : amountMinor;
}

interface CountRow extends Omit<TillCount, 'counted' | 'books' | 'difference' | 'explanations'> {
  countedMinor: string;
  booksMinor: string;
  explained: { reason: DifferenceReason; amountMinor: string }[];
}

function toCount({ countedMinor, booksMinor, explained, pieces, ...row }: CountRow): TillCount {
  const money = (minor: bigint) => currencies.format(minor, row.currency);
  return {
    ...row,
    pieces: toShown(pieces, row.currency),
    counted: money(BigInt(countedMinor)),
    books: money(BigInt(booksMinor)),
    difference: money(BigInt(countedMinor) - BigInt(booksMinor)),
    explanations: explained.map(({ reason, amountMinor }) => ({ reason, amount: money(BigInt(amountMinor)) })),
  };
}

/** $1 whose, or null for all; $2 and of which team. A float that holds nothing and was never counted is left out. */
const PLACES = `
  select f.code fund, f.id "fundId", a.currency, case when a.holder_id is not null then jsonb_build_object('id', u.id, 'name', u.display_name) end holder,
         (b.debits_posted - b.credits_posted)::text minor, counted.at "lastCountedAt"
  from ledger.account a join ledger.balance b on b.account_id = a.id join payments.fund f on f.id = a.fund_id
  left join access.app_user u on u.id = a.holder_id
  left join lateral (select max(c.counted_at) at from payments.till_count c
                     where c.fund_id = a.fund_id and c.currency = a.currency and c.holder_id is not distinct from a.holder_id) counted on true
  where (a.kind = 'clearing' and a.rail = 'cash' and a.currency = f.currency or a.kind = 'float' and b.debits_posted > 0)
    and ($1::uuid is null or a.holder_id = $1 or u.team_id = $2::uuid)
  order by f.code, a.currency, u.display_name nulls first, u.id`;

const COUNTS = `
  select c.id, f.code fund, f.id "fundId", c.currency, case when c.holder_id is not null then jsonb_build_object('id', holder.id, 'name', holder.display_name) end holder,
         c.pieces, c.counted_minor::text "countedMinor", c.books_minor::text "booksMinor", c.explanations explained,
         jsonb_build_object('id', counter.id, 'name', counter.display_name) "countedBy", c.counted_at "countedAt",
         case when second.id is not null then jsonb_build_object('id', second.id, 'name', second.display_name) end "confirmedBy"
  from payments.till_count c join payments.fund f on f.id = c.fund_id join access.app_user counter on counter.id = c.counted_by
  left join access.app_user holder on holder.id = c.holder_id
  left join payments.till_count_confirmation k on k.count_id = c.id left join access.app_user second on second.id = k.confirmed_by
  where ($1::uuid is null or c.holder_id = $1 or holder.team_id = $2::uuid) and ($3::uuid is null or c.id = $3)
    and ($4::uuid is null or (c.counted_at, c.id) < (select counted_at, id from payments.till_count where id = $4))
  order by c.counted_at desc, c.id desc limit $5`;
