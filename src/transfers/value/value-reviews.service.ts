/** Value reviews: what a wage that rose makes of a fund's transfers is proposed by one person, and applied whole when another approves. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../../access/audit-trail.js';
import { requirePermission, type Actor } from '../../access/domain/actor.js';
import { FundEntity } from '../../funds/fund.entity.js';
import type { ValuePolicy } from '../../funds/value-policy.js';
import { Clock } from '../../kernel/clock.js';
import type { PlainDate } from '../../kernel/domain/plain-date.js';
import { Problem } from '../../kernel/domain/problem.js';
import { sentence } from '../../kernel/domain/sentence.js';
import { Ids, isId } from '../../kernel/ids.js';
import { countryOf, currencies } from '../../kernel/reference-data.js';
import { valueFromWage } from '../../wage-index/domain/transfer-value.js';
import { WageIndexService } from '../../wage-index/wage-index.service.js';
import type { TransferState } from '../obligation.entity.js';
import { risesBy, type Owed } from './domain/rises.js';
import { INSERT_ITEMS, ITEMS, NOT_REVIEWED, OWED_IN_FUND, REVIEWS } from './value-reviews.sql.js';

export type ReviewAct = 'raise' | 'top-up' | 'keep' | 'none';

export interface ValueReview {
  id: string;
  fund: string;
  fundId: string;
  currency: string;
  policy: ValuePolicy;
  /** Of one transfer by that wage; decimal string in major units. */
  worth: string;
  /** How that came about. */
  wage: Record<string, string>;
  wageRate: string;
  /** Enrolments of which nobody can say what wage holds for them, because no region is on record. */
  leftOut: number;
  enrolments: number;
  /** How many transfers become what, and by how much altogether. */
  acts: Partial<Record<ReviewAct, { count: number; amount: string }>>;
  state: 'open' | 'approved' | 'declined';
  proposedBy: string;
  proposedById: string;
  proposedAt: Date;
  decidedBy: string | null;
  decidedAt: Date | null;
}

export interface ValueReviewItem {
  transfer: string;
  client: string;
  enrolment: string;
  instalment: number;
  dueOn: PlainDate;
  state: TransferState;
  from: string;
  to: string;
  difference: string;
  act: ReviewAct;
}

interface OwedRow extends Owed {
  id: string;
  enrolment: string;
}

const DECIDED_BEFORE = {
  approved: sentence('This review was approved before.'),
  declined: sentence('This review was declined before.'),
};

const ITEMS_A_PAGE = 200;

