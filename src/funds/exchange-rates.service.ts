/** Rates as banks gave them: recorded with where they come from, and never changed. */
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
  ): Promise<{ items: ExchangeRate[]; next: string | null }> {
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
    const items = rates.slice(0, page.limit).map(toRate);
    const last = items.at(-1);
    return { items, next: rates.length > page.limit && last ? `${last.asOf}/${last.id}` : null };
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
