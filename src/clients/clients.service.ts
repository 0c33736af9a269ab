/** Registering clients, and finding them within the actor's reach. */
import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { Clock } from '../kernel/clock.js';
import { parsePlainDate, type PlainDate } from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { LETTER } from '../kernel/domain/visible-text.js';
import { Ids } from '../kernel/ids.js';
import { countryOf } from '../kernel/reference-data.js';
import { Secrets } from '../kernel/secrets.js';
import { ClientEntity } from './client.entity.js';
import { ClientReach, requireConsentToHold, seesTeam, type ReadingReason } from './client-reach.js';
import {
  CONSENTS_OF_CLIENT,
  consentStates,
  ConsentsService,
  refuseFutureConsent,
  type ConsentGiven,
  type ConsentState,
} from './consents.service.js';
import { ageBandOf, type AgeBand } from './domain/age.js';
import { partyOf } from './domain/consent.js';
import { clientCode } from './domain/client-code.js';
import type { Identity } from './domain/identity.js';
import { IdentityVault, type VersionedIdentity } from './identity-vault/identity-vault.js';
import { inUnicode } from './matching/domain/identity-at-the-door.js';
import { DuplicateFinder } from './matching/duplicate-finder.js';

export interface NewClient {
  id?: string;
  cohort: string;
  caseGroup?: string;
  country: string;
  region?: string;
  identity: Identity;
  consents: ConsentGiven[];
}

export interface CaseFile {
  client: ClientEntity;
  version: number;
  /** Null when what is on record was damaged and does not open. */
  identity: Identity | null;
  consents: ConsentState[];
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
    private readonly reach: ClientReach,
    private readonly consents: ConsentsService,
    private readonly duplicates: DuplicateFinder,
  ) {}

  /**
   * Registers a client with identity and consents; the same id with the same content answers as before. Who may be registered already is
   * registered all the same: help does not wait, and a human looks at it later.
   * Throws `consent-to-hold-data-missing`, `unknown-country`, `date-malformed`, `born-in-the-future` and what `partyOf` throws (422),
   * `id-conflict` (409).
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
    for (const consent of input.consents) {
      refuseFutureConsent(consent, today, 'consents.recordedOn');
      partyOf(consent, 'consents.party');
    }
    refuseFutureBirth(input.identity, today);
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
        ...standingOf(input.identity, today),
        caseworkerId: actor.userId,
        registeredAt: this.clock.now(),
        erasedAt: null,
        contentSha256,
      });
      await manager.insert(ClientEntity, client);
      const identity = inUnicode(input.identity);
      await this.vault.enrol(manager, id, identity);
      for (const consent of holdDataFirst(input.consents))
        await this.consents.insert(manager, actor, id, consent, today);
      await this.audit.record(manager, actor, 'client.register', { kind: 'client', id }, { country: client.country });
      await this.duplicates.keepAndLook(manager, actor, id, identity);
      return { client, created: true };
    });
  }

  /**
   * The client with that code, if it is the actor's own or their team's. Emergency access is not enough.
   * Throws `not-found` (404), also for somebody else's client.
   */
  find(actor: Actor, code: string): Promise<ClientEntity> {
    return this.reach.find(actor, code);
  }

  /** The same, while the client consents to data being held: for writing, and for their own words. Throws `consent-withdrawn` (409) too. */
  findHeld(actor: Actor, code: string): Promise<ClientEntity> {
    return this.reach.findHeld(actor, code);
  }

  /** The case file without identity, and under what it is read; under an emergency access the reading is recorded. Throws `not-found` (404). */
  async caseFile(actor: Actor, code: string): Promise<{ client: ClientEntity; reason: ReadingReason }> {
    const { client, reason } = await this.reach.findToRead(actor, code);
    if (reason === 'emergency') {
      await this.db.transaction((manager) =>
        this.audit.record(manager, actor, 'client.read', { kind: 'client', id: client.id }, { reason }),
      );
    }
    return { client, reason };
  }

  /**
   * Who the client is, and which version of it that is. The reading is recorded in the same transaction. A child who came of age since is an
   * adult from here on.
   * Throws `not-found` (404), `consent-withdrawn`, `identity-does-not-open`, `key-does-not-open` (409), `keys-unavailable` (503).
   */
  async identity(actor: Actor, code: string): Promise<VersionedIdentity> {
    requirePermission(actor, 'identity:read');
    const { client, reason } = await this.reach.findToRead(actor, code);
    requireConsentToHold(client);
    return this.db.transaction(async (manager) => {
      const read = await this.vault.read(manager, actor, client.id, reason);
      if (reason === 'case-file') await this.refreshAge(manager, actor, client, read.identity);
      return read;
    });
  }

  /**
   * Case file, consents and identity with two questions to the database, and two more on the one day that a child is found to be of age. The
   * second records the reading and returns what was read, in one statement. Throws `not-found` (404), `consent-withdrawn`, `key-does-not-open`
   * (409), `keys-unavailable` (503).
   */
  async openCaseFile(actor: Actor, code: string): Promise<CaseFile> {
    requirePermission(actor, 'identity:read');
    const { client, reason } = await this.reach.findToRead(actor, code);
    requireConsentToHold(client);
    const { beside, version, identity } = await this.vault.readWith<ConsentState[]>(
      this.db.manager,
      actor,
      client.id,
      reason,
      `select jsonb_agg(said) from (${CONSENTS_OF_CLIENT}) said`,
    );
    if (identity && reason === 'case-file' && this.ageBandToday(client, identity) !== client.ageBand)
      await this.db.transaction((manager) => this.refreshAge(manager, actor, client, identity));
    return { client, consents: consentStates(beside), version, identity };
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
      .where('client.code > :after and client.erasedAt is null', { after: options.after ?? '' })
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

  /**
   * Brings the age band up to the day, for whoever has the identity open anyway. Nothing in clear tells when somebody comes of age; until
   * somebody looks, they stay presumed a child, which errs on the safe side.
   */
  private async refreshAge(
    manager: EntityManager,
    actor: Actor,
    client: ClientEntity,
    identity: Identity,
  ): Promise<void> {
    const ageBand = this.ageBandToday(client, identity);
    if (ageBand === client.ageBand) return;
    await manager.update(ClientEntity, { id: client.id }, { ageBand });
    await this.audit.record(manager, actor, 'client.refresh-age', { kind: 'client', id: client.id }, { ageBand });
    client.ageBand = ageBand;
  }

  private ageBandToday(client: ClientEntity, identity: Identity): AgeBand {
    return ageBandOf(identity, this.clock.today(countryOf(client.country).timeZone));
  }
}

