/** Changing an enrolment midway: another rail, or another country. Who works with the client proposes it, a supervisor approves. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../../access/audit-trail.js';
import { requirePermission, type Actor } from '../../access/domain/actor.js';
import { ClientReach, requireConsentToHold, seesTeam } from '../../clients/client-reach.js';
import { FundEntity } from '../../funds/fund.entity.js';
import type { Rail } from '../../funds/rails.js';
import { Clock } from '../../kernel/clock.js';
import { Problem } from '../../kernel/domain/problem.js';
import { sentence } from '../../kernel/domain/sentence.js';
import { countryOf, currencies } from '../../kernel/reference-data.js';
import type { TransferValue } from '../../wage-index/domain/transfer-value.js';
import { WageIndexService } from '../../wage-index/wage-index.service.js';
import { EnrolmentEntity } from '../enrolment.entity.js';

export interface NewEnrolmentChange {
  id: string;
  /** Either the rail that the client wants to be paid by from now on, or where they live now. */
  rail?: Rail;
  country?: string;
  region?: string;
}

export interface EnrolmentChange {
  id: string;
  enrolment: string;
  client: string;
  rail: Rail | null;
  country: string | null;
  region: string | null;
  /** The rail, or the country, that it changes. */
  before: string;
  /** Transfers that are worth more where the client lives now; all others keep their amount. */
  raises: {
    transfer: string;
    instalment: number;
    from: string;
    to: string;
    currency: string;
    wage: Record<string, string>;
  }[];
  state: 'open' | 'approved' | 'declined';
  proposedBy: string;
  proposedById: string;
  proposedAt: Date;
}

interface Raise {
  transfer: string;
  fromMinor: bigint;
  value: TransferValue;
}

