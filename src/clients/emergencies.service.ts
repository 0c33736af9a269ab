/**
 * Emergency access: somebody looks at a client who is not theirs, for some hours and with a reason. It is never silent: supervisors are
 * told until one of them, who is not the person themself, has seen it.
 */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { Clock } from '../kernel/clock.js';
import { Problem } from '../kernel/domain/problem.js';
import { Ids, isId } from '../kernel/ids.js';
import { ClientReach, isWithinReach, requireConsentToHold, seesTeam } from './client-reach.js';
import { EMERGENCIES_AT_ONCE, EMERGENCY_HOURS, tooManyEmergencies, type EmergencyReason } from './domain/emergency.js';
import { IdentityVault } from './identity-vault/identity-vault.js';

export interface Emergency {
  id: string;
  client: string;
  openedBy: string;
  reason: EmergencyReason;
  openedAt: string;
  endsAt: string;
  isOpen: boolean;
  seenBy: string | null;
  seenAt: string | null;
  /** What was said to it; only for a supervisor within whose reach the client is. */
  words: string | null;
  /** Whether the actor is one who can still say that it was seen. */
  waitsForActor: boolean;
}

@Injectable()
export class EmergenciesService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
    private readonly reach: ClientReach,
    private readonly vault: IdentityVault,
  ) {}

  /**
   * Opens an emergency access to one client; until when. Throws `not-found` (404, recorded), `within-reach`, `emergency-already-open`,
   * `too-many-emergencies`, `consent-withdrawn` (409).
   */
  async open(
    actor: Actor,
    code: string,
    input: { reason: EmergencyReason; words?: string },
  ): Promise<{ id: string; client: string; endsAt: string }> {
    requirePermission(actor, 'clients:emergency');
    const client = await this.reach.clientWith(code);
    if (!client) {
      await this.recordWrongCode(actor, input.reason);
      throw Problem.notFound('client', 'code');
    }
    if (isWithinReach(actor, client))
      throw Problem.conflict('within-reach', 'You can open this client’s case file as it is.', 'code');
    requireConsentToHold(client);
    const openedAt = this.clock.now();
    const endsAt = new Date(openedAt.getTime() + EMERGENCY_HOURS * 3_600_000);
    const id = this.ids.newId();
    await this.db.transaction(async (manager) => {
      await this.requireRoom(manager, actor, client.id, openedAt);
      const words = input.words?.trim() ?? '';
      const sealed = words ? (await this.vault.words(manager, client.id)).seal(emergencyPlace(id), words) : null;
      await manager.query(
        `insert into casework.emergency_access (id, client_id, user_id, team_id, reason, words_sealed, opened_at, ends_at)
         values ($1, $2, $3, (select team_id from access.app_user where id = $3), $4, $5, $6, $7)`,
        [id, client.id, actor.userId, input.reason, sealed, openedAt, endsAt],
      );
      const detail = { emergency: id, reason: input.reason, endsAt: endsAt.toISOString() };
      await this.audit.record(manager, actor, 'emergency.open', { kind: 'client', id: client.id }, detail);
    });
    return { id, client: client.code, endsAt: endsAt.toISOString() };
  }

  /** The actor's own that are open at this moment. */
  async mine(actor: Actor): Promise<{ client: string; endsAt: string }[]> {
    requirePermission(actor, 'clients:emergency');
    return this.db.query<{ client: string; endsAt: string }[]>(
      `select c.code client, e.ends_at "endsAt" from casework.emergency_access e join casework.client c on c.id = e.client_id
       where e.user_id = $1 and e.ends_at > $2 order by e.ends_at`,
      [actor.userId, this.clock.now()],
    );
  }

  /** How many wait for a supervisor of this team to see them. */
  async waiting(actor: Actor): Promise<number> {
    requirePermission(actor, 'clients:read-team');
    const [row] = await this.db.query<{ count: number }[]>(
      `select count(*)::int count from (${LISTED}) listed where "seenAt" is null and user_id <> $3`,
      [actor.teamId, this.clock.now(), actor.userId],
    );
    return row?.count ?? 0;
  }

  /**
   * A page of them, latest first: a supervisor's team's, or all for an auditor, who sees no words. Reading words is recorded.
   * `after` is the `next` of the page before. Throws `cursor-malformed` (400).
   */
  async list(
    actor: Actor,
    options: { after?: string; limit: number },
  ): Promise<{ items: Emergency[]; next: string | null }> {
    requirePermission(actor, 'emergencies:read');
    if (options.after !== undefined && !isId(options.after)) {
      throw Problem.malformed('cursor-malformed', 'Use the `next` of the page before.', 'after');
    }
    return this.db.transaction(async (manager) => {
      const rows = await manager.query<ListedRow[]>(
        `select * from (${LISTED}) listed where $3::uuid is null or id < $3 order by id desc limit $4`,
        [seesTeam(actor) ? actor.teamId : null, this.clock.now(), options.after ?? null, options.limit + 1],
      );
      const shown = rows.slice(0, options.limit);
      const items = [];
      for (const row of shown) items.push(await this.asListed(manager, actor, row));
      return { items, next: rows.length > options.limit ? (items.at(-1)?.id ?? null) : null };
    });
  }

  /**
   * A supervisor has seen it; doing it twice changes nothing. Throws `not-found` (404), `own-emergency` (422).
   */
  async see(actor: Actor, id: string): Promise<void> {
    requirePermission(actor, 'clients:read-team');
    await this.db.transaction(async (manager) => {
      const [row] = await manager.query<ListedRow[]>(`select * from (${LISTED}) listed where id = $3`, [
        actor.teamId,
        this.clock.now(),
        id,
      ]);
      if (!row) throw Problem.notFound('emergency access', 'id');
      if (row.seenAt !== null) return;
      if (row.user_id === actor.userId)
        throw Problem.refused('own-emergency', 'Another supervisor has to look at what you opened.', 'id');
      await manager.query(
        'insert into casework.emergency_seen (emergency_id, opened_by, seen_by, seen_at) values ($1, $2, $3, $4)',
        [id, row.user_id, actor.userId, this.clock.now()],
      );
      await this.audit.record(
        manager,
        actor,
        'emergency.see',
        { kind: 'client', id: row.client_id },
        { emergency: id },
      );
    });
  }

  private async asListed(manager: EntityManager, actor: Actor, row: ListedRow): Promise<Emergency> {
    const {
      client_id: clientId,
      user_id: userId,
      client_team_id: clientTeam,
      consents,
      words_sealed: sealed,
      ...rest
    } = row;
    const mayRead = sealed !== null && consents && seesTeam(actor) && clientTeam === actor.teamId;
    let words: string | null = null;
    if (mayRead) {
      words = (await this.vault.words(manager, clientId)).open(emergencyPlace(row.id), sealed);
      await this.audit.record(
        manager,
        actor,
        'emergency.read',
        { kind: 'client', id: clientId },
        { emergency: row.id },
      );
    }
    const waitsForActor = seesTeam(actor) && row.seenAt === null && userId !== actor.userId;
    return { ...rest, words, waitsForActor };
  }

  private async requireRoom(manager: EntityManager, actor: Actor, clientId: string, now: Date): Promise<void> {
    const open = await manager.query<{ client_id: string }[]>(
      'select client_id from casework.emergency_access where user_id = $1 and ends_at > $2',
      [actor.userId, now],
    );
    if (open.some((one) => one.client_id === clientId))
      throw Problem.conflict('emergency-already-open', 'You have opened this client’s case file already.', 'code');
    if (open.length >= EMERGENCIES_AT_ONCE) throw tooManyEmergencies();
  }

  /** Guessing codes leaves a trace with a name on it. */
  private async recordWrongCode(actor: Actor, reason: EmergencyReason): Promise<void> {
    await this.db.transaction((manager) =>
      this.audit.record(manager, actor, 'emergency.wrong-code', { kind: 'user', id: actor.userId }, { reason }),
    );
  }
}

export const emergencyPlace = (id: string) => `casework.emergency_access/${id}`;

interface ListedRow extends Omit<Emergency, 'words' | 'waitsForActor'> {
  client_id: string;
  user_id: string;
  client_team_id: string;
  consents: boolean;
  words_sealed: Buffer | null;
}

/** $1 team whose clients or whose staff, or null for all; $2 now. */
const LISTED = `
  select e.id, c.code client, u.display_name "openedBy", e.reason, e.opened_at "openedAt", e.ends_at "endsAt", e.ends_at > $2 "isOpen",
         sb.display_name "seenBy", s.seen_at "seenAt", e.client_id, e.user_id, w.team_id client_team_id,
         casework.consents(e.client_id, 'hold-data') consents, e.words_sealed
  from casework.emergency_access e join casework.client c on c.id = e.client_id join access.app_user w on w.id = c.caseworker_id
  join access.app_user u on u.id = e.user_id
  left join casework.emergency_seen s on s.emergency_id = e.id left join access.app_user sb on sb.id = s.seen_by
  where $1::uuid is null or w.team_id = $1 or e.team_id = $1`;
