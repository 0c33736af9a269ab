/** Runs as people read them: what was put together, who signed, how far it has come. */
import type { EntityManager } from 'typeorm';
import type { PlainDate } from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { isId } from '../kernel/ids.js';
import type { RunChanges, RunPart, RunWarning } from './run-contents.js';

export interface RunTotal {
  fund: string;
  fundId: string;
  currency: string;
  /** Payments, of which so many top up a transfer that was paid before. */
  count: number;
  topUps?: number;
  /** Decimal string in major units. */
  amount: string;
}

export interface LeftOut {
  reason: 'unfunded' | 'no-consent' | 'second-in-month';
  fund?: string;
  count: number;
}

export type RunState = 'prepared' | 'approved' | 'released' | 'sent-back';

export interface RunSignature {
  act: 'prepare' | 'approve' | 'release' | 'send-back';
  by: string;
  userId: string;
  reason: string | null;
  at: string;
}

export interface Run {
  id: string;
  country: string | null;
  dueThrough: PlainDate;
  preparedAt: string;
  state: RunState;
  digest: string;
  count: number;
  totals: RunTotal[];
  leftOut: LeftOut[];
  /** Whether it may pay somebody two instalments in one month. */
  catchUp: boolean;
  breakdown: RunPart[];
  changes: RunChanges | null;
  warnings: RunWarning[];
  approvalsNeeded: number;
  signatures: RunSignature[];
  /** How many of its transfers are in which state now; shows how far a release has come. */
  progress: Record<string, number>;
  /** How many left it after the release, before they were sent, and why. */
  departed: { reason: LeftOut['reason']; count: number }[];
}

export interface RunFilter {
  /** Id of the last run of the page before. */
  after?: string;
  limit: number;
  state?: RunState;
}

/** The runs of these ids that there are, newest first. */
export async function loadRuns(manager: EntityManager, ids: string[]): Promise<Run[]> {
  const rows = await manager.query<RunRow[]>(
    `select r.id, r.country, r.due_through::text, r.prepared_at, r.item_count, r.digest, r.totals, r.left_out, r.approvals_needed, r.catch_up,
            r.breakdown, r.changes, r.warnings,
            coalesce((select jsonb_agg(jsonb_build_object('act', s.act, 'userId', s.user_id, 'by', u.display_name, 'reason', s.reason, 'at', s.signed_at)
                                       order by s.signed_at, array_position(array['prepare', 'approve', 'release', 'send-back'], s.act))
                      from payments.run_signature s join access.app_user u on u.id = s.user_id where s.run_id = r.id), '[]') signatures,
            coalesce((select jsonb_object_agg(state, n) from (select o.state, count(*) n from payments.obligation o where o.run_id = r.id group by o.state) counted), '{}') progress,
            coalesce((select jsonb_agg(jsonb_build_object('reason', reason, 'count', n) order by reason)
                      from (select d.reason, count(*) n from payments.run_departure d where d.run_id = r.id group by d.reason) counted), '[]') departed
     from payments.run r where r.id = any ($1) order by r.prepared_at desc, r.id desc`,
    [ids],
  );
  return rows.map(toRun);
}

/** A page of runs, newest first; `next` is the `after` of the page that follows. Throws `cursor-malformed` (400). */
export async function pageOfRuns(
  manager: EntityManager,
  filter: RunFilter,
): Promise<{ items: Run[]; next: string | null }> {
  if (filter.after !== undefined && !isId(filter.after)) {
    throw Problem.malformed('cursor-malformed', 'Use the `next` of the page before.', 'after');
  }
  const rows = await manager.query<{ id: string }[]>(
    `select r.id from payments.run r
     where ($1::uuid is null or (r.prepared_at, r.id) < (select prepared_at, id from payments.run where id = $1))
       and ($3::text is null or $3 = case
             when exists (select from payments.run_signature s where s.run_id = r.id and s.act = 'release') then 'released'
             when exists (select from payments.run_signature s where s.run_id = r.id and s.act = 'send-back') then 'sent-back'
             when (select count(*) from payments.run_signature s where s.run_id = r.id and s.act = 'approve') >= r.approvals_needed then 'approved'
             else 'prepared' end)
     order by r.prepared_at desc, r.id desc limit $2`,
    [filter.after ?? null, filter.limit + 1, filter.state ?? null],
  );
  const page = rows.slice(0, filter.limit).map((row) => row.id);
  return { items: await loadRuns(manager, page), next: rows.length > filter.limit ? (page.at(-1) ?? null) : null };
}

interface RunRow {
  id: string;
  country: string | null;
  due_through: string;
  prepared_at: Date;
  item_count: number;
  digest: string;
  totals: RunTotal[];
  left_out: LeftOut[];
  catch_up: boolean;
  breakdown: RunPart[];
  changes: RunChanges | Record<string, never>;
  warnings: RunWarning[];
  approvals_needed: number;
  signatures: RunSignature[];
  progress: Record<string, number>;
  departed: Run['departed'];
}

function toRun(row: RunRow): Run {
  const acts = row.signatures.map((signature) => signature.act);
  const approvals = acts.filter((act) => act === 'approve').length;
  const state: RunState = acts.includes('release')
    ? 'released'
    : acts.includes('send-back')
      ? 'sent-back'
      : approvals >= row.approvals_needed
        ? 'approved'
        : 'prepared';
  return {
    id: row.id,
    country: row.country,
    dueThrough: row.due_through,
    preparedAt: row.prepared_at.toISOString(),
    state,
    digest: row.digest,
    count: row.item_count,
    totals: row.totals,
    leftOut: row.left_out,
    catchUp: row.catch_up,
    breakdown: row.breakdown,
    changes: 'before' in row.changes ? (row.changes as RunChanges) : null,
    warnings: row.warnings,
    approvalsNeeded: row.approvals_needed,
    signatures: row.signatures,
    progress: row.progress,
    departed: row.departed,
  };
}
