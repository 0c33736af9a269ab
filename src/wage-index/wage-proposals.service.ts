/** Wages that come with time: somebody proposes one with its source, somebody else confirms it, and from then on it holds. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { Clock } from '../kernel/clock.js';
import { addMonths, parsePlainDate, type PlainDate } from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { sentence } from '../kernel/domain/sentence.js';
import { countryOf, currencies } from '../kernel/reference-data.js';
import type { Confidence } from './domain/transfer-value.js';

export interface NewWage {
  id: string;
  country: string;
  /** Left out: the whole country. */
  region?: string;
  /** Left out: the sector by which the country's transfers are valued. */
  sector?: string;
  unit: 'day' | 'month';
  /** Decimal string in major units, as the instrument states it. */
  amount: string;
  currency: string;
  effectiveFrom: string;
  instrument: string;
  sourceUrl: string;
  confidence: Confidence;
}

export interface WageProposal extends Required<NewWage> {
  proposedBy: string;
  proposedById: string;
  proposedAt: Date;
  /** `open` until somebody else confirms it, or anybody declines it. */
  state: 'open' | 'confirmed' | 'declined';
  /** The wage that it became. */
  wageRate: string | null;
}

const DECIDED_BEFORE = {
  confirmed: sentence('This wage was confirmed before.'),
  declined: sentence('This wage was declined before.'),
};

const SHOWN_AT_ONCE = 200;

@Injectable()
export class WageProposalsService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Proposes a wage; until it is confirmed it plays no part. The same id again answers as before. Throws `unknown-country`, `unknown-currency`,
   * `date-malformed`, `wage-too-far`, `amount-malformed`, `amount-not-positive` (422), `id-conflict` (409).
   */
  async propose(actor: Actor, input: NewWage): Promise<{ proposal: WageProposal; created: boolean }> {
    requirePermission(actor, 'wages:maintain');
    const wage = this.read(input);
    return this.db.transaction(async (manager) => {
      const existing = await find(manager, input.id);
      if (existing) {
        const isSame = (Object.keys(wage) as (keyof NewWage)[]).every((field) => existing[field] === wage[field]);
        if (!isSame)
          throw Problem.conflict('id-conflict', 'This id came with other content before. Use a new id.', 'id');
        return { proposal: existing, created: false };
      }
      await manager.query(INSERT, [
        wage.id,
        wage.country,
        wage.region,
        wage.sector,
        wage.unit,
        wage.amount,
        wage.currency,
        wage.effectiveFrom,
        wage.instrument,
        wage.sourceUrl,
        wage.confidence,
        actor.userId,
        this.clock.now(),
      ]);
      await this.audit.record(
        manager,
        actor,
        'wage.propose',
        { kind: 'wage', id: wage.id },
        { country: wage.country, effectiveFrom: wage.effectiveFrom },
      );
      return { proposal: await load(manager, wage.id), created: true };
    });
  }

  /**
   * Confirms a proposed wage: it is known from today on, where it holds. Confirming twice changes nothing. Throws `not-found` (404),
   * `wage-confirmed-by-proposer` (422), `wage-declined`, `wage-known-today` (409).
   */
  async confirm(actor: Actor, id: string): Promise<WageProposal> {
    return this.decide(actor, id, 'confirm');
  }

  /** Declines one, or takes one's own back. Throws `not-found` (404), `wage-confirmed` (409). */
  async decline(actor: Actor, id: string): Promise<WageProposal> {
    return this.decide(actor, id, 'decline');
  }

  /** What waits for somebody to confirm it, oldest first. */
  async open(actor: Actor): Promise<WageProposal[]> {
    requirePermission(actor, 'wages:maintain');
    return this.db.query<WageProposal[]>(
      `${PROPOSALS} where d.proposal_id is null order by p.proposed_at, p.id limit ${SHOWN_AT_ONCE}`,
    );
  }

  /** Who proposed and who confirmed the wages on record, by the id of the wage; nobody for those who have nothing to do with them. */
  async confirmedWages(actor: Actor): Promise<Map<string, { proposedBy: string; confirmedBy: string }>> {
    if (!actor.permissions.has('wages:maintain') && !actor.permissions.has('funds:read')) return new Map();
    const rows = await this.db.query<{ id: string; proposedBy: string; confirmedBy: string }[]>(CONFIRMED);
    return new Map(rows.map(({ id, ...people }) => [id, people]));
  }

  private async decide(actor: Actor, id: string, decision: 'confirm' | 'decline'): Promise<WageProposal> {
    requirePermission(actor, 'wages:maintain');
    return this.db.transaction(async (manager) => {
      await manager.query("select pg_advisory_xact_lock(hashtextextended('wage/' || $1::uuid, 0))", [id]);
      const proposal = await find(manager, id);
      if (!proposal) throw Problem.notFound('wage');
      if (proposal.state === (decision === 'confirm' ? 'confirmed' : 'declined')) return proposal;
      if (proposal.state !== 'open') throw Problem.conflict(`wage-${proposal.state}`, DECIDED_BEFORE[proposal.state]);
      if (decision === 'confirm' && proposal.proposedById === actor.userId)
        throw Problem.refused('wage-confirmed-by-proposer', 'Somebody else confirms what you proposed.');
      await manager.query(
        'insert into payments.wage_decision (proposal_id, proposed_by, decision, decided_by, decided_at, known_from) values ($1, $2, $3, $4, $5, $6)',
        [
          id,
          proposal.proposedById,
          decision,
          actor.userId,
          this.clock.now(),
          this.clock.today(countryOf(proposal.country).timeZone),
        ],
      );
      await this.audit.record(manager, actor, `wage.${decision}`, { kind: 'wage', id }, { country: proposal.country });
      return load(manager, id);
    });
  }

  private read(input: NewWage): Required<NewWage> {
    const country = countryOf(input.country);
    const currency = currencies.get(input.currency).code;
    const effectiveFrom: PlainDate = parsePlainDate(input.effectiveFrom, 'effectiveFrom');
    if (effectiveFrom > addMonths(this.clock.today(country.timeZone), 24))
      throw Problem.refused('wage-too-far', 'A wage can be at most two years ahead.', 'effectiveFrom');
    const match = /^(\d{1,14})(?:\.(\d{1,4}))?$/.exec(input.amount);
    if (!match)
      throw Problem.refused('amount-malformed', 'Give the amount as digits with a point, like "372.50".', 'amount');
    const [, whole = '', fraction = ''] = match;
    if (/^0*$/.test(whole + fraction))
      throw Problem.refused('amount-not-positive', 'The amount must be more than nothing.', 'amount');
    const decimals = fraction.replace(/0+$/, '');
    return {
      id: input.id,
      country: country.code,
      region: input.region ?? '',
      sector: input.sector ?? country.sector,
      unit: input.unit,
      amount: BigInt(whole).toString() + (decimals ? `.${decimals}` : ''),
      currency,
      effectiveFrom,
      instrument: input.instrument,
      sourceUrl: input.sourceUrl,
      confidence: input.confidence,
    };
  }
}

