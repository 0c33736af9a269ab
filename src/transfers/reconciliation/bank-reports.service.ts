/**
 * Bank reports: a file is taken in part by part, each in one transaction with its evidence. The same file again answers as before, and goes
 * on where it was broken off; two at once come to one result.
 */
import { createReadStream } from 'node:fs';
import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../../access/audit-trail.js';
import { requirePermission, type Actor } from '../../access/domain/actor.js';
import { Clock } from '../../kernel/clock.js';
import { Problem } from '../../kernel/domain/problem.js';
import { sentence, type Sentence } from '../../kernel/domain/sentence.js';
import { faultWords } from '../../kernel/fault-words.js';
import { Ids } from '../../kernel/ids.js';
import { Settings } from '../../kernel/settings.js';
import { EvidenceService } from '../evidence.service.js';
import { BankReportViews, type BankReport } from './bank-report-views.js';
import type { EndItem, ReportItem, ReportLine } from './domain/report-items.js';
import { levelCounts, type Verdict } from './domain/verdict.js';
import { InboundLines, type InboundFile } from './inbound-lines.js';
import { ABSENT, INSERT_WORK, LEVELS, TAKE_TURN } from './inbound-lines.sql.js';
import { readReport } from './reading/read-report.js';
import { resultLayout } from './result-layouts.js';
import { Spool, tooLarge, type SpooledFile } from './spool.js';

/** One transaction each: small enough that nobody waits long for a turn, large enough that a large file is quick. */
const PART_LINES = 2_000;

/** Nothing of such a file is taken. */
const REFUSED: Readonly<Record<string, Sentence>> = {
  doctype: sentence('The file declares a document type. No bank report does, and it is not read.'),
  encoding: sentence('The file is not in UTF-8. Ask the bank for UTF-8, or save it so.'),
  'not-a-bank-report': sentence('This is no pain.002, camt.053 or camt.054, and has not the columns of that layout.'),
  'not-well-formed': sentence('The file is no XML that can be read.'),
  'not-utf-8': sentence('The file is not in UTF-8. Ask the bank for UTF-8, or save it so.'),
  'too-deep': sentence('The file is built as no bank report is.'),
  'too-long': sentence('The file is built as no bank report is.'),
  'cut-off': sentence('The file is cut off before its first line.'),
};

export interface StartedImport {
  id: string;
  /** Whether the file was not there before. */
  isNew: boolean;
  /** Resolves when all of it is taken in. */
  done: Promise<BankReport>;
}

interface LevelRow {
  place: number;
  says: Verdict['kind'];
  code: string | null;
  day: string | null;
  bank_file_id: string;
  rows: string[];
}

