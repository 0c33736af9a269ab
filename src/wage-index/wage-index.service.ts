/** The bitemporal table of minimum wages and of amounts set by decision, and what one transfer is worth by them. */
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { parse } from 'csv-parse/sync';
import { DataSource, type EntityManager } from 'typeorm';
import type { PlainDate } from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { sentence } from '../kernel/domain/sentence.js';
import { countryOf, currencies, readConfigJson, readConfigText } from '../kernel/reference-data.js';
import { rateInForce, valueFromWage, type TransferValue, type WageRate } from './domain/transfer-value.js';

interface DecidedAmountsFile {
  decisions: {
    label: string;
    country: string;
    amount: string;
    currency: string;
    effectiveFrom: string;
    reason: string;
    source: string;
  }[];
}

/** By what rule a fund values a transfer: a decision's label, or the minimum wage times a multiplier. */
export interface ValueRule {
  decidedLabel: string | null;
  multiplier: string;
}

@Injectable()
export class WageIndexService implements OnModuleInit {
  constructor(private readonly db: DataSource) {}

  /** Brings the tables up to the reference data in `config/`; rows are only ever added. */
  async onModuleInit(): Promise<void> {
    for (const { code, minorUnits, payableStepMinor } of currencies.all()) {
      await this.db.query(
        'insert into ledger.currency (code, minor_units, payable_step_minor) values ($1, $2, $3) on conflict (code) do nothing',
        [code, minorUnits, payableStepMinor.toString()],
      );
    }
    const rows = parse(readConfigText('minimum-wages.csv'), {
      columns: true,
      skip_empty_lines: true,
    }) as unknown as Record<string, string>[];
    await this.db.query(
      `insert into payments.wage_rate (country, region, sector, unit, amount, currency, effective_from, known_from, source)
       select r->>'country', r->>'region', r->>'sector', r->>'unit', (r->>'amount')::numeric, r->>'currency',
              (r->>'effective_from')::date, (r->>'known_from')::date, r->>'instrument_or_source'
       from jsonb_array_elements($1::jsonb) r
       on conflict (country, region, sector, effective_from, known_from) do nothing`,
      [JSON.stringify(rows)],
    );
    for (const decision of readConfigJson<DecidedAmountsFile>('decided-amounts.json').decisions) {
      const { amountMinor } = currencies.parse(decision.amount, decision.currency);
      await this.db.query(
        `insert into payments.decided_amount (label, country, amount_minor, currency, effective_from, reason, source)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (label, country, effective_from) do nothing`,
        [
          decision.label,
          decision.country,
          amountMinor.toString(),
          decision.currency,
          decision.effectiveFrom,
          decision.reason,
          decision.source,
        ],
      );
    }
  }

  /**
   * What one transfer is worth for somebody living there, valued for `on` with what was known on `knownOn`.
   * Throws `no-minimum-wage`, `region-required`, `no-decided-amount`, `unknown-country` (422).
   */
  async transferValue(
    manager: EntityManager,
    rule: ValueRule,
    place: { country: string; region: string | null },
    on: PlainDate,
    knownOn: PlainDate,
  ): Promise<TransferValue> {
    const country = countryOf(place.country);
    if (rule.decidedLabel) return this.decidedValue(manager, rule.decidedLabel, place.country, on);
    const rate = rateInForce(await this.ratesOf(manager, country.code), place.region, on, knownOn);
    return valueFromWage(rate, country.daysPerMonth, rule.multiplier, currencies.get(rate.currency));
  }

  /** Every rate of the country's sector, in no order. Throws `unknown-country` (422). */
  ratesOf(manager: EntityManager, countryCode: string): Promise<WageRate[]> {
    const { code, sector } = countryOf(countryCode);
    return manager.query<WageRate[]>(`${RATES} where country = $1 and sector = $2`, [code, sector]);
  }

  /** One rate. Throws `not-found` (404). */
  async rate(manager: EntityManager, id: string): Promise<WageRate> {
    const [rate] = await manager.query<WageRate[]>(`${RATES} where id = $1`, [id]);
    if (!rate) throw Problem.notFound('wage', 'wageRate');
    return rate;
  }

  /** Every rate on record, newest first. */
  allRates(): Promise<WageRate[]> {
    return this.db.query<WageRate[]>(`${RATES} order by country, region, sector, effective_from desc, known_from desc`);
  }

  private async decidedValue(
    manager: EntityManager,
    label: string,
    country: string,
    on: PlainDate,
  ): Promise<TransferValue> {
    const [row] = await manager.query<
      { id: string; amount_minor: string; currency: string; reason: string; source: string }[]
    >(
      `select id::text, amount_minor, currency, reason, source from payments.decided_amount
       where label = $1 and country = $2 and effective_from <= $3 order by effective_from desc limit 1`,
      [label, country, on],
    );
    if (!row)
      throw Problem.refused(
        'no-decided-amount',
        sentence('Decision {decision} sets no amount for that country.', { decision: label }),
        'country',
      );
    return {
      amountMinor: BigInt(row.amount_minor),
      currency: row.currency,
      wageRateId: null,
      decidedAmountId: row.id,
      derivation: { rule: 'decided-amount', label, country, reason: row.reason, source: row.source },
    };
  }
}

const RATES = `
  select id::text, country, region, sector, unit, trim_scale(amount)::text amount, currency, effective_from::text "effectiveFrom",
         known_from::text "knownFrom", source, source_url "sourceUrl", confidence from payments.wage_rate`;
