/** What clients consent to: recorded as given or withdrawn, never changed; the latest word counts, at once and everywhere. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { Clock } from '../kernel/clock.js';
import { addDays, parsePlainDate, type PlainDate } from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { Ids } from '../kernel/ids.js';
import { countryOf } from '../kernel/reference-data.js';
import { ClientReach, requireConsentToHold } from './client-reach.js';
import type { ClientEntity } from './client.entity.js';
import { ConsentEntity } from './consent.entity.js';
import {
  consentPurposes,
  partyOf,
  type ConsentPurpose,
  type ConsentScope,
  type Interpreter,
} from './domain/consent.js';

export interface ConsentGiven extends ConsentScope {
  /** The language it was explained in, and who put it into that language. */
  language: string;
  interpreter?: Interpreter;
  recordedOn?: string;
}

export interface ConsentState {
  purpose: ConsentPurpose;
  party: string | null;
  given: boolean;
  recordedOn: string | null;
  language: string | null;
  interpreter: Interpreter | null;
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

  /** The client's consents as they stand: one for each purpose, then one for each party and rail that was named. No row means not given. */
  async ofClient(client: ClientEntity): Promise<ConsentState[]> {
    return consentStates(await this.db.query<ConsentState[]>(CONSENTS_OF_CLIENT, [client.id]));
  }

  /** Whether the client consents at this moment; `party` names with whom to share, or the rail. */
  async stands(manager: EntityManager, clientId: string, purpose: ConsentPurpose, party?: string): Promise<boolean> {
    const [row] = await manager.query<{ stands: boolean }[]>('select casework.consents($1, $2, $3) stands', [
      clientId,
      purpose,
      party ?? null,
    ]);
    return row?.stands ?? false;
  }

  /**
   * Records that a consent was given or withdrawn; it counts from this moment. Without consent to hold data no other can be given.
   * Throws `not-found` (404), `consent-withdrawn` (409), `date-malformed`, `date-in-the-future` and what `partyOf` throws (422).
   */
  async record(actor: Actor, code: string, consent: ConsentGiven): Promise<void> {
    requirePermission(actor, 'casework:record');
    const client = await this.reach.find(actor, code);
    if (consent.given && consent.purpose !== 'hold-data') requireConsentToHold(client);
    const today = this.clock.today(countryOf(client.country).timeZone);
    refuseFutureConsent(consent, today, 'recordedOn');
    await this.db.transaction(async (manager) => {
      await this.insert(manager, actor, client.id, consent, today);
      const act = consent.given ? 'consent.give' : 'consent.withdraw';
      await this.audit.record(manager, actor, act, { kind: 'client', id: client.id }, { purpose: consent.purpose });
    });
  }

  /** Withdraws in one step; without a party from everybody. Throws like `record`. */
  async withdraw(actor: Actor, code: string, consent: Omit<ConsentGiven, 'given'>): Promise<void> {
    await this.record(actor, code, { ...consent, given: false });
  }

  /** Keeps one consent of a client, for whoever checked and records the act. Throws what `partyOf` throws (422). */
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
      party: await this.spelledAsBefore(manager, clientId, consent),
      given: consent.given,
      language: consent.language,
      interpreter: consent.interpreter ?? 'none',
      recordedOn: consent.recordedOn ? parsePlainDate(consent.recordedOn, 'recordedOn') : today,
      recordedBy: actor.userId,
      recordedAt: this.clock.now(),
    });
  }

  /** The same party written in other letters is the same party, so that withdrawing reaches what was given. */
  private async spelledAsBefore(
    manager: EntityManager,
    clientId: string,
    consent: ConsentGiven,
  ): Promise<string | null> {
    const party = partyOf(consent, 'party');
    if (party === null || consent.purpose !== 'share') return party;
    const [before] = await manager.query<{ party: string }[]>(
      "select party from casework.consent where client_id = $1 and purpose = 'share' and lower(party) = lower($2) order by seq limit 1",
      [clientId, party],
    );
    return before?.party ?? party;
  }
}

/** A day later than ours is let pass: where the consent was given, it may be tomorrow. Throws `date-in-the-future` (422). */
export function refuseFutureConsent({ recordedOn }: ConsentGiven, today: PlainDate, field: string): void {
  if (recordedOn && parsePlainDate(recordedOn, field) > addDays(today, 1)) {
    throw Problem.refused('date-in-the-future', 'A consent cannot be dated in the future.', field);
  }
}

const neverAsked = (purpose: ConsentPurpose): ConsentState => ({
  purpose,
  party: null,
  given: false,
  recordedOn: null,
  language: null,
  interpreter: null,
});

/** What was said of each purpose, with those of which nothing was said. */
export function consentStates(rows: readonly ConsentState[]): ConsentState[] {
  return consentPurposes.flatMap((purpose) => {
    const ofPurpose = rows.filter((row) => row.purpose === purpose);
    const ofAll = ofPurpose.find(({ party }) => party === null) ?? neverAsked(purpose);
    return [ofAll, ...ofPurpose.filter(({ party }) => party !== null)];
  });
}

/** Of each purpose and party that was spoken of: how it stands, and the day and language of the word that decides. */
export const CONSENTS_OF_CLIENT = `
  select said.purpose, said.party, casework.consents($1, said.purpose, said.party) given, k.recorded_on::text "recordedOn", k.language, k.interpreter
  from (select distinct purpose, party from casework.consent where client_id = $1) said
  cross join lateral (select * from casework.consent k
                      where k.client_id = $1 and k.purpose = said.purpose and (k.party is null or k.party = said.party)
                      order by k.seq desc limit 1) k
  order by said.purpose, said.party nulls first`;
