/** Needs assessments of clients, and what clients taken together rank highest. */
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { ClientsService, sameContent } from '../clients/clients.service.js';
import { IdentityVault, type SealedWords } from '../clients/identity-vault/identity-vault.js';
import { Clock } from '../kernel/clock.js';
import { parsePlainDate, type PlainDate } from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { countryOf } from '../kernel/reference-data.js';
import { Secrets } from '../kernel/secrets.js';
import { needsCatalogue } from './catalogue.js';
import { priorityRows, type PriorityRow } from './domain/priorities.js';
import { highestPriorities, rankNeeds, type Rank, type RankedNeed } from './domain/ranks.js';

export interface NewAssessment {
  id: string;
  assessedOn: string;
  /** Rank by need; checked against the catalogue. */
  ranks: Record<string, unknown>;
  /** The client's words by need. */
  interpretations?: Record<string, unknown> | null;
}

export interface RecordedAssessment {
  id: string;
  client: string;
  assessedOn: PlainDate;
  highestPriorities: string[];
  created: boolean;
}

export interface Assessment {
  id: string;
  client: string;
  assessedOn: PlainDate;
  highestPriorities: string[];
  ranks: Record<string, Rank>;
  interpretations: Record<string, string>;
}

export interface Priorities {
  cohort: string | null;
  country: string | null;
  n: number;
  rows: PriorityRow[];
}

@Injectable()
export class NeedsService implements OnModuleInit {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly secrets: Secrets,
    private readonly audit: AuditTrail,
    private readonly clients: ClientsService,
    private readonly vault: IdentityVault,
  ) {}

  /** Brings the table of needs up to the catalogue; several processes may start at once. */
  async onModuleInit(): Promise<void> {
    const { needs } = needsCatalogue;
    await this.db.query(
      `insert into casework.need (code, category, position, label)
       select * from unnest($1::text[], $2::text[], $3::smallint[], $4::text[]) on conflict do nothing`,
      [
        needs.map(({ code }) => code),
        needs.map(({ category }) => category),
        needs.map(({ position }) => position),
        needs.map(({ label }) => label),
      ],
    );
    const kept = await this.db.query<{ code: string; category: string }[]>(
      'select code, category from casework.need order by position',
    );
    const asText = (rows: readonly { code: string; category: string }[]) =>
      rows.map(({ code, category }) => `${category}/${code}`).join();
    if (asText(kept) !== asText(needs)) {
      throw new Error(
        'config/needs-catalogue.json is not the catalogue that the assessments in this database were ranked by.',
      );
    }
  }

  /**
   * Records an assessment; the same id with the same content answers as before. A correction is a new assessment.
   * Throws `not-found` (404), `date-malformed`, `date-in-the-future` and what `rankNeeds` throws (422), `id-conflict`, `consent-withdrawn` (409).
   */
  async recordAssessment(actor: Actor, code: string, input: NewAssessment): Promise<RecordedAssessment> {
    requirePermission(actor, 'needs:record');
    const client = await this.clients.findHeld(actor, code);
    const assessedOn = parsePlainDate(input.assessedOn, 'assessedOn');
    if (assessedOn > this.clock.today(countryOf(client.country).timeZone)) {
      throw Problem.refused('date-in-the-future', 'An assessment cannot be dated in the future.', 'assessedOn');
    }
    const ranked = rankNeeds(needsCatalogue, input.ranks, input.interpretations ?? {});
    // Of what was typed: sent again, it is the same, however it was read.
    const typed = ranked.map(({ original, ...one }) => ({ ...one, interpretation: original ?? one.interpretation }));
    const contentSha256 = this.secrets.fingerprint('assessment', { clientId: client.id, assessedOn, ranked: typed });

    return this.db.transaction(async (manager) => {
      const [inserted] = await manager.query<{ id: string }[]>(
        `insert into casework.needs_assessment (id, client_id, assessed_on, recorded_by, recorded_at, content_sha256)
         values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing returning id`,
        [input.id, client.id, assessedOn, actor.userId, this.clock.now(), contentSha256],
      );
      const { id } = inserted ?? (await this.sameAssessment(manager, input.id, contentSha256));
      const answer = { id, client: client.code, assessedOn, highestPriorities: highestPriorities(ranked) };
      if (!inserted) return { ...answer, created: false };
      await this.insertRanks(manager, client.id, id, ranked);
      await this.audit.record(
        manager,
        actor,
        'assessment.record',
        { kind: 'assessment', id },
        {
          ranked: ranked.length,
          highestPriorities: answer.highestPriorities.length,
          interpretations: ranked.filter(({ interpretation }) => interpretation !== null).length,
        },
      );
      return { ...answer, created: true };
    });
  }

  /** Whether that assessment of that client is on record. Throws `not-found` (404), `consent-withdrawn` (409). */
  async isRecorded(actor: Actor, code: string, id: string): Promise<boolean> {
    requirePermission(actor, 'needs:record');
    const client = await this.clients.findHeld(actor, code);
    const [found] = await this.db.query<object[]>(
      'select 1 from casework.needs_assessment where id = $1 and client_id = $2',
      [id, client.id],
    );
    return found !== undefined;
  }

  /**
   * The client's latest assessment with their own words, or null when there is none. The reading is recorded.
   * Throws `not-found` (404), `consent-withdrawn` (409).
   */
  async latestAssessment(actor: Actor, code: string): Promise<Assessment | null> {
    const [latest] = await this.assessments(actor, code, 1);
    return latest ?? null;
  }

  /** The latest so many, newest first, with the client's own words. Each reading is recorded. Throws `not-found` (404), `consent-withdrawn` (409). */
  async assessments(actor: Actor, code: string, most: number): Promise<Assessment[]> {
    requirePermission(actor, 'words:read');
    const client = await this.clients.findHeld(actor, code);
    return this.db.transaction(async (manager) => {
      const rows = await manager.query<RankRow[]>(LATEST_ASSESSMENTS, [client.id, most]);
      if (rows.length === 0) return [];
      const words = await this.vault.words(manager, client.id);
      const byId = new Map<string, RankRow[]>();
      for (const row of rows) byId.set(row.id, [...(byId.get(row.id) ?? []), row]);
      const assessments = [...byId.values()].map((ranked) => assessmentOf(client.code, ranked, words));
      for (const { id } of assessments)
        await this.audit.record(manager, actor, 'assessment.read', { kind: 'assessment', id });
      return assessments;
    });
  }

  /**
   * What clients rank highest, by the latest assessment of each. For those who read clients: it counts all of them, not only the actor's own,
   * and small counts are not protected. Who reads no client learns of needs from donor reports, which protect them.
   */
  async priorities(actor: Actor, filter: { cohort?: string; country?: string } = {}): Promise<Priorities> {
    requirePermission(actor, 'priorities:read');
    const cohort = filter.cohort ?? null;
    const country = filter.country ?? null;
    const counts = await this.db.query<{ category: string | null; need: string | null; count: number; n: number }[]>(
      HIGHEST_PRIORITIES_COUNTED,
      [cohort, country],
    );
    const countsOf = (key: 'category' | 'need', rows: typeof counts) =>
      new Map(rows.flatMap(({ [key]: code, count }) => (code === null ? [] : [[code, count] as const])));
    const n = counts[0]?.n ?? 0;
    const rows = priorityRows(needsCatalogue, {
      n,
      byCategory: countsOf(
        'category',
        counts.filter(({ need }) => need === null),
      ),
      byNeed: countsOf('need', counts),
    });
    return { cohort, country, n, rows };
  }

  private async sameAssessment(manager: EntityManager, id: string, contentSha256: Buffer): Promise<{ id: string }> {
    const [existing] = await manager.query<{ id: string; contentSha256: Buffer }[]>(
      'select id, content_sha256 "contentSha256" from casework.needs_assessment where id = $1',
      [id],
    );
    if (!existing) throw new Error('an assessment that is there cannot be found');
    return sameContent(existing, contentSha256);
  }

  private async insertRanks(manager: EntityManager, clientId: string, id: string, ranked: RankedNeed[]): Promise<void> {
    const words = await this.vault.words(manager, clientId);
    await manager.query(
      `insert into casework.need_rank (assessment_id, need, rank, interpretation_sealed)
       select $1, * from unnest($2::text[], $3::smallint[], $4::bytea[])`,
      [
        id,
        ranked.map(({ need }) => need),
        ranked.map(({ rank }) => rank),
        ranked.map(({ need, interpretation: text, original }) =>
          text === null ? null : words.sealWords(interpretationPlace(id, need), { text, original }),
        ),
      ],
    );
  }
}

