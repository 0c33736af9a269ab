/** Bank reports as people read them: what came of each file, and how far it has been read. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { requirePermission, type Actor } from '../../access/domain/actor.js';
import { Problem } from '../../kernel/domain/problem.js';
import type { FaultCode, ReportKind } from './domain/report-items.js';
import type { LineResult } from './inbound-lines.js';

export interface BankReport {
  id: string;
  /** What people call it. */
  number: number;
  kind: ReportKind;
  layout: string | null;
  /** Whether it names the namespace of its standard. */
  conforms: boolean;
  sizeBytes: number;
  importedAt: string;
  /** `unfinished`: it is being read at this moment, or was broken off; importing it again goes on. */
  state: 'complete' | 'incomplete' | 'unfinished';
  /** Why it could not be read to its end, and up to which byte it was. */
  fault: { code: FaultCode; byte: number } | null;
  linesTaken: number;
  results: Record<LineResult, number>;
  openWorkItems: number;
}

interface Row {
  id: string;
  no: string;
  kind: ReportKind;
  layout: string | null;
  conforms: boolean;
  size_bytes: string;
  imported_at: Date;
  fault: FaultCode | null;
  up_to_byte: string | null;
  is_ended: boolean;
  results: Partial<Record<LineResult, number>>;
  open: number;
}

const FILES = `
  select f.id, f.no::text, f.kind, f.layout, f.conforms, f.size_bytes::text, f.imported_at, e.fault, e.up_to_byte::text, e.file_id is not null is_ended,
         coalesce((select jsonb_object_agg(result, n) from (select result, count(*) n from payments.inbound_line l where l.file_id = f.id group by result) counted), '{}') results,
         (select count(*)::int from payments.work_item_standing w where w.file_id = f.id and w.resolution is null) open
  from payments.inbound_file f left join payments.inbound_ending e on e.file_id = f.id`;

@Injectable()
export class BankReportViews {
  constructor(private readonly db: DataSource) {}

  /** Throws `not-found` (404). */
  async find(actor: Actor, id: string): Promise<BankReport> {
    requirePermission(actor, 'runs:read');
    const [row] = await this.db.query<Row[]>(`${FILES} where f.id = $1`, [id]);
    if (!row) throw Problem.notFound('bank report', 'id');
    return toReport(row);
  }

  /** Newest first. */
  async list(
    actor: Actor,
    page: { after?: string; limit: number },
  ): Promise<{ items: BankReport[]; next: string | null }> {
    requirePermission(actor, 'runs:read');
    const rows = await this.db.query<Row[]>(
      `${FILES} where $1::uuid is null or f.no < (select no from payments.inbound_file where id = $1) order by f.no desc limit $2`,
      [page.after ?? null, page.limit + 1],
    );
    const items = rows.slice(0, page.limit).map(toReport);
    return { items, next: rows.length > page.limit ? (items.at(-1)?.id ?? null) : null };
  }
}

function toReport(row: Row): BankReport {
  const results: Record<LineResult, number> = {
    applied: 0,
    'told-before': 0,
    unmatched: 0,
    conflicting: 0,
    'not-about-a-payment': 0,
    ...row.results,
  };
  return {
    id: row.id,
    number: Number(row.no),
    kind: row.kind,
    layout: row.layout,
    conforms: row.conforms,
    sizeBytes: Number(row.size_bytes),
    importedAt: row.imported_at.toISOString(),
    state: !row.is_ended ? 'unfinished' : row.fault ? 'incomplete' : 'complete',
    fault: row.fault && { code: row.fault, byte: Number(row.up_to_byte) },
    linesTaken: Object.values(results).reduce((sum, count) => sum + count, 0),
    results,
    openWorkItems: row.open,
  };
}
