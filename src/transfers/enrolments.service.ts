/** Enrolling a client: the value of a transfer is worked out and frozen, and three transfers are owed from then on. */
import { Injectable } from '@nestjs/common';
import { DataSource, IsNull, type EntityManager } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { ClientReach, seesTeam } from '../clients/client-reach.js';
import { ClientsService, sameContent } from '../clients/clients.service.js';
import type { ClientEntity } from '../clients/client.entity.js';
import { IdentityVault } from '../clients/identity-vault/identity-vault.js';
import { FundEntity } from '../funds/fund.entity.js';
import type { Rail } from '../funds/rails.js';
import { Clock } from '../kernel/clock.js';
import { addMonths, parsePlainDate } from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { sentence } from '../kernel/domain/sentence.js';
import { Ids } from '../kernel/ids.js';
import { countryOf } from '../kernel/reference-data.js';
import { Secrets } from '../kernel/secrets.js';
import { WageIndexService } from '../wage-index/wage-index.service.js';
import { dueDates, INSTALMENTS } from './domain/schedule.js';
import { EnrolmentEntity } from './enrolment.entity.js';
import { payeeRef } from './held-transfers.js';
import { ObligationEntity } from './obligation.entity.js';

export interface NewEnrolment {
  id: string;
  /** Client code. */
  client: string;
  /** Fund id or code. */
  fund: string;
  anchorOn: string;
  rail?: Rail;
  instalments?: number;
}

export interface Enrolled {
  enrolment: EnrolmentEntity;
  obligations: ObligationEntity[];
  created: boolean;
}

