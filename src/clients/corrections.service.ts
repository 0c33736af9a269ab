/** Correcting what is held of a client: who they are, version by version, and what stands in the case file. */
import { Injectable } from '@nestjs/common';
import { DataSource, IsNull, type EntityManager } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { Clock } from '../kernel/clock.js';
import { Problem } from '../kernel/domain/problem.js';
import { countryOf } from '../kernel/reference-data.js';
import { ClientEntity } from './client.entity.js';
import { ClientsService, refuseFutureBirth, standingOf } from './clients.service.js';
import { changedFields, identityFields, type Identity, type IdentityField } from './domain/identity.js';
import { IdentityVault } from './identity-vault/identity-vault.js';
import { inUnicode } from './matching/domain/identity-at-the-door.js';
import { DuplicateFinder } from './matching/duplicate-finder.js';
import { HeldData } from './rights/held-data.js';

/** What a case file says that can be put right; null for a region that is not known. */
export interface CaseFileCorrection {
  cohort?: string;
  caseGroup?: string;
  country?: string;
  region?: string | null;
}

export interface IdentityCorrection {
  version: number;
  /** The names of the fields that changed; none when it was all the same. */
  changed: IdentityField[];
}

@Injectable()
export class CorrectionsService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
    private readonly clients: ClientsService,
    private readonly vault: IdentityVault,
    private readonly heldData: HeldData,
    private readonly duplicates: DuplicateFinder,
  ) {}

  /**
   * Keeps the whole identity as it is right, as a new version; where nothing changed, nothing is kept, and all of it changed when the version
   * before does not open. What follows from it (age, guardian) follows at once, and rooms that use it are told. Throws `not-found` (404),
   * `changed-meanwhile`, `payment-under-way`, `consent-withdrawn`, `key-does-not-open` (409), `date-malformed`, `born-in-the-future`,
   * `identity-too-large` (422), `keys-unavailable` (503).
   */
  async correctIdentity(
    actor: Actor,
    code: string,
    { identity: asTyped, expectedVersion }: { identity: Identity; expectedVersion: number },
  ): Promise<IdentityCorrection> {
    requirePermission(actor, 'casework:record');
    requirePermission(actor, 'identity:read');
    const { id: clientId, country } = await this.clients.findHeld(actor, code);
    const identity = inUnicode(asTyped);
    const today = this.clock.today(countryOf(country).timeZone);
    refuseFutureBirth(identity, today);
    return this.db.transaction(async (manager) => {
      const client = await lock(manager, clientId);
      const before = await this.vault.readWith<null>(manager, actor, clientId, 'correction', 'null');
      if (before.version !== expectedVersion) {
        throw Problem.conflict(
          'changed-meanwhile',
          'Somebody else corrected this meanwhile. Open it again, and see what is still wrong.',
          'expectedVersion',
        );
      }
      const changed = before.identity ? changedFields(before.identity, identity) : [...identityFields];
      if (changed.length === 0) return { version: before.version, changed };
      const version = before.version + 1;
      await this.vault.keepVersion(manager, clientId, version, identity);
      await manager.update(ClientEntity, { id: clientId }, standingOf(identity, today));
      await this.heldData.corrected(manager, client, { version, changed, identity, correctedBy: actor.userId });
      await this.audit.record(
        manager,
        actor,
        'identity.correct',
        { kind: 'client', id: clientId },
        { fields: changed.map(asCode), version },
      );
      // The last step: what follows it until the commit holds up registrations.
      await this.duplicates.keepAndLook(manager, actor, clientId, identity);
      return { version, changed };
    });
  }

  /**
   * Corrects fields of the case file; which ones changed, by name. Throws `not-found` (404), `unknown-country` (422),
   * `country-of-enrolment`, `consent-withdrawn` (409).
   */
  async correctCaseFile(actor: Actor, code: string, correction: CaseFileCorrection): Promise<{ changed: string[] }> {
    requirePermission(actor, 'casework:record');
    if (correction.country !== undefined) countryOf(correction.country);
    const { id: clientId } = await this.clients.findHeld(actor, code);
    return this.db.transaction(async (manager) => {
      const client = await lock(manager, clientId);
      const fields = ['cohort', 'caseGroup', 'country', 'region'] as const;
      const changed = fields.filter((field) => correction[field] !== undefined && correction[field] !== client[field]);
      if (changed.length === 0) return { changed };
      const corrected = Object.fromEntries(changed.map((field) => [field, correction[field]]));
      await manager.update(ClientEntity, { id: clientId }, corrected);
      await this.audit.record(
        manager,
        actor,
        'client.correct',
        { kind: 'client', id: clientId },
        { fields: changed.map(asCode) },
      );
      return { changed };
    });
  }
}

/** The client's row, for this transaction alone: corrections come one after another, and none beside an erasure. Throws `not-found` (404). */
async function lock(manager: EntityManager, id: string): Promise<ClientEntity> {
  const where = { id, erasedAt: IsNull() };
  const client = await manager.findOne(ClientEntity, { where, lock: { mode: 'for_no_key_update' } });
  if (!client) throw Problem.notFound('client', 'code');
  return client;
}

/** As the audit trail writes a field's name: "dateOfBirth" as "date-of-birth". */
const asCode = (field: string) => field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
