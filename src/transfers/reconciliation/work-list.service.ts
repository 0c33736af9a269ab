/** The work list: lines of bank reports that a person must look at, and what people say of them. Two say so where money moved. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../../access/audit-trail.js';
import { requirePermission, type Actor } from '../../access/domain/actor.js';
import { Clock } from '../../kernel/clock.js';
import type { PlainDate } from '../../kernel/domain/plain-date.js';
import { Problem } from '../../kernel/domain/problem.js';
import { Ids } from '../../kernel/ids.js';
import { currencies } from '../../kernel/reference-data.js';
import { EvidenceService, type AttemptRow } from '../evidence.service.js';
import type { ReportKind } from './domain/report-items.js';
import type { WorkReason } from './domain/verdict.js';
import { InboundLines } from './inbound-lines.js';

export const resolutions = [
  'is-payment',
  'is-lot',
  'in-the-books',
  'bank-charge',
  'other-movement',
  'paid-twice',
  'no-money-moved',
] as const;
export type Resolution = (typeof resolutions)[number];

export interface WorkItem {
  id: string;
  reason: WorkReason;
  report: { id: string; number: number; kind: ReportKind };
  line: number;
  direction: 'debit' | 'credit' | null;
  isBooked: boolean;
  amount: string | null;
  currency: string | null;
  day: PlainDate | null;
  reference: string | null;
  servicerReference: string | null;
  code: string | null;
  paymentsBehind: number | null;
  /** Of the payment that the line names, if it is one of ours. */
  transfer: string | null;
  state: 'open' | 'awaits-second' | 'settled';
  resolution: Resolution | null;
  /** What was said so far, and by whom. */
  said: { resolution: Resolution; by: string; byYou: boolean }[];
}

export interface ResolutionSaid {
  resolution: Resolution;
  /** For `is-payment`: id of the transfer, and which attempt to pay it, the latest when left out. */
  transfer?: string;
  attemptNo?: number;
  /** For `is-lot`: the message id or the id of the lot. */
  lot?: string;
  /** For `in-the-books`: id of the ledger entry that is the same movement. */
  entry?: string;
}

interface Row {
  id: string;
  reason: WorkReason;
  file_id: string;
  no: string;
  kind: ReportKind;
  line_no: number;
  direction: WorkItem['direction'];
  booking_status: string | null;
  amount_minor: string | null;
  currency: string | null;
  day: PlainDate | null;
  reference: string | null;
  servicer_reference: string | null;
  transaction_code: string | null;
  code: string | null;
  payments_behind: number | null;
  obligation_id: string | null;
  resolution: Resolution | null;
  attempt_id: string | null;
  bank_file_id: string | null;
  awaits_second: boolean;
  said: { resolution: Resolution; by: string; id: string }[];
}

const ITEMS = `
  select w.id, w.reason, w.file_id, f.no::text, f.kind, l.line_no, l.direction, l.booking_status, l.amount_minor::text, l.currency, l.day::text,
         l.reference, l.servicer_reference, l.transaction_code, l.code, l.payments_behind, a.obligation_id, w.resolution, w.attempt_id,
         w.bank_file_id, w.awaits_second,
         coalesce((select jsonb_agg(jsonb_build_object('resolution', o.resolution, 'by', u.display_name, 'id', u.id) order by o.said_at, o.id)
                   from payments.work_item_word o join access.app_user u on u.id = o.said_by where o.work_item_id = w.id), '[]') said
  from payments.work_item_standing w join payments.inbound_file f on f.id = w.file_id
  join payments.inbound_line l on l.file_id = w.file_id and l.place = w.place
  left join payments.attempt a on a.id = l.attempt_id`;

