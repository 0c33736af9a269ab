/** Registering clients, finding them within the actor's reach, and their consents. */
import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { Clock } from '../kernel/clock.js';
import { addDays, parsePlainDate, type PlainDate } from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { Ids } from '../kernel/ids.js';
import { countryOf } from '../kernel/reference-data.js';
import { Secrets } from '../kernel/secrets.js';
import { ClientEntity } from './client.entity.js';
import { ConsentEntity } from './consent.entity.js';
import { ageBandOf } from './domain/age.js';
import { clientCode, isClientCode } from './domain/client-code.js';
import { consentPurposes, type ConsentPurpose } from './domain/consent.js';
import type { Identity } from './domain/identity.js';
import { IdentityVault } from './identity-vault/identity-vault.js';

export interface ConsentGiven {
  purpose: ConsentPurpose;
  given: boolean;
  language: string;
  recordedOn?: string;
}

export interface NewClient {
  id?: string;
  cohort: string;
  caseGroup?: string;
  country: string;
  region?: string;
  identity: Identity;
  consents: ConsentGiven[];
}

export interface ConsentState {
  purpose: ConsentPurpose;
  given: boolean;
  recordedOn: string | null;
}

@Injectable()
export class ClientsService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly secrets: Secrets,
    private readonly audit: AuditTrail,
    private readonly vault: IdentityVault,
  ) {}

  /**
   * Registers a client with identity and consents; the same id with the same content answers as before.
   * Throws `consent-to-hold-data-missing`, `unknown-country`, `date-malformed`, `born-in-the-future` (422), `id-conflict` (409).
   */
  async register(actor: Actor, input: NewClient): Promise<{ client: ClientEntity; created: boolean }> {
    requirePermission(actor, 'clients:register');
    const { timeZone } = countryOf(input.country);
    const today = this.clock.today(timeZone);
    if (!input.consents.some((consent) => consent.purpose === 'hold-data' && consent.given)) {
      throw Problem.refused(
        'consent-to-hold-data-missing',
        'Without consent to hold data nothing can be registered.',
        'consents',
      );
    }
    for (const consent of input.consents) refuseFutureConsent(consent, today, 'consents.recordedOn');
    const { dateOfBirth } = input.identity;
    if (dateOfBirth && parsePlainDate(dateOfBirth, 'identity.dateOfBirth') > today) {
      throw Problem.refused('born-in-the-future', 'The date of birth lies in the future.', 'identity.dateOfBirth');
    }
    const id = input.id?.toLowerCase() ?? this.ids.newId();
    const contentSha256 = this.secrets.fingerprint('client', { ...input, id });

    return this.db.transaction(async (manager) => {
      const existing = await manager.findOneBy(ClientEntity, { id });
      if (existing) return { client: sameContent(existing, contentSha256), created: false };
      const client = manager.create(ClientEntity, {
        id,
        code: clientCode(randomBytes),
        cohort: input.cohort,
        caseGroup: input.caseGroup ?? input.cohort,
        country: input.country,
        region: input.region ?? null,
        ageBand: ageBandOf(dateOfBirth, today),
        guardianOnRecord: Boolean(input.identity.guardian), // null, which JSON can say, is no guardian
        caseworkerId: actor.userId,
        registeredAt: this.clock.now(),
        contentSha256,
      });
      await manager.insert(ClientEntity, client);
      await this.vault.enrol(manager, id, input.identity);
      for (const consent of input.consents) await this.insertConsent(manager, actor, id, consent, today);
      await this.audit.record(manager, actor, 'client.register', { kind: 'client', id }, { country: client.country });
      return { client, created: true };
    });
  }

  /** The client with that code, if it is within the actor's reach. Throws `not-found` (404), also for somebody else's client. */
  async find(actor: Actor, code: string): Promise<ClientEntity> {
    requirePermission(actor, 'clients:read');
    const found = isClientCode(code) ? await this.db.getRepository(ClientEntity).findOneBy({ code }) : null;
    if (!found || !this.isWithinReach(actor, found)) throw Problem.notFound('client', 'code');
    return found;
  }

  /** The client's consents as they stand, one per purpose; no row means not given. */
  async consents(client: ClientEntity): Promise<ConsentState[]> {
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
  async recordConsent(actor: Actor, code: string, consent: ConsentGiven): Promise<void> {
    requirePermission(actor, 'clients:register');
    const client = await this.find(actor, code);
    const today = this.clock.today(countryOf(client.country).timeZone);
    refuseFutureConsent(consent, today, 'recordedOn');
    await this.db.transaction(async (manager) => {
      await this.insertConsent(manager, actor, client.id, consent, today);
      const act = consent.given ? 'consent.give' : 'consent.withdraw';
      await this.audit.record(manager, actor, act, { kind: 'client', id: client.id }, { purpose: consent.purpose });
    });
  }

  /** Who the client is. The reading is recorded in the same transaction. Throws `not-found` (404). */
  async identity(actor: Actor, code: string): Promise<Identity> {
    requirePermission(actor, 'identity:read');
    const client = await this.find(actor, code);
    return this.db.transaction((manager) => this.vault.read(manager, actor, client.id, 'case file'));
  }

  /** A page of the clients within reach, by code; `after` is the last code of the page before. */
  async list(
    actor: Actor,
    options: { after?: string; limit: number },
  ): Promise<{ items: ClientEntity[]; next: string | null }> {
    requirePermission(actor, 'clients:read');
    const query = this.db
      .getRepository(ClientEntity)
      .createQueryBuilder('client')
      .where('client.code > :after', { after: options.after ?? '' })
      .orderBy('client.code')
      .limit(options.limit + 1);
    if (seesTeam(actor)) {
      const inTeam = 'select u.id from access.app_user u where u.team_id = :team';
      query.andWhere(`client.caseworkerId in (${inTeam})`, { team: actor.teamId });
    } else query.andWhere('client.caseworkerId = :me', { me: actor.userId });
    const found = await query.getMany();
    const items = found.slice(0, options.limit);
    return { items, next: found.length > options.limit ? (items.at(-1)?.code ?? null) : null };
  }

  /** The cohorts that clients belong to, by name; says nothing of any of them. */
  async cohorts(actor: Actor): Promise<string[]> {
    requirePermission(actor, 'priorities:read');
    const rows = await this.db.query<{ cohort: string }[]>(
      'select distinct cohort from casework.client order by cohort',
    );
    return rows.map(({ cohort }) => cohort);
  }

  private isWithinReach(actor: Actor, client: ClientEntity): boolean {
    return client.caseworkerId === actor.userId || (seesTeam(actor) && client.teamId === actor.teamId);
  }

  private async insertConsent(
    manager: EntityManager,
    actor: Actor,
    clientId: string,
    consent: ConsentGiven,
    today: string,
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

function seesTeam(actor: Actor): boolean {
  return actor.teamId !== null && actor.permissions.has('clients:read-team');
}

/** A day later than ours is let pass: where the consent was given, it may be tomorrow. */
function refuseFutureConsent({ recordedOn }: ConsentGiven, today: PlainDate, field: string): void {
  if (recordedOn && parsePlainDate(recordedOn, field) > addDays(today, 1)) {
    throw Problem.refused('date-in-the-future', 'A consent cannot be dated in the future.', field);
  }
}

/** The row that a repeated id stands for. Throws `id-conflict` (409) when the content is another. */
export function sameContent<T extends { contentSha256: Buffer }>(existing: T, contentSha256: Buffer): T {
  if (!existing.contentSha256.equals(contentSha256)) {
    throw Problem.conflict('id-conflict', 'This id came with other content before. Use a new id.', 'id');
  }
  return existing;
}
