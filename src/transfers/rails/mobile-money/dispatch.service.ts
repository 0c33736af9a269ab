/**
 * Sends what is instructed by mobile money. The row in payments.dispatch is committed before the request leaves, and there is one for an attempt at
 * most: whatever crashes, an attempt is sent once or not at all, and what became of it is asked and never tried.
 */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../../../access/audit-trail.js';
import type { Actor } from '../../../access/domain/actor.js';
import { IdentityVault } from '../../../clients/identity-vault/identity-vault.js';
import { Clock } from '../../../kernel/clock.js';
import { Ids } from '../../../kernel/ids.js';
import { countryOf } from '../../../kernel/reference-data.js';
import { Secrets } from '../../../kernel/secrets.js';
import type { MobileMoneySettings } from '../../../kernel/settings.js';
import { INSTALMENTS } from '../../domain/schedule.js';
import { EvidenceService, type AttemptRow } from '../../evidence.service.js';
import { HOLD_OFF_WITHDRAWALS } from '../../runs.sql.js';
import { UnreadablePayeesService, type NotRead } from '../../unreadable-payees.service.js';
import type { RailInstruction, RailPort, RailReply } from '../rail-port.js';
import { accountOf } from './domain/account.js';
import { minutesUntilNext } from './domain/asking.js';
import { Operator } from './operator.js';
import { loadRequests, referenceOf } from './our-requests.js';
import { RailMessagesService } from './rail-messages.service.js';

/** Few, because as many are on their way at once, and in doubt after a crash. */
const BATCH = 8;

/** Why an attempt is not sent. */
type NotSent = 'may-not-be-paid' | 'no-account';

interface Picked {
  id: string;
  instalment: number;
}

interface Due {
  id: string;
  run_id: string;
  obligation_id: string;
  country: string;
}

/** Of each transfer the account that it goes to, or why it goes to none. */
type Accounts = ReadonlyMap<string, RailInstruction['to'] | NotSent>;

/**
 * Instructed and never sent, of which nothing was learned but silence. Silence of what was not sent is our own: after a week of downtime the payment
 * is late, and still owed.
 */
const TO_SEND = `
  payments.attempt a join payments.obligation o on o.id = a.obligation_id
  where a.rail = 'mobile-money' and a.state in ('instructed', 'unknown')
    and not exists (select from payments.dispatch d where d.attempt_id = a.id)
    and not exists (select from payments.evidence e where e.attempt_id = a.id and e.kind <> 'silence')
    and not exists (select from payments.superseded_payee s where s.attempt_id = a.id)`;

/** $1 at most how many, $2 now: whoever could not be read waits until it is tried again, and holds up nobody. */
const DUE = `
  select a.id, a.run_id, a.obligation_id, o.country from ${TO_SEND}
    and not exists (select from payments.payee_unreadable u where u.attempt_id = a.id and u.next_at > $2::timestamptz)
  order by a.instructed_at, a.id limit $1`;

/** $1 of these, $2 at most how many: those that nobody else is working on. */
const PICK = `
  select a.id, o.instalment from ${TO_SEND} and a.id = any ($1)
  order by a.instructed_at, a.id limit $2 for update of o skip locked`;

/** $1 attempts: those whose client may be paid by this rail at this moment, and has not been by another try, and which nobody has stopped. */
const MAY_BE_SENT = `
  select a.id from payments.attempt a join payments.obligation o on o.id = a.obligation_id
  join casework.payment_standing s on s.client_id = o.client_id
  where a.id = any ($1) and a.rail = any (s.payable_by) and o.state in ('instructed', 'accepted', 'unknown') and not exists (select from payments.stopped_attempt t where t.attempt_id = a.id)`;