@Injectable()
export class WorkListService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
    private readonly evidence: EvidenceService,
    private readonly lines: InboundLines,
  ) {}

  /** Newest first; those that are not settled, unless all are asked for. */
  async list(
    actor: Actor,
    page: { after?: string; limit: number; all?: boolean },
  ): Promise<{ items: WorkItem[]; next: string | null }> {
    requirePermission(actor, 'runs:read');
    const rows = await this.db.query<Row[]>(
      `${ITEMS} where ($1::uuid is null or w.id < $1) and ($2 or w.resolution is null) order by w.id desc limit $3`,
      [page.after ?? null, page.all ?? false, page.limit + 1],
    );
    const items = rows.slice(0, page.limit).map((row) => toItem(row, actor));
    return { items, next: rows.length > page.limit ? (items.at(-1)?.id ?? null) : null };
  }

  /** Throws `not-found` (404). */
  async find(actor: Actor, id: string): Promise<WorkItem> {
    requirePermission(actor, 'runs:read');
    return toItem(await this.row(this.db.manager, id), actor);
  }

  /**
   * Says what a line is. One person says that no money moved by a line that could be read; of any other, the second who says the same settles it, and what it
   * proves is recorded. Saying it again changes nothing. Throws `not-found` (404), `work-item-settled` (409), `resolution-not-possible`,
   * `unknown-transfer`, `unknown-lot`, `unknown-entry`, `missing`, `day-impossible` (422).
   */
  async resolve(actor: Actor, id: string, said: ResolutionSaid): Promise<WorkItem> {
    requirePermission(actor, 'results:record');
    await this.db.transaction(async (manager) => {
      const subject = await this.subjectOf(manager, said);
      await this.row(manager, id);
      // Before anything names them: whoever holds a transfer and wants its attempt would wait for us, and we for them.
      await this.lock(manager, subject.attempt, subject.bankFile);
      const [word] = await manager.query<{ id: string }[]>(
        `insert into payments.work_item_word (id, work_item_id, resolution, attempt_id, bank_file_id, entry_id, said_by, said_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning id`,
        [
          this.ids.newId(),
          id,
          said.resolution,
          subject.attempt,
          subject.bankFile,
          subject.entry,
          actor.userId,
          this.clock.now(),
        ],
      );
      if (!word) return;
      const item = await this.row(manager, id);
      if (item.resolution === 'is-payment' || item.resolution === 'is-lot') await this.prove(manager, actor, item);
      const detail = { resolution: said.resolution, settled: item.resolution !== null };
      await this.audit.record(manager, actor, 'work-item.resolve', { kind: 'work-item', id }, detail);
    });
    return this.find(actor, id);
  }

  private lock(manager: EntityManager, attempt: string | null, bankFile: string | null): Promise<AttemptRow[]> {
    return this.evidence.lock(
      manager,
      'a.id = $1 or a.id in (select i.attempt_id from payments.bank_file_item i where i.bank_file_id = $2)',
      [attempt, bankFile],
    );
  }

  private async prove(manager: EntityManager, actor: Actor, item: Row): Promise<void> {
    const attempts = await this.lock(manager, item.attempt_id, item.bank_file_id);
    const kind = item.direction === 'debit' ? 'settled' : 'returned';
    const reference = item.servicer_reference ?? item.kind;
    const first = item.said.find(({ resolution, id }) => resolution === item.resolution && id !== actor.userId)?.id;
    const evidence = attempts.map((attempt) => {
      const proof = this.lines.evidenceOf(actor, attempt, { kind, code: null }, item.day, reference, true, first);
      if (!proof)
        throw Problem.refused('day-impossible', 'The bank booked that before the payment was instructed.', 'transfer');
      return proof;
    });
    await this.evidence.take(manager, attempts, evidence);
  }

  private async row(manager: EntityManager, id: string): Promise<Row> {
    const [row] = await manager.query<Row[]>(`${ITEMS} where w.id = $1`, [id]);
    if (!row) throw Problem.notFound('work item', 'id');
    return row;
  }

  private async subjectOf(
    manager: EntityManager,
    said: ResolutionSaid,
  ): Promise<{ attempt: string | null; bankFile: string | null; entry: string | null }> {
    const nothing = { attempt: null, bankFile: null, entry: null };
    const idOf = async (query: string, parameters: unknown[]): Promise<string | undefined> =>
      (await manager.query<{ id: string }[]>(query, parameters))[0]?.id;
    if (said.resolution === 'is-payment') {
      if (!said.transfer) throw missing('transfer');
      const attempt = await idOf(
        'select id from payments.attempt where obligation_id = $1 and ($2::int is null or attempt_no = $2) order by attempt_no desc limit 1',
        [said.transfer, said.attemptNo ?? null],
      );
      if (!attempt) throw Problem.refused('unknown-transfer', 'No such transfer was ever instructed.', 'transfer');
      return { ...nothing, attempt };
    }
    if (said.resolution === 'is-lot') {
      if (!said.lot) throw missing('lot');
      const bankFile = await idOf(
        `select id from payments.bank_file f where $1 in (message_id, payment_information_id)
           and not exists (select from payments.bank_file_abandoned x where x.bank_file_id = f.id)`,
        [said.lot],
      );
      if (!bankFile)
        throw Problem.refused('unknown-lot', 'No file of ours that was sent has that message or lot.', 'lot');
      return { ...nothing, bankFile };
    }
    if (said.resolution !== 'in-the-books') return nothing;
    if (!said.entry) throw missing('entry');
    const entry = await idOf('select id from ledger.entry where id = $1', [said.entry]);
    if (!entry) throw Problem.refused('unknown-entry', 'The books have no such entry.', 'entry');
    return { ...nothing, entry };
  }
}

const missing = (field: string): Problem => Problem.refused('missing', 'Say which.', field);

function toItem(row: Row, actor: Actor): WorkItem {
  return {
    id: row.id,
    reason: row.reason,
    report: { id: row.file_id, number: Number(row.no), kind: row.kind },
    line: row.line_no,
    direction: row.direction,
    isBooked: row.booking_status === 'booked',
    amount: row.amount_minor && row.currency ? currencies.format(BigInt(row.amount_minor), row.currency) : null,
    currency: row.currency,
    day: row.day,
    reference: row.reference,
    servicerReference: row.servicer_reference,
    code: row.code ?? row.transaction_code,
    paymentsBehind: row.payments_behind,
    transfer: row.obligation_id,
    state: row.resolution ? 'settled' : row.awaits_second ? 'awaits-second' : 'open',
    resolution: row.resolution,
    said: row.said.map(({ resolution, by, id }) => ({ resolution, by, byYou: id === actor.userId })),
  };
}
