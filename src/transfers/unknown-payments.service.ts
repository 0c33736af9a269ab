/** Payments of which nobody knows whether they arrived: whose they are, how long already, and an alert when it has been a day. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import type { Rail } from '../funds/rails.js';
import { Clock } from '../kernel/clock.js';
import type { PlainDate } from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { Ids } from '../kernel/ids.js';
import { currencies } from '../kernel/reference-data.js';

export interface UnknownPayment {
  /** Id of the attempt. */
  id: string;
  transfer: string;
  client: string;
  run: string;
  rail: Rail;
  amount: string;
  currency: string;
  instructedOn: PlainDate;
  /** A bank's payment that by our books left nowhere yet: its file was not made, or nobody took it; null of any other. */
  waitsFor: 'file' | 'taking' | null;
  /** What the rail was told to call it. */
  correlationId: string;
  since: string;
  /** Whole hours since then. */
  ageHours: number;
  isAlert: boolean;
  /** Null when nobody who works here has it. */
  owner: { id: string; name: string } | null;
}

/** A day: whoever waits for their money should not wait longer before somebody asks the bank. */
const ALERT_AFTER_HOURS = 24;
const HOUR_MS = 3_600_000;

@Injectable()
export class UnknownPaymentsService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
  ) {}

  /** All of them, oldest first; at most 1,000. */
  async list(actor: Actor): Promise<UnknownPayment[]> {
    requirePermission(actor, 'transfers:read');
    const rows = await this.db.query<UnknownRow[]>(
      `select p.attempt_id id, p.obligation_id transfer, c.code client, p.run_id run, p.rail, p.amount_minor::text, p.currency,
              p.instructed_on::text "instructedOn",
              case when p.rail = 'bank-file' and not exists (select from payments.told_result t where t.attempt_id = p.attempt_id)
                        and not exists (select from payments.evidence e where e.attempt_id = p.attempt_id and e.kind <> 'silence')
                   then case when i.bank_file_id is null then 'file'
                             when not exists (select from payments.bank_file_download d where d.bank_file_id = i.bank_file_id) then 'taking' end
              end "waitsFor", a.correlation_id "correlationId", p.unknown_since since,
              case when u.disabled_at is null then u.id end owner_id, u.display_name owner_name
       from payments.unknown_payment p join payments.attempt a on a.id = p.attempt_id join payments.obligation o on o.id = p.obligation_id
       left join payments.standing_bank_file_item i on i.attempt_id = p.attempt_id
       join casework.client c on c.id = o.client_id left join access.app_user u on u.id = p.owner_id
       order by p.unknown_since, p.attempt_id limit 1000`,
    );
    const now = this.clock.now().getTime();
    return rows.map(({ amount_minor: amountMinor, owner_id: ownerId, owner_name: ownerName, since, ...row }) => {
      const ageHours = Math.floor((now - since.getTime()) / HOUR_MS);
      return {
        ...row,
        since: since.toISOString(),
        amount: currencies.format(BigInt(amountMinor), row.currency),
        ageHours,
        isAlert: ageHours >= ALERT_AFTER_HOURS,
        owner: ownerId ? { id: ownerId, name: ownerName } : null,
      };
    });
  }

  /** Gives one to somebody of finance. Throws `not-found` (404), `owner-not-possible` (422). */
  async assign(actor: Actor, attemptId: string, ownerId: string): Promise<void> {
    requirePermission(actor, 'results:record');
    await this.db.transaction(async (manager) => {
      const [found] = await manager.query<{ obligation_id: string }[]>(
        'select obligation_id from payments.unknown_payment where attempt_id = $1',
        [attemptId],
      );
      if (!found) throw Problem.notFound('payment');
      await manager.query(
        'insert into payments.unknown_owner (id, attempt_id, owner_id, assigned_by, assigned_at) values ($1, $2, $3, $4, $5)',
        [this.ids.newId(), attemptId, ownerId, actor.userId, this.clock.now()],
      );
      await this.audit.record(
        manager,
        actor,
        'transfer.unknown-owner',
        { kind: 'transfer', id: found.obligation_id },
        { owner: ownerId },
      );
    });
  }

  /** Who can be given one: everybody of finance who works here. */
  async possibleOwners(actor: Actor): Promise<{ id: string; name: string }[]> {
    requirePermission(actor, 'results:record');
    return this.db.query<{ id: string; name: string }[]>(
      `select u.id, u.display_name name from access.app_user u
       where u.disabled_at is null and exists (select from access.user_role r where r.user_id = u.id and r.role like 'finance-%') order by u.display_name, u.id`,
    );
  }

  /** Raises, once each, those that have been unknown for a day; how many. */
  async raiseAlerts(actor: Actor): Promise<number> {
    requirePermission(actor, 'results:record');
    const now = this.clock.now();
    return this.db.transaction(async (manager) => {
      const raised = await manager.query<{ obligation_id: string; owner_id: string | null }[]>(
        `with raised as (
           insert into payments.unknown_alert (attempt_id, unknown_since, raised_at)
           select attempt_id, unknown_since, $1 from payments.unknown_payment
           where unknown_since <= $1::timestamptz - make_interval(hours => ${ALERT_AFTER_HOURS})
           on conflict do nothing returning attempt_id)
         select p.obligation_id, p.owner_id from raised join payments.unknown_payment p using (attempt_id) order by p.obligation_id`,
        [now],
      );
      await this.audit.recordAll(
        manager,
        raised.map(({ obligation_id: id, owner_id: owner }) => ({
          actor,
          act: 'transfer.unknown-alert',
          subject: { kind: 'transfer', id },
          detail: { owner },
        })),
      );
      return raised.length;
    });
  }
}

interface UnknownRow extends Omit<UnknownPayment, 'amount' | 'since' | 'ageHours' | 'isAlert' | 'owner'> {
  amount_minor: string;
  since: Date;
  owner_id: string | null;
  owner_name: string;
}
