/** Clients who may be registered twice: what a supervisor sees of them, and what they decide. Nothing is merged. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../../access/audit-trail.js';
import { requirePermission, type Actor } from '../../access/domain/actor.js';
import { Clock } from '../../kernel/clock.js';
import { Problem } from '../../kernel/domain/problem.js';
import { Ids, isId } from '../../kernel/ids.js';
import type { ClientEntity } from '../client.entity.js';
import type { Match } from './domain/evidence.js';

export const duplicateDecisions = ['same', 'different'] as const;
export type DuplicateDecision = (typeof duplicateDecisions)[number];

/** All that whoever works with a client learns: that somebody may be the same, and who it is only if they are theirs too. */
export interface DuplicateNotice {
  found: boolean;
  /** A supervisor decided that it is the same person; else it waits for one. */
  decidedSame: boolean;
  yourClients: string[];
}

export interface PossibleDuplicate {
  id: string;
  /** The one registered first comes first. */
  clients: { code: string; registeredAt: string; withinReach: boolean }[];
  matched: Match[];
  /** From 40 upwards; the list is in this order. */
  strength: number;
  foundAt: string;
  waits: boolean;
  decision: DuplicateDecision | null;
  decidedBy: string | null;
  decidedAt: string | null;
}

interface Row {
  id: string;
  codes: [string, string];
  registered: [Date | string, Date | string];
  reach: [boolean, boolean];
  matched: Match[];
  strength: number;
  found_at: Date;
  waits: boolean;
  decision: DuplicateDecision | null;
  decided_by: string | null;
  decided_at: Date | null;
}

@Injectable()
export class DuplicatesService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
  ) {}

  /** What may be said of this client to somebody who may see them. */
  async notice(actor: Actor, client: ClientEntity): Promise<DuplicateNotice> {
    const rows = await this.db.query<{ code: string; is_theirs: boolean; is_same: boolean }[]>(
      `select c.code, c.caseworker_id = $2 and c.erased_at is null is_theirs, coalesce(p.decision = 'same', false) is_same from casework.duplicate_standing p
       join casework.client c on c.id = case p.one_id when $1 then p.other_id else p.one_id end
       where $1 in (p.one_id, p.other_id) and (p.waits or p.decision = 'same') order by p.strength desc, p.id`,
      [client.id, actor.userId],
    );
    return {
      found: rows.length > 0,
      decidedSame: rows.some(({ is_same }) => is_same),
      yourClients: rows.filter(({ is_theirs }) => is_theirs).map(({ code }) => code),
    };
  }

  /** Under which other codes this person is registered, as decided: those within the actor's reach, and how many more. */
  async otherCodes(actor: Actor, client: ClientEntity): Promise<{ codes: string[]; beyondReach: number }> {
    const rows = await this.db.query<{ code: string; within_reach: boolean }[]>(OTHER_CODES, [
      ...reachOf(actor),
      client.id,
    ]);
    const codes = rows.filter(({ within_reach: isWithin }) => isWithin).map(({ code }) => code);
    return { codes, beyondReach: rows.length - codes.length };
  }

  /**
   * Pairs of which at least one client is within reach and none is erased, the likeliest first; those that wait for a decision, or those
   * that are decided. `after` is the last id of the page before. Throws `cursor-malformed` (400).
   */
  async list(
    actor: Actor,
    options: { decided: boolean; after?: string; limit: number },
  ): Promise<{ items: PossibleDuplicate[]; next: string | null }> {
    requirePermission(actor, 'duplicates:decide');
    if (options.after !== undefined && !isId(options.after))
      throw Problem.malformed('cursor-malformed', 'Use the `next` of the page before.', 'after');
    const rows = await this.db.query<Row[]>(
      `${PAIRS} and p.waits <> $3 and ($4::uuid is null or (p.strength, p.id) < (select strength, id from casework.possible_duplicate where id = $4))
       order by p.strength desc, p.id desc limit $5`,
      [...reachOf(actor), options.decided, options.after ?? null, options.limit + 1],
    );
    const items = rows.slice(0, options.limit).map(viewOf);
    return { items, next: rows.length > options.limit ? (items.at(-1)?.id ?? null) : null };
  }

  /** How many pairs wait for somebody like the actor. */
  async waiting(actor: Actor): Promise<number> {
    requirePermission(actor, 'duplicates:decide');
    const [row] = await this.db.query<{ count: number }[]>(
      `select count(*)::int count from (${PAIRS} and p.waits) pair`,
      reachOf(actor),
    );
    return row?.count ?? 0;
  }

  /**
   * Decides whether two clients are the same person; another decision later counts instead of this one. When they are the same, only one of
   * them can be enrolled from then on. Deciding the same again changes nothing. Throws `not-found` (404).
   */
  async decide(actor: Actor, id: string, decision: DuplicateDecision): Promise<PossibleDuplicate> {
    requirePermission(actor, 'duplicates:decide');
    return this.db.transaction(async (manager) => {
      await manager.query('select from casework.possible_duplicate where id = $1 for update', [id]);
      const pair = await this.pair(manager, actor, id);
      if (pair.decision === decision && !pair.waits) return pair;
      await manager.query(
        `insert into casework.duplicate_decision (id, possible_duplicate_id, decision, strength, decided_by, decided_at)
         values ($1, $2, $3, $4, $5, $6)`,
        [this.ids.newId(), id, decision, pair.strength, actor.userId, this.clock.now()],
      );
      await this.audit.record(
        manager,
        actor,
        'duplicate.decide',
        { kind: 'possible-duplicate', id },
        { decision, before: pair.decision },
      );
      return this.pair(manager, actor, id);
    });
  }

  private async pair(manager: EntityManager, actor: Actor, id: string): Promise<PossibleDuplicate> {
    const [row] = await manager.query<Row[]>(`${PAIRS} and p.id = $3`, [...reachOf(actor), id]);
    if (!row) throw Problem.notFound('possible duplicate');
    return viewOf(row);
  }
}

