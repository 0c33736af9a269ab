/**
 * Case notes, by those who work with the client and for them: written down once, so that nobody has to tell it again. A note is never a
 * condition: nothing that pays reads it, and nothing here looks at what is paid.
 */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import type { ClientEntity } from '../clients/client.entity.js';
import { ClientsService, sameContent } from '../clients/clients.service.js';
import { IdentityVault, type SealedWords } from '../clients/identity-vault/identity-vault.js';
import { Clock } from '../kernel/clock.js';
import type { PlainDate } from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { isId } from '../kernel/ids.js';
import { countryOf } from '../kernel/reference-data.js';
import { Secrets } from '../kernel/secrets.js';
import { noteToKeep, type NewCaseNote, type NoteKind, type NoteToKeep } from './domain/case-note.js';

export interface WrittenNote {
  id: string;
  client: string;
  happenedOn: PlainDate;
  created: boolean;
}

export interface CaseNote {
  id: string;
  kind: NoteKind;
  happenedOn: PlainDate;
  nextOn: PlainDate | null;
  words: string;
  /** As it was typed, where that was Zawgyi. */
  original: string | null;
  /** The name of whoever wrote it. */
  by: string;
  recordedAt: string;
  corrects: string | null;
  correctedBy: string | null;
}

@Injectable()
export class CaseNotesService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly secrets: Secrets,
    private readonly audit: AuditTrail,
    private readonly clients: ClientsService,
    private readonly vault: IdentityVault,
  ) {}

  /** The day where the client lives, which is what a note is of when it does not say. Throws `not-found` (404), `consent-withdrawn` (409). */
  async today(actor: Actor, code: string): Promise<PlainDate> {
    requirePermission(actor, 'notes:read');
    return this.todayOf(await this.clients.findHeld(actor, code));
  }

  /**
   * Keeps a note; the same id with the same content answers as before. One that corrects another takes its place, and the other stays.
   * Throws `not-found` (404, also for another client's note), what `noteToKeep` throws (422), `note-corrected-before`, `id-conflict`,
   * `consent-withdrawn` (409).
   */
  async write(actor: Actor, code: string, input: NewCaseNote): Promise<WrittenNote> {
    requirePermission(actor, 'notes:write');
    const client = await this.clients.findHeld(actor, code);
    const note = noteToKeep(input, this.todayOf(client));
    // A day left out stays left out here: sent again tomorrow, it is still the same note.
    const content = { ...note, clientId: client.id, happenedOn: input.happenedOn };
    const contentSha256 = this.secrets.fingerprint('case-note', content);
    return this.db.transaction(async (manager) => {
      if (note.corrects !== null) await this.requireStanding(manager, client.id, note.corrects, input.id);
      const inserted = await this.insert(manager, actor, client.id, input.id, note, contentSha256);
      const { id, happenedOn } = inserted ?? (await this.alreadyKept(manager, input.id, contentSha256));
      const answer = { id, client: client.code, happenedOn };
      if (!inserted) return { ...answer, created: false };
      const act = note.corrects === null ? 'note.write' : 'note.correct';
      await this.audit.record(manager, actor, act, { kind: 'client', id: client.id }, { note: id });
      return { ...answer, created: true };
    });
  }

  /**
   * A page of the client's notes, those of the latest day first; each is followed by those that it corrects, which `limit` does not count.
   * `before` is the `next` of the page before. The reading is recorded. Throws `not-found` (404), `cursor-malformed` (400),
   * `consent-withdrawn` (409).
   */
  async ofClient(
    actor: Actor,
    code: string,
    { before, limit }: { before?: string; limit: number },
  ): Promise<{ items: CaseNote[]; next: string | null }> {
    requirePermission(actor, 'notes:read');
    const client = await this.clients.findHeld(actor, code);
    if (before !== undefined && !isId(before)) {
      throw Problem.malformed('cursor-malformed', 'Use the `next` of the page before.', 'before');
    }
    return this.db.transaction('REPEATABLE READ', async (manager) => {
      const found = await manager.query<{ id: string }[]>(STANDING_NOTES, [client.id, before ?? null, limit + 1]);
      const standing = found.slice(0, limit).map(({ id }) => id);
      const items = await this.read(manager, actor, client, standing);
      return { items, next: found.length > limit ? (standing.at(-1) ?? null) : null };
    });
  }

  /**
   * That note, or the one that stands in its place by now. The reading is recorded. Throws `not-found` (404, also for another client's note),
   * `consent-withdrawn` (409).
   */
  async standing(actor: Actor, code: string, noteId: string): Promise<CaseNote> {
    requirePermission(actor, 'notes:read');
    const client = await this.clients.findHeld(actor, code);
    return this.db.transaction('REPEATABLE READ', async (manager) => {
      const [found] = await manager.query<{ id: string }[]>(STANDING_FOR, [client.id, noteId]);
      const [note] = found ? await this.read(manager, actor, client, [found.id]) : [];
      if (!note) throw Problem.notFound('case note', 'id');
      return note;
    });
  }

  /** All of the client's notes in the order in which they were written, for whoever has checked who asks, and records the reading. */
  async all(manager: EntityManager, clientId: string, words: SealedWords): Promise<CaseNote[]> {
    const rows = await manager.query<NoteRow[]>(NOTES_OF_CLIENT, [clientId]);
    return rows.map((row) => opened(row, words));
  }

  private todayOf(client: ClientEntity): PlainDate {
    return this.clock.today(countryOf(client.country).timeZone);
  }

  private async read(
    manager: EntityManager,
    actor: Actor,
    client: ClientEntity,
    standing: string[],
  ): Promise<CaseNote[]> {
    if (standing.length === 0) return [];
    const rows = await manager.query<NoteRow[]>(NOTES_WITH_CORRECTED, [standing]);
    const words = await this.vault.words(manager, client.id);
    await this.audit.record(manager, actor, 'note.read', { kind: 'client', id: client.id }, { notes: rows.length });
    return rows.map((row) => opened(row, words));
  }

  /** A note is corrected once, by whoever comes first; sent again, that correction is still the same. */
  private async requireStanding(
    manager: EntityManager,
    clientId: string,
    noteId: string,
    correction: string,
  ): Promise<void> {
    const [note] = await manager.query<{ correctedBy: string | null }[]>(CORRECTED_BY, [clientId, noteId]);
    if (!note) throw Problem.notFound('case note', 'corrects');
    if (note.correctedBy !== null && note.correctedBy !== correction) throw noteCorrectedBefore();
  }

  private async insert(
    manager: EntityManager,
    actor: Actor,
    clientId: string,
    id: string,
    { kind, happenedOn, nextOn, words: { text, original }, corrects }: NoteToKeep,
    contentSha256: Buffer,
  ): Promise<KeptRow | undefined> {
    const words = await this.vault.words(manager, clientId);
    const sealed = words.seal(wordsPlace(id), text);
    const originalSealed = original === null ? null : words.seal(originalPlace(id), original);
    const [row] = await manager.query<KeptRow[]>(INSERT_NOTE, [
      id,
      clientId,
      happenedOn,
      kind,
      nextOn,
      sealed,
      originalSealed,
      corrects,
      actor.userId,
      this.clock.now(),
      contentSha256,
    ]);
    return row;
  }

  private async alreadyKept(manager: EntityManager, id: string, contentSha256: Buffer): Promise<KeptRow> {
    const [existing] = await manager.query<KeptRow[]>(NOTE_BY_ID, [id]);
    if (!existing) throw new Error('a note that is there cannot be found');
    return sameContent(existing, contentSha256);
  }
}

