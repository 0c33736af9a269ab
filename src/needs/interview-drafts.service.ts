/** Interviews that are not finished, one for each client and interviewer: kept page by page, taken up again on any device, and saved as a whole. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import type { ClientEntity } from '../clients/client.entity.js';
import { ClientsService } from '../clients/clients.service.js';
import { IdentityVault, type SealedWords } from '../clients/identity-vault/identity-vault.js';
import { Clock } from '../kernel/clock.js';
import { Problem } from '../kernel/domain/problem.js';
import { Ids } from '../kernel/ids.js';
import { countryOf } from '../kernel/reference-data.js';
import { needsCatalogue } from './catalogue.js';
import { HIGHEST_PRIORITY } from './domain/catalogue.js';
import { withFilledIn, wordsOfPriorities, type FilledIn, type InterviewDraft } from './domain/interview-draft.js';
import { NeedsService } from './needs.service.js';

export interface KeptDraft extends InterviewDraft {
  startedAt: string;
  keptAt: string;
}

/** What a page says of the draft that it was made from. */
export interface KeptBy {
  /** Made with the page: of a draft that begins with it. */
  id?: string;
  /** The draft's `keptAt` when the page was made, '' when there was none; not checked when left out. */
  since?: string;
  /** It comes as a whole interview, looked at with the client, to be saved. */
  isWhole?: boolean;
}

/** Among how many a saved one is looked for. */
const RECENT = 10;

@Injectable()
export class InterviewDraftsService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
    private readonly clients: ClientsService,
    private readonly vault: IdentityVault,
    private readonly needs: NeedsService,
  ) {}

  /** The actor's own, or null when there is none. Throws `not-found` (404), `consent-withdrawn` (409). */
  async find(actor: Actor, code: string): Promise<KeptDraft | null> {
    requirePermission(actor, 'needs:record');
    const client = await this.clients.findHeld(actor, code);
    return this.db.transaction(async (manager) => {
      const [row] = await manager.query<DraftRow[]>(DRAFT, [client.id, actor.userId]);
      if (!row) return null;
      return opened(row, await this.vault.words(manager, client.id));
    });
  }

  /**
   * Adds what was filled in to what is kept; null when just that was saved before. Throws `not-found` (404), `consent-withdrawn`, `id-conflict`, `interview-saved`,
   * `interview-kept-since` (409), and what `withFilledIn` throws (422); then nothing is changed.
   */
  async keep(
    actor: Actor,
    code: string,
    filledIn: FilledIn,
    { id, since, isWhole = false }: KeptBy = {},
  ): Promise<InterviewDraft | null> {
    requirePermission(actor, 'needs:record');
    const client = await this.clients.findHeld(actor, code);
    if (id !== undefined && (await this.needs.isRecorded(actor, code, id)))
      return this.savedBefore(actor, code, id, filledIn);
    return this.db.transaction(async (manager) => {
      // One after the other, so that two pages that are kept at once do not undo each other.
      await manager.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`${client.id}/${actor.userId}`]);
      const [saved] = await manager.query<object[]>('select 1 from casework.needs_assessment where id = $1', [id]);
      if (saved) throw Problem.conflict('try-again', 'The same was being done at that moment. Send it once more.');
      const words = await this.vault.words(manager, client.id);
      const [row] = await manager.query<DraftRow[]>(DRAFT, [client.id, actor.userId]);
      const before = row ? opened(row, words) : { ...nothingYet, id: id ?? this.ids.newId() };
      const isOlder = row !== undefined && since !== undefined && since !== row.keptAt.toISOString();
      const added = isOlder ? refuseToUndo(before, filledIn) : filledIn;
      // A whole interview that a device sends again is known by its own id.
      const draft = withFilledIn(needsCatalogue, { ...before, id: isWhole && id ? id : before.id }, added);
      const now = this.clock.now();
      await manager.query(DELETE_DRAFT, [client.id, actor.userId]);
      await manager
        .query(
          `insert into casework.interview_draft (client_id, user_id, id, content_sealed, started_at, kept_at) values ($1, $2, $3, $4, $5, $6)`,
          [
            client.id,
            actor.userId,
            draft.id,
            words.seal(draftPlace(draft.id), contentOf(draft)),
            row?.startedAt ?? now,
            now,
          ],
        )
        .catch(refuseIdOfAnother);
      const subject = { kind: 'client', id: client.id } as const;
      await this.audit.record(manager, actor, 'assessment.keep-draft', subject, {
        ranked: Object.keys(draft.ranks).length,
      });
      return draft;
    });
  }

  /** Null when nothing else was said than what is on record under that id; what a device sends late begins no interview anew. */
  private async savedBefore(actor: Actor, code: string, id: string, { ranks, words }: FilledIn): Promise<null> {
    const saved = (await this.needs.assessments(actor, code, RECENT)).find((one) => one.id === id);
    const isSame =
      saved !== undefined &&
      Object.entries(ranks).every(([need, rank]) => saved.ranks[need] === rank) &&
      Object.entries(words).every(
        ([need, text]) => saved.ranks[need] !== HIGHEST_PRIORITY || (saved.interpretations[need] ?? '') === text.trim(),
      );
    if (isSame) return null;
    throw Problem.conflict(
      'interview-saved',
      'This interview was saved before, as it was then. What you see here is another one: save it beside that, or leave it.',
    );
  }

  /**
   * Records it as a needs assessment; sent twice it is recorded once. Throws `not-found` (404) when there is no such draft, and what
   * `NeedsService.recordAssessment` throws: until all is well the draft stays.
   */
  async save(actor: Actor, code: string, id: string): Promise<void> {
    const draft = await this.find(actor, code);
    if (draft?.id !== id) {
      if (await this.needs.isRecorded(actor, code, id)) return;
      throw Problem.notFound('interview', 'id');
    }
    const { timeZone } = countryOf((await this.clients.findHeld(actor, code)).country);
    await this.needs.recordAssessment(actor, code, {
      id,
      assessedOn: draft.assessedOn ?? this.clock.today(timeZone),
      ranks: draft.ranks,
      interpretations: wordsOfPriorities(draft),
    });
    await this.discard(actor, code);
  }

  /** Takes away what is kept and not saved. Throws `not-found` (404), `consent-withdrawn` (409). */
  async discard(actor: Actor, code: string): Promise<void> {
    requirePermission(actor, 'needs:record');
    const client = await this.clients.findHeld(actor, code);
    await this.db.transaction(async (manager) => {
      const [[gone]] = await manager.query<[{ id: string }[], number]>(DELETE_DRAFT, [client.id, actor.userId]);
      if (gone) await this.audit.record(manager, actor, 'assessment.end-draft', { kind: 'client', id: client.id });
    });
  }

  /** Everybody's of a client, for whoever has checked who asks. */
  async read(manager: EntityManager, client: ClientEntity, words: SealedWords): Promise<KeptDraft[]> {
    const rows = await manager.query<DraftRow[]>(DRAFTS_OF_CLIENT, [client.id]);
    return rows.map((row) => opened(row, words));
  }
}

