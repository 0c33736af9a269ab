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
import { withFilledIn, wordsOfPriorities, type FilledIn, type InterviewDraft } from './domain/interview-draft.js';
import { NeedsService } from './needs.service.js';

export interface KeptDraft extends InterviewDraft {
  startedAt: string;
  keptAt: string;
}

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
   * Adds what was filled in to what is kept. `id` was made with the page, so that what a device sends late does not begin an interview anew
   * that was saved meanwhile: then it is let be, and the answer is null. Throws `not-found` (404), `consent-withdrawn`, `id-conflict` (409),
   * and what `withFilledIn` throws (422); then nothing is changed.
   */
  async keep(actor: Actor, code: string, filledIn: FilledIn, id?: string): Promise<InterviewDraft | null> {
    requirePermission(actor, 'needs:record');
    const client = await this.clients.findHeld(actor, code);
    if (id !== undefined && (await this.needs.isRecorded(actor, code, id))) return null;
    return this.db.transaction(async (manager) => {
      // One after the other, so that two pages that are kept at once do not undo each other.
      await manager.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`${client.id}/${actor.userId}`]);
      const words = await this.vault.words(manager, client.id);
      const [row] = await manager.query<DraftRow[]>(DRAFT, [client.id, actor.userId]);
      const before = row ? opened(row, words) : { ...nothingYet, id: this.ids.newId() };
      const draft = withFilledIn(needsCatalogue, { ...before, id: id ?? before.id }, filledIn);
      if (row && row.id !== draft.id) await manager.query(DELETE_DRAFT, [client.id, actor.userId]);
      const now = this.clock.now();
      await manager
        .query(
          `insert into casework.interview_draft (client_id, user_id, id, content_sealed, started_at, kept_at) values ($1, $2, $3, $4, $5, $6)
           on conflict (client_id, user_id) do update set content_sealed = excluded.content_sealed, kept_at = excluded.kept_at`,
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
const DRAFT = `select ${DRAFT_COLUMNS} from casework.interview_draft where client_id = $1 and user_id = $2`;
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
