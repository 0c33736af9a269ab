/** Asks the operator what became of what was sent, at growing distances, until it is known or it was asked often enough. Nothing is ever sent again. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../../../access/audit-trail.js';
import type { Actor } from '../../../access/domain/actor.js';
import { Clock } from '../../../kernel/clock.js';
import { idOfText } from '../../../kernel/ids.js';
import { countryOf } from '../../../kernel/reference-data.js';
import { EvidenceService } from '../../evidence.service.js';
import type { RailPort, RailReply } from '../rail-port.js';
import { minutesUntilNext } from './domain/asking.js';
import { Operator } from './operator.js';
import { loadRequests, type OurRequest } from './our-requests.js';
import { RailMessagesService } from './rail-messages.service.js';

const BATCH = 20;

interface Due {
  id: string;
  /** How often it was asked, this time included. */
  asked: number;
}

@Injectable()
export class EnquiriesService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
    private readonly evidence: EvidenceService,
    private readonly operator: Operator,
    private readonly messages: RailMessagesService,
  ) {}

  /** Asks about all that is due to be asked; of how many. Safe to call from several places at once. */
  async askDue(actor: Actor): Promise<number> {
    const { connected } = this.operator;
    if (!connected) return 0;
    const { mostAsks } = connected.settings;
    let asked = 0;
    for (;;) {
      const due = await this.claim(mostAsks);
      if (due.length === 0) return asked;
      const requests = await loadRequests(
        this.db.manager,
        due.map(({ id }) => id),
      );
      for (const one of due) {
        const request = requests.get(one.id);
        if (!request) throw new Error('a question about what was never sent');
        await this.ask(actor, connected.rail, request);
        if (one.asked >= mostAsks && request.about === 'payment') await this.leaveToPeople(actor, request);
        asked += 1;
      }
    }
  }

  private async ask(actor: Actor, rail: RailPort, request: OurRequest): Promise<void> {
    const reply = await rail.ask({ ...request, askedAt: this.clock.now() });
    if (reply) await this.messages.record(actor, request, 'asked', await this.besideCallback(request, reply));
  }

  /** A failure that the operator told by itself counts once it was asked and has no transaction of ours. */
  private async besideCallback(request: OurRequest, reply: RailReply): Promise<RailReply> {
    const { answer } = reply;
    const hasNone = answer.kind === 'never-received' || (answer.kind === 'unclear' && answer.why === 'not-known');
    if (!hasNone) return reply;
    const [told] = await this.db.query<{ code: string }[]>(
      `select code from payments.rail_message where attempt_id = $1 and correlation_id = $2 and kind = 'callback' and told = 'failed' limit 1`,
      [request.attemptId, request.id],
    );
    return told ? { ...reply, answer: { kind: 'failed', code: told.code } } : reply;
  }

  /** The next question is planned before this one is asked, so that a crash neither forgets it nor asks all the time. */
  private claim(mostAsks: number): Promise<Due[]> {
    return this.db.transaction(async (manager) => {
      const now = this.clock.now();
      const due = await manager.query<Due[]>(
        `select correlation_id id, asked + 1 asked from payments.enquiry where next_at <= $1
         order by next_at, correlation_id limit $2 for update skip locked`,
        [now, BATCH],
      );
      await manager.query(
        `update payments.enquiry e set asked = d.asked, next_at = $4::timestamptz + d.minutes * interval '1 minute'
         from unnest($1::uuid[], $2::smallint[], $3::integer[]) as d(id, asked, minutes) where e.correlation_id = d.id`,
        [
          due.map(({ id }) => id),
          due.map(({ asked }) => asked),
          due.map(({ asked }) => (asked < mostAsks ? minutesUntilNext(asked) : null)),
          now,
        ],
      );
      return due;
    });
  }

  /** Asked often enough: from now on it is unknown, and somebody's to look after. */
  private async leaveToPeople(actor: Actor, request: OurRequest): Promise<void> {
    await this.db.transaction(async (manager: EntityManager) => {
      const [attempt] = await this.evidence.lock(manager, "a.id = $1 and a.state in ('instructed', 'accepted')", [
        request.attemptId,
      ]);
      if (!attempt) return;
      const happenedOn = this.clock.today(countryOf(attempt.country).timeZone);
      const id = idOfText(`asked often enough/${request.id}`);
      await this.evidence.take(
        manager,
        [attempt],
        [{ id, source: 'schedule', toldBy: actor, attempt, kind: 'silence', code: null, happenedOn, reference: null }],
      );
      await this.audit.record(manager, actor, 'transfer.unknown', { kind: 'transfer', id: request.transferId });
    });
  }
}
