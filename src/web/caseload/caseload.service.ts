/** The clients within somebody's reach by their need of attention, and what that makes for each caseworker of a team. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { requirePermission, type Actor } from '../../access/domain/actor.js';
import { seesTeam } from '../../clients/client-reach.js';
import { Clock } from '../../kernel/clock.js';
import type { PlainDate } from '../../kernel/domain/plain-date.js';
import { Settings } from '../../kernel/settings.js';
import { attentionKinds, type AttentionKind } from './attention.js';
import { CASELOAD, TEAM_LOAD } from './caseload.sql.js';

export interface CaseInLoad {
  code: string;
  cohort: string;
  country: string;
  caseworker: string;
  /** In the order in which they press. */
  attention: AttentionKind[];
  /** The day since which a follow-up is due, or null. */
  followUpOn: PlainDate | null;
}

export interface LoadOfCaseworker {
  id: string;
  name: string;
  clients: number;
  attention: Record<AttentionKind, number>;
  /** Follow-ups that have been due for more than a week. */
  overdue: number;
}

interface Row extends Omit<CaseInLoad, 'attention'>, Record<`is ${AttentionKind}`, boolean> {
  urgency: number;
}

@Injectable()
export class CaseloadService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  /**
   * A page of them, the most pressing first; `after` is the `next` of the page before. Looks at the clients of the actor, or of the actor's
   * team, and at nobody else's, however many there are.
   */
  async page(
    actor: Actor,
    { after, limit }: { after?: string; limit: number },
  ): Promise<{ items: CaseInLoad[]; next: string | null }> {
    requirePermission(actor, 'clients:read');
    const [urgency, since, code] = cursorIn(after);
    const rows = await this.db.query<Row[]>(CASELOAD, [...this.reachOf(actor), urgency, since, code, limit + 1]);
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return { items: shown.map(asCase), next: last ? cursorOf(last) : null };
  }

  /** Of each caseworker in the actor's team: how many clients, and how many of them need what. */
  async ofTeam(actor: Actor): Promise<LoadOfCaseworker[]> {
    requirePermission(actor, 'clients:read-team');
    const rows = await this.db.query<
      ({ id: string; name: string; clients: number; overdue: number } & Record<AttentionKind, number>)[]
    >(TEAM_LOAD, this.reachOf(actor));
    return rows.map(({ id, name, clients, overdue, ...counts }) => ({
      id,
      name,
      clients,
      overdue,
      attention: Object.fromEntries(attentionKinds.map((kind) => [kind, counts[kind]])) as Record<
        AttentionKind,
        number
      >,
    }));
  }

  /** Whose clients, whose unfinished forms, and what day it is. */
  private reachOf(actor: Actor): [string | null, string, PlainDate] {
    return [seesTeam(actor) ? actor.teamId : null, actor.userId, this.clock.today(this.settings.timeZone)];
  }
}

function asCase(row: Row): CaseInLoad {
  const { code, cohort, country, caseworker, followUpOn } = row;
  return {
    code,
    cohort,
    country,
    caseworker,
    followUpOn,
    attention: attentionKinds.filter((kind) => row[`is ${kind}`]),
  };
}

/** "3~2026-03-01~C-8EAAT8NN": how pressing, since when, and whose. */
const cursorOf = ({ urgency, followUpOn, code }: Row) => `${urgency}~${followUpOn ?? ''}~${code}`;

function cursorIn(after: string | undefined): [number, string, string] {
  const [, urgency, since = '', code = ''] = /^(\d)~(\d{4}-\d{2}-\d{2}|)~([A-Z0-9-]{1,20})$/.exec(after ?? '') ?? [];
  return urgency === undefined ? [0, '', ''] : [Number(urgency), since, code];
}
