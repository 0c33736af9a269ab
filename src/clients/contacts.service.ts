/**
 * Safe contact: how a client can be reached without harm, in versions, and the contacts that were made. A contact is recorded only with the
 * version of the rules that was shown, which has to be the latest; the database refuses any other.
 */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { Clock } from '../kernel/clock.js';
import { parsePlainDate, type PlainDate } from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { countryOf } from '../kernel/reference-data.js';
import { Secrets } from '../kernel/secrets.js';
import { ClientReach, requireConsentToHold } from './client-reach.js';
import { sameContent } from './clients.service.js';
import { ConsentsService } from './consents.service.js';
import type { ContactChannel, ContactDirection, ContactOutcome, SafeContactRules } from './domain/safe-contact.js';
import { IdentityVault } from './identity-vault/identity-vault.js';

export interface SafeContact {
  client: string;
  /** 0 when no rules are on record yet. */
  version: number;
  rules: SafeContactRules | null;
  recordedAt: string | null;
  consentsToBeContacted: boolean;
}

export interface NewContact {
  id: string;
  rulesVersion: number;
  direction: ContactDirection;
  channel: ContactChannel;
  outcome: ContactOutcome;
  /** Today, where the client lives, when left out. */
  happenedOn?: string;
  words?: string;
}

export interface Contact extends Omit<NewContact, 'words'> {
  happenedOn: PlainDate;
  words: string | null;
  by: string;
}

const CONTACTS_SHOWN = 200;

