/** What the payments know of a client: told in an export, ended and cut loose from them by an erasure, and paid to another payee by a correction. */
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { AuditedSubject } from '../access/audit-trail.js';
import type { Actor } from '../access/domain/actor.js';
import type { ClientEntity } from '../clients/client.entity.js';
import { HeldData, type CorrectedIdentity, type Holder } from '../clients/rights/held-data.js';
import type { IdentityField } from '../clients/domain/identity.js';
import { Clock } from '../kernel/clock.js';
import { Problem } from '../kernel/domain/problem.js';
import { Ids } from '../kernel/ids.js';
import { currencies } from '../kernel/reference-data.js';
import type { AttemptState } from './domain/attempt-state.js';
import type { TransferState } from './obligation.entity.js';
import { LOCK_RUN } from './runs.sql.js';
import { GivingUpService } from './value/giving-up.service.js';

/** Put together, signed or sent, and not known to have ended: money may be on its way. */
const UNDER_WAY: readonly TransferState[] = ['in_run', 'approved', 'instructed', 'accepted', 'unknown'];
const NOT_IN_A_RUN: readonly TransferState[] = ['planned', 'scheduled', 'on_hold'];

@Injectable()
export class HeldTransfers implements Holder, OnModuleInit {
  readonly name = 'transfers';
  readonly tables = [
    'payments.enrolment',
    'payments.obligation',
    'payments.run_item',
    'payments.attempt',
    'payments.evidence',
    'payments.payee_change', // that it changed is told among the versions of who they are
    'payments.told_result', // becomes evidence, which is told, or nothing
    'payments.unknown_owner', // who of the staff asks the bank
    'payments.unknown_alert',
    'payments.stop_request',
    'payments.stop_lifted',
    'payments.run_departure',
    'payments.bank_file_item', // in which file a payment stood; what stood there is kept nowhere
    'payments.payee_unreadable', // that it could not be read whom a payment goes to
    'payments.dispatch', // that it left for an operator; what left is kept as a keyed digest
    'payments.rail_message', // what an operator said, in codes; what it proves is evidence, which is told
    'payments.enquiry', // when an operator is asked next
    'payments.reversal_request',
    'payments.reversal_confirmed',
    'payments.reissue', // who of the staff put it back to be paid
    'payments.inbound_line', // a line of a bank's report; what it proves is evidence, which is told
    'payments.work_item',
    'payments.work_item_word',
    'payments.voucher',
    'payments.voucher_custody',
    'payments.voucher_receipt',
    'payments.voucher_handover',
    'payments.voucher_acknowledgement',
    'payments.value_change',
    'payments.value_review_item',
    'payments.enrolment_change',
    'payments.enrolment_change_item',
    'payments.enrolment_change_decision',
    'payments.giving_up',
    'ledger.entry', // by the transfer; amounts and days, which the transfers tell
    'ledger.subject_erasure',
  ];

  constructor(
    private readonly heldData: HeldData,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly givingUp: GivingUpService,
  ) {}

  onModuleInit(): void {
    this.heldData.register(this);
  }

  async export(manager: EntityManager, _actor: Actor, client: ClientEntity): Promise<unknown> {
    const rows = await manager.query<EnrolmentRow[]>(ENROLMENTS_OF_CLIENT, [client.id]);
    return rows.map(({ transfers, currency, amountMinor, ...enrolment }) => {
      const money = (minor: string) => currencies.format(BigInt(minor), currency);
      return {
        ...enrolment,
        amountOfEach: money(amountMinor),
        currency,
        transfers: transfers.map(({ amount, raised, ...transfer }) => ({
          ...transfer,
          amount: money(amount),
          currency,
          raised: raised.map((raise) => ({ ...raise, from: money(raise.from), to: money(raise.to) })),
        })),
      };
    });
  }

