/** The audit trail: who did what to which record, written in the same transaction as what it records. No identity goes in. */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../kernel/clock.js';
import { Ids } from '../kernel/ids.js';
import type { Actor } from './domain/actor.js';

export interface AuditedSubject {
  kind:
    | 'user'
    | 'session'
    | 'client'
    | 'assessment'
    | 'plan'
    | 'enrolment'
    | 'transfer'
    | 'run'
    | 'fund'
    | 'exchange-rate'
    | 'donor-report'
    | 'self-check'
    | 'verification'
    | 'checkpoint'
    | 'keys';
  id: string;
}

export interface AuditedAct {
  actor: Actor;
  /** `noun.verb`. */
  act: string;
  subject: AuditedSubject;
  /** Counts, codes and states, never what somebody is called or said. */
  detail?: Record<string, unknown>;
}

@Injectable()
export class AuditTrail {
  constructor(
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

  /** Records several acts, in this order. */
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
      column(({ detail }) => JSON.stringify(detail ?? {})),
    ]);
  }
}

const INSERT_ACTS = `
  insert into access.audit_event (id, at, actor_id, act, subject_kind, subject_id, request_id, detail)
  select id, $2, actor_id, act, subject_kind, subject_id, request_id, detail
  from unnest($1::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::jsonb[]) with ordinality
       as done(id, actor_id, act, subject_kind, subject_id, request_id, detail, place)
  order by place`;