@Injectable()
export class ContactsService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly secrets: Secrets,
    private readonly audit: AuditTrail,
    private readonly reach: ClientReach,
    private readonly consents: ConsentsService,
    private readonly vault: IdentityVault,
  ) {}

  /** The rules as they stand. The reading is recorded. Throws `not-found` (404), `consent-withdrawn` (409). */
  async rules(actor: Actor, code: string): Promise<SafeContact> {
    requirePermission(actor, 'identity:read');
    const { client, reason } = await this.reach.findToRead(actor, code);
    requireConsentToHold(client);
    return this.db.transaction(async (manager) => {
      const latest = await latestRules(manager, client.id);
      const consentsToBeContacted = await this.consents.stands(manager, client.id, 'be-contacted');
      if (!latest) return { client: client.code, version: 0, rules: null, recordedAt: null, consentsToBeContacted };
      const words = await this.vault.words(manager, client.id);
      const subject = { kind: 'client', id: client.id } as const;
      await this.audit.record(manager, actor, 'safe-contact.read', subject, { version: latest.version, reason });
      return {
        client: client.code,
        version: latest.version,
        rules: JSON.parse(words.open(rulesPlace(client.id, latest.version), latest.sealed)) as SafeContactRules,
        recordedAt: latest.recordedAt.toISOString(),
        consentsToBeContacted,
      };
    });
  }

  /**
   * Keeps new rules in place of the version named (0 when there is none yet); the new version. What is there already is not kept again.
   * Throws `not-found` (404), `safe-contact-rules-changed`, `consent-withdrawn` (409).
   */
  async changeRules(actor: Actor, code: string, replaces: number, rules: SafeContactRules): Promise<number> {
    requirePermission(actor, 'casework:record');
    const client = await this.reach.findHeld(actor, code);
    return this.db.transaction(async (manager) => {
      const version = replaces + 1;
      const words = await this.vault.words(manager, client.id);
      const sealed = words.seal(rulesPlace(client.id, version), JSON.stringify(rules));
      const latest = await latestRules(manager, client.id);
      if ((latest?.version ?? 0) !== replaces) throw rulesChanged('replaces');
      await manager.query(
        'insert into casework.safe_contact (client_id, version, content_sealed, recorded_by, recorded_at) values ($1, $2, $3, $4, $5)',
        [client.id, version, sealed, actor.userId, this.clock.now()],
      );
      await this.audit.record(manager, actor, 'safe-contact.change', { kind: 'client', id: client.id }, { version });
      return version;
    });
  }

  /**
   * Keeps a contact; the same id with the same content answers as before. Open to an emergency access too.
   * Throws `not-found` (404), `no-safe-contact-rules`, `safe-contact-rules-changed`, `no-consent-to-be-contacted`, `consent-withdrawn`,
   * `id-conflict` (409), `date-malformed`, `date-in-the-future` (422).
   */
  async record(actor: Actor, code: string, input: NewContact): Promise<{ id: string; created: boolean }> {
    requirePermission(actor, 'casework:record');
    const { client, reason } = await this.reach.findToRead(actor, code);
    requireConsentToHold(client);
    const today = this.clock.today(countryOf(client.country).timeZone);
    const happenedOn = input.happenedOn === undefined ? today : parsePlainDate(input.happenedOn, 'happenedOn');
    if (happenedOn > today)
      throw Problem.refused('date-in-the-future', 'A contact cannot be dated in the future.', 'happenedOn');
    const contentSha256 = this.secrets.fingerprint('contact', { ...input, clientId: client.id });
    return this.db.transaction(async (manager) => {
      const [existing] = await manager.query<{ id: string; contentSha256: Buffer }[]>(
        'select id, content_sha256 "contentSha256" from casework.contact where id = $1',
        [input.id],
      );
      if (existing) return { id: sameContent(existing, contentSha256).id, created: false };
      await this.requireLatestRules(manager, client.id, input.rulesVersion);
      if (input.direction === 'outgoing' && !(await this.consents.stands(manager, client.id, 'be-contacted'))) {
        throw Problem.conflict(
          'no-consent-to-be-contacted',
          'The client does not consent to being contacted. They may come to us at any time.',
          'direction',
        );
      }
      const words = input.words?.trim() ?? '';
      const sealed = words ? (await this.vault.words(manager, client.id)).seal(contactPlace(input.id), words) : null;
      await manager.query(INSERT_CONTACT, [
        input.id,
        client.id,
        input.rulesVersion,
        happenedOn,
        input.direction,
        input.channel,
        input.outcome,
        sealed,
        actor.userId,
        this.clock.now(),
        contentSha256,
      ]);
      const detail = { contact: input.id, rulesVersion: input.rulesVersion, direction: input.direction, reason };
      await this.audit.record(manager, actor, 'contact.record', { kind: 'client', id: client.id }, detail);
      return { id: input.id, created: true };
    });
  }

  /** The client's contacts, latest first. The reading is recorded. Throws `not-found` (404), `consent-withdrawn` (409). */
  async ofClient(actor: Actor, code: string): Promise<Contact[]> {
    requirePermission(actor, 'identity:read');
    const { client, reason } = await this.reach.findToRead(actor, code);
    requireConsentToHold(client);
    return this.db.transaction(async (manager) => {
      const rows = await manager.query<(Omit<Contact, 'words'> & { sealed: Buffer | null })[]>(CONTACTS_OF_CLIENT, [
        client.id,
        CONTACTS_SHOWN,
      ]);
      if (rows.length === 0) return [];
      const words = await this.vault.words(manager, client.id);
      const subject = { kind: 'client', id: client.id } as const;
      await this.audit.record(manager, actor, 'contact.read', subject, { contacts: rows.length, reason });
      return rows.map(({ sealed, ...row }) => ({
        ...row,
        words: sealed === null ? null : words.open(contactPlace(row.id), sealed),
      }));
    });
  }

  private async requireLatestRules(manager: EntityManager, clientId: string, shown: number): Promise<void> {
    const latest = await latestRules(manager, clientId);
    if (!latest) {
      throw Problem.conflict(
        'no-safe-contact-rules',
        'No rules of safe contact are on record. Agree on them with the client and write them down first.',
        'rulesVersion',
      );
    }
    if (latest.version !== shown) throw rulesChanged('rulesVersion');
  }
}

async function latestRules(
  manager: EntityManager,
  clientId: string,
): Promise<{ version: number; sealed: Buffer; recordedAt: Date } | undefined> {
  const [latest] = await manager.query<{ version: number; sealed: Buffer; recordedAt: Date }[]>(
    `select version, content_sealed sealed, recorded_at "recordedAt" from casework.safe_contact
     where client_id = $1 order by version desc limit 1`,
    [clientId],
  );
  return latest;
}

function rulesChanged(field: string): Problem {
  return Problem.conflict(
    'safe-contact-rules-changed',
    'The rules of safe contact were changed since they were shown. Read them as they are now.',
    field,
  );
}

export const rulesPlace = (clientId: string, version: number) => `casework.safe_contact/${clientId}/${version}`;
export const contactPlace = (id: string) => `casework.contact/${id}`;

const INSERT_CONTACT = `
  insert into casework.contact (id, client_id, rules_version, happened_on, direction, channel, outcome, words_sealed, recorded_by, recorded_at, content_sha256)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`;

const CONTACTS_OF_CLIENT = `
  select c.id, c.rules_version "rulesVersion", c.happened_on::text "happenedOn", c.direction, c.channel, c.outcome, c.words_sealed sealed,
         u.display_name by
  from casework.contact c join access.app_user u on u.id = c.recorded_by
  where c.client_id = $1 order by c.happened_on desc, c.seq desc limit $2`;