  async auditedSubjects(manager: EntityManager, client: ClientEntity): Promise<AuditedSubject[]> {
    return manager.query<AuditedSubject[]>(
      `select 'enrolment' kind, id from payments.enrolment where client_id = $1
       union all select 'enrolment-change', id from payments.enrolment_change where client_id = $1
       union all select 'transfer', id from payments.obligation where client_id = $1`,
      [client.id],
    );
  }

  /**
   * What is owed and in no run is cancelled; what did not arrive stays so, is paid to nobody, and its money is its fund's again. The salts that tie
   * the rest to the client in the log go. Throws `payment-under-way` (409).
   */
  async erase(manager: EntityManager, actor: Actor, client: ClientEntity): Promise<Record<string, number>> {
    const transfers = await lockTransfers(manager, client.id);
    if (transfers.some(({ state }) => UNDER_WAY.includes(state))) {
      throw Problem.conflict(
        'payment-under-way',
        'A payment to this client is in a run or on its way. Wait for its result, or take it out of the run, and then erase.',
      );
    }
    const open = transfers.filter(({ state }) => NOT_IN_A_RUN.includes(state));
    const now = this.clock.now();
    await manager.query(CANCEL_UNTRIED, [client.id, NOT_IN_A_RUN, now]);
    await manager.query(BACK_TO_LAST_ATTEMPT, [client.id, NOT_IN_A_RUN]);
    await manager.query(CANCEL_EMPTY_ENROLMENTS, [client.id, now]);
    await this.givingUp.ofClientBeingErased(manager, actor, client.id);
    const [erased] = await manager.query<{ salts: number }[]>('select ledger.erase_subjects($1, $2, $3) salts', [
      transfers.map(({ id }) => id),
      actor.userId,
      now,
    ]);
    return { transfersEnded: open.length, logSalts: erased?.salts ?? 0 };
  }

  /**
   * Who is paid is part of what is signed, so a run that is not released has to be put together again. A released one pays whom it named: where
   * the money goes stands until the payment has ended, and a name that is corrected counts from the next payment on. One that waits because whom it
   * goes to cannot be read has not left, and leaves no more: see payments.superseded_payee.
   * Throws `payment-under-way`, `try-again` (409).
   */
  async corrected(
    manager: EntityManager,
    client: ClientEntity,
    { version, changed, correctedBy }: CorrectedIdentity,
  ): Promise<void> {
    if (!changed.some((field) => SAYS_WHO_IS_PAID.includes(field))) return;
    const transfers = await this.lockWithRuns(manager, client.id);
    const standing = changed.find((field) => STANDS_WHILE_UNDER_WAY.includes(field));
    const signed = transfers.filter(({ state, released }) => UNDER_WAY.includes(state) && released);
    if (standing && (await someMayLeave(manager, signed))) {
      throw Problem.conflict(
        'payment-under-way',
        'A payment to this client is on its way to the payee on record. Change the payee when its result is known.',
        `identity.${standing}`,
      );
    }
    await manager.query('update payments.enrolment set payee_ref = $2 where client_id = $1 and cancelled_at is null', [
      client.id,
      payeeRef(version),
    ]);
    if (!changed.some((field) => STANDS_WHILE_UNDER_WAY.includes(field))) return;
    await manager.query(
      'insert into payments.payee_change (id, client_id, version, changed_by, changed_at) values ($1, $2, $3, $4, $5)',
      [this.ids.newId(), client.id, version, correctedBy, this.clock.now()],
    );
  }

  /** The run's lock comes before the rows', as in approving and releasing: a signature is there before a correction, or it sees it. */
  private async lockWithRuns(manager: EntityManager, clientId: string): Promise<LockedTransfer[]> {
    const seen = await manager.query<{ run_id: string }[]>(
      'select distinct run_id from payments.obligation where client_id = $1 and run_id is not null and state = any ($2) order by run_id',
      [clientId, UNDER_WAY],
    );
    for (const { run_id: runId } of seen) await manager.query(LOCK_RUN, [runId]);
    const transfers = await lockTransfers(manager, clientId);
    const isLocked = (runId: string | null) => runId === null || seen.some(({ run_id: locked }) => locked === runId);
    if (!transfers.every(({ state, run_id: runId }) => !UNDER_WAY.includes(state) || isLocked(runId)))
      throw Problem.conflict('try-again', 'Somebody else changed this at the same moment. Try again.');
    return transfers;
  }
}

