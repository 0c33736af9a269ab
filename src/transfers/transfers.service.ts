/** Looking at transfers, holding them by the client's wish or for safety, and putting one that did not arrive back to be paid. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { ClientsService } from '../clients/clients.service.js';
import type { Unreadable } from '../clients/identity-vault/data-keys.js';
import { rails, type Rail } from '../funds/rails.js';
import { Clock } from '../kernel/clock.js';
import { isPlainDate, parsePlainDate, type PlainDate } from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { sentence } from '../kernel/domain/sentence.js';
import { Ids, isId } from '../kernel/ids.js';
import { currencies } from '../kernel/reference-data.js';
import { DEAD_STATES, type AttemptState } from './domain/attempt-state.js';
import type { TransferState } from './obligation.entity.js';
import { LOCK_RUN } from './runs.sql.js';
import { isOnItsWay, liftStop, requestStop, stopOf } from './stops.js';

/** Why a transfer may be held: because the client wishes it, or because paying now would endanger them. There is no other reason. */
export const holdReasons = ['client-wish', 'safety'] as const;
export type HoldReason = (typeof holdReasons)[number];

/** As the check on `attempt_no` has it: a run is not held up by one transfer whose next try would be refused. */
const MOST_TRIES = 20;

/** Proven not to have reached the client. */
const NOT_ARRIVED: readonly TransferState[] = DEAD_STATES;
/** With an attempt that is held by a stop, as whoever pays looks at the attempt. */
const STOPPABLE: readonly TransferState[] = ['instructed', 'accepted', 'unknown', ...NOT_ARRIVED];

export interface TransferFilter {
  client?: string;
  state?: TransferState;
  from?: PlainDate;
  to?: PlainDate;
  fund?: string;
  run?: string;
  after?: string;
  limit: number;
}

export interface TransferView {
  id: string;
  client: string;
  enrolment: string;
  fund: string;
  country: string;
  instalment: number;
  /** The transfer that this one tops up because a wage rose; such a one is money, and no transfer of its own. */
  topsUp: string | null;
  dueOn: PlainDate;
  amount: string;
  currency: string;
  rail: Rail;
  state: TransferState;
  /** The run that it is in, or was paid by. */
  run: string | null;
  holdReason: HoldReason | null;
  /** Why its payment, which is on its way or did not arrive, is stopped; null when it is not. */
  stopReason: HoldReason | null;
  /** Why it cannot be read whom its payment goes to, which therefore left nowhere and waits; null when it does not. */
  unreadable: Unreadable | 'recorded-anew' | null;
  settledOn: PlainDate | null;
  /** How the amount came about; of a transfer that is worth more than when it was approved, by what it is. */
  wage: Record<string, string>;
  /** When it became worth more, from what, and to what. */
  raises: { on: PlainDate; from: string; to: string }[];
  attempts: {
    attemptNo: number;
    run: string;
    rail: Rail;
    state: AttemptState;
    instructedOn: PlainDate;
    settledOn: PlainDate | null;
    correlationId: string;
  }[];
}