@Injectable()
export class EnrolmentsService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly secrets: Secrets,
    private readonly audit: AuditTrail,
    private readonly clients: ClientsService,
    private readonly reach: ClientReach,
    private readonly wages: WageIndexService,
    private readonly vault: IdentityVault,
  ) {}

  /**
   * Enrols a client. A caseworker proposes; who may approve enrolments approves in the same step, but not for somebody whom they registered.
   * Throws `instalment-out-of-range`, `consent-to-be-paid-missing`, `guardian-missing`, `payee-missing`, `anchor-too-far`, `date-malformed`,
   * `currency-not-held`, the wage index's refusals (422), `client-already-enrolled`, `enrolled-under-another-code`, `id-conflict`,
   * `consent-withdrawn` (409),
   * `not-found` (404).
   */
  async enrol(actor: Actor, input: NewEnrolment): Promise<Enrolled> {
    requirePermission(actor, 'enrolments:propose');
    if (input.instalments !== undefined && input.instalments !== INSTALMENTS.length) {
      throw Problem.refused(
        'instalment-out-of-range',
        'An enrolment has exactly three transfers; there is no fourth.',
        'instalments',
      );
    }
    const anchorOn = parsePlainDate(input.anchorOn, 'anchorOn');
    const client = await this.clients.findHeld(actor, input.client);
    const country = countryOf(client.country);
    const today = this.clock.today(country.timeZone);
    if (anchorOn > addMonths(today, 12))
      throw Problem.refused('anchor-too-far', 'The first transfer can be at most a year ahead.', 'anchorOn');
    const rail = input.rail ?? 'cash';
    const contentSha256 = this.secrets.fingerprint('enrolment', {
      client: client.id,
      fund: input.fund,
      anchorOn,
      rail,
    });

    return this.db.transaction(async (manager) => {
      const existing = await manager.findOneBy(EnrolmentEntity, { id: input.id });
      if (existing) return this.loaded(manager, sameContent(existing, contentSha256));
      await this.requireStanding(manager, client.id, rail);
      const fund = await findFund(manager, input.fund);
      if (await manager.existsBy(EnrolmentEntity, { clientId: client.id, cancelledAt: IsNull() })) {
        throw Problem.conflict(
          'client-already-enrolled',
          'This client is enrolled: three transfers are owed, and there is no fourth.',
          'client',
        );
      }
      const value = await this.wages.transferValue(manager, fund, client, anchorOn, today);
      if (value.currency !== fund.currency) {
        throw Problem.refused(
          'currency-not-held',
          sentence('The transfer is worth {worth}; this fund holds {held}.', {
            worth: value.currency,
            held: fund.currency,
          }),
          'fund',
        );
      }
      const approves = actor.permissions.has('enrolments:approve') && !(await isRegistrar(manager, client.id, actor));
      const now = this.clock.now();
      const enrolment = manager.create(EnrolmentEntity, {
        id: input.id,
        clientId: client.id,
        fundId: fund.id,
        country: client.country,
        timeZone: country.timeZone,
        anchorOn,
        rail,
        payeeRef: payeeRef(await this.vault.newestVersion(manager, client.id)),
        currency: value.currency,
        amountMinor: value.amountMinor,
        wageRateId: value.wageRateId,
        decidedAmountId: value.decidedAmountId,
        derivation: value.derivation,
        proposedBy: actor.userId,
        proposedAt: now,
        approvedBy: approves ? actor.userId : null,
        approvedAt: approves ? now : null,
        cancelledAt: null,
        contentSha256,
      });
      await manager.insert(EnrolmentEntity, enrolment);
      const obligations = dueDates(anchorOn).map(({ instalment, dueOn }) =>
        manager.create(ObligationEntity, {
          id: this.ids.newId(),
          enrolmentId: enrolment.id,
          clientId: client.id,
          instalment,
          fundId: fund.id,
          country: client.country,
          dueOn,
          currency: value.currency,
          amountMinor: value.amountMinor,
          state: approves ? 'scheduled' : 'planned',
          topsUp: null,
          holdReason: null,
          runId: null,
          settledOn: null,
          cancelledAt: null,
        }),
      );
      await manager.insert(ObligationEntity, obligations);
      await this.audit.record(
        manager,
        actor,
        'enrolment.propose',
        { kind: 'enrolment', id: enrolment.id },
        { client: client.id, fund: fund.code },
      );
      if (approves)
        await this.audit.record(manager, actor, 'enrolment.approve', { kind: 'enrolment', id: enrolment.id });
      return { enrolment, obligations, created: true };
    });
  }

  /**
   * Approves a proposed enrolment: from now on its transfers are due on their days. Approving twice changes nothing.
   * Throws `not-found` (404), `value-changed`, `enrolled-under-another-code`, `approver-registered-client` (409),
   * `consent-to-be-paid-missing`, `guardian-missing`, `payee-missing` (422).
   */
  async approve(actor: Actor, enrolmentId: string): Promise<Enrolled> {
    requirePermission(actor, 'enrolments:approve');
    await this.requireWithinReach(actor, enrolmentId);
    return this.db.transaction(async (manager) => {
      const enrolment = await lock(manager, enrolmentId);
      if (enrolment.approvedAt) return this.loaded(manager, enrolment);
      await this.requireStanding(manager, enrolment.clientId, enrolment.rail);
      await this.requireSameValue(manager, enrolment);
      const approval = { approvedBy: actor.userId, approvedAt: this.clock.now() };
      await manager.update(EnrolmentEntity, { id: enrolmentId }, approval);
      await manager.update(ObligationEntity, { enrolmentId, state: 'planned' }, { state: 'scheduled' });
      await this.audit.record(manager, actor, 'enrolment.approve', { kind: 'enrolment', id: enrolmentId });
      return this.loaded(manager, { ...enrolment, ...approval });
    });
  }

  /**
   * Cancels an enrolment that was made by mistake (a wrong day, a wage that changed), so that the right one can be made: only while none of
   * its transfers is in a run or was ever instructed. Throws `not-found` (404), `not-cancellable` (409).
   */
  async cancel(actor: Actor, enrolmentId: string): Promise<void> {
    requirePermission(actor, 'enrolments:approve');
    await this.requireWithinReach(actor, enrolmentId);
    await this.db.transaction(async (manager) => {
      await lock(manager, enrolmentId);
      const cancelledAt = this.clock.now();
      const [, cancelled] = await manager.query<[unknown, number]>(
        `update payments.obligation o set state = 'cancelled', hold_reason = null, cancelled_at = $2
         where o.enrolment_id = $1 and o.state in ('planned', 'scheduled', 'on_hold')
           and not exists (select from payments.attempt a where a.obligation_id = o.id)
           and not exists (select from payments.run_departure d where d.obligation_id = o.id)`,
        [enrolmentId, cancelledAt],
      );
      // With what tops them up, which is no transfer of its own: it is all of them, or none.
      const owed = await manager.countBy(ObligationEntity, { enrolmentId });
      if (cancelled !== owed) {
        throw Problem.conflict('not-cancellable', 'A transfer of this enrolment is in a run or was instructed.');
      }
      await manager.update(EnrolmentEntity, { id: enrolmentId }, { cancelledAt });
      await this.audit.record(manager, actor, 'enrolment.cancel', { kind: 'enrolment', id: enrolmentId });
    });
  }

  /** Enrolments of the team's clients that wait for this actor's approval, oldest first. */
  async waiting(
    actor: Actor,
  ): Promise<{ id: string; client: string; fund: string; anchorOn: string; amountMinor: bigint; currency: string }[]> {
    requirePermission(actor, 'enrolments:approve');
    const rows = await this.db.query<
      { id: string; client: string; fund: string; anchor_on: string; amount_minor: string; currency: string }[]
    >(
      `select e.id, c.code client, f.code fund, e.anchor_on::text, e.amount_minor::text, e.currency
       from payments.enrolment e join casework.client c on c.id = e.client_id join payments.fund f on f.id = e.fund_id
       join access.app_user u on u.id = c.caseworker_id
       where e.approved_at is null and e.cancelled_at is null and (u.team_id = $1 or c.caseworker_id = $2) and casework.registrar(c.id) <> $2
       order by e.proposed_at limit 200`,
      [seesTeam(actor) ? actor.teamId : null, actor.userId],
    );
    return rows.map((row) => ({
      id: row.id,
      client: row.client,
      fund: row.fund,
      anchorOn: row.anchor_on,
      amountMinor: BigInt(row.amount_minor),
      currency: row.currency,
    }));
  }

  /** Before a transaction is begun: a refusal is recorded in one of its own. Throws `not-found` (404). */
  private async requireWithinReach(actor: Actor, id: string): Promise<void> {
    const enrolment = await this.db.getRepository(EnrolmentEntity).findOneBy({ id, cancelledAt: IsNull() });
    if (!enrolment) throw Problem.notFound('enrolment');
    await this.reach.requireWithin(actor, enrolment.clientId, 'enrolment');
  }

  private async loaded(manager: EntityManager, enrolment: EnrolmentEntity): Promise<Enrolled> {
    const obligations = await manager.find(ObligationEntity, {
      where: { enrolmentId: enrolment.id, topsUp: IsNull() },
      order: { instalment: 'ASC' },
    });
    return { enrolment, obligations, created: false };
  }

  private async requireStanding(manager: EntityManager, clientId: string, rail: Rail): Promise<void> {
    const [standing] = await manager.query<{ consents: boolean; may_be_paid: boolean }[]>(
      'select $2 = any (rails_consented) consents, $2 = any (payable_by) may_be_paid from casework.payment_standing where client_id = $1',
      [clientId, rail],
    );
    if (!standing?.consents) {
      throw Problem.refused(
        'consent-to-be-paid-missing',
        'The client has not consented to being paid in this way, or withdrew it.',
        'client',
      );
    }
    if (!standing.may_be_paid) {
      throw Problem.refused(
        'guardian-missing',
        'The client is presumed a child, and no guardian is on record.',
        'client',
      );
    }
    if (!(await this.vault.payeeServes(manager, clientId, rail))) {
      throw Problem.refused(
        'payee-missing',
        'The client has no payee on record that can be paid in this way. Record the account, or the number with the operator, in their identity first.',
        'client',
      );
    }
  }

  private async requireSameValue(manager: EntityManager, enrolment: EnrolmentEntity): Promise<void> {
    const fund = await manager.findOneByOrFail(FundEntity, { id: enrolment.fundId });
    const [client] = await manager.query<Pick<ClientEntity, 'country' | 'region'>[]>(
      'select country, region from casework.payment_standing where client_id = $1',
      [enrolment.clientId],
    );
    const place = { country: enrolment.country, region: client?.region ?? null };
    const value = await this.wages.transferValue(
      manager,
      fund,
      place,
      enrolment.anchorOn,
      this.clock.today(enrolment.timeZone),
    );
    if (value.amountMinor !== enrolment.amountMinor || value.currency !== enrolment.currency) {
      throw Problem.conflict(
        'value-changed',
        'The minimum wage changed since this was proposed. Cancel the enrolment and propose it again.',
      );
    }
  }
}

/** Nobody makes a client and what is owed to them alone. */
async function isRegistrar(manager: EntityManager, clientId: string, actor: Actor): Promise<boolean> {
  const [client] = await manager.query<{ registrar: string }[]>('select casework.registrar($1) registrar', [clientId]);
  return client?.registrar === actor.userId;
}

/** Throws `not-found` (404). */
async function lock(manager: EntityManager, id: string): Promise<EnrolmentEntity> {
  const where = { id, cancelledAt: IsNull() };
  const enrolment = await manager.findOne(EnrolmentEntity, { where, lock: { mode: 'pessimistic_write' } });
  if (!enrolment) throw Problem.notFound('enrolment');
  return enrolment;
}

async function findFund(manager: EntityManager, idOrCode: string): Promise<FundEntity> {
  const isId = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(idOrCode);
  const fund = await manager.findOneBy(FundEntity, isId ? { id: idOrCode } : { code: idOrCode });
  if (!fund) throw Problem.notFound('fund', 'fund');
  return fund;
}