/** Names decide who may receive, the day of birth, and whether it is a guess, whether a guardian does. */
const SAYS_WHO_IS_PAID: readonly IdentityField[] = ['names', 'dateOfBirth', 'dateOfBirthIsGuess', 'payee', 'guardian'];
const STANDS_WHILE_UNDER_WAY: readonly IdentityField[] = ['payee', 'guardian'];

/** Which version of who the client is a payment goes to; opaque to the rails. */
export const payeeRef = (identityVersion: number) => `identity/${identityVersion}`;

interface LockedTransfer {
  id: string;
  state: TransferState;
  run_id: string | null;
  released: boolean;
}

/** In one order, as preparing a run locks them; whoever prepares one at this moment skips these. */
function lockTransfers(manager: EntityManager, clientId: string): Promise<LockedTransfer[]> {
  return manager.query<LockedTransfer[]>(
    `select o.id, o.state, o.run_id, exists (select from payments.run_signature s where s.run_id = o.run_id and s.act = 'release') released
     from payments.obligation o where o.client_id = $1 order by o.id for update of o`,
    [clientId],
  );
}

/** Asked after they are locked: one that is sent at this moment is seen to be. */
async function someMayLeave(manager: EntityManager, transfers: readonly LockedTransfer[]): Promise<boolean> {
  const waiting = await manager.query<{ id: string }[]>(
    `select distinct a.obligation_id id from payments.unreadable_payee u join payments.attempt a on a.id = u.attempt_id where a.obligation_id = any ($1)`,
    [transfers.map(({ id }) => id)],
  );
  return transfers.some(({ id }) => !waiting.some((one) => one.id === id));
}

const CANCEL_UNTRIED = `
  update payments.obligation o set state = 'cancelled', hold_reason = null, run_id = null, cancelled_at = $3
  where o.client_id = $1 and o.state = any ($2) and not exists (select from payments.attempt a where a.obligation_id = o.id)`;

/** Those that were to be paid again: late news of their attempts still has a place to go. */
const BACK_TO_LAST_ATTEMPT = `
  update payments.obligation o set hold_reason = null,
         state = (select a.state from payments.attempt a where a.obligation_id = o.id order by a.attempt_no desc limit 1)
  where o.client_id = $1 and o.state = any ($2)`;

const CANCEL_EMPTY_ENROLMENTS = `
  update payments.enrolment e set cancelled_at = $2
  where e.client_id = $1 and e.cancelled_at is null
    and not exists (select from payments.obligation o where o.enrolment_id = e.id and o.state <> 'cancelled')`;

interface EnrolmentRow {
  changes: object[] | null;
  enrolledOn: string;
  approvedOn: string | null;
  cancelledOn: string | null;
  fund: string;
  paidBy: string;
  currency: string;
  amountMinor: string;
  howTheAmountCameAbout: Record<string, string>;
  transfers: {
    instalment: number;
    addedTo: string | null;
    amount: string;
    raised: { on: string; from: string; to: string; because: Record<string, string> }[];
    dueOn: string;
    state: TransferState;
    heldBecause: string | null;
    paidOn: string | null;
    attempts: {
      sentOn: string;
      state: AttemptState;
      paidOn: string | null;
      stopped: { because: string; on: string; until: string | null }[];
      askedBack: { because: string; on: string }[];
      learned: object[];
    }[];
  }[];
}

