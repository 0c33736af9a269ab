/** Rates as banks gave them: recorded with where they come from, confirmed by somebody else, and never changed; a mistyped one is struck out by two people. */
import { Injectable } from '@nestjs/common';
import { Decimal } from 'decimal.js';
import { DataSource } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { Clock } from '../kernel/clock.js';
import { isPlainDate, parsePlainDate, type PlainDate } from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { isId } from '../kernel/ids.js';
import { currencies } from '../kernel/reference-data.js';
import { Settings } from '../kernel/settings.js';
import { parseRate } from './domain/exchange.js';
import { ExchangeRateEntity } from './exchange.entity.js';

export interface ExchangeRate {
  id: string;
  base: string;
  quote: string;
  /** Decimal string, major units of `quote` for one of `base`. */
  rate: string;
  asOf: PlainDate;
  source: string;
}

export const strikeReasons = ['mistyped', 'wrong-currencies', 'wrong-day', 'recorded-twice'] as const;
export type StrikeReason = (typeof strikeReasons)[number];

/** `in-force` is the latest of its two currencies; at one that is superseded money may still have been changed, and is on record. */
export type RateState = 'waiting' | 'in-force' | 'superseded' | 'struck-out';

export interface ListedRate extends ExchangeRate {
  state: RateState;
  recorded: { by: string; byId: string; at: string };
  /** Null of one that waits, and of one that was recorded before a second person was asked. */
  confirmed: { by: string; at: string } | null;
  /** Who asked that it be struck out, and why. */
  doubts: { by: string; reason: StrikeReason; at: string }[];
  /** Who said the same, and when: from then on it counts for nothing. */
  struckOut: { by: string; at: string } | null;
}

