/** What the room of clients itself holds of somebody: their case file, who they are, what they consent to, and how and when they were contacted. */
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { OPERATOR_USER_ID, type Actor } from '../../access/domain/actor.js';
import { seesTeam } from '../client-reach.js';
import type { ClientEntity } from '../client.entity.js';
import { contactPlace, rulesPlace } from '../contacts.service.js';
import type { SafeContactRules } from '../domain/safe-contact.js';
import { emergencyPlace } from '../emergencies.service.js';
import { IdentityVault, type SealedWords } from '../identity-vault/identity-vault.js';
import { HeldData } from './held-data.js';

@Injectable()
export class HeldByClients implements OnModuleInit {
  constructor(
    private readonly heldData: HeldData,
    private readonly vault: IdentityVault,
  ) {}

  onModuleInit(): void {
    this.heldData.register({
      name: 'caseFile',
      tables: ['casework.client', 'pii.data_key', 'pii.erased_client', 'access.idempotent_answer'],
      export: (_manager, _actor, client) => Promise.resolve(caseFile(client)),
    });
    this.heldData.register({
      name: 'identity',
      tables: ['pii.identity'],
      export: (manager, actor, client, words) => this.identity(manager, actor, client, words),
    });
    this.heldData.register({
      name: 'consents',
      tables: ['casework.consent'],
      export: (manager, _actor, client) => manager.query(CONSENTS, [client.id]),
    });
    this.heldData.register({ name: 'safeContact', tables: ['casework.safe_contact'], export: safeContact });
    this.heldData.register({ name: 'contacts', tables: ['casework.contact'], export: contacts });
    this.heldData.register({
      name: 'whoWorkedWithYou',
      tables: ['casework.assignment'],
      export: (manager, _actor, client) => manager.query(ASSIGNMENTS, [client.id]),
    });
    this.heldData.register({
      name: 'possibleDuplicates',
      tables: [
        'casework.possible_duplicate',
        'casework.duplicate_decision',
        'pii.person_token', // keyed digests of what the identity says in clear
        'pii.person_birth',
      ],
      export: (manager, _actor, client) => manager.query(DUPLICATES, [client.id]),
    });
    this.heldData.register({
      name: 'emergencies',
      tables: ['casework.emergency_access', 'casework.emergency_seen'],
      export: emergencies,
    });
  }

  /** The newest version first, whole; of the earlier ones too, because they are held. Of one that was damaged, that it was. */
  private async identity(manager: EntityManager, actor: Actor, client: ClientEntity, words: SealedWords) {
    const versions = await this.vault.versions(manager, actor, client.id, 'export', words);
    const told = versions.map(({ version, since, identity }) => ({
      version,
      since: since.toISOString(),
      ...(identity ?? { damaged: true }),
    }));
    const [now, ...earlier] = told.reverse();
    return { now, earlier };
  }
}

/** Supervisors of the client's team (nobody else of a team gets this far), and the operator. */
function mayReadEmergencyWords(actor: Actor): boolean {
  return actor.userId === OPERATOR_USER_ID || (actor.permissions.has('emergencies:read') && seesTeam(actor));
}

function caseFile(client: ClientEntity) {
  return {
    code: client.code,
    cohort: client.cohort,
    case: client.caseGroup,
    country: client.country,
    region: client.region,
    age: client.ageBand,
    guardianOnRecord: client.guardianOnRecord,
    registeredAt: client.registeredAt.toISOString(),
  };
}

async function safeContact(manager: EntityManager, _actor: Actor, client: ClientEntity, words: SealedWords) {
  const rows = await manager.query<{ version: number; since: Date; sealed: Buffer }[]>(
    `select version, recorded_at since, content_sealed sealed from casework.safe_contact where client_id = $1 order by version desc`,
    [client.id],
  );
  return rows.map(({ version, since, sealed }) => ({
    version,
    since: since.toISOString(),
    ...(JSON.parse(words.open(rulesPlace(client.id, version), sealed)) as SafeContactRules),
  }));
}

async function contacts(manager: EntityManager, _actor: Actor, client: ClientEntity, words: SealedWords) {
  const rows = await manager.query<{ id: string; sealed: Buffer | null }[]>(CONTACTS, [client.id]);
  return rows.map(({ id, sealed, ...contact }) => ({
    ...contact,
    notes: sealed === null ? null : words.open(contactPlace(id), sealed),
  }));
}

/**
 * What was said to an emergency may be about the client's own caseworker: only who may read it there puts it into an export. Whoever may not
 * is told the same whether something was said or not.
 */
async function emergencies(manager: EntityManager, actor: Actor, client: ClientEntity, words: SealedWords) {
  const rows = await manager.query<
    { id: string; sealed: Buffer | null; openedAt: Date; endedAt: Date; seenAt: Date }[]
  >(EMERGENCIES, [client.id]);
  return rows.map(({ id, sealed, ...emergency }) => ({
    ...emergency,
    ...(mayReadEmergencyWords(actor)
      ? { notes: sealed === null ? null : words.open(emergencyPlace(id), sealed) }
      : { notesAreGivenBy: 'a supervisor' }),
  }));
}

const CONSENTS = `
  select purpose, party, given, language, interpreter, recorded_on::text "recordedOn" from casework.consent where client_id = $1 order by seq`;

const CONTACTS = `
  select id, happened_on::text "happenedOn", direction, channel, outcome, words_sealed sealed from casework.contact where client_id = $1 order by seq`;

const ASSIGNMENTS = `
  select assigned_at at, 'the caseworker changed' what from casework.assignment where client_id = $1 order by seq`;

/** Not whom they were taken for: that is somebody else's. */
const DUPLICATES = `
  select d.found_at "foundAt", d.matched "whatAgrees", d.decision, d.decided_at "decidedAt"
  from casework.duplicate_standing d where $1 in (d.one_id, d.other_id) order by d.found_at`;

const EMERGENCIES = `
  select e.id, e.opened_at "openedAt", e.ends_at "endedAt", e.reason, s.seen_at "seenAt", e.words_sealed sealed
  from casework.emergency_access e left join casework.emergency_seen s on s.emergency_id = e.id
  where e.client_id = $1 order by e.opened_at`;
