/**
 * Identification by the elements of trafficking, in versions of which the latest counts. Nothing waits for it and nothing hangs on it: nothing
 * that pays or helps reads it, and the room of transfers cannot reach this folder.
 */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../../access/audit-trail.js';
import { requirePermission, type Actor } from '../../access/domain/actor.js';
import { Clock } from '../../kernel/clock.js';
import { parsePlainDate, type PlainDate } from '../../kernel/domain/plain-date.js';
import { Problem } from '../../kernel/domain/problem.js';
import { countryOf } from '../../kernel/reference-data.js';
import { Secrets } from '../../kernel/secrets.js';
import type { ClientEntity } from '../client.entity.js';
import { ClientsService, sameContent } from '../clients.service.js';
import { IdentityVault, type SealedWords } from '../identity-vault/identity-vault.js';
import { elementsOf, type Elements } from './domain/elements.js';
import {
  identificationContent,
  saysNothing,
  type IdentificationContent,
  type ToldIdentification,
} from './domain/identification.js';

export interface NewIdentification extends ToldIdentification {
  id: string;
  /** The id of the latest one that was read before; null when there was none. */
  replaces: string | null;
}

export interface RecordedIdentification {
  id: string;
  client: string;
  recordedOn: PlainDate;
  elements: Elements;
  created: boolean;
}

export interface Identification extends IdentificationContent {
  id: string;
  recordedOn: PlainDate;
  recordedAt: string;
  by: string;
  elements: Elements;
}

export interface Identifications {
  client: string;
  latest: Identification | null;
  /** The latest of them first. */
  earlier: Identification[];
}

@Injectable()
export class IdentificationService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly secrets: Secrets,
    private readonly audit: AuditTrail,
    private readonly clients: ClientsService,
    private readonly vault: IdentityVault,
  ) {}

  /**
   * Keeps another version; the same id with the same content answers as before. That it was recorded stands in the audit trail, and nothing of
   * what it says: not even how much. Throws `not-found` (404), `identification-changed`, `id-conflict`, `consent-withdrawn` (409),
   * `nothing-recorded`, `date-malformed`, `date-in-the-future` and what `identificationContent` throws (422).
   */
  async record(actor: Actor, code: string, input: NewIdentification): Promise<RecordedIdentification> {
    requirePermission(actor, 'casework:record');
    const client = await this.clients.findHeld(actor, code);
    const today = this.clock.today(countryOf(client.country).timeZone);
    const recordedOn = input.recordedOn === undefined ? today : parsePlainDate(input.recordedOn, 'recordedOn');
    if (recordedOn > today)
      throw Problem.refused('date-in-the-future', 'This cannot be dated in the future.', 'recordedOn');
    const content = identificationContent(input, client.ageBand, today);
    if (input.replaces === null && saysNothing(content)) {
      throw Problem.refused('nothing-recorded', 'Tick or write at least one thing that they told.', 'acts');
    }
    // A day left out stays left out here, and so does the age: sent again tomorrow, it is still the same.
    const { age: _age, ...said } = content;
    const { replaces, recordedOn: day } = input;
    const contentSha256 = this.secrets.fingerprint('identification', { clientId: client.id, replaces, day, ...said });

    return this.db.transaction(async (manager) => {
      // Of the same sent twice at once, the second finds the first.
      await manager.query('select from casework.client where id = $1 for no key update', [client.id]);
      const kept = await this.keptBefore(manager, client, input.id, contentSha256);
      if (kept) return { ...kept, created: false };
      const sealed = (await this.vault.words(manager, client.id)).seal(contentPlace(input.id), padded(content));
      await manager.query(INSERT, [
        input.id,
        client.id,
        replaces,
        recordedOn,
        sealed,
        actor.userId,
        this.clock.now(),
        contentSha256,
      ]);
      await this.audit.record(manager, actor, 'identification.record', { kind: 'client', id: client.id });
      return { id: input.id, client: client.code, recordedOn, elements: elementsOf(asTold(content)), created: true };
    });
  }

  /** The latest version and those before it. The reading is recorded. Throws `not-found` (404), `consent-withdrawn` (409). */
  async ofClient(actor: Actor, code: string): Promise<Identifications> {
    requirePermission(actor, 'words:read');
    const client = await this.clients.findHeld(actor, code);
    return this.db.transaction(async (manager) => {
      const [latest = null, ...earlier] = await this.read(manager, client, await this.vault.words(manager, client.id));
      if (latest) {
        const detail = { versions: earlier.length + 1 };
        await this.audit.record(manager, actor, 'identification.read', { kind: 'client', id: client.id }, detail);
      }
      return { client: client.code, latest, earlier };
    });
  }

  /** Every version, the latest first, for whoever has checked who asks, and records the reading. */
  async read(manager: EntityManager, client: ClientEntity, words: SealedWords): Promise<Identification[]> {
    const rows = await manager.query<Row[]>(OF_CLIENT, [client.id]);
    return rows.map(({ id, recordedOn, recordedAt, by, sealed }) => {
      const content = JSON.parse(words.open(contentPlace(id), sealed)) as IdentificationContent;
      const elements = elementsOf(asTold(content));
      return { id, recordedOn, recordedAt: recordedAt.toISOString(), by, ...content, elements };
    });
  }

  private async keptBefore(
    manager: EntityManager,
    client: ClientEntity,
    id: string,
    contentSha256: Buffer,
  ): Promise<Omit<RecordedIdentification, 'created'> | null> {
    const [row] = await manager.query<(Omit<Row, 'by'> & { contentSha256: Buffer })[]>(BY_ID, [id]);
    if (!row) return null;
    const { recordedOn, sealed } = sameContent(row, contentSha256);
    const words = await this.vault.words(manager, client.id);
    const content = JSON.parse(words.open(contentPlace(id), sealed)) as IdentificationContent;
    return { id, client: client.code, recordedOn, elements: elementsOf(asTold(content)) };
  }
}

interface Row {
  id: string;
  recordedOn: PlainDate;
  recordedAt: Date;
  by: string;
  sealed: Buffer;
}

const asTold = ({ ageThen, ...content }: IdentificationContent) => ({ ...content, ageThen: ageThen ?? undefined });

const contentPlace = (id: string) => `casework.identification/${id}`;

const PADDED_TO_BYTES = 2048;

/** To a length that many share: else what is sealed would tell by its length how much there is to tell. */
function padded(content: IdentificationContent): string {
  const text = JSON.stringify(content);
  const missing = -Buffer.byteLength(text) % PADDED_TO_BYTES;
  return text + ' '.repeat((missing + PADDED_TO_BYTES) % PADDED_TO_BYTES);
}

const INSERT = `
  insert into casework.identification (id, client_id, replaces, recorded_on, content_sealed, recorded_by, recorded_at, content_sha256)
  values ($1, $2, $3, $4, $5, $6, $7, $8)`;

const BY_ID = `
  select id, recorded_on::text "recordedOn", recorded_at "recordedAt", content_sealed sealed, content_sha256 "contentSha256"
  from casework.identification where id = $1`;

const OF_CLIENT = `
  select i.id, i.recorded_on::text "recordedOn", i.recorded_at "recordedAt", i.content_sealed sealed, u.display_name by
  from casework.identification i join access.app_user u on u.id = i.recorded_by
  where i.client_id = $1 order by i.seq desc`;