@Injectable()
export class ExchangeRatesService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly settings: Settings,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Records a rate. Throws `unknown-currency`, `exchange-same-currency`, the rate's faults, `date-malformed`, `date-in-the-future` (422),
   * `id-conflict` (409).
   */
  async record(actor: Actor, input: ExchangeRate): Promise<{ rate: ExchangeRate; created: boolean }> {
    requirePermission(actor, 'funds:write');
    const rate = this.read(input);
    return this.db.transaction(async (manager) => {
      const existing = await manager.findOneBy(ExchangeRateEntity, { id: rate.id });
      if (existing) {
        if (!isSame(toRate(existing), rate))
          throw Problem.conflict('id-conflict', 'This id came with other content before. Use a new id.', 'id');
        return { rate, created: false };
      }
      await manager.insert(ExchangeRateEntity, { ...rate, recordedBy: actor.userId, recordedAt: this.clock.now() });
      const { id, base, quote } = rate;
      await this.audit.record(manager, actor, 'exchange-rate.record', { kind: 'exchange-rate', id }, { base, quote });
      return { rate, created: true };
    });
  }

  /** A page of the rates, latest day first. `after` is the `next` of the page before. Throws `cursor-malformed` (400). */
  async list(
    actor: Actor,
    page: { after?: string; limit: number },
  ): Promise<{ items: ListedRate[]; next: string | null }> {
    requirePermission(actor, 'funds:read');
    const query = this.db
      .getRepository(ExchangeRateEntity)
      .createQueryBuilder('rate')
      .orderBy('rate.asOf', 'DESC')
      .addOrderBy('rate.id', 'DESC')
      .limit(page.limit + 1);
    if (page.after !== undefined) {
      const [asOf = '', id = ''] = page.after.split('/');
      if (!isPlainDate(asOf) || !isId(id))
        throw Problem.malformed('cursor-malformed', 'Use the `next` of the page before.', 'after');
      query.where('(rate.asOf, rate.id) < (:asOf, :id)', { asOf, id });
    }
    const rates = await query.getMany();
    const items = await this.listed(rates.slice(0, page.limit).map(toRate));
    const last = items.at(-1);
    return { items, next: rates.length > page.limit && last ? `${last.asOf}/${last.id}` : null };
  }

  /**
   * Confirms a rate that somebody else recorded: it counts from then on. Confirmed again nothing changes. Throws `not-found` (404),
   * `other-person-needed`, `rate-struck-out` (409).
   */
  async confirm(actor: Actor, rateId: string): Promise<ListedRate> {
    requirePermission(actor, 'runs:approve');
    const rate = await this.find(rateId);
    await this.db.transaction(async (manager) => {
      const confirmed = await manager.query<unknown[]>(
        `insert into payments.exchange_rate_confirmed (rate_id, confirmed_by, confirmed_at) select id, $2, $3 from payments.exchange_rate
         where id = $1 and needs_confirmation and not exists (select from payments.exchange_rate_confirmed where rate_id = $1)
         on conflict (rate_id) do nothing returning rate_id`,
        [rateId, actor.userId, this.clock.now()],
      );
      if (confirmed.length > 0)
        await this.audit.record(manager, actor, 'exchange-rate.confirm', { kind: 'exchange-rate', id: rateId });
    });
    return this.one(rate);
  }

  /**
   * Asks that a rate be struck out; it counts until somebody else confirms it. Asked again by the same person nothing changes. Throws
   * `not-found` (404).
   */
  async doubt(actor: Actor, rateId: string, reason: StrikeReason): Promise<ListedRate> {
    requirePermission(actor, 'funds:write');
    const rate = await this.find(rateId);
    await this.db.transaction(async (manager) => {
      const asked = await manager.query<unknown[]>(
        `insert into payments.exchange_rate_doubt (rate_id, asked_by, reason, asked_at) values ($1, $2, $3, $4)
         on conflict do nothing returning rate_id`,
        [rateId, actor.userId, reason, this.clock.now()],
      );
      if (asked.length === 0) return;
      await this.audit.record(manager, actor, 'exchange-rate.doubt', { kind: 'exchange-rate', id: rateId }, { reason });
    });
    return this.one(rate);
  }

  /**
   * Strikes out a rate that somebody else asked about: it counts for no limit any more and nothing is changed at it. What was changed at it
   * before stays as it is. Confirmed again nothing changes. Throws `not-found` (404), `second-person-needed`, `other-person-needed` (409).
   */
  async strikeOut(actor: Actor, rateId: string): Promise<ListedRate> {
    requirePermission(actor, 'runs:approve');
    const rate = await this.find(rateId);
    await this.db.transaction(async (manager) => {
      const [doubt] = await manager.query<{ asked_by: string }[]>(
        'select asked_by from payments.exchange_rate_doubt where rate_id = $1 and asked_by <> $2 order by asked_at, asked_by limit 1',
        [rateId, actor.userId],
      );
      if (!doubt)
        throw Problem.conflict('second-person-needed', 'Somebody else has to ask first that this rate be struck out.');
      const struck = await manager.query<unknown[]>(
        `insert into payments.exchange_rate_struck_out (rate_id, asked_by, confirmed_by, confirmed_at) values ($1, $2, $3, $4)
         on conflict (rate_id) do nothing returning rate_id`,
        [rateId, doubt.asked_by, actor.userId, this.clock.now()],
      );
      if (struck.length > 0)
        await this.audit.record(manager, actor, 'exchange-rate.strike-out', { kind: 'exchange-rate', id: rateId });
    });
    return this.one(rate);
  }

  private async find(id: string): Promise<ExchangeRate> {
    const rate = await this.db.getRepository(ExchangeRateEntity).findOneBy({ id });
    if (!rate) throw Problem.notFound('exchange rate');
    return toRate(rate);
  }

  private async one(rate: ExchangeRate): Promise<ListedRate> {
    const [listed] = await this.listed([rate]);
    return listed as ListedRate;
  }

  private async listed(rates: readonly ExchangeRate[]): Promise<ListedRate[]> {
    const ids = rates.map(({ id }) => id);
    const doubts = await this.db.query<{ rate_id: string; by: string; reason: StrikeReason; at: Date }[]>(
      `select d.rate_id, u.display_name by, d.reason, d.asked_at at from payments.exchange_rate_doubt d join access.app_user u on u.id = d.asked_by
       where d.rate_id = any ($1) order by d.asked_at, d.asked_by`,
      [ids],
    );
    const facts = await this.db.query<FactsRow[]>(FACTS, [ids]);
    const struck = await this.db.query<{ rate_id: string; by: string; at: Date }[]>(
      `select s.rate_id, u.display_name by, s.confirmed_at at from payments.exchange_rate_struck_out s join access.app_user u on u.id = s.confirmed_by
       where s.rate_id = any ($1)`,
      [ids],
    );
    return rates.map((rate) => {
      const end = struck.find(({ rate_id: id }) => id === rate.id);
      const {
        state,
        by,
        by_id: byId,
        at,
        confirmed_by,
        confirmed_at,
      } = facts.find(({ id }) => id === rate.id) as FactsRow;
      return {
        ...rate,
        state,
        recorded: { by, byId, at: at.toISOString() },
        confirmed: confirmed_at && { by: String(confirmed_by), at: confirmed_at.toISOString() },
        doubts: doubts
          .filter(({ rate_id: id }) => id === rate.id)
          .map(({ by, reason, at }) => ({ by, reason, at: at.toISOString() })),
        struckOut: end ? { by: end.by, at: end.at.toISOString() } : null,
      };
    });
  }

  private read(input: ExchangeRate): ExchangeRate {
    const base = currencies.get(input.base, 'base').code;
    const quote = currencies.get(input.quote, 'quote').code;
    if (base === quote) throw Problem.refused('exchange-same-currency', 'A rate is between two currencies.', 'quote');
    const rate = parseRate(input.rate);
    const asOf = parsePlainDate(input.asOf, 'asOf');
    if (asOf > this.clock.today(this.settings.timeZone))
      throw Problem.refused('date-in-the-future', 'A rate is recorded when a bank has given it.', 'asOf');
    return { id: input.id, base, quote, rate, asOf, source: input.source };
  }
}