/** Whose clients: the actor's own ($1), and those of a team ($2) for whoever sees the team's. */
function reachOf(actor: Actor): [string, string | null] {
  return [actor.userId, actor.permissions.has('clients:read-team') ? actor.teamId : null];
}

const PAIRS = `
  select p.id, p.matched, p.strength, p.found_at, p.waits, p.decision, d.display_name decided_by, p.decided_at, c.codes, c.registered, c.reach
  from casework.duplicate_standing p
  cross join lateral (
    select array_agg(c.code order by c.registered_at, c.code) codes,
           array_agg(c.registered_at order by c.registered_at, c.code) registered,
           array_agg(c.erased_at is null and (c.caseworker_id = $1 or coalesce(u.team_id = $2, false)) order by c.registered_at, c.code) reach,
           bool_or(c.erased_at is not null) any_erased
    from casework.client c join access.app_user u on u.id = c.caseworker_id where c.id in (p.one_id, p.other_id)) c
  left join access.app_user d on d.id = p.decided_by
  where true = any (c.reach) and not c.any_erased`;

/** As PAIRS, of the client $3. */
const OTHER_CODES = `
  with recursive person (id) as (
    select $3::uuid
    union
    select s.other_id from person join casework.same_person s on s.client_id = person.id)
  select c.code, c.caseworker_id = $1 or coalesce(u.team_id = $2, false) within_reach
  from person join casework.client c on c.id = person.id join access.app_user u on u.id = c.caseworker_id
  where c.id <> $3 and c.erased_at is null order by c.code`;

function viewOf(row: Row): PossibleDuplicate {
  const moment = (at: Date | string) => new Date(at).toISOString();
  return {
    id: row.id,
    clients: row.codes.map((code, index) => ({
      code,
      registeredAt: moment(row.registered[index] ?? ''),
      withinReach: row.reach[index] ?? false,
    })),
    matched: row.matched,
    strength: row.strength,
    foundAt: moment(row.found_at),
    waits: row.waits,
    decision: row.decision,
    decidedBy: row.decided_by,
    decidedAt: row.decided_at && moment(row.decided_at),
  };
}