@Injectable()
export class EnrolmentChangesService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
    private readonly reach: ClientReach,
    private readonly wages: WageIndexService,
  ) {}

  /**
   * Proposes a change; it counts when a supervisor approves it. The same id again answers as before. Throws `not-found` (404), `change-malformed`,
   * `no-change`, `consent-to-be-paid-missing`, `currency-not-held`, the wage index's refusals (422), `enrolment-not-approved`,
   * `payment-under-way`, `consent-withdrawn`, `id-conflict` (409).
   */
  async propose(
    actor: Actor,
    enrolmentId: string,
    input: NewEnrolmentChange,
  ): Promise<{ change: EnrolmentChange; created: boolean }> {
    requirePermission(actor, 'enrolments:propose');
    const enrolment = await this.withinReach(actor, enrolmentId);
    if ((input.rail === undefined) === (input.country === undefined) || (input.region && !input.country))
      throw Problem.refused('change-malformed', 'Give either another rail, or another country.', 'rail');
    const before = input.rail ? enrolment.rail : enrolment.country;
    return this.db.transaction(async (manager) => {
      const existing = await find(manager, input.id);
      if (existing) {
        const isSame =
          existing.enrolment === enrolmentId &&
          existing.rail === (input.rail ?? null) &&
          existing.country === (input.country ?? null) &&
          existing.region === (input.region ?? null);
        if (!isSame)
          throw Problem.conflict('id-conflict', 'This id came with other content before. Use a new id.', 'id');
        return { change: existing, created: false };
      }
      if (!enrolment.approvedAt || enrolment.cancelledAt)
        throw Problem.conflict(
          'enrolment-not-approved',
          'Only an enrolment that is approved is changed. Cancel it and propose it again.',
        );
      if (before === (input.rail ?? input.country))
        throw Problem.refused('no-change', 'That is how it is already.', input.rail ? 'rail' : 'country');
      await requireNoneUnderWay(manager, enrolmentId);
      if (input.rail) await requireConsent(manager, enrolment.clientId, input.rail);
      const raises = input.country ? await this.raises(manager, enrolment, input.country, input.region ?? null) : [];
      await manager.query(INSERT_CHANGE, [
        input.id,
        enrolmentId,
        enrolment.clientId,
        input.rail ?? null,
        input.country ?? null,
        input.region ?? null,
        input.country ? countryOf(input.country).timeZone : null,
        before,
        actor.userId,
        this.clock.now(),
      ]);
      for (const { transfer, fromMinor, value } of raises)
        await manager.query(INSERT_RAISE, [
          input.id,
          transfer,
          fromMinor.toString(),
          value.amountMinor.toString(),
          value.wageRateId,
          value.decidedAmountId,
          JSON.stringify(value.derivation),
        ]);
      await this.audit.record(
        manager,
        actor,
        'enrolment-change.propose',
        { kind: 'enrolment-change', id: input.id },
        { enrolment: enrolmentId, before, after: input.rail ?? input.country },
      );
      return { change: await load(manager, input.id), created: true };
    });
  }

  /**
   * Approves and applies a change, to transfers that are in no run. Twice changes nothing. Throws `not-found` (404),
   * `change-approved-by-proposer` (422), `approver-registered-client`, `payment-under-way`, `value-changed-meanwhile`, `consent-withdrawn`,
   * `change-declined` (409).
   */
  async approve(actor: Actor, id: string): Promise<EnrolmentChange> {
    requirePermission(actor, 'enrolments:approve');
    return this.decide(actor, id, 'approve');
  }

  /** Declines one. Throws `not-found` (404), `change-approved` (409). */
  async decline(actor: Actor, id: string): Promise<EnrolmentChange> {
    requirePermission(actor, 'enrolments:approve');
    return this.decide(actor, id, 'decline');
  }

  /** The changes of the enrolments of a client within the actor's reach, newest first. Throws `not-found` (404). */
  async ofClient(actor: Actor, code: string): Promise<EnrolmentChange[]> {
    const client = await this.reach.find(actor, code);
    return changes(this.db.manager, 'ch.client_id = $1', client.id);
  }

  /** Changes of the team's clients that wait for this actor's approval, oldest first. */
  async waiting(actor: Actor): Promise<{ client: string; before: string; after: string }[]> {
    requirePermission(actor, 'enrolments:approve');
    return this.db.query(WAITING, [seesTeam(actor) ? actor.teamId : null, actor.userId]);
  }

  private async decide(actor: Actor, id: string, decision: 'approve' | 'decline'): Promise<EnrolmentChange> {
    const seen = await find(this.db.manager, id);
    if (!seen) throw Problem.notFound('change of an enrolment');
    await this.withinReach(actor, seen.enrolment, 'change of an enrolment');
    return this.db.transaction(async (manager) => {
      await manager.query("select pg_advisory_xact_lock(hashtextextended('enrolment-change/' || $1::uuid, 0))", [id]);
      const change = await load(manager, id);
      if (change.state === `${decision}d`) return change;
      if (change.state !== 'open') throw Problem.conflict(`change-${change.state}`, DECIDED_BEFORE[change.state]);
      if (decision === 'approve') {
        if (change.proposedById === actor.userId)
          throw Problem.refused('change-approved-by-proposer', 'Somebody else approves what you proposed.');
        await requireNoneUnderWay(manager, change.enrolment);
      }
      await manager.query(
        `insert into payments.enrolment_change_decision (change_id, proposed_by, decision, decided_by, decided_at) values ($1, $2, $3, $4, $5)`,
        [id, change.proposedById, decision, actor.userId, this.clock.now()],
      );
      await this.audit.record(
        manager,
        actor,
        `enrolment-change.${decision}`,
        { kind: 'enrolment-change', id },
        { enrolment: change.enrolment },
      );
      return load(manager, id);
    });
  }

  /** What is worth more by the wage, or the decided amount, of the new country: of transfers that are in no run, on their own due days. */
  private async raises(
    manager: EntityManager,
    enrolment: EnrolmentEntity,
    country: string,
    region: string | null,
  ): Promise<Raise[]> {
    const fund = await manager.findOneByOrFail(FundEntity, { id: enrolment.fundId });
    const today = this.clock.today(countryOf(country).timeZone);
    const owed = await manager.query<{ id: string; dueOn: string; amount: string }[]>(STILL_TO_BE_VALUED, [
      enrolment.id,
    ]);
    const raises: Raise[] = [];
    for (const { id, dueOn, amount } of owed) {
      const value = await this.wages.transferValue(manager, fund, { country, region }, dueOn, today);
      if (value.currency !== fund.currency)
        throw Problem.refused(
          'currency-not-held',
          sentence(
            "There a transfer is worth {worth}, and this fund pays in {held}. Leave the country as it is, so that what was promised is paid in {held}, or let the fund's donor decide an amount in {held} for that country.",
            { worth: value.currency, held: fund.currency },
          ),
          'country',
        );
      if (value.amountMinor > BigInt(amount)) raises.push({ transfer: id, fromMinor: BigInt(amount), value });
    }
    return raises;
  }

  /** Before a transaction is begun: a refusal is recorded in one of its own. Throws `not-found` (404), `consent-withdrawn` (409). */
  private async withinReach(actor: Actor, id: string, what = 'enrolment'): Promise<EnrolmentEntity> {
    const enrolment = await this.db.getRepository(EnrolmentEntity).findOneBy({ id });
    if (!enrolment) throw Problem.notFound(what);
    requireConsentToHold(await this.reach.requireWithin(actor, enrolment.clientId, what));
    return enrolment;
  }
}