interface FactsRow {
  id: string;
  state: RateState;
  by: string;
  by_id: string;
  at: Date;
  confirmed_by: string | null;
  confirmed_at: Date | null;
}

const counts = (
  rate: string,
) => `(not ${rate}.needs_confirmation or exists (select from payments.exchange_rate_confirmed where rate_id = ${rate}.id))
  and not exists (select from payments.exchange_rate_struck_out where rate_id = ${rate}.id)`;

const FACTS = `
  select r.id, recorder.display_name by, r.recorded_by by_id, r.recorded_at at, confirmer.display_name confirmed_by, c.confirmed_at,
         case when exists (select from payments.exchange_rate_struck_out where rate_id = r.id) then 'struck-out'
              when not (${counts('r')}) then 'waiting'
              when exists (select from payments.exchange_rate n where n.base = r.base and n.quote = r.quote
                           and (n.as_of, n.recorded_at, n.id) > (r.as_of, r.recorded_at, r.id) and ${counts('n')}) then 'superseded'
              else 'in-force' end state
  from payments.exchange_rate r join access.app_user recorder on recorder.id = r.recorded_by
  left join payments.exchange_rate_confirmed c on c.rate_id = r.id left join access.app_user confirmer on confirmer.id = c.confirmed_by
  where r.id = any ($1)`;

function toRate({ id, base, quote, rate, asOf, source }: ExchangeRateEntity): ExchangeRate {
  return { id, base, quote, rate: new Decimal(rate).toFixed(), asOf, source };
}

function isSame(one: ExchangeRate, other: ExchangeRate): boolean {
  return (
    one.base === other.base &&
    one.quote === other.quote &&
    one.rate === other.rate &&
    one.asOf === other.asOf &&
    one.source === other.source
  );
}
