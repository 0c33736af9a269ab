/** Sessions: opened, looked up on every request, raised, listed and revoked. How somebody proves who they are is in `sign-in/`. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../kernel/clock.js';
import { askPrepared } from '../kernel/database/prepared.js';
import { Problem } from '../kernel/domain/problem.js';
import { Ids } from '../kernel/ids.js';
import { AuditTrail } from './audit-trail.js';
import { requirePermission, type Actor, type Permission, type Role } from './domain/actor.js';
import {
  firstStage,
  IDLE_MINUTES,
  SESSION_HOURS,
  type SessionKind,
  type SessionStage,
  type StageNow,
} from './domain/session.js';
import { notSignedIn, otpNeeded, secondFactorRequired, signInFailed } from './refusals.js';
import { permissionsOf, rolesNeedSecondFactor } from './roles.js';
import { SessionEntity } from './session.entity.js';
import { newToken, sha256 } from './tokens.js';

const MINUTE = 60_000;

export interface NewSession {
  kind: SessionKind;
  /** As `agentWords` says it. */
  agent: string;
  /** Whether whoever vouches for the user saw a second factor too. */
  secondFactorDone: boolean;
  /** The hash that the given password was found to match; left out when no password was given. */
  provenHash?: string;
}

export interface OpenedSession {
  token: string;
  expiresAt: Date;
  stage: SessionStage;
  roles: readonly Role[];
  /** In which language they chose to read the pages; null when they never did. */
  language: string | null;
}

/** The session that a request came with. */
export interface HeldSession {
  id: string;
  kind: SessionKind;
  /** As it counts now: a role that asks for a second factor counts from the moment it is given. */
  stage: StageNow;
  /** With what the stage allows: at `enrol` and `awaits-confirmation` the own account, before that nothing. */
  actor: Actor;
}

export interface ListedSession {
  id: string;
  kind: SessionKind;
  agent: string;
  createdAt: string;
  lastSeenAt: string;
  isThisOne: boolean;
}

/** Who holds a session, with all that decides what they may: $1 the token's hash, $2 now, $3 since when an idle browser has had to be seen. */
const HOLDER_OF_SESSION = {
  name: 'holder-of-session',
  text: `
    select s.id session_id, s.kind, s.stage, s.second_factor_at is not null has_proven_second_factor, s.last_seen_at,
           u.id user_id, u.display_name, u.team_id, u.second_factor_waived,
           exists (select 1 from access.second_factor f
                   where f.user_id = u.id and f.confirmed_at is not null and f.ended_at is null) has_second_factor,
           exists (select 1 from access.awaited_confirmation w where w.user_id = u.id) awaits_confirmation,
           array(select r.role from access.user_role r where r.user_id = u.id order by r.role) roles
    from access.session s join access.app_user u on u.id = s.user_id
    where s.token_sha256 = $1 and s.revoked_at is null and s.expires_at > $2
      and (s.kind = 'api' or s.last_seen_at > $3)
      and u.kind = 'person' and u.disabled_at is null`,
};

interface HolderRow {
  session_id: string;
  kind: SessionKind;
  stage: SessionStage;
  has_proven_second_factor: boolean;
  last_seen_at: Date;
  user_id: string;
  display_name: string;
  team_id: string;
  second_factor_waived: boolean;
  has_second_factor: boolean;
  awaits_confirmation: boolean;
  roles: Role[];
}

