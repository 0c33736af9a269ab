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
    | 'donor-report'
    | 'self-check'
    | 'verification'
    | 'checkpoint';
  id: string;
}

@Injectable()
export class AuditTrail {
  constructor(
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  /** `act` is `noun.verb`; `detail` holds counts, codes and states, never what somebody is called or said. */
  async record(
    manager: EntityManager,
    actor: Actor,
    act: string,
    subject: AuditedSubject,
    detail: Record<string, unknown> = {},
  ): Promise<void> {
    await manager.query(
      `insert into access.audit_event (id, at, actor_id, act, subject_kind, subject_id, request_id, detail)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        this.ids.newId(),
        this.clock.now(),
        actor.userId,
        act,
        subject.kind,
        subject.id,
        actor.requestId,
        JSON.stringify(detail),
      ],
    );
  }
}
