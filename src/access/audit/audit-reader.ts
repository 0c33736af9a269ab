/** Reading the audit trail, newest first. Each reading is itself recorded: which filters were used, not what was put into them. */
import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { DataSource, type EntityManager } from 'typeorm';
import { isPlainDate, parsePlainDate } from '../../kernel/domain/plain-date.js';
import { Problem } from '../../kernel/domain/problem.js';
import { Settings } from '../../kernel/settings.js';
import { AuditTrail } from '../audit-trail.js';
import { requirePermission, type Actor } from '../domain/actor.js';
import { AuditChain } from './audit-chain.js';
import { headText } from './domain/audit-chain.js';

export interface AuditFilter {
  /** Id of who acted. */
  actor?: string;
  act?: string;
  subjectKind?: string;
  /** Id of what it was done to. */
  subject?: string;
  /** A client's code: whatever was done to this client, their assessments, plans, enrolments and transfers. */
  client?: string;
  /** First and last day, in the organisation's time zone. */
  from?: string;
  to?: string;
}

export interface AuditEventView {
  /** Its number in the chain; null for the moment until it has one. */
  no: number | null;
  id: string;
  at: string;
  actor: { id: string; name: string };
  act: string;
  /** `code` of a client, `name` of a user: looked up now, and not in the trail. */
  subject: { kind: string; id: string; code?: string; name?: string };
  detail: Record<string, unknown>;
  requestId: string;
}

export interface AuditPage {
  items: AuditEventView[];
  next: string | null;
  /** Where the chain stands, to be noted elsewhere. */
  head: string;
}

@Injectable()
export class AuditReader {
  constructor(
    private readonly db: DataSource,
    private readonly settings: Settings,
    private readonly audit: AuditTrail,
    private readonly chain: AuditChain,
  ) {}

  /**
   * A page of events that match every filter given. `after` is the `next` of the page before.
   * Throws `cursor-malformed` (400), `date-malformed` (422).
   */
  async read(actor: Actor, filter: AuditFilter, page: { after?: string; limit: number }): Promise<AuditPage> {
    requirePermission(actor, 'audit:read');
    const { where, values } = this.conditions(filter, page.after);
    await this.chain.chainSome();
    return this.db.transaction(async (manager) => {
      const found = await manager.query<EventRow[]>(
        `${EVENTS} where ${where.join(' and ')} order by e.at desc, e.seq desc limit ${page.limit + 1}`,
        values,
      );
      const rows = found.slice(0, page.limit);
      const named = await nameSubjects(manager, rows);
      await this.audit.record(
        manager,
        actor,
        'audit.read',
        { kind: 'audit-trail', id: 'events' },
        { filters: FILTERS.filter((name) => filter[name]).map(kebabCase), items: rows.length },
      );
      const last = found.length > page.limit ? rows.at(-1) : undefined;
      return {
        items: rows.map((row) => toView(row, named)),
        next: last ? `${last.moment}/${last.seq}` : null,
        head: headText(await this.chain.head(manager)),
      };
    });
  }

  /** Whoever can have acted, by name, for the choice of a filter. */
  async actors(actor: Actor): Promise<{ id: string; name: string }[]> {
    requirePermission(actor, 'audit:read');
    return this.db.query('select id, display_name name from access.app_user order by display_name, id');
  }

  private conditions(filter: AuditFilter, after: string | undefined): { where: string[]; values: unknown[] } {
    const where = ['true'];
    const values: unknown[] = [];
    /** `condition` says ? where the value goes. */
    const add = (condition: string, ...given: unknown[]) =>
      where.push(condition.replace(/\?/g, () => `$${values.push(given.shift())}`));
    if (filter.actor) add('e.actor_id = ?', filter.actor);
    if (filter.act) add('e.act = ?', filter.act);
    if (filter.subjectKind) add('e.subject_kind = ?', filter.subjectKind);
    if (filter.subject) add('e.subject_id = ?', filter.subject);
    if (filter.client) add(`e.subject_id = any (array(${IDS_OF_CLIENT}))`, filter.client);
    const { timeZone } = this.settings;
    if (filter.from) add('e.at >= ?::date::timestamp at time zone ?', parsePlainDate(filter.from, 'from'), timeZone);
    if (filter.to) add('e.at < (?::date + 1)::timestamp at time zone ?', parsePlainDate(filter.to, 'to'), timeZone);
    if (after !== undefined) add('(e.at, e.seq) < (?::timestamptz, ?::bigint)', ...parseCursor(after));
    return { where, values };
  }
}

const FILTERS: readonly (keyof AuditFilter)[] = ['actor', 'act', 'subjectKind', 'subject', 'client', 'from', 'to'];
const kebabCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

interface EventRow {
  no: string | null;
  id: string;
  seq: string;
  at: Date;
  /** `at` with its microseconds. */
  moment: string;
  actor_id: string;
  actor_name: string;
  act: string;
  subject_kind: string;
  subject_id: string;
  detail: Record<string, unknown>;
  request_id: string;
}

const EVENTS = `
  select l.no, e.id, e.seq, e.at, to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') moment,
         e.actor_id, u.display_name actor_name, e.act, e.subject_kind, e.subject_id, e.detail, e.request_id
  from access.audit_event e left join access.audit_link l on l.event_id = e.id left join access.app_user u on u.id = e.actor_id`;

const IDS_OF_CLIENT =
  'select s.subject_id from casework.client c join casework.subject_in_audit s on s.client_id = c.id where c.code = ?';

/** Throws `cursor-malformed` (400). */
function parseCursor(after: string): [string, string] {
  const [, day, time, seq] = /^([\d-]{10})(T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}Z)\/(\d{1,18})$/.exec(after) ?? [];
  if (!day || !time || !seq || !isPlainDate(day))
    throw Problem.malformed('cursor-malformed', 'Use the `next` of the page before.', 'after');
  return [day + time, seq];
}

/** Codes of the clients and names of the users among the subjects, by id. */
async function nameSubjects(
  manager: EntityManager,
  rows: readonly EventRow[],
): Promise<Map<string, { code?: string; name?: string }>> {
  const idsOf = (kind: string) =>
    rows.filter((row) => row.subject_kind === kind && isUUID(row.subject_id)).map((row) => row.subject_id);
  const found = await manager.query<{ id: string; code?: string; name?: string }[]>(
    `select id, code, null name from casework.client where id = any ($1::uuid[])
     union all select id, null, display_name from access.app_user where id = any ($2::uuid[])`,
    [idsOf('client'), idsOf('user')],
  );
  return new Map(found.map(({ id, code, name }) => [id, code ? { code } : { name }]));
}

function toView(row: EventRow, named: Map<string, { code?: string; name?: string }>): AuditEventView {
  return {
    no: row.no === null ? null : Number(row.no),
    id: row.id,
    at: row.at.toISOString(),
    actor: { id: row.actor_id, name: row.actor_name },
    act: row.act,
    subject: { kind: row.subject_kind, id: row.subject_id, ...named.get(row.subject_id) },
    detail: row.detail,
    requestId: row.request_id,
  };
}
