/** What somebody should look at because wages moved on, or nobody has looked for a year. It only tells; nothing changes by itself. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { requirePermission, type Actor } from '../../access/domain/actor.js';
import { FundEntity } from '../../funds/fund.entity.js';
import type { ValuePolicy } from '../../funds/value-policy.js';
import { Clock } from '../../kernel/clock.js';
import { addMonths, type PlainDate } from '../../kernel/domain/plain-date.js';
import { countryOf, currencies } from '../../kernel/reference-data.js';
import { valueFromWage } from '../../wage-index/domain/transfer-value.js';
import { WageIndexService } from '../../wage-index/wage-index.service.js';
import { rateOf } from './domain/rises.js';
import { OWED_IN_FUND } from './value-reviews.sql.js';

/** A wage, or an amount that was decided, that nobody confirmed for longer than this may be out of date. */
const MONTHS = 12;

export type ValueAlert =
  /** The newest wage of a country in which somebody is still to be paid is old. */
  | { kind: 'wage-old'; country: string; since: PlainDate }
  /** A wage gives more than what transfers of that fund are worth, and nobody has decided yet what that means for them. */
  | {
      kind: 'wage-newer';
      fund: string;
      country: string;
      wageRate: string;
      effectiveFrom: PlainDate;
      policy: ValuePolicy;
      enrolments: number;
    }
  /** An amount that was decided, and is still to be paid to somebody, is old. */
  | { kind: 'decided-old'; fund: string; country: string; label: string; since: PlainDate };

@Injectable()
export class ValueAlertsService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly wages: WageIndexService,
  ) {}

  async list(actor: Actor): Promise<ValueAlert[]> {
    requirePermission(actor, 'transfers:read');
    const places = await this.db.query<PlaceRow[]>(PLACES);
    return [
      ...(await this.oldWages(places)),
      ...(await this.newerWages(places)),
      ...places.flatMap((place) => this.oldDecision(place)),
    ];
  }

  private async oldWages(places: readonly PlaceRow[]): Promise<ValueAlert[]> {
    const byWage = new Set(places.filter(({ label }) => label === null).map(({ country }) => country));
    const alerts: ValueAlert[] = [];
    for (const country of byWage) {
      const rates = await this.wages.ratesOf(this.db.manager, country);
      // What somebody confirmed again counts from that day.
      const since = rates
        .map(({ effectiveFrom, knownFrom }) => (effectiveFrom > knownFrom ? effectiveFrom : knownFrom))
        .sort()
        .at(-1);
      if (since && this.isOld(since, country)) alerts.push({ kind: 'wage-old', country, since });
    }
    return alerts;
  }

  private async newerWages(places: readonly PlaceRow[]): Promise<ValueAlert[]> {
    const alerts: ValueAlert[] = [];
    for (const { fund_id: fundId, fund, country, label, policy } of places) {
      if (label !== null) continue;
      const { multiplier, currency } = await this.db.getRepository(FundEntity).findOneByOrFail({ id: fundId });
      const { daysPerMonth, timeZone } = countryOf(country);
      const knownOn = this.clock.today(timeZone);
      const rates = await this.wages.ratesOf(this.db.manager, country);
      const owed = await this.db.query<OwedRow[]>(OWED_WITH_REVIEWS, [fundId, country]);
      const newer = new Map<string, Set<string>>();
      for (const { enrolment, region, dueOn, total, reviewed } of owed) {
        const rate = rateOf(rates, { region, dueOn }, knownOn);
        if (!rate || (policy === 'freeze' && reviewed.includes(rate.id)) || rate.currency !== currency) continue;
        const { amountMinor } = valueFromWage(rate, daysPerMonth, multiplier, currencies.get(currency));
        if (amountMinor > BigInt(total)) newer.set(rate.id, (newer.get(rate.id) ?? new Set()).add(enrolment));
      }
      for (const [wageRate, enrolments] of newer) {
        const effectiveFrom = rates.find(({ id }) => id === wageRate)?.effectiveFrom ?? '';
        alerts.push({
          kind: 'wage-newer',
          fund,
          country,
          wageRate,
          effectiveFrom,
          policy,
          enrolments: enrolments.size,
        });
      }
    }
    return alerts;
  }

  private oldDecision({ fund, country, label, decided_since: since }: PlaceRow): ValueAlert[] {
    if (label === null || since === null || !this.isOld(since, country)) return [];
    return [{ kind: 'decided-old', fund, country, label, since }];
  }

  private isOld(since: PlainDate, country: string): boolean {
    return addMonths(since, MONTHS) < this.clock.today(countryOf(country).timeZone);
  }
}

interface PlaceRow {
  fund_id: string;
  fund: string;
  country: string;
  label: string | null;
  policy: ValuePolicy;
  decided_since: PlainDate | null;
}

interface OwedRow {
  enrolment: string;
  region: string | null;
  dueOn: PlainDate;
  total: string;
  reviewed: string[];
}

/** Where which fund still has somebody to pay. */
const PLACES = `
  select f.id fund_id, f.code fund, e.country, f.decided_label label, p.policy,
         (select max(d.effective_from)::text from payments.decided_amount d where d.label = f.decided_label and d.country = e.country) decided_since
  from payments.enrolment e join payments.fund f on f.id = e.fund_id join payments.fund_value_policy p on p.fund_id = f.id
  where e.approved_at is not null and e.cancelled_at is null
    and exists (select from payments.obligation o where o.enrolment_id = e.id and o.state not in ('settled', 'cancelled')
                and not exists (select from payments.giving_up g where g.obligation_id = o.id))
  group by f.id, f.code, e.country, f.decided_label, p.policy order by f.code, e.country`;

const OWED_WITH_REVIEWS = `
  select owed.enrolment, owed.region, owed."dueOn", owed.total,
         array(select i.wage_rate_id::text from payments.value_review_item i
               join payments.value_review_decision d on d.review_id = i.review_id and d.decision = 'approve' where i.obligation_id = owed.id) reviewed
  from (${OWED_IN_FUND}) owed`;