interface DraftRow {
  id: string;
  sealed: Buffer;
  startedAt: Date;
  keptAt: Date;
}

const DRAFT_COLUMNS = 'id, content_sealed sealed, started_at "startedAt", kept_at "keptAt"';
/** One that is recorded was saved, and the service stopped before it took the draft away. */
const DRAFT = `select ${DRAFT_COLUMNS} from casework.interview_draft d where client_id = $1 and user_id = $2
  and not exists (select from casework.needs_assessment a where a.id = d.id)`;
const DELETE_DRAFT = 'delete from casework.interview_draft where client_id = $1 and user_id = $2 returning id';
const DRAFTS_OF_CLIENT = `select ${DRAFT_COLUMNS} from casework.interview_draft where client_id = $1 order by started_at`;

const nothingYet = { assessedOn: null, ranks: {}, words: {} };
const draftPlace = (id: string) => `casework.interview_draft/${id}`;

type Content = Pick<InterviewDraft, 'assessedOn' | 'ranks' | 'words'>;
const contentOf = ({ assessedOn, ranks, words }: Content) => JSON.stringify({ assessedOn, ranks, words });

function opened({ id, sealed, startedAt, keptAt }: DraftRow, words: SealedWords): KeptDraft {
  const content = JSON.parse(words.open(draftPlace(id), sealed)) as Content;
  return { id, ...content, startedAt: startedAt.toISOString(), keptAt: keptAt.toISOString() };
}

/** An id that somebody else's interview has: nothing is said of that one. */
function refuseIdOfAnother(thrown: unknown): never {
  const { constraint } = (thrown as { driverError?: { constraint?: string } }).driverError ?? {};
  if (constraint === 'interview_draft_id_key')
    throw Problem.conflict('id-conflict', 'This id was used before, for something else. Make a new one.', 'id');
  throw thrown;
}

/**
 * Of a page that is older than what is kept: what it adds. Nothing takes away what was kept since. Throws `interview-kept-since` (409) when
 * both say something of the same need, and not the same.
 */
function refuseToUndo(kept: InterviewDraft, { assessedOn, ranks, words }: FilledIn): FilledIn {
  const added: FilledIn = { assessedOn, ranks: {}, words: {} };
  for (const [need, rank] of Object.entries(ranks)) if (rank !== null) added.ranks[need] = rank;
  for (const [need, text] of Object.entries(words)) if (text.trim() !== '') added.words[need] = text;
  const ranked = Object.entries(added.ranks).filter(([need, rank]) => (kept.ranks[need] ?? rank) !== rank);
  const said = Object.entries(added.words).filter(([need, text]) => (kept.words[need] ?? text.trim()) !== text.trim());
  const [field] = [...ranked.map(([need]) => `ranks.${need}`), ...said.map(([need]) => `words.${need}`)];
  if (field === undefined) return added;
  throw Problem.conflict(
    'interview-kept-since',
    'This interview was kept since you opened it, and says something else here. Look at it, and send it once more as it is right.',
    field,
  );
}