interface RankRow {
  id: string;
  assessed_on: string;
  need: string;
  rank: Rank;
  interpretation_sealed: Buffer | null;
}

const LATEST_ASSESSMENTS = `
  select a.id, a.assessed_on::text, r.need, r.rank, r.interpretation_sealed
  from (select id, assessed_on, seq from casework.needs_assessment where client_id = $1
        order by assessed_on desc, seq desc limit $2) a
  join casework.need_rank r on r.assessment_id = a.id join casework.need n on n.code = r.need
  order by a.assessed_on desc, a.seq desc, n.position`;

function assessmentOf(client: string, rows: readonly RankRow[], words: SealedWords): Assessment {
  const ranked = rows.map(({ id, need, rank, interpretation_sealed: sealed }) => ({
    need,
    rank,
    interpretation: sealed === null ? null : words.openWords(interpretationPlace(id, need), sealed).text,
  }));
  const [{ id, assessed_on: assessedOn }] = rows as [RankRow];
  return {
    id,
    client,
    assessedOn,
    highestPriorities: highestPriorities(ranked),
    ranks: Object.fromEntries(ranked.map(({ need, rank }) => [need, rank])),
    interpretations: Object.fromEntries(
      ranked.flatMap(({ need, interpretation }) => (interpretation === null ? [] : [[need, interpretation]])),
    ),
  };
}

export const interpretationPlace = (assessmentId: string, need: string) => `casework.need_rank/${assessmentId}/${need}`;

/**
 * One row for all (category and need null), one per category (need null), one per need; n is the same in each.
 * A client counts once for a category, however many of its needs they ranked highest.
 */
const HIGHEST_PRIORITIES_COUNTED = `
  with assessed as materialized (
    select a.id from casework.latest_assessment a join casework.client c on c.id = a.client_id
    where ($1::text is null or c.cohort = $1) and ($2::text is null or c.country = $2)
  )
  select n.category, r.need, count(distinct r.assessment_id)::int count, (select count(*)::int from assessed) n
  from assessed a join casework.need_rank r on r.assessment_id = a.id and r.rank = 4 join casework.need n on n.code = r.need
  group by grouping sets ((), (n.category), (n.category, r.need))`;
