/** Asking the operator to take a payment back: by a person, once for an attempt, and sent once. What it comes to is learned as of a payment. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditTrail } from '../../../access/audit-trail.js';
import { requirePermission, type Actor } from '../../../access/domain/actor.js';
import { Clock } from '../../../kernel/clock.js';
import { Problem } from '../../../kernel/domain/problem.js';
import { minutesUntilNext } from './domain/asking.js';
import { Operator } from './operator.js';
import { loadRequests } from './our-requests.js';
import { RailMessagesService } from './rail-messages.service.js';

/** Why money is asked back; none of them is a condition that a client could fail. */
export const reversalReasons = ['paid-twice', 'wrong-account', 'client-wish'] as const;
export type ReversalReason = (typeof reversalReasons)[number];

export interface NewReversal {
  id: string;
  /** Which attempt, of those to pay the transfer. */
  attempt: number;
  reason: ReversalReason;
}

@Injectable()
export class ReversalsService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
    private readonly operator: Operator,
    private readonly messages: RailMessagesService,
  ) {}

  /**
   * Records that it was asked, and asks. The same again asks nobody. The payment stays settled until the operator says that the money is back.
   * Throws `not-found` (404), `not-reversible`, `reversal-asked-before`, `id-conflict` (409).
   */
  async ask(actor: Actor, transferId: string, input: NewReversal): Promise<void> {
    requirePermission(actor, 'results:record');
    const { connected } = this.operator;
    const request = await this.db.transaction(async (manager) => {
      const [attempt] = await manager.query<{ id: string | null; state: string | null }[]>(
        `select a.id, a.state from payments.obligation o left join payments.attempt a on a.obligation_id = o.id and a.attempt_no = $2
         where o.id = $1 for update of o`,
        [transferId, input.attempt],
      );
      if (!attempt) throw Problem.notFound('transfer');
      const [before] = await manager.query<{ id: string; attempt_id: string; reason: string }[]>(
        'select id, attempt_id, reason from payments.reversal_request where id = $1 or attempt_id = $2',
        [input.id, attempt.id],
      );
      if (before) {
        if (before.id !== input.id) {
          throw Problem.conflict(
            'reversal-asked-before',
            'The operator was asked to take this payment back before.',
            'attempt',
          );
        }
        if (before.attempt_id === attempt.id && before.reason === input.reason) return undefined;
        throw Problem.conflict('id-conflict', 'This id came with other content before. Use a new id.', 'id');
      }
      const paid = attempt.id ? (await loadRequests(manager, [attempt.id])).get(attempt.id) : undefined;
      if (attempt.state !== 'settled' || !paid?.reference || !connected) {
        throw Problem.conflict(
          'not-reversible',
          'Only what an operator paid, and told us its reference of, can be taken back.',
          'attempt',
        );
      }
      const now = this.clock.now();
      await manager.query(
        `insert into payments.reversal_request (id, attempt_id, reason, transaction_reference, asked_by, asked_at) values ($1, $2, $3, $4, $5, $6)`,
        [input.id, paid.attemptId, input.reason, paid.reference, actor.userId, now],
      );
      await manager.query(
        `insert into payments.enquiry (correlation_id, attempt_id, about, next_at) values ($1, $2, 'reversal', $3::timestamptz + $4 * interval '1 minute')`,
        [input.id, paid.attemptId, now, minutesUntilNext(0)],
      );
      const detail = { attempt: paid.attemptId, reason: input.reason };
      await this.audit.record(manager, actor, 'transfer.ask-reversal', { kind: 'transfer', id: transferId }, detail);
      return (await loadRequests(manager, [input.id])).get(input.id);
    });
    if (request?.about !== 'reversal' || !connected) return;
    await this.messages.record(actor, request, 'answer', await connected.rail.reverse(request.sent));
  }
}