async function find(manager: EntityManager, id: string): Promise<WageProposal | undefined> {
  const [proposal] = await manager.query<WageProposal[]>(`${PROPOSALS} where p.id = $1`, [id]);
  return proposal;
}

async function load(manager: EntityManager, id: string): Promise<WageProposal> {
  const proposal = await find(manager, id);
  if (!proposal) throw new Error('a proposal that was just kept is not there');
  return proposal;
}

const INSERT = `
  insert into payments.wage_proposal (id, country, region, sector, unit, amount, currency, effective_from, instrument, source_url, confidence, proposed_by, proposed_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`;

const CONFIRMED = `
  select w.id::text, proposer.display_name "proposedBy", confirmer.display_name "confirmedBy"
  from payments.wage_rate w join payments.wage_decision d on d.proposal_id = w.proposal_id
  join access.app_user proposer on proposer.id = d.proposed_by join access.app_user confirmer on confirmer.id = d.decided_by`;

const PROPOSALS = `
  select p.id, p.country, p.region, p.sector, p.unit, trim_scale(p.amount)::text amount, p.currency, p.effective_from::text "effectiveFrom",
         p.instrument, p.source_url "sourceUrl", p.confidence, u.display_name "proposedBy", p.proposed_by "proposedById", p.proposed_at "proposedAt",
         case d.decision when 'confirm' then 'confirmed' when 'decline' then 'declined' else 'open' end state, w.id::text "wageRate"
  from payments.wage_proposal p join access.app_user u on u.id = p.proposed_by
  left join payments.wage_decision d on d.proposal_id = p.id left join payments.wage_rate w on w.proposal_id = p.id`;