/** Nothing else is consented to before it. */
function holdDataFirst(consents: readonly ConsentGiven[]): ConsentGiven[] {
  const isFirst = ({ purpose }: ConsentGiven) => purpose === 'hold-data';
  return [...consents.filter(isFirst), ...consents.filter((consent) => !isFirst(consent))];
}

/** What follows from an identity and stands open in the case file, because paying needs it. */
export function standingOf(identity: Identity, today: PlainDate): Pick<ClientEntity, 'ageBand' | 'guardianOnRecord'> {
  return {
    ageBand: ageBandOf(identity, today),
    guardianOnRecord: identity.guardian?.names.some(({ text }) => LETTER.test(text)) ?? false,
  };
}

/** Throws `date-malformed`, `born-in-the-future` (422). */
export function refuseFutureBirth({ dateOfBirth }: Identity, today: PlainDate): void {
  if (dateOfBirth && parsePlainDate(dateOfBirth, 'identity.dateOfBirth') > today) {
    throw Problem.refused('born-in-the-future', 'The date of birth lies in the future.', 'identity.dateOfBirth');
  }
}

/** The row that a repeated id stands for. Throws `id-conflict` (409) when the content is another. */
export function sameContent<T extends { contentSha256: Buffer }>(existing: T, contentSha256: Buffer): T {
  if (!existing.contentSha256.equals(contentSha256)) {
    throw Problem.conflict('id-conflict', 'This id came with other content before. Use a new id.', 'id');
  }
  return existing;
}
