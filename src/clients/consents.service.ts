/** What clients consent to: recorded as given or withdrawn, never changed; the latest word counts. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { Clock } from '../kernel/clock.js';
import { addDays, parsePlainDate, type PlainDate } from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { Ids } from '../kernel/ids.js';
import { countryOf } from '../kernel/reference-data.js';
import { ClientReach } from './client-reach.js';
import type { ClientEntity } from './client.entity.js';
import { ConsentEntity } from './consent.entity.js';
import { consentPurposes, type ConsentPurpose } from './domain/consent.js';

export interface ConsentGiven {
  purpose: ConsentPurpose;
  given: boolean;
  language: string;
  recordedOn?: string;
}

export interface ConsentState {
  purpose: ConsentPurpose;
  given: boolean;
  recordedOn: string | null;
}

@Injectable()
export class ConsentsService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
    private readonly reach: ClientReach,
  ) {}

  /** The client's consents as they stand, one per purpose; no row means not given. */
  async ofClient(client: ClientEntity): Promise<ConsentState[]> {
    const rows = await this.db.query<{ purpose: ConsentPurpose; given: boolean; recorded_on: string }[]>(
      `select distinct on (purpose) purpose, given, recorded_on::text from casework.consent where client_id = $1 order by purpose, seq desc`,
      [client.id],
    );
    return consentPurposes.map((purpose) => {
      const row = rows.find((candidate) => candidate.purpose === purpose);
      return { purpose, given: row?.given ?? false, recordedOn: row?.recorded_on ?? null };
    });
  }

  /**
   * Records that a consent was given or withdrawn; it counts from this moment.
   * Throws `not-found` (404), `date-malformed`, `date-in-the-future` (422).
   */
  async record(actor: Actor, code: string, consent: ConsentGiven): Promise<void> {
    requirePermission(actor, 'clients:register');
    const client = await this.reach.find(actor, code);
    const today = this.clock.today(countryOf(client.country).timeZone);
    refuseFutureConsent(consent, today, 'recordedOn');
    await this.db.transaction(async (manager) => {
      await this.insert(manager, actor, client.id, consent, today);
      const act = consent.given ? 'consent.give' : 'consent.withdraw';
      await this.audit.record(manager, actor, act, { kind: 'client', id: client.id }, { purpose: consent.purpose });
    });
  }

  /** Keeps one consent of a client; for whoever checked it and records the act. */
  async insert(
    manager: EntityManager,
    actor: Actor,
    clientId: string,
    consent: ConsentGiven,
    today: PlainDate,
  ): Promise<void> {
    await manager.insert(ConsentEntity, {
      id: this.ids.newId(),
      clientId,
      purpose: consent.purpose,
      given: consent.given,
      language: consent.language,
      recordedOn: consent.recordedOn ? parsePlainDate(consent.recordedOn, 'recordedOn') : today,
      recordedBy: actor.userId,
      recordedAt: this.clock.now(),
    });
  }
}

/** A day later than ours is let pass: where the consent was given, it may be tomorrow. Throws `date-in-the-future` (422). */
export function refuseFutureConsent({ recordedOn }: ConsentGiven, today: PlainDate, field: string): void {
  if (recordedOn && parsePlainDate(recordedOn, field) > addDays(today, 1)) {
    throw Problem.refused('date-in-the-future', 'A consent cannot be dated in the future.', field);
  }
}
