/** Payments that wait because whom they go to cannot be read: each holds up itself alone, is shown to finance, and is tried again or told as not sent. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import type { Unreadable } from '../clients/identity-vault/data-keys.js';
import type { Rail } from '../funds/rails.js';
import { Clock } from '../kernel/clock.js';
import { currencies } from '../kernel/reference-data.js';

export interface UnreadablePayee {
  /** Id of the attempt. */
  id: string;
  transfer: string;
  client: string;
  run: string;
  rail: Rail;
  amount: string;
  currency: string;
  /** What the rail would be told to call it. */
  correlationId: string;
  reason: Unreadable;
  /** When it was found first. */
  since: string;
  /** It was recorded anew since whom it goes to: it is tried no more, and paid in another run once it is told that it was not sent. */
  isCorrected: boolean;
  /** When it is tried next; null where nobody tries by themselves, as no file for a bank makes itself. */
  nextAt: string | null;
}

export interface NotRead {
  attempt: string;
  transfer: string;
  reason: Unreadable;
}

@Injectable()
export class UnreadablePayeesService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {}

  /** Keeps that they could not be read just now. The next try is in a quarter of an hour, and each one after it twice as late, up to a day. */
  async keep(actor: Actor, found: readonly NotRead[]): Promise<void> {
    if (found.length === 0) return;
    await this.db.transaction(async (manager) => {
      const kept = await manager.query<{ attempt_id: string }[]>(
        `insert into payments.payee_unreadable (attempt_id, no, reason, tried_at, next_at)
         select id, before.n + 1, reason, $3, $3::timestamptz + least(interval '15 minutes' * power(2, least(before.n, 10)), interval '1 day')
         from unnest($1::uuid[], $2::text[]) found(id, reason)
         cross join lateral (select count(*)::int n from payments.payee_unreadable u where u.attempt_id = found.id) before
         on conflict do nothing returning attempt_id`,
        [found.map(({ attempt }) => attempt), found.map(({ reason }) => reason), this.clock.now()],
      );
      const ids = new Set(kept.map(({ attempt_id: id }) => id));
      await this.audit.recordAll(
        manager,
        found
          .filter(({ attempt }) => ids.has(attempt))
          .map(({ attempt, transfer, reason }) => ({
            actor,
            act: 'transfer.payee-unreadable',
            subject: { kind: 'transfer', id: transfer },
            detail: { attempt, reason },
          })),
      );
    });
  }

  /** Those that still wait for it, oldest first; at most 1,000. */
  async list(actor: Actor): Promise<UnreadablePayee[]> {
    requirePermission(actor, 'transfers:read');
    const rows = await this.db.query<Row[]>(
      `select u.attempt_id id, a.obligation_id transfer, c.code client, a.run_id run, a.rail, a.amount_minor::text, a.currency,
              a.correlation_id "correlationId", u.reason, u.since, s.attempt_id is not null "isCorrected", u.next_at
       from payments.unreadable_payee u join payments.attempt a on a.id = u.attempt_id join payments.obligation o on o.id = a.obligation_id
       join casework.client c on c.id = o.client_id
       left join payments.superseded_payee s on s.attempt_id = a.id order by u.since, u.attempt_id limit 1000`,
    );
    return rows.map(({ amount_minor: amountMinor, since, next_at: nextAt, ...row }) => ({
      ...row,
      amount: currencies.format(BigInt(amountMinor), row.currency),
      since: since.toISOString(),
      nextAt: row.rail === 'mobile-money' && !row.isCorrected ? nextAt.toISOString() : null,
    }));
  }
}

interface Row extends Omit<UnreadablePayee, 'amount' | 'since' | 'nextAt'> {
  amount_minor: string;
  since: Date;
  next_at: Date;
}
