/** What an operator says of our requests: it is kept, in codes, and what it proves is taken as evidence. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../../../access/audit-trail.js';
import type { Actor } from '../../../access/domain/actor.js';
import { Clock } from '../../../kernel/clock.js';
import { canonicalJson } from '../../../kernel/domain/canonical.js';
import { dayIn, type PlainDate } from '../../../kernel/domain/plain-date.js';
import { idOfText, Ids } from '../../../kernel/ids.js';
import { countryOf } from '../../../kernel/reference-data.js';
import { Secrets } from '../../../kernel/secrets.js';
import { DEAD_STATES, type AttemptState, type EvidenceKind } from '../../domain/attempt-state.js';
import { EvidenceService, type AttemptRow, type NewEvidence } from '../../evidence.service.js';
import { evidenceOf } from '../outcome.js';
import type { RailAnswer, RailReply } from '../rail-port.js';
import type { OurRequest } from './our-requests.js';

/** `answer`: to what we sent. `asked`: to what we asked. `callback`: by itself. */
export type MessageKind = 'answer' | 'asked' | 'callback';

/** Of these the day and the reference tell something; any other is no other news on another day. */
const MONEY_MOVED: readonly EvidenceKind[] = ['settled', 'returned', 'reversed'];
const OVER: readonly AttemptState[] = ['settled', ...DEAD_STATES];

@Injectable()
export class RailMessagesService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly secrets: Secrets,
    private readonly audit: AuditTrail,
    private readonly evidence: EvidenceService,
  ) {}

  /** Keeps an answer and takes what it proves, in one transaction. */
  async record(actor: Actor, request: OurRequest, kind: MessageKind, reply: RailReply): Promise<void> {
    await this.db.transaction(async (manager) => {
      // Locked before the message names it: a lock that grows while another waits for it would be a circle.
      const attempt = await this.lock(manager, request);
      await this.keep(manager, actor, kind, reply, request.id, request);
      await this.applyTo(manager, actor, attempt, request, reply);
    });
  }

  /** Keeps a message, once however often it comes; `named` is the id that it names, whether or not it is one of ours. */
  async keep(
    manager: EntityManager,
    actor: Actor,
    kind: MessageKind,
    reply: RailReply,
    named: string | null,
    request: OurRequest | undefined,
  ): Promise<void> {
    const id = this.ids.newId();
    // The same words tell more when they come later: an id that is not known proves something only after a while.
    const told = reply.answer.kind;
    const digest = this.secrets.fingerprint('rail-message', { kind, named, said: reply.said, told });
    const kept = await manager.query<unknown[]>(
      `insert into payments.rail_message (id, kind, digest, received_at, correlation_id, attempt_id, told, code, operator_id, reference)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (digest) do nothing returning id`,
      [
        id,
        kind,
        digest,
        this.clock.now(),
        named,
        request?.attemptId ?? null,
        told,
        codeOf(reply.answer),
        reply.operatorId,
        reply.reference,
      ],
    );
    if (kept.length === 0) return;
    const detail = { kind, told, ...(request && { attempt: request.attemptId }) };
    const subject = { kind: 'rail-message', id } as const;
    await this.audit.record(manager, actor, 'rail-message.receive', subject, detail);
  }

  /** Takes what a reply proves of the payment; nothing when that is known already. Plans no further question when there is none. */
  async apply(manager: EntityManager, actor: Actor, request: OurRequest, reply: RailReply): Promise<void> {
    await this.applyTo(manager, actor, await this.lock(manager, request), request, reply);
  }

  private async lock(manager: EntityManager, request: OurRequest): Promise<AttemptRow> {
    const [attempt] = await this.evidence.lock(manager, 'a.id = $1', [request.attemptId]);
    if (!attempt) throw new Error('a request without its attempt');
    return attempt;
  }

  private async applyTo(
    manager: EntityManager,
    actor: Actor,
    attempt: AttemptRow,
    request: OurRequest,
    reply: RailReply,
  ): Promise<void> {
    const evidence = this.evidenceIn(actor, attempt, request, reply);
    const fresh = await this.evidence.take(manager, [attempt], evidence ? [evidence] : []);
    const isOver =
      request.about === 'payment'
        ? OVER.includes(attempt.state)
        : reply.answer.kind === 'settled' || reply.answer.kind === 'failed';
    if (isOver)
      await manager.query('update payments.enquiry set next_at = null where correlation_id = $1', [request.id]);
    if (fresh.size === 0) return;
    const detail = { attempt: attempt.id, about: request.about, told: reply.answer.kind, state: attempt.state };
    await this.audit.record(
      manager,
      actor,
      'transfer.rail-evidence',
      { kind: 'transfer', id: request.transferId },
      detail,
    );
  }

  private evidenceIn(
    toldBy: Actor,
    attempt: AttemptRow,
    request: OurRequest,
    { answer, reference, happenedAt }: RailReply,
  ): NewEvidence | undefined {
    const kind = request.about === 'payment' ? kindOf(answer) : answer.kind === 'settled' ? 'reversed' : undefined;
    if (!kind) return undefined;
    const code = codeOf(answer);
    const happenedOn = this.dayOf(attempt, happenedAt);
    const content = {
      request: request.id,
      kind,
      code,
      ...(MONEY_MOVED.includes(kind) && { happenedOn, reference }),
    };
    return { id: idOfText(canonicalJson(content)), source: 'rail', toldBy, attempt, kind, code, happenedOn, reference };
  }

  /** An operator's clock may be wrong; nothing happened before the payment was instructed or after today. */
  private dayOf(attempt: AttemptRow, happenedAt: Date | null): PlainDate {
    const { timeZone } = countryOf(attempt.country);
    const today = this.clock.today(timeZone);
    const day = happenedAt ? dayIn(timeZone, happenedAt) : today;
    return day < attempt.instructed_on ? attempt.instructed_on : day > today ? today : day;
  }
}

/** What an answer about a payment is evidence of. A failure has to stand on the list that every failure of this rail stands on. */
function kindOf(answer: RailAnswer): EvidenceKind {
  const code = codeOf(answer) ?? undefined;
  if (answer.kind === 'failed' || answer.kind === 'never-received') return evidenceOf('mobile-money', 'failed', code);
  return answer.kind;
}

function codeOf(answer: RailAnswer): string | null {
  if (answer.kind === 'failed') return answer.code;
  if (answer.kind === 'unclear') return answer.why;
  return answer.kind === 'never-received' ? answer.kind : null;
}