@Injectable()
export class TransfersService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
    private readonly clients: ClientsService,
  ) {}

  /**
   * A page of transfers in order of their due day. `after` is the `next` of the page before.
   * Throws `cursor-malformed` (400), `date-malformed` (422).
   */
  async list(actor: Actor, filter: TransferFilter): Promise<{ items: TransferView[]; next: string | null }> {
    requirePermission(actor, 'transfers:read');
    if (filter.from) parsePlainDate(filter.from, 'from');
    if (filter.to) parsePlainDate(filter.to, 'to');
    return this.page(filter);
  }

  /** The transfers of one client within the actor's reach. Throws `not-found` (404). */
  async ofClient(actor: Actor, code: string): Promise<TransferView[]> {
    const client = await this.clients.find(actor, code);
    return (await this.page({ client: client.code, limit: 100 })).items;
  }

  /** By which rails a client within the actor's reach may be paid at this moment. Throws `not-found` (404). */
  async payableBy(actor: Actor, code: string): Promise<Rail[]> {
    const client = await this.clients.find(actor, code);
    const [standing] = await this.db.query<{ payable_by: Rail[] }[]>(
      'select payable_by from casework.payment_standing where client_id = $1',
      [client.id],
    );
    return standing?.payable_by ?? [];
  }

  /** Codes of the clients whose these transfers are, by transfer. */
  async clientsOf(actor: Actor, transferIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    requirePermission(actor, 'transfers:read');
    const rows = await this.db.query<{ id: string; code: string }[]>(
      'select o.id, c.code from payments.obligation o join casework.client c on c.id = o.client_id where o.id = any ($1)',
      [transferIds],
    );
    return new Map(rows.map(({ id, code }) => [id, code]));
  }

  /** How many transfers are in which state, with what tops them up. */
  async countByState(actor: Actor): Promise<Record<string, number>> {
    requirePermission(actor, 'transfers:read');
    const rows = await this.db.query<{ state: string; count: number }[]>(
      'select state, count(*)::int count from payments.obligation group by state order by state',
    );
    return Object.fromEntries(rows.map((row) => [row.state, row.count]));
  }

  /**
   * Holds a transfer; a run that it was in can no longer be approved or released as it was. One that has been instructed is stopped instead:
   * whoever pays sees it and does not pay, and once it is put back it is held. Throws `not-found` (404), `not-holdable` (409).
   */
  async hold(actor: Actor, transferId: string, reason: HoldReason): Promise<void> {
    requirePermission(actor, 'transfers:hold');
    await this.change(actor, transferId, async (manager, transfer) => {
      // Also when another try turned out to have paid: then this one must not leave. What did not arrive is held once it is put back.
      if (STOPPABLE.includes(transfer.state) || (await isOnItsWay(manager, transferId))) {
        const stop = { id: this.ids.newId(), reason, askedBy: actor.userId, askedAt: this.clock.now() };
        await requestStop(manager, transferId, stop);
        await this.audit.record(manager, actor, 'transfer.stop', { kind: 'transfer', id: transferId }, { reason });
        return;
      }
      const isReleased = transfer.run_id !== null && (await hasRelease(manager, transfer.run_id));
      if (
        !['scheduled', 'in_run', 'approved'].includes(transfer.state) ||
        (transfer.state === 'approved' && isReleased)
      ) {
        throw Problem.conflict(
          'not-holdable',
          'Only a transfer that is still to be paid, is on its way or did not arrive can be held. One that is being sent at this moment can be a minute later.',
        );
      }
      await manager.query(
        "update payments.obligation set state = 'on_hold', hold_reason = $2, run_id = null where id = $1",
        [transferId, reason],
      );
      await this.audit.record(manager, actor, 'transfer.hold', { kind: 'transfer', id: transferId }, { reason });
    });
  }

  /**
   * Ends a hold, or a stop: the transfer is due, or on its way, as before. Only who works with the client can know that the reason is gone.
   * Throws `not-found` (404), `not-on-hold` (409).
   */
  async endHold(actor: Actor, transferId: string): Promise<void> {
    requirePermission(actor, 'transfers:end-hold');
    await this.change(actor, transferId, async (manager, transfer) => {
      const isStoppable = STOPPABLE.includes(transfer.state);
      if (!isStoppable && transfer.state !== 'on_hold') throw notOnHold();
      // Of a transfer that was stopped and put back the stop is what it is held by.
      const stop = await stopOf(manager, transferId);
      if (stop) await liftStop(manager, stop.stop_id, actor.userId, this.clock.now());
      if (isStoppable) {
        if (!stop) throw notOnHold();
        await this.audit.record(manager, actor, 'transfer.lift-stop', { kind: 'transfer', id: transferId });
        return;
      }
      await manager.query("update payments.obligation set state = 'scheduled', hold_reason = null where id = $1", [
        transferId,
      ]);
      await this.audit.record(manager, actor, 'transfer.end-hold', { kind: 'transfer', id: transferId });
    });
  }

  /**
   * Puts a transfer that failed, came back or was reversed back to be paid; it goes through a new run with new signatures.
   * Whoever alone told that it did not arrive, or brought in the bank's report that says so, is not the one who puts it back.
   * Throws `not-found` (404), `not-reissuable` (409): above all while it is unknown whether the client was paid; `tried-too-often`,
   * `reissue-other-person-needed` (409).
   */
  async reissue(actor: Actor, transferId: string): Promise<void> {
    requirePermission(actor, 'transfers:reissue');
    await this.change(actor, transferId, async (manager, transfer) => {
      if (!NOT_ARRIVED.includes(transfer.state)) {
        throw Problem.conflict(
          'not-reissuable',
          'Only a transfer that is proven not to have reached the client is paid again.',
        );
      }
      const [tried] = await manager.query<{ times: number }[]>(
        'select max(attempt_no)::int times from payments.attempt where obligation_id = $1',
        [transferId],
      );
      if (tried && tried.times >= MOST_TRIES)
        throw Problem.conflict(
          'tried-too-often',
          sentence('It was tried {most} times, which is the most there can be. Tell whoever runs the service.', {
            most: MOST_TRIES,
          }),
        );
      await manager.query(
        `insert into payments.reissue (id, attempt_id, reissued_by, reissued_at)
         select $2, a.id, $3, $4 from payments.attempt a where a.obligation_id = $1 and a.state = $5 order by a.attempt_no desc limit 1`,
        [transferId, this.ids.newId(), actor.userId, this.clock.now(), transfer.state],
      );
      // What was stopped stays held until somebody who works with the client ends it.
      const stop = await stopOf(manager, transferId);
      await manager.query('update payments.obligation set state = $2, hold_reason = $3, run_id = null where id = $1', [
        transferId,
        stop ? 'on_hold' : 'scheduled',
        stop?.reason ?? null,
      ]);
      await this.audit.record(manager, actor, 'transfer.reissue', { kind: 'transfer', id: transferId });
    });
  }

  private async change(
    actor: Actor,
    transferId: string,
    act: (manager: EntityManager, transfer: { state: TransferState; run_id: string | null }) => Promise<void>,
  ): Promise<void> {
    await this.requireWithinReach(actor, transferId);
    await this.db.transaction(async (manager) => {
      // The run's lock comes before the row's, as in approving and releasing, so that the two never wait for each other.
      const [seen] = await manager.query<{ run_id: string | null }[]>(
        'select run_id from payments.obligation where id = $1',
        [transferId],
      );
      if (seen?.run_id) await manager.query(LOCK_RUN, [seen.run_id]);
      const [transfer] = await manager.query<{ state: TransferState; run_id: string | null }[]>(
        'select state, run_id from payments.obligation where id = $1 for update',
        [transferId],
      );
      if (!transfer) throw Problem.notFound('transfer');
      if (transfer.run_id !== (seen?.run_id ?? null))
        throw Problem.conflict('try-again', 'Somebody else changed this at the same moment. Try again.');
      await act(manager, transfer);
    });
  }

  /** Before a transaction is begun: a refusal is recorded in one of its own. Throws `not-found` (404). */
  private async requireWithinReach(actor: Actor, transferId: string): Promise<void> {
    const [whose] = await this.db.query<{ caseworker_id: string; caseworker_team_id: string }[]>(
      `select s.caseworker_id, s.caseworker_team_id from payments.obligation o join casework.payment_standing s on s.client_id = o.client_id
       where o.id = $1`,
      [transferId],
    );
    const isWithinReach =
      actor.permissions.has('transfers:read') ||
      (actor.permissions.has('clients:read-team') && whose?.caseworker_team_id === actor.teamId) ||
      whose?.caseworker_id === actor.userId;
    if (whose && !isWithinReach)
      await this.audit.refusal(actor, { kind: 'transfer', id: transferId }, { code: 'not-found' });
    if (!whose || !isWithinReach) throw Problem.notFound('transfer');
  }

  private async page(filter: TransferFilter): Promise<{ items: TransferView[]; next: string | null }> {
    const [afterDue = '', afterId = ''] = filter.after?.split('/') ?? [];
    if (filter.after !== undefined && !(isPlainDate(afterDue) && isId(afterId))) {
      throw Problem.malformed('cursor-malformed', 'Use the `next` of the page before.', 'after');
    }
    const parameters: unknown[] = [filter.limit + 1];
    const conditions: string[] = [];
    const where = (value: unknown, condition: (parameter: string) => string) => {
      if (value !== undefined) conditions.push(condition(`$${parameters.push(value)}`));
    };
    where(filter.client, (code) => `o.client_id = (select id from casework.client where code = ${code})`);
    where(filter.state, (state) => `o.state = ${state}`);
    where(filter.from, (day) => `o.due_on >= ${day}::date`);
    where(filter.to, (day) => `o.due_on <= ${day}::date`);
    where(filter.fund, (code) => `o.fund_id = (select id from payments.fund where code = ${code})`);
    where(filter.run, (run) => `o.id in (select obligation_id from payments.run_item where run_id = ${run})`);
    where(
      filter.after,
      (after) => `(o.due_on, o.id) > (split_part(${after}, '/', 1)::date, split_part(${after}, '/', 2)::uuid)`,
    );
    const rows = await this.db.query<TransferRow[]>(listOf(conditions), parameters);
    const items = rows.slice(0, filter.limit).map(toView);
    const last = items.at(-1);
    return { items, next: rows.length > filter.limit && last ? `${last.dueOn}/${last.id}` : null };
  }
}