/** Of attempt a; null when there is none. Who carried the cash is told by what they are, in the records. */
const VOUCHER_OF_ATTEMPT = `(
  select jsonb_build_object('number', v.number, 'issuedAt', v.issued_at, 'wayOfTheCash', s.state,
    'cashChangedHandsAt', coalesce((select jsonb_agg(r.received_at order by r.received_at)
                                    from payments.voucher_custody c join payments.voucher_receipt r on r.custody_id = c.id where c.voucher_id = v.id), '[]'),
    'acknowledged', (select jsonb_build_object('by', h.kind, 'happenedOn', h.happened_on, 'recordedAt', k.confirmed_at)
                     from payments.voucher_acknowledgement k join payments.voucher_handover h on h.id = k.handover_id where k.voucher_id = v.id))
  from payments.voucher v join payments.voucher_standing s on s.voucher_id = v.id where v.attempt_id = a.id)`;

const ENROLMENTS_OF_CLIENT = `
  select (select jsonb_agg(jsonb_build_object('toldOn', (ch.proposed_at at time zone e.time_zone)::date, 'before', ch.before,
                                              'paidBy', ch.rail, 'country', ch.country, 'region', ch.region,
                                              'decided', case d.decision when 'approve' then 'approved' when 'decline' then 'declined' else 'not yet' end)
                                             order by ch.proposed_at)
          from payments.enrolment_change ch left join payments.enrolment_change_decision d on d.change_id = ch.id
          where ch.enrolment_id = e.id) changes,
         (e.proposed_at at time zone e.time_zone)::date::text "enrolledOn", (e.approved_at at time zone e.time_zone)::date::text "approvedOn",
         (e.cancelled_at at time zone e.time_zone)::date::text "cancelledOn", f.name fund, e.rail "paidBy", e.currency,
         e.amount_minor::text "amountMinor", e.derivation "howTheAmountCameAbout",
         (select jsonb_agg(jsonb_build_object(
            'instalment', o.instalment, 'addedTo', case when o.tops_up is not null then 'this transfer, because the minimum wage rose' end,
            'amount', o.amount_minor::text,
            'raised', coalesce((select jsonb_agg(jsonb_build_object('on', (v.changed_at at time zone e.time_zone)::date, 'from', v.from_minor::text,
                                                                   'to', v.to_minor::text, 'because', coalesce(r.derivation, i.derivation))
                                                 order by v.from_minor)
                                from payments.value_change v left join payments.value_review r on r.id = v.review_id
                                left join payments.enrolment_change_item i on i.change_id = v.change_id and i.obligation_id = v.obligation_id
                                where v.obligation_id = o.id), '[]'), 'dueOn', o.due_on, 'state', o.state, 'heldBecause', o.hold_reason, 'paidOn', o.settled_on,
            'attempts', coalesce((select jsonb_agg(jsonb_build_object(
               'sentOn', a.instructed_on, 'state', a.state, 'paidOn', a.settled_on, 'voucher', ${VOUCHER_OF_ATTEMPT},
               'stopped', (select coalesce(jsonb_agg(jsonb_build_object('because', s.reason, 'on', (s.asked_at at time zone e.time_zone)::date,
                                                                       'until', (l.lifted_at at time zone e.time_zone)::date) order by s.asked_at), '[]')
                           from payments.stop_request s left join payments.stop_lifted l on l.stop_id = s.id where s.attempt_id = a.id),
               'askedBack', (select coalesce(jsonb_agg(jsonb_build_object('because', q.reason, 'on', (c.confirmed_at at time zone e.time_zone)::date)
                                                      order by c.confirmed_at), '[]')
                             from payments.reversal_request q join payments.reversal_confirmed c on c.request_id = q.id where q.attempt_id = a.id),
               'learned', coalesce((select jsonb_agg(jsonb_build_object('what', v.kind, 'happenedOn', v.happened_on, 'reference', v.reference)
                                                     order by v.happened_on, v.recorded_at)
                                    from payments.evidence v where v.attempt_id = a.id), '[]')) order by a.attempt_no)
               from payments.attempt a where a.obligation_id = o.id), '[]')) order by o.instalment, o.tops_up is not null, o.due_on, o.id)
          from payments.obligation o where o.enrolment_id = e.id) transfers
  from payments.enrolment e join payments.fund f on f.id = e.fund_id
  where e.client_id = $1 order by e.proposed_at, e.id`;
