/** Asking the operator to take a payment back: one person asks, another says the same, and it is sent once. What it comes to is learned as of a payment. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../../../access/audit-trail.js';
import { requirePermission, type Actor } from '../../../access/domain/actor.js';
import { Clock } from '../../../kernel/clock.js';
import type { PlainDate } from '../../../kernel/domain/plain-date.js';
import { Problem } from '../../../kernel/domain/problem.js';
import { currencies } from '../../../kernel/reference-data.js';
import { minutesUntilNext } from './domain/asking.js';
import { Operator } from './operator.js';
import { loadRequests, type OurRequest } from './our-requests.js';
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

export interface ReversalView extends NewReversal {
  transfer: string;
  client: string;
  amount: string;
  currency: string;
  /** What the operator and statements call the payment. */
  correlationId: string;
  askedBy: string;
  askedById: string;
  askedAt: Date;
  /** Null while a second person has still to say the same: nothing was sent yet. */
  confirmedBy: string | null;
  confirmedAt: Date | null;
  /** `unanswered`: the operator was asked in vain so often that it is not asked any more; people may ask for it anew. */
  state: 'awaits-second' | 'asked' | 'unanswered' | 'refused' | 'reversed';
  /** What the operator answered last, in its own code where it gave one; null while it has answered nothing. A callback only makes us ask. */
  said: { told: string; code: string | null; at: string } | null;
}

/** A payment that an operator says has arrived. */
export interface ArrivedPayment {
  transfer: string;
  attempt: number;
  client: string;
  amount: string;
  currency: string;
  correlationId: string;
  settledOn: PlainDate;
}

interface Asked {
  id: string;
  attempt_id: string;
  reason: string;
  asked_by: string;
  confirmed_by: string | null;
}