@Injectable()
export class ValueReviewsService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
    private readonly wages: WageIndexService,
  ) {}

  /**
   * Proposes what a wage makes of a fund's transfers; nothing changes before somebody else approves it. In a fund that freezes what was approved
   * the review says so, and nothing changes at all. The same id again answers as before. Throws `not-found` (404) of fund and wage,
   * `nothing-to-review`, `fund-of-decided-amounts`, `currency-not-held` (422), `id-conflict` (409).
   */
  async propose(
    actor: Actor,
    input: { id: string; fund: string; wageRate: string },
  ): Promise<{ review: ValueReview; created: boolean }> {
    requirePermission(actor, 'values:propose');
    return this.db.transaction(async (manager) => {
      const fund = await findFund(manager, input.fund);
      const [existing] = await reviews(manager, [input.id]);
      if (existing) {
        if (existing.fundId !== fund.id || existing.wageRate !== input.wageRate)
          throw Problem.conflict('id-conflict', 'This id came with other content before. Use a new id.', 'id');
        return { review: existing, created: false };
      }
      if (fund.decidedLabel)
        throw Problem.refused(
          'fund-of-decided-amounts',
          'This fund pays amounts set by decision. A wage does not change them.',
          'fund',
        );
      const rate = await this.wages.rate(manager, input.wageRate);
      const country = countryOf(rate.country);
      const value = valueFromWage(rate, country.daysPerMonth, fund.multiplier, currencies.get(rate.currency));
      if (value.currency !== fund.currency)
        throw Problem.refused(
          'currency-not-held',
          sentence('That wage is in {worth}; this fund holds {held}.', { worth: value.currency, held: fund.currency }),
          'fund',
        );
      const policy = await policyOf(manager, fund.id);
      const owed = await manager.query<(Omit<OwedRow, 'totalMinor'> & { total: string })[]>(
        `${OWED_IN_FUND} ${policy === 'freeze' ? NOT_REVIEWED : ''} order by o.id`,
        [fund.id, rate.country, ...(policy === 'freeze' ? [rate.id] : [])],
      );
      const { rises, undetermined } = risesBy(
        { rate, worthMinor: value.amountMinor },
        await this.wages.ratesOf(manager, rate.country),
        policy,
        owed.map(({ total, ...row }): OwedRow => ({ ...row, totalMinor: BigInt(total) })),
        this.clock.today(country.timeZone),
      );
      if (rises.length === 0)
        throw Problem.refused(
          'nothing-to-review',
          'No transfer of this fund is due while that wage holds and worth more by it.',
          'wageRate',
        );
      const leftOut = new Set(undetermined.map(({ enrolment }) => enrolment)).size;
      await manager.query(
        `insert into payments.value_review (id, fund_id, wage_rate_id, policy, worth_minor, derivation, left_out, proposed_by, proposed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
          input.id,
          fund.id,
          rate.id,
          policy,
          value.amountMinor.toString(),
          JSON.stringify(value.derivation),
          leftOut,
          actor.userId,
          this.clock.now(),
        ],
      );
      await manager.query(INSERT_ITEMS, [
        input.id,
        rate.id,
        rises.map(({ of }) => of.id),
        rises.map(({ of }) => of.totalMinor.toString()),
        rises.map(({ toMinor }) => toMinor.toString()),
        rises.map(() => this.ids.newId()),
      ]);
      await this.audit.record(
        manager,
        actor,
        'value-review.propose',
        { kind: 'value-review', id: input.id },
        { fund: fund.code, policy: policy.replace('_', '-'), count: rises.length },
      );
      return { review: await this.load(manager, input.id), created: true };
    });
  }

  /**
   * Approves what somebody else proposed, and applies it at once: transfers in no run are worth more, the others are topped up. Twice changes nothing.
   * Throws `not-found` (404), `review-approved-by-proposer` (422), `review-declined`, `value-changed-meanwhile` (409).
   */
  async approve(actor: Actor, id: string): Promise<ValueReview> {
    requirePermission(actor, 'values:approve');
    return this.decide(actor, id, 'approve');
  }

  /** Declines one, or takes one's own back. Throws `not-found` (404), `review-approved` (409). */
  async decline(actor: Actor, id: string): Promise<ValueReview> {
    requirePermission(actor, 'values:propose');
    return this.decide(actor, id, 'decline');
  }

  /** The newest reviews. */
  async list(actor: Actor, limit = 50): Promise<ValueReview[]> {
    requirePermission(actor, 'transfers:read');
    return reviews(this.db.manager, null, limit);
  }

  /** One review. Throws `not-found` (404). */
  async find(actor: Actor, id: string): Promise<ValueReview> {
    requirePermission(actor, 'transfers:read');
    return this.load(this.db.manager, id);
  }

  /** A page of what it makes of which transfer. Throws `not-found` (404), `cursor-malformed` (400). */
  async items(
    actor: Actor,
    id: string,
    page: { after?: string; limit?: number } = {},
  ): Promise<{ items: ValueReviewItem[]; next: string | null }> {
    const { currency } = await this.find(actor, id);
    if (page.after !== undefined && !isId(page.after))
      throw Problem.malformed('cursor-malformed', 'Use the `next` of the page before.', 'after');
    const limit = Math.min(page.limit ?? ITEMS_A_PAGE, ITEMS_A_PAGE);
    const rows = await this.db.query<ValueReviewItem[]>(ITEMS, [id, page.after ?? null, limit + 1]);
    const money = (minor: string) => currencies.format(BigInt(minor), currency);
    const items = rows.slice(0, limit).map((row) => ({
      ...row,
      from: money(row.from),
      to: money(row.to),
      difference: money(row.difference),
    }));
    return { items, next: rows.length > limit ? (items.at(-1)?.transfer ?? null) : null };
  }

  private async decide(actor: Actor, id: string, decision: 'approve' | 'decline'): Promise<ValueReview> {
    return this.db.transaction(async (manager) => {
      await manager.query("select pg_advisory_xact_lock(hashtextextended('value-review/' || $1::uuid, 0))", [id]);
      const review = await this.load(manager, id);
      if (review.state === `${decision}d`) return review;
      if (review.state !== 'open') throw Problem.conflict(`review-${review.state}`, DECIDED_BEFORE[review.state]);
      if (decision === 'approve' && review.proposedById === actor.userId)
        throw Problem.refused('review-approved-by-proposer', 'Somebody else approves what you proposed.');
      await manager.query(
        `insert into payments.value_review_decision (review_id, proposed_by, decision, decided_by, decided_at) values ($1, $2, $3, $4, $5)`,
        [id, review.proposedById, decision, actor.userId, this.clock.now()],
      );
      const decided = await this.load(manager, id);
      const counts = Object.fromEntries(Object.entries(decided.acts).map(([act, { count }]) => [act, count]));
      await this.audit.record(
        manager,
        actor,
        `value-review.${decision}`,
        { kind: 'value-review', id },
        decision === 'approve' ? counts : {},
      );
      return decided;
    });
  }

  private async load(manager: EntityManager, id: string): Promise<ValueReview> {
    const [review] = await reviews(manager, [id]);
    if (!review) throw Problem.notFound('value review');
    return review;
  }
}

async function reviews(manager: EntityManager, ids: string[] | null, limit = 1): Promise<ValueReview[]> {
  const rows = await manager.query<ValueReview[]>(REVIEWS, [ids, limit]);
  return rows.map((row) => ({
    ...row,
    worth: currencies.format(BigInt(row.worth), row.currency),
    acts: Object.fromEntries(
      Object.entries(row.acts).map(([act, { count, amount }]) => [
        act,
        { count, amount: currencies.format(BigInt(amount), row.currency) },
      ]),
    ),
  }));
}

async function policyOf(manager: EntityManager, fundId: string): Promise<ValuePolicy> {
  const [row] = await manager.query<{ policy: ValuePolicy }[]>(
    'select policy from payments.fund_value_policy where fund_id = $1',
    [fundId],
  );
  return row?.policy ?? 'freeze';
}

async function findFund(manager: EntityManager, idOrCode: string): Promise<FundEntity> {
  const fund = await manager.findOneBy(FundEntity, isId(idOrCode) ? { id: idOrCode } : { code: idOrCode });
  if (!fund) throw Problem.notFound('fund', 'fund');
  return fund;
}