@Injectable()
export class BankReportsService implements BeforeApplicationShutdown {
  private readonly log = new Logger(BankReportsService.name);
  private readonly running = new Set<Promise<unknown>>();
  private isStopping = false;

  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly settings: Settings,
    private readonly audit: AuditTrail,
    private readonly evidence: EvidenceService,
    private readonly lines: InboundLines,
    private readonly views: BankReportViews,
    private readonly spool: Spool,
  ) {}

  /** A part that is being taken in is finished; the rest of the file when it is imported again. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    await Promise.allSettled(this.running);
  }

  /**
   * Begins to take in a file, and removes it when it is done with it. Throws `unknown-layout`, `report-unreadable` (422),
   * `report-too-large` (413).
   */
  async begin(actor: Actor, file: SpooledFile, layoutCode?: string): Promise<StartedImport> {
    try {
      requirePermission(actor, 'results:record');
      const layout = layoutCode ? resultLayout(layoutCode) : undefined;
      const ended = await this.endedBefore(file.sha256);
      if (ended) {
        await this.spool.remove(file);
        return { id: ended, isNew: false, done: this.views.find(actor, ended) };
      }
      const { limitBytes } = this.settings.bankReports;
      const items = readReport(createReadStream(file.path), { limitBytes, layout });
      const next = await items.next();
      const first = next.done ? undefined : next.value;
      if (first?.item !== 'about') throw unreadable(first, limitBytes);
      const stored = await this.storeFile(actor, file, first, layoutCode);
      const work = this.takeAll(actor, stored.file, items).finally(() => this.spool.remove(file));
      this.running.add(work);
      const done = work.then(() => this.views.find(actor, stored.file.id));
      // Whoever does not wait for it sees on the page that the file is not finished.
      done
        .catch((error: unknown) => this.log.error(`a bank report was broken off: ${faultWords(error)}`))
        .finally(() => this.running.delete(work));
      return { id: stored.file.id, isNew: stored.isNew, done };
    } catch (error) {
      await this.spool.remove(file);
      throw error;
    }
  }

  private async endedBefore(sha256: Buffer): Promise<string | null> {
    const [row] = await this.db.query<{ id: string }[]>(
      'select f.id from payments.inbound_file f join payments.inbound_ending e on e.file_id = f.id where f.content_sha256 = $1',
      [sha256],
    );
    return row?.id ?? null;
  }

  private async storeFile(
    actor: Actor,
    file: SpooledFile,
    about: Extract<ReportItem, { item: 'about' }>,
    layout: string | undefined,
  ): Promise<{ file: InboundFile; isNew: boolean }> {
    return this.db.transaction(async (manager) => {
      await manager.query(TAKE_TURN);
      const [made] = await manager.query<InboundFile[]>(
        `insert into payments.inbound_file (id, content_sha256, kind, layout, conforms, size_bytes, imported_by, imported_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (content_sha256) do nothing returning id, no::text, kind`,
        [
          this.ids.newId(),
          file.sha256,
          about.report,
          layout ?? null,
          about.conforms,
          file.sizeBytes,
          actor.userId,
          this.clock.now(),
        ],
      );
      if (made) {
        const detail = { kind: about.report };
        await this.audit.record(manager, actor, 'bank-report.import', { kind: 'bank-report', id: made.id }, detail);
        return { file: made, isNew: true };
      }
      const [before] = await manager.query<InboundFile[]>(
        'select id, no::text, kind from payments.inbound_file where content_sha256 = $1',
        [file.sha256],
      );
      if (!before) throw new Error('a file that is there is not there');
      return { file: before, isNew: false };
    });
  }

  private async takeAll(actor: Actor, file: InboundFile, items: AsyncGenerator<ReportItem>): Promise<void> {
    let part: ReportLine[] = [];
    let end: EndItem | null = null;
    let lines = 0;
    for await (const item of items) {
      if (item.item === 'about') continue;
      if (item.item === 'end') {
        end = item;
        break;
      }
      lines += 1;
      part.push(item);
      if (part.length < PART_LINES) continue;
      await this.takePart(actor, file, part);
      part = [];
      if (this.isStopping) throw new Error('the service is stopping');
    }
    if (!end) throw new Error('a file has no end');
    // That something is missing waits for a person too.
    if (end.fault) part.push({ item: 'unreadable', code: end.fault, place: lines + 1, line: end.line });
    if (part.length > 0) await this.takePart(actor, file, part);
    // Of what is missing nobody knows whether a row of it would say otherwise.
    if (!end.fault) await this.applyLevels(actor, file);
    await this.finish(actor, file, end, lines);
  }

  /** Lines that an earlier try or another process has taken are left out. */
  private async takePart(actor: Actor, file: InboundFile, part: readonly ReportLine[]): Promise<void> {
    await this.db.transaction(async (manager) => {
      await manager.query(TAKE_TURN);
      const [row] = await manager.query<{ done: number }[]>(
        'select coalesce(max(last_place), 0)::int done from payments.inbound_part where file_id = $1',
        [file.id],
      );
      const left = part.filter(({ place }) => place > (row?.done ?? 0));
      const last = left.at(-1);
      if (!last) return;
      await this.lines.take(manager, actor, file, left);
      await manager.query('insert into payments.inbound_part (file_id, last_place, taken_at) values ($1, $2, $3)', [
        file.id,
        last.place,
        this.clock.now(),
      ]);
    });
  }

  /** What the levels say of payments without a row; lots before the message. */
  private async applyLevels(actor: Actor, file: InboundFile): Promise<void> {
    const levels = await this.db.query<LevelRow[]>(LEVELS, [file.id]);
    const spoken = new Set<string>();
    for (const level of levels) {
      if (spoken.has(level.bank_file_id)) continue;
      const rows = new Set(level.rows.map((says) => (says === 'nothing' ? null : says)) as Verdict['kind'][]);
      if (!levelCounts({ kind: level.says, code: level.code, work: null }, rows)) {
        await this.raiseDisagreement(actor, file, level);
        continue;
      }
      spoken.add(level.bank_file_id);
      let after = 0;
      while (after >= 0) after = await this.applyLevel(actor, file, level, after);
    }
  }

  /** The place up to which it was applied, or -1 at the end. */
  private async applyLevel(actor: Actor, file: InboundFile, level: LevelRow, after: number): Promise<number> {
    return this.db.transaction(async (manager) => {
      await manager.query(TAKE_TURN);
      const absent = await manager.query<{ attempt_id: string; place: number }[]>(ABSENT, [
        file.id,
        level.bank_file_id,
        after,
        PART_LINES,
      ]);
      const last = absent.at(-1);
      if (!last) return -1;
      const attempts = await this.evidence.lock(manager, 'a.id = any ($1)', [
        absent.map(({ attempt_id }) => attempt_id),
      ]);
      const evidence = attempts.flatMap(
        (attempt) =>
          this.lines.evidenceOf(actor, attempt, { kind: level.says, code: level.code }, level.day, file.kind, false) ??
          [],
      );
      await this.evidence.take(manager, attempts, evidence);
      const detail = { count: evidence.length };
      await this.audit.record(manager, actor, 'bank-report.level', { kind: 'bank-report', id: file.id }, detail);
      return last.place;
    });
  }

  private async raiseDisagreement(actor: Actor, file: InboundFile, { place }: LevelRow): Promise<void> {
    await this.db.transaction(async (manager) => {
      const item = [[this.ids.newId()], file.id, [place], ['levels-disagree'], this.clock.now()];
      await manager.query(`${INSERT_WORK} on conflict do nothing`, item);
      const detail = { reason: 'levels-disagree' };
      await this.audit.record(manager, actor, 'bank-report.level', { kind: 'bank-report', id: file.id }, detail);
    });
  }

  private async finish(actor: Actor, file: InboundFile, end: EndItem, lines: number): Promise<void> {
    await this.db.transaction(async (manager: EntityManager) => {
      await manager.query(TAKE_TURN);
      const ended = await manager.query<unknown[]>(
        `insert into payments.inbound_ending (file_id, fault, up_to_byte, lines, ended_at) values ($1, $2, $3, $4, $5)
         on conflict (file_id) do nothing returning file_id`,
        [file.id, end.fault, end.byte, lines, this.clock.now()],
      );
      if (ended.length === 0) return;
      const detail = { lines, complete: end.fault === null };
      await this.audit.record(manager, actor, 'bank-report.end', { kind: 'bank-report', id: file.id }, detail);
    });
  }
}

function unreadable(first: ReportItem | undefined, limitBytes: number): Error {
  if (first?.item !== 'end' || !first.fault) return new Error('a file begins with what it is');
  if (first.fault === 'too-large') return tooLarge(limitBytes);
  return Problem.refused('report-unreadable', REFUSED[first.fault] ?? sentence('The file cannot be read.'), 'file');
}
