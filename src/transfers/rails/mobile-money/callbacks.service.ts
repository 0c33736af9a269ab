/**
 * What an operator tells by itself. It is kept first and applied then. A callback is a hint: that a payment arrived is taken where all of it is
 * right; whatever else it says leads to a question.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { scheduleActor } from '../../../access/domain/actor.js';
import { Clock } from '../../../kernel/clock.js';
import { canonicalJson } from '../../../kernel/domain/canonical.js';
import { Problem } from '../../../kernel/domain/problem.js';
import type { RailReply } from '../rail-port.js';
import {
  kindOfCallback,
  readError,
  readTransaction,
  referenceNamed,
  unclear,
  uuidIn,
  type Reading,
} from './domain/gsma-messages.js';
import { MobileMoneyQueue } from './mobile-money-jobs.js';
import { Operator } from './operator.js';
import { idOfReference, loadRequests, type OurRequest } from './our-requests.js';
import { RailMessagesService } from './rail-messages.service.js';

export interface Callback {
  token: string;
  /** Of the header X-CorrelationID. */
  correlationId: string | undefined;
  body: unknown;
}

@Injectable()
export class CallbacksService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly operator: Operator,
    private readonly messages: RailMessagesService,
    private readonly queue: MobileMoneyQueue,
  ) {}

  /** Keeps and applies; once, however often and in whichever order it comes. Throws `not-found` (404) where the token is another. */
  async receive(callback: Callback, requestId: string): Promise<void> {
    this.requireToken(callback.token);
    const actor = scheduleActor(requestId);
    const named = idNamed(callback);
    const request = named ? (await loadRequests(this.db.manager, [named])).get(named) : undefined;
    const reply: RailReply = { ...readingOf(callback.body, request), said: canonicalJson(callback.body) };
    await this.db.transaction(async (manager) => {
      await this.messages.keep(manager, actor, 'callback', reply, named, request);
      if (request && !isTakenAsTold(request, reply))
        await manager.query('update payments.enquiry set next_at = $2 where correlation_id = $1', [
          request.id,
          this.clock.now(),
        ]);
    });
    if (!request) return;
    if (isApplied(request, reply))
      await this.db.transaction((manager) => this.messages.apply(manager, actor, request, reply));
    if (!isTakenAsTold(request, reply)) await this.queue.look();
  }

  private requireToken(token: string): void {
    const digest = (text: string) => createHash('sha256').update(text).digest();
    const expected = this.operator.connected?.settings.callbackToken;
    if (expected === undefined || !timingSafeEqual(digest(token), digest(expected))) throw Problem.notFound('address');
  }
}

/** A header and a body that name different requests name none. */
function idNamed({ correlationId, body }: Callback): string | null {
  const byHeader = uuidIn(correlationId);
  const reference = referenceNamed(body);
  const byBody = reference && idOfReference(reference);
  return byHeader && byBody && byHeader !== byBody ? null : (byHeader ?? byBody);
}

function readingOf(body: unknown, request: OurRequest | undefined): Reading {
  switch (kindOfCallback(body)) {
    case 'error':
      return readError(body);
    case 'transaction':
      return request?.about === 'payment' ? readTransaction(body, request.sent) : unclear('differs');
    case 'reversal':
      // Of ours or of the operator's own making: the transaction itself says what became of it.
      return unclear('not-listed');
    default:
      return unclear('not-listed');
  }
}

/** Whether nothing has to be asked: a payment of ours that arrived, or goes on. */
function isTakenAsTold({ about }: OurRequest, { answer }: RailReply): boolean {
  return about === 'payment' && (answer.kind === 'settled' || answer.kind === 'accepted');
}

/** What is told of a failure or of money that went back is only asked about. */
function isApplied(request: OurRequest, reply: RailReply): boolean {
  return isTakenAsTold(request, reply) || (request.about === 'payment' && reply.answer.kind === 'unclear');
}