@Injectable()
export class SessionsService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * A session for somebody who has just proven who they are. Throws `sign-in-failed` (401) when they are no longer there or the password
   * was changed since, and for a program, which has no page for what is missing, `otp-needed` (401) and `second-factor-required` (403).
   */
  async open(
    manager: EntityManager,
    userId: string,
    { kind, agent, secondFactorDone, provenHash }: NewSession,
    requestId: string,
  ): Promise<OpenedSession> {
    const { user, language, ...factors } = await this.userFor(manager, userId, provenHash);
    const stage = firstStage({ ...factors, secondFactorDone });
    if (kind === 'api' && stage === 'second-factor') throw otpNeeded();
    if (kind === 'api' && stage === 'enrol') throw secondFactorRequired();
    const now = this.clock.now();
    const token = newToken();
    const session = {
      tokenSha256: sha256(token),
      id: this.ids.newId(),
      userId,
      kind,
      stage,
      secondFactorAt: secondFactorDone ? now : null,
      createdAt: now,
      lastSeenAt: now,
      expiresAt: new Date(now.getTime() + SESSION_HOURS * 60 * MINUTE),
      revokedAt: null,
      agent,
    };
    await manager.insert(SessionEntity, session);
    const detail = { session: session.id, kind, stage };
    await this.audit.record(
      manager,
      actorAt(stage, user, requestId),
      'session.sign-in',
      { kind: 'user', id: userId },
      detail,
    );
    return { token, expiresAt: session.expiresAt, stage, roles: user.roles, language };
  }

  /** Whose session this token is of, or null. One query; once a minute another one, to note that it was seen. */
  async holderOf(token: string, requestId: string): Promise<HeldSession | null> {
    const now = this.clock.now();
    const [row] = await askPrepared<HolderRow>(this.db, HOLDER_OF_SESSION, [
      sha256(token),
      now,
      new Date(now.getTime() - IDLE_MINUTES * MINUTE),
    ]);
    if (!row) return null;
    if (now.getTime() - row.last_seen_at.getTime() >= MINUTE) await this.noteSeen(row.session_id, now);
    const stage = stageNow(row);
    const user = { userId: row.user_id, displayName: row.display_name, teamId: row.team_id, roles: row.roles };
    return { id: row.session_id, kind: row.kind, stage, actor: actorAt(stage, user, requestId) };
  }

  /** Opens a session in which a second factor was just proven, under another token. Throws `not-signed-in` (401) when it is there no more. */
  async rise(manager: EntityManager, held: HeldSession): Promise<string> {
    const token = newToken();
    const [, risen] = await manager.query<[unknown, number]>(
      `update access.session set token_sha256 = $2, stage = 'open', second_factor_at = $3, last_seen_at = $3
       where id = $1 and second_factor_at is null and revoked_at is null and expires_at > $3`,
      [held.id, sha256(token), this.clock.now()],
    );
    if (risen !== 1) throw notSignedIn();
    const { actor } = held;
    await this.audit.record(
      manager,
      actor,
      'session.second-factor',
      { kind: 'user', id: actor.userId },
      { session: held.id },
    );
    return token;
  }

  async signOut(actor: Actor, sessionId: string): Promise<void> {
    await this.db.transaction(async (manager) => {
      const revoked = await this.revoke(manager, actor.userId, { only: sessionId });
      if (revoked.length > 0)
        await this.audit.record(
          manager,
          actor,
          'session.sign-out',
          { kind: 'user', id: actor.userId },
          { session: sessionId },
        );
    });
  }

  /** The own sessions that still work, the newest first. */
  async list(actor: Actor, thisOne: string | undefined): Promise<ListedSession[]> {
    requirePermission(actor, 'account:own');
    return (await this.openSessionsOf(actor.userId)).map((session) => ({
      id: session.id,
      kind: session.kind,
      agent: session.agent,
      createdAt: session.createdAt.toISOString(),
      lastSeenAt: session.lastSeenAt.toISOString(),
      isThisOne: session.id === thisOne,
    }));
  }

  /** How many sessions of that user still work. */
  async countOf(userId: string): Promise<number> {
    return (await this.openSessionsOf(userId)).length;
  }

  /** Ends one session of one's own. Throws `not-found` (404). */
  async revokeOwn(actor: Actor, sessionId: string): Promise<void> {
    requirePermission(actor, 'account:own');
    await this.db.transaction(async (manager) => {
      const revoked = await this.revokeAndRecord(manager, actor, actor.userId, { only: sessionId });
      if (revoked === 0) throw Problem.notFound('session', 'id');
    });
  }

  /** Signs out everywhere else; how many sessions that ended. */
  async revokeOthers(actor: Actor, thisOne: string | undefined): Promise<number> {
    requirePermission(actor, 'account:own');
    return this.db.transaction((manager) => this.revokeAndRecord(manager, actor, actor.userId, { except: thisOne }));
  }

  /** Ends sessions of a user and records each; how many. Who may ask for that is decided by the caller. */
  async revokeAndRecord(
    manager: EntityManager,
    actor: Actor,
    userId: string,
    which: { only?: string; except?: string } = {},
  ): Promise<number> {
    const revoked = await this.revoke(manager, userId, which);
    await this.audit.recordAll(
      manager,
      revoked.map((session) => ({
        actor,
        act: 'session.revoke',
        subject: { kind: 'user', id: userId },
        detail: { session },
      })),
    );
    return revoked.length;
  }

  private async revoke(
    manager: EntityManager,
    userId: string,
    { only, except }: { only?: string; except?: string },
  ): Promise<string[]> {
    // A second factor that was offered in a session ends with it: its secret was shown to whoever held that session.
    const rows = await manager.query<{ id: string }[]>(
      `with revoked as (
         update access.session set revoked_at = $2
         where user_id = $1 and revoked_at is null and expires_at > $2 and ($3::uuid is null or id = $3) and ($4::uuid is null or id <> $4)
         returning id
       ), withdrawn as (
         update access.second_factor f set ended_at = $2, ended_by = f.user_id, sealed = null from revoked r
         where f.user_id = $1 and f.offered_in = r.id and f.confirmed_at is null and f.ended_at is null
       )
       select id from revoked`,
      [userId, this.clock.now(), only ?? null, except ?? null],
    );
    return rows.map(({ id }) => id);
  }

  private async openSessionsOf(userId: string): Promise<SessionEntity[]> {
    const now = this.clock.now();
    const idleSince = new Date(now.getTime() - IDLE_MINUTES * MINUTE);
    return this.db
      .getRepository(SessionEntity)
      .createQueryBuilder('session')
      .where('session.userId = :userId and session.revokedAt is null and session.expiresAt > :now', { userId, now })
      .andWhere("(session.kind = 'api' or session.lastSeenAt > :idleSince)", { idleSince })
      .orderBy('session.createdAt', 'DESC')
      .addOrderBy('session.id', 'DESC')
      .getMany();
  }

  private async noteSeen(sessionId: string, now: Date): Promise<void> {
    await this.db.query(
      'update access.session set last_seen_at = $2 where id = $1 and last_seen_at <= $3 and revoked_at is null',
      [sessionId, now, new Date(now.getTime() - MINUTE)],
    );
  }

  /** Holds the user's row: whoever sets another password either did so before, and it is seen here, or ends this session afterwards. */
  private async userFor(manager: EntityManager, userId: string, provenHash?: string) {
    const [row] = await manager.query<
      {
        display_name: string;
        team_id: string;
        language: string | null;
        second_factor_waived: boolean;
        has_second_factor: boolean;
        roles: Role[];
      }[]
    >(
      `select u.display_name, u.team_id, u.language, u.second_factor_waived,
              exists (select 1 from access.second_factor f
                      where f.user_id = u.id and f.confirmed_at is not null and f.ended_at is null) has_second_factor,
              array(select r.role from access.user_role r where r.user_id = u.id order by r.role) roles
       from access.app_user u where u.id = $1 and u.kind = 'person' and u.disabled_at is null
         and ($2::text is null or u.password_hash = $2) for no key update of u`,
      [userId, provenHash ?? null],
    );
    if (!row) throw signInFailed();
    return {
      user: { userId, displayName: row.display_name, teamId: row.team_id, roles: row.roles },
      language: row.language,
      hasSecondFactor: row.has_second_factor,
      needsSecondFactor: !row.second_factor_waived && rolesNeedSecondFactor(row.roles),
    };
  }
}

function stageNow(row: HolderRow): StageNow {
  const stage = stageByFactor(row);
  return stage === 'open' && row.awaits_confirmation ? 'awaits-confirmation' : stage;
}

function stageByFactor(row: HolderRow): SessionStage {
  if (row.stage !== 'open' || row.has_proven_second_factor || row.second_factor_waived) return row.stage;
  if (!rolesNeedSecondFactor(row.roles)) return 'open';
  return row.has_second_factor ? 'second-factor' : 'enrol';
}

function actorAt(stage: StageNow, user: Omit<Actor, 'permissions' | 'requestId'>, requestId: string): Actor {
  return { ...user, permissions: permissionsAt(stage, user.roles), requestId };
}

function permissionsAt(stage: StageNow, roles: readonly Role[]): ReadonlySet<Permission> {
  if (stage === 'open') return permissionsOf(roles);
  return new Set<Permission>(stage === 'second-factor' ? [] : ['account:own']);
}