const notOnHold = () => Problem.conflict('not-on-hold', 'This transfer is not on hold.');

async function hasRelease(manager: EntityManager, runId: string): Promise<boolean> {
  const rows = await manager.query<unknown[]>(
    "select 1 from payments.run_signature where run_id = $1 and act = 'release'",
    [runId],
  );
  return rows.length > 0;
}

interface TransferRow extends Omit<TransferView, 'amount' | 'rail'> {
  amount_minor: string;
  rail: Rail;
}

function toView({ amount_minor: amountMinor, ...row }: TransferRow): TransferView {
  if (!rails.includes(row.rail)) throw new Error('a transfer on a rail that is not known');
  const money = (minor: string) => currencies.format(BigInt(minor), row.currency);
  return {
    ...row,
    amount: money(amountMinor),
    raises: row.raises.map(({ on, from, to }) => ({ on, from: money(from), to: money(to) })),
  };
}

/** $1 at most how many. The page is cut first: what is said of each costs no more where there are many. */
const listOf = (conditions: readonly string[]): string => `
  with page as materialized (
    select o.* from payments.obligation o where ${conditions.join(' and ') || 'true'} order by o.due_on, o.id limit $1)
  select o.id, c.code client, o.enrolment_id enrolment, f.code fund, o.country, o.instalment, o.tops_up "topsUp", o.due_on::text "dueOn",
         o.amount_minor::text, o.currency, coalesce(paid_by.rail, e.rail) rail, o.state, o.run_id run, o.hold_reason "holdReason",
         case when o.state in ('instructed', 'accepted', 'unknown', 'failed', 'returned', 'reversed')
              then (select s.reason from payments.stopped_attempt s
                    where s.attempt_id = (select a.id from payments.attempt a where a.obligation_id = o.id order by a.attempt_no desc limit 1)) end "stopReason",
         case when o.state in ('instructed', 'unknown')
              then (select case when exists (select from payments.superseded_payee s where s.attempt_id = u.attempt_id) then 'recorded-anew' else u.reason end
                    from payments.unreadable_payee u
                    where u.attempt_id = (select a.id from payments.attempt a where a.obligation_id = o.id order by a.attempt_no desc limit 1)) end unreadable,
         o.settled_on::text "settledOn",
         coalesce(top_up.derivation, (raised.raises -> -1) -> 'wage', e.derivation) wage, coalesce(raised.raises, '[]') raises,
         coalesce((select jsonb_agg(jsonb_build_object('attemptNo', a.attempt_no, 'run', a.run_id, 'rail', a.rail, 'state', a.state,
                                                       'instructedOn', a.instructed_on, 'settledOn', a.settled_on, 'correlationId', a.correlation_id)
                                    order by a.attempt_no)
                   from payments.attempt a where a.obligation_id = o.id), '[]') attempts
  from page o
  join payments.enrolment e on e.id = o.enrolment_id
  join casework.client c on c.id = o.client_id
  join payments.fund f on f.id = o.fund_id
  left join payments.run_item paid_by on paid_by.run_id = o.run_id and paid_by.obligation_id = o.id
  left join payments.value_review top_up on top_up.id = o.review_id
  left join lateral (
    select jsonb_agg(jsonb_build_object('on', (v.changed_at at time zone e.time_zone)::date, 'from', v.from_minor::text, 'to', v.to_minor::text,
                                        'wage', coalesce(r.derivation, i.derivation)) order by v.from_minor) raises
    from payments.value_change v left join payments.value_review r on r.id = v.review_id
    left join payments.enrolment_change_item i on i.change_id = v.change_id and i.obligation_id = v.obligation_id
    where v.obligation_id = o.id) raised on true
  order by o.due_on, o.id`;
