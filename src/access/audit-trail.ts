/** The audit trail: who did what to which record, written in the same transaction as what it records. No identity goes in. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../kernel/clock.js';
import { Ids } from '../kernel/ids.js';
import { RefusalTally } from './audit/domain/refusal-tally.js';
import type { Actor } from './domain/actor.js';

export interface AuditedSubject {
  kind:
    | 'user'
    | 'session'
    | 'team'
    | 'client'
    | 'possible-duplicate'
    | 'assessment'
    | 'plan'
    | 'enrolment'
    | 'transfer'
    | 'rail-message'
    | 'run'
    | 'bank-file'
    | 'paying-account'
    | 'fund'
    | 'exchange-rate'
    | 'bank-report'
    | 'work-item'
    | 'wage'
    | 'value-review'
    | 'enrolment-change'
    | 'donor-report'
    | 'approval-limits'
    | 'self-check'
    | 'verification'
    | 'checkpoint'
    | 'keys'
    | 'audit-trail'
    | 'audit-verification'
    | 'route';
  id: string;
}

export interface AuditedAct {
  actor: Actor;
  /** `noun.verb`. */
  act: string;
  subject: AuditedSubject;
  /** Counts, codes and states, never what somebody is called or said; the database refuses any other text (see 0015_audit_chain.sql). */
  detail?: Record<string, unknown>;
}

@Injectable()
export class AuditTrail {
  private readonly refusals = new RefusalTally();

  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  async record(
    manager: EntityManager,
    actor: Actor,
    act: string,
    subject: AuditedSubject,
    detail: Record<string, unknown> = {},
  ): Promise<void> {
    await this.recordAll(manager, [{ actor, act, subject, detail }]);
  }

  /**
   * Records, in a transaction of its own, that somebody was refused: `access.refuse` for a route, `client.refuse` for a client out of reach.
   * Await it before the refusal is answered: what cannot be recorded must not look like an ordinary refusal. Never inside a transaction, which
   * would hold one connection and ask for a second. Many of one actor in an hour are counted instead of written one by one; the count is this
   * process's own.
   */
  async refusal(actor: Actor, subject: AuditedSubject, detail: { code: string }): Promise<void> {
    const count = this.refusals.toRecord(this.clock.now(), actor.userId, subject);
    if (count === null) return;
    const act = `${subject.kind === 'route' ? 'access' : subject.kind}.refuse`;
    await this.db.transaction((manager) =>
      this.record(manager, actor, act, subject, count === 1 ? detail : { ...detail, count }),
    );
  }

  /** Records several acts, in this order; of a program by which of its owner's tokens too. */
  async recordAll(manager: EntityManager, acts: readonly AuditedAct[]): Promise<void> {
    if (acts.length === 0) return;
    const column = <T>(pick: (act: AuditedAct) => T) => acts.map(pick);
    await manager.query(INSERT_ACTS, [
      column(() => this.ids.newId()),
      this.clock.now(),
      column(({ actor }) => actor.userId),
      column(({ act }) => act),
      column(({ subject }) => subject.kind),
      column(({ subject }) => subject.id),
      column(({ actor }) => actor.requestId),
      column(({ actor, detail }) => JSON.stringify({ ...detail, ...(actor.tokenId && { byToken: actor.tokenId }) })),
    ]);
  }
}

const INSERT_ACTS = `
  insert into access.audit_event (id, at, actor_id, act, subject_kind, subject_id, request_id, detail)
  select id, $2, actor_id, act, subject_kind, subject_id, request_id, detail
  from unnest($1::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::jsonb[]) with ordinality
       as done(id, actor_id, act, subject_kind, subject_id, request_id, detail, place)
  order by place`;