/** Throws `payment-under-way` (409). */
async function requireNoneUnderWay(manager: EntityManager, enrolmentId: string): Promise<void> {
  const [underWay] = await manager.query<{ state: string }[]>(
    `select state from payments.obligation where enrolment_id = $1 and state in ('in_run', 'approved', 'instructed', 'accepted', 'unknown')
     order by state in ('in_run', 'approved') desc limit 1`,
    [enrolmentId],
  );
  if (!underWay) return;
  throw Problem.conflict(
    'payment-under-way',
    ['in_run', 'approved'].includes(underWay.state)
      ? 'A transfer of this enrolment is in a run. Let finance send that run back or finish it first, and then change the enrolment.'
      : 'A transfer of this enrolment is on its way. Wait until its result is known, and then change the enrolment.',
  );
}

/** Throws `consent-to-be-paid-missing` (422). */
async function requireConsent(manager: EntityManager, clientId: string, rail: Rail): Promise<void> {
  const [standing] = await manager.query<{ consents: boolean }[]>(
    'select $2 = any (payable_by) consents from casework.payment_standing where client_id = $1',
    [clientId, rail],
  );
  if (!standing?.consents)
    throw Problem.refused(
      'consent-to-be-paid-missing',
      'The client has not consented to being paid in this way. Record their consent first.',
      'rail',
    );
}

async function changes(manager: EntityManager, where: string, of: string): Promise<EnrolmentChange[]> {
  const rows = await manager.query<EnrolmentChange[]>(
    `${CHANGES} where ${where} order by ch.proposed_at desc, ch.id desc`,
    [of],
  );
  const money = (minor: string, currency: string) => currencies.format(BigInt(minor), currency);
  return rows.map((row) => ({
    ...row,
    raises: row.raises.map((raise) => ({
      ...raise,
      from: money(raise.from, raise.currency),
      to: money(raise.to, raise.currency),
    })),
  }));
}

async function find(manager: EntityManager, id: string): Promise<EnrolmentChange | undefined> {
  return (await changes(manager, 'ch.id = $1', id))[0];
}

async function load(manager: EntityManager, id: string): Promise<EnrolmentChange> {
  const change = await find(manager, id);
  if (!change) throw Problem.notFound('change of an enrolment');
  return change;
}

const DECIDED_BEFORE = {
  approved: sentence('This change was approved before.'),
  declined: sentence('This change was declined before.'),
};

const INSERT_CHANGE = `
  insert into payments.enrolment_change (id, enrolment_id, client_id, rail, country, region, time_zone, before, proposed_by, proposed_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`;

const INSERT_RAISE = `
  insert into payments.enrolment_change_item (change_id, obligation_id, from_minor, to_minor, wage_rate_id, decided_amount_id, derivation)
  values ($1, $2, $3, $4, $5, $6, $7)`;

const STILL_TO_BE_VALUED = `
  select o.id, o.due_on::text "dueOn", v.total_minor::text amount
  from payments.obligation o join payments.instalment_value v on v.obligation_id = o.id
  where o.enrolment_id = $1 and v.may_rise order by o.instalment`;

const CHANGES = `
  select ch.id, ch.enrolment_id enrolment, c.code client, ch.rail, ch.country, ch.region, ch.before, ch.proposed_by "proposedById",
         u.display_name "proposedBy", ch.proposed_at "proposedAt",
         case d.decision when 'approve' then 'approved' when 'decline' then 'declined' else 'open' end state,
         coalesce((select jsonb_agg(jsonb_build_object('transfer', o.id, 'instalment', o.instalment, 'from', i.from_minor::text, 'to', i.to_minor::text,
                                                       'currency', o.currency, 'wage', i.derivation) order by o.instalment)
                   from payments.enrolment_change_item i join payments.obligation o on o.id = i.obligation_id where i.change_id = ch.id), '[]') raises
  from payments.enrolment_change ch join casework.client c on c.id = ch.client_id join access.app_user u on u.id = ch.proposed_by
  left join payments.enrolment_change_decision d on d.change_id = ch.id`;

const WAITING = `
  select c.code client, ch.before, coalesce(ch.rail, ch.country) after
  from payments.enrolment_change ch join casework.client c on c.id = ch.client_id join access.app_user u on u.id = c.caseworker_id
  where not exists (select from payments.enrolment_change_decision d where d.change_id = ch.id) and c.erased_at is null
    and (u.team_id = $1 or c.caseworker_id = $2) and casework.registrar(c.id) <> $2 and ch.proposed_by <> $2
  order by ch.proposed_at limit 200`;