const SENT_SHOWN = 200;

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
   * Of the first person it is kept, of the second it is sent, and of anybody again it is nothing new. The payment stays settled until the operator
   * says that the money is back. Throws `not-found` (404), `not-reversible`, `reversal-asked-before`, `id-conflict` (409).
   */
  async ask(actor: Actor, transferId: string, input: NewReversal): Promise<ReversalView> {
    requirePermission(actor, 'results:record');
    const { connected } = this.operator;
    const request = await this.db.transaction(async (manager) => {
      const [attempt] = await manager.query<{ id: string | null; state: string | null }[]>(
        `select a.id, a.state from payments.obligation o left join payments.attempt a on a.obligation_id = o.id and a.attempt_no = $2
         where o.id = $1 for update of o`,
        [transferId, input.attempt],
      );
      if (!attempt) throw Problem.notFound('transfer');
      const [before] = await manager.query<Asked[]>(
        `select q.id, q.attempt_id, q.reason, q.asked_by, c.confirmed_by from payments.reversal_request q
         left join payments.reversal_confirmed c on c.request_id = q.id where q.id = $1`,
        [input.id],
      );
      if (before && (before.attempt_id !== attempt.id || before.reason !== input.reason))
        throw Problem.conflict('id-conflict', 'This id came with other content before. Use a new id.', 'id');
      if (before && (before.confirmed_by || before.asked_by === actor.userId)) return undefined;
      const paid = attempt.id ? (await loadRequests(manager, [attempt.id])).get(attempt.id) : undefined;
      if (attempt.state !== 'settled' || !paid?.reference || !connected) {
        throw Problem.conflict(
          'not-reversible',
          'Only what an operator paid, and told us its reference of, can be taken back.',
          'attempt',
        );
      }
      if (before) return this.confirm(manager, actor, transferId, before);
      await this.keep(manager, actor, paid, input);
      return undefined;
    });
    if (request?.about === 'reversal' && connected)
      await this.messages.record(actor, request, 'answer', await connected.rail.reverse(request.sent));
    const [view] = await this.find('q.id = $1', [input.id]);
    if (!view) throw new Error('a reversal that was not kept');
    return view;
  }

  /** All that wait for a second person, and after them the last 200 that were sent; each newest first. */
  async list(actor: Actor): Promise<ReversalView[]> {
    requirePermission(actor, 'transfers:read');
    const waiting = await this.find("c.request_id is null and a.state = 'settled'", []);
    return [...waiting, ...(await this.find('c.request_id is not null', [], SENT_SHOWN))];
  }

  /** How many wait for somebody else than whoever asks. */
  async waiting(actor: Actor): Promise<number> {
    requirePermission(actor, 'results:record');
    const [counted] = await this.db.query<{ count: number }[]>(
      `select count(*)::int count from payments.reversal_request q join payments.attempt a on a.id = q.attempt_id and a.state = 'settled'
       where q.asked_by <> $1 and not exists (select from payments.reversal_confirmed c where c.request_id = q.id)`,
      [actor.userId],
    );
    return counted?.count ?? 0;
  }

  /** The second person's word for what the first one asked, by the request's id. Throws `not-found` (404), `other-person-needed` (422), and what `ask` throws. */
  async second(actor: Actor, requestId: string): Promise<ReversalView> {
    requirePermission(actor, 'results:record');
    const [asked] = await this.find('q.id = $1', [requestId]);
    if (!asked) throw Problem.notFound('reversal');
    if (asked.askedById === actor.userId)
      throw Problem.refused('other-person-needed', 'You asked for it. Somebody else says the same before it is sent.');
    const { id, attempt, reason } = asked;
    return this.ask(actor, asked.transfer, { id, attempt, reason });
  }

  /** A payment of mobile money that arrived. Throws `not-found` (404) of any other. */
  async payment(actor: Actor, transferId: string, attempt: number): Promise<ArrivedPayment> {
    requirePermission(actor, 'results:record');
    const [found] = await this.db.query<(Omit<ArrivedPayment, 'amount'> & { amount_minor: string })[]>(
      `select o.id transfer, a.attempt_no::int attempt, c.code client, a.amount_minor::text, a.currency, a.correlation_id "correlationId",
              a.settled_on::text "settledOn"
       from payments.attempt a join payments.obligation o on o.id = a.obligation_id join casework.client c on c.id = o.client_id
       where o.id = $1 and a.attempt_no = $2 and a.rail = 'mobile-money' and a.state = 'settled'`,
      [transferId, attempt],
    );
    if (!found) throw Problem.notFound('payment');
    const { amount_minor: amountMinor, ...payment } = found;
    return { ...payment, amount: currencies.format(BigInt(amountMinor), payment.currency) };
  }

  private async keep(manager: EntityManager, actor: Actor, paid: OurRequest, input: NewReversal): Promise<void> {
    const [open] = await manager.query<{ under_way: boolean }[]>('select payments.reversal_under_way($1) under_way', [
      paid.attemptId,
    ]);
    if (open?.under_way) {
      throw Problem.conflict(
        'reversal-asked-before',
        'The operator was asked to take this payment back, and that is not over.',
        'attempt',
      );
    }
    await manager.query(
      `insert into payments.reversal_request (id, attempt_id, reason, transaction_reference, asked_by, asked_at) values ($1, $2, $3, $4, $5, $6)`,
      [input.id, paid.attemptId, input.reason, paid.reference, actor.userId, this.clock.now()],
    );
    const detail = { attempt: paid.attemptId, reason: input.reason };
    const subject = { kind: 'transfer', id: paid.transferId } as const;
    await this.audit.record(manager, actor, 'transfer.propose-reversal', subject, detail);
  }

  /** From here on it is sent. Should the process die before it is, the operator knows of none, which is learned by asking. */
  private async confirm(
    manager: EntityManager,
    actor: Actor,
    transferId: string,
    asked: Asked,
  ): Promise<OurRequest | undefined> {
    const now = this.clock.now();
    await manager.query(
      `insert into payments.reversal_confirmed (request_id, asked_by, confirmed_by, confirmed_at) values ($1, $2, $3, $4)`,
      [asked.id, asked.asked_by, actor.userId, now],
    );
    await manager.query(
      `insert into payments.enquiry (correlation_id, attempt_id, about, next_at) values ($1, $2, 'reversal', $3::timestamptz + $4 * interval '1 minute')`,
      [asked.id, asked.attempt_id, now, minutesUntilNext(0)],
    );
    const detail = { attempt: asked.attempt_id, reason: asked.reason };
    await this.audit.record(manager, actor, 'transfer.ask-reversal', { kind: 'transfer', id: transferId }, detail);
    return (await loadRequests(manager, [asked.id])).get(asked.id);
  }

  private async find(where: string, parameters: unknown[], atMost: number | 'all' = 'all'): Promise<ReversalView[]> {
    const rows = await this.db.query<(Omit<ReversalView, 'amount'> & { amount_minor: string })[]>(
      `select q.id, a.obligation_id transfer, a.attempt_no::int attempt, q.reason, client.code client, a.amount_minor::text, a.currency,
              a.correlation_id "correlationId", asker.display_name "askedBy", q.asked_by "askedById", q.asked_at "askedAt",
              confirmer.display_name "confirmedBy", c.confirmed_at "confirmedAt",
              case when c.request_id is null then 'awaits-second' when told.is_back then 'reversed' when told.is_over then 'refused'
                   when e.next_at is null then 'unanswered' else 'asked' end state,
              told.last said
       from payments.reversal_request q join payments.attempt a on a.id = q.attempt_id join access.app_user asker on asker.id = q.asked_by
       join payments.obligation o on o.id = a.obligation_id join casework.client client on client.id = o.client_id
       left join payments.reversal_confirmed c on c.request_id = q.id left join access.app_user confirmer on confirmer.id = c.confirmed_by
       left join payments.enquiry e on e.correlation_id = q.id
       cross join lateral (select bool_or(m.told = 'settled') filter (where m.kind <> 'callback') is_back,
                                  bool_or(m.told in ('failed', 'never-received')) filter (where m.kind <> 'callback') is_over,
                                  (array_agg(jsonb_build_object('told', m.told, 'code', m.code, 'at', m.received_at)
                                             order by m.received_at desc, m.id desc) filter (where m.kind <> 'callback'))[1] last
                           from payments.rail_message m where m.attempt_id = q.attempt_id and m.correlation_id = q.id) told
       where ${where} order by q.asked_at desc, q.id desc limit ${atMost}`,
      parameters,
    );
    return rows.map(({ amount_minor: amountMinor, ...row }) => ({
      ...row,
      amount: currencies.format(BigInt(amountMinor), row.currency),
    }));
  }
}