const wordsPlace = (id: string) => `casework.case_note/${id}`;
const originalPlace = (id: string) => `casework.case_note/${id}/original`;

function opened({ sealed, originalSealed, recordedAt, ...note }: NoteRow, words: SealedWords): CaseNote {
  return {
    ...note,
    words: words.open(wordsPlace(note.id), sealed),
    original: originalSealed === null ? null : words.open(originalPlace(note.id), originalSealed),
    recordedAt: recordedAt.toISOString(),
  };
}

interface KeptRow {
  id: string;
  happenedOn: PlainDate;
  contentSha256: Buffer;
}

interface NoteRow extends Omit<CaseNote, 'words' | 'original' | 'recordedAt'> {
  sealed: Buffer;
  originalSealed: Buffer | null;
  recordedAt: Date;
}

const INSERT_NOTE = `
  insert into casework.case_note (id, client_id, happened_on, kind, next_on, words_sealed, original_sealed, corrects, recorded_by, recorded_at, content_sha256)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (id) do nothing
  returning id, happened_on::text "happenedOn", content_sha256 "contentSha256"`;
const NOTE_BY_ID = `
  select id, happened_on::text "happenedOn", content_sha256 "contentSha256" from casework.case_note where id = $1`;
const CORRECTED_BY = `
  select c.id "correctedBy" from casework.case_note n left join casework.case_note c on c.corrects = n.id
  where n.client_id = $1 and n.id = $2`;

const STANDING_NOTES = `
  select n.id from casework.case_note n
  where n.client_id = $1 and not exists (select from casework.case_note c where c.corrects = n.id)
    and ($2::uuid is null or (n.happened_on, n.seq) < (select b.happened_on, b.seq from casework.case_note b where b.client_id = $1 and b.id = $2))
  order by n.happened_on desc, n.seq desc limit $3`;

const STANDING_FOR = `
  with recursive later as (
    select n.id from casework.case_note n where n.client_id = $1 and n.id = $2
    union all select c.id from casework.case_note c join later on c.corrects = later.id
  )
  select id from later where not exists (select from casework.case_note c where c.corrects = later.id)`;

const COLUMNS = `
  n.id, n.kind, n.happened_on::text "happenedOn", n.next_on::text "nextOn", n.words_sealed sealed, n.original_sealed "originalSealed",
  u.display_name by, n.recorded_at "recordedAt", n.corrects`;
/** Of the notes named, which stand, in that order. */
const NOTES_WITH_CORRECTED = `
  with recursive told as (
    select named.id, null::uuid corrected_by, named.place, 1 depth from unnest($1::uuid[]) with ordinality named(id, place)
    union all
    select n.corrects, n.id, told.place, told.depth + 1 from told join casework.case_note n on n.id = told.id where n.corrects is not null
  )
  select ${COLUMNS}, told.corrected_by "correctedBy"
  from told join casework.case_note n on n.id = told.id join access.app_user u on u.id = n.recorded_by
  order by told.place, told.depth`;
const NOTES_OF_CLIENT = `
  select ${COLUMNS}, c.id "correctedBy"
  from casework.case_note n join access.app_user u on u.id = n.recorded_by left join casework.case_note c on c.corrects = n.id
  where n.client_id = $1 order by n.seq`;

/** The database answers the same when two correct one note at once. */
function noteCorrectedBefore(): Problem {
  return Problem.conflict(
    'note-corrected-before',
    'This note was corrected before. Correct the note that took its place.',
    'corrects',
  );
}
