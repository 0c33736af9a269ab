/** Registering clients, and finding them within the actor's reach. */
import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { Clock } from '../kernel/clock.js';
import { parsePlainDate } from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { Ids } from '../kernel/ids.js';
import { countryOf } from '../kernel/reference-data.js';
import { Secrets } from '../kernel/secrets.js';
import { ClientEntity } from './client.entity.js';
import { ClientReach, seesTeam } from './client-reach.js';
import { ConsentsService, refuseFutureConsent, type ConsentGiven } from './consents.service.js';
import { ageBandOf } from './domain/age.js';
import { clientCode } from './domain/client-code.js';
import type { Identity } from './domain/identity.js';
import { IdentityVault } from './identity-vault/identity-vault.js';

export interface NewClient {
  id?: string;
  cohort: string;
  caseGroup?: string;
  country: string;
  region?: string;
  identity: Identity;
  consents: ConsentGiven[];
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
      for (const consent of input.consents) await this.consents.insert(manager, actor, id, consent, today);
      await this.audit.record(manager, actor, 'client.register', { kind: 'client', id }, { country: client.country });
      return { client, created: true };
    });
  }

  /** The client with that code, if it is within the actor's reach. Throws `not-found` (404), also for somebody else's client. */
  find(actor: Actor, code: string): Promise<ClientEntity> {
    return this.reach.find(actor, code);
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
}

/** The row that a repeated id stands for. Throws `id-conflict` (409) when the content is another. */
export function sameContent<T extends { contentSha256: Buffer }>(existing: T, contentSha256: Buffer): T {
  if (!existing.contentSha256.equals(contentSha256)) {
    throw Problem.conflict('id-conflict', 'This id came with other content before. Use a new id.', 'id');
  }
  return existing;
}