@Injectable()
export class DispatchService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly secrets: Secrets,
    private readonly audit: AuditTrail,
    private readonly evidence: EvidenceService,
    private readonly vault: IdentityVault,
    private readonly operator: Operator,
    private readonly messages: RailMessagesService,
    private readonly unreadable: UnreadablePayeesService,
  ) {}

  /**
   * Sends what is due to be sent, as fast as the operator allows; how many. Stops where the operator does not answer. Safe to call from several
   * places at once. Throws `keys-unavailable` (503).
   */
  async dispatchDue(actor: Actor): Promise<number> {
    const { connected } = this.operator;
    let sent = 0;
    let isAtWork = false;
    for (;;) {
      if (!connected) return sent;
      const room = await this.room(this.db.manager, connected.settings.perMinute);
      const due = await this.db.query<Due[]>(DUE, [Math.min(BATCH, room), this.clock.now()]);
      if (due.length === 0) return sent;
      isAtWork ||= await connected.rail.isAtWork();
      if (!isAtWork) return sent;
      // Before anything is locked: key services may take their time.
      const { accounts, notRead } = await this.accounts(actor, due);
      await this.unreadable.keep(actor, notRead);
      const held = new Set(notRead.map(({ attempt }) => attempt));
      const readable = due.filter(({ id }) => !held.has(id));
      if (readable.length === 0) continue;
      const { looked, instructions } = await this.claim(actor, connected.rail, connected.settings, readable, accounts);
      if (looked === 0) return sent;
      const replies = await Promise.all(
        instructions.map((instruction) => this.send(actor, connected.rail, instruction)),
      );
      sent += instructions.length;
      if (replies.length > 0 && replies.every(isNoAnswer)) return sent;
    }
  }

  private async send(actor: Actor, rail: RailPort, instruction: RailInstruction): Promise<RailReply> {
    const reply = await rail.send(instruction);
    const request = (await loadRequests(this.db.manager, [instruction.id])).get(instruction.id);
    if (!request) throw new Error('something was sent that was not dispatched');
    await this.messages.record(actor, request, 'answer', reply);
    return reply;
  }

  /** Takes those that are due, each by a row that says that it leaves. Who may not be paid at this moment, or by no account, is not sent. */
  private claim(
    actor: Actor,
    rail: RailPort,
    settings: MobileMoneySettings,
    due: readonly Due[],
    accounts: Accounts,
  ): Promise<{ looked: number; instructions: RailInstruction[] }> {
    return this.db.transaction(async (manager) => {
      const picked = await this.pick(manager, due, settings.perMinute);
      if (picked.length === 0) return { looked: 0, instructions: [] };
      const ids = picked.map(({ id }) => id);
      const attempts = await this.evidence.lock(manager, 'a.id = any ($1)', [ids]);
      const mayBeSent = new Set((await manager.query<{ id: string }[]>(MAY_BE_SENT, [ids])).map(({ id }) => id));
      const instalments = new Map(picked.map(({ id, instalment }) => [id, instalment]));
      const instructions: RailInstruction[] = [];
      const notSent: [AttemptRow, NotSent][] = [];
      for (const attempt of attempts) {
        const to = mayBeSent.has(attempt.id) ? accounts.get(attempt.obligation_id) : undefined;
        if (to === undefined || typeof to === 'string') notSent.push([attempt, to ?? 'may-not-be-paid']);
        else
          instructions.push({
            id: attempt.id,
            reference: referenceOf(attempt.id),
            amountMinor: BigInt(attempt.amount_minor),
            currency: attempt.currency,
            to,
            text: `Support ${instalments.get(attempt.id)}/${INSTALMENTS.length}`,
          });
      }
      await this.keepDispatches(manager, actor, rail, attempts, instructions);
      await this.keepNotSent(manager, actor, notSent);
      return { looked: picked.length, instructions };
    });
  }

  /** One at a time counts what was sent lately and takes more: all processes together keep to the operator's limit. */
  private async pick(manager: EntityManager, due: readonly Due[], perMinute: number): Promise<Picked[]> {
    await manager.query("select pg_advisory_xact_lock(hashtextextended('mobile-money/dispatch', 0))");
    await manager.query(HOLD_OFF_WITHDRAWALS);
    return manager.query<Picked[]>(PICK, [due.map(({ id }) => id), await this.room(manager, perMinute)]);
  }

  /** How many the operator still takes in this minute. */
  private async room(manager: EntityManager, perMinute: number): Promise<number> {
    const [lately] = await manager.query<{ count: number }[]>(
      "select count(*)::int count from payments.dispatch where dispatched_at > $1::timestamptz - interval '1 minute'",
      [this.clock.now()],
    );
    return Math.max(0, perMinute - (lately?.count ?? 0));
  }

  /** Whom it opens is who may be paid at this moment, and is recorded. */
  private async accounts(actor: Actor, due: readonly Due[]): Promise<{ accounts: Accounts; notRead: NotRead[] }> {
    const accounts = new Map<string, RailInstruction['to'] | NotSent>();
    const notRead: NotRead[] = [];
    for (const runId of new Set(due.map(({ run_id: run }) => run))) {
      const ofRun = due.filter(({ run_id: run }) => run === runId);
      const transfers = ofRun.map(({ obligation_id: id }) => id);
      const payees = await this.vault.payees(actor, runId, transfers);
      for (const { id: attempt, obligation_id: transfer, country } of ofRun) {
        const opened = payees.get(transfer);
        if (typeof opened === 'string') notRead.push({ attempt, transfer, reason: opened });
        else if (opened) accounts.set(transfer, accountOf(opened.payee, country) ?? 'no-account');
      }
    }
    return { accounts, notRead };
  }

  private async keepDispatches(
    manager: EntityManager,
    actor: Actor,
    rail: RailPort,
    attempts: readonly AttemptRow[],
    instructions: readonly RailInstruction[],
  ): Promise<void> {
    if (instructions.length === 0) return;
    const now = this.clock.now();
    const ids = instructions.map(({ id }) => id);
    await manager.query(
      `insert into payments.dispatch (attempt_id, request_digest, dispatched_at)
       select id, digest, $3 from unnest($1::uuid[], $2::bytea[]) as leaving(id, digest)`,
      [ids, instructions.map((one) => this.secrets.fingerprint('rail-request', rail.written(one))), now],
    );
    await manager.query(
      `insert into payments.enquiry (correlation_id, attempt_id, about, next_at)
       select id, id, 'payment', $2::timestamptz + $3 * interval '1 minute' from unnest($1::uuid[]) id`,
      [ids, now, minutesUntilNext(0)],
    );
    await this.audit.recordAll(
      manager,
      attempts
        .filter(({ id }) => ids.includes(id))
        .map(({ id, obligation_id: transfer, run_id: run }) => ({
          actor,
          act: 'transfer.dispatch',
          subject: { kind: 'transfer', id: transfer },
          detail: { attempt: id, run },
        })),
    );
  }

  /** They provably never left. They stay owed. */
  private async keepNotSent(
    manager: EntityManager,
    actor: Actor,
    notSent: readonly [AttemptRow, NotSent][],
  ): Promise<void> {
    if (notSent.length === 0) return;
    await this.evidence.take(
      manager,
      notSent.map(([attempt]) => attempt),
      notSent.map(([attempt]) => ({
        id: this.ids.newId(),
        source: 'rail',
        toldBy: actor,
        attempt,
        kind: 'failed',
        code: 'not-sent',
        happenedOn: this.clock.today(countryOf(attempt.country).timeZone),
        reference: null,
      })),
    );
    await this.audit.recordAll(
      manager,
      notSent.map(([{ id, obligation_id: transfer, run_id: run }, reason]) => ({
        actor,
        act: 'transfer.not-sent',
        subject: { kind: 'transfer', id: transfer },
        detail: { attempt: id, run, reason },
      })),
    );
  }
}

const isNoAnswer = ({ answer }: RailReply): boolean => answer.kind === 'unclear' && answer.why === 'no-answer';
