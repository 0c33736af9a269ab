/** What whoever administers the users does to somebody else's account. Nobody does it to their own. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../../kernel/clock.js';
import { Problem } from '../../kernel/domain/problem.js';
import { AuditTrail } from '../audit-trail.js';
import { requirePermission, type Actor, type Role } from '../domain/actor.js';
import { MachineTokensService } from '../machine-tokens/machine-tokens.service.js';
import { refuseOwn } from '../refusals.js';
import { SessionsService } from '../sessions.service.js';
import { Attempts } from '../sign-in/attempts.js';
import { SecondFactorsService } from '../sign-in/second-factors.service.js';
import { requireKnownRoles, UsersService } from '../users.service.js';
import { OneTimeLinksService, type OneTimeLink } from './one-time-links.service.js';

export interface Invitation {
  email: string;
  displayName: string;
  roles: Role[];
  /** Id of a team; without it the first one. */
  team?: string;
}

interface UserRow {
  id: string;
  email: string;
  disabled_at: Date | null;
  roles: Role[];
}

@Injectable()
export class UserAdministrationService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
    private readonly users: UsersService,
    private readonly links: OneTimeLinksService,
    private readonly sessions: SessionsService,
    private readonly tokens: MachineTokensService,
    private readonly factors: SecondFactorsService,
    private readonly attempts: Attempts,
  ) {}

  /** A user without a password and the link to choose one, shown this once. Throws what `UsersService.create` throws, and `not-found` (404). */
  async invite(actor: Actor, { team, ...input }: Invitation): Promise<{ id: string } & OneTimeLink> {
    requirePermission(actor, 'users:manage');
    return this.db.transaction(async (manager) => {
      const id = await this.users.add(manager, actor, input, null);
      if (team) await this.putIntoTeam(manager, actor, id, team);
      const link = await this.links.make(manager, actor, id, 'invitation');
      await this.audit.record(manager, actor, 'user.invite', { kind: 'user', id });
      return { id, ...link };
    });
  }

  /** Gives these roles and takes all others. Throws `own-account`, `unknown-role`, `roles-must-not-meet`, `last-administrator` (422). */
  async setRoles(actor: Actor, id: string, wanted: Role[]): Promise<void> {
    requireKnownRoles(wanted);
    await this.change(actor, id, async (manager, user) => {
      refuseOwn(actor, id);
      const taken = user.roles.filter((role) => !wanted.includes(role));
      const given = wanted.filter((role) => !user.roles.includes(role));
      await manager.query('delete from access.user_role where user_id = $1 and role = any($2)', [id, taken]);
      await manager.query(
        `insert into access.user_role (user_id, role, granted_by, granted_at) select $1, unnest($2::text[]), $3, $4`,
        [id, [...new Set(given)], actor.userId, this.clock.now()],
      );
      return { act: 'user.set-roles', detail: { given, taken } };
    });
  }

  /** Who supervises sees another team's clients then, when that is confirmed. Throws `not-found` (404). */
  async moveToTeam(actor: Actor, id: string, team: string): Promise<void> {
    await this.change(actor, id, async (manager) => {
      await this.putIntoTeam(manager, actor, id, team);
      return { act: 'user.move', detail: { team } };
    });
  }

  /** Ends every session, token and open link. Throws `own-account`, `last-administrator` (422). */
  async disable(actor: Actor, id: string): Promise<void> {
    await this.change(actor, id, async (manager, user) => {
      refuseOwn(actor, id);
      if (user.disabled_at) return null;
      await manager.query('update access.app_user set disabled_at = $2 where id = $1', [id, this.clock.now()]);
      await this.links.void(manager, id);
      const sessions = await this.sessions.revokeAndRecord(manager, actor, id);
      const tokens = await this.tokens.revokeAndRecord(manager, actor, id);
      return { act: 'user.disable', detail: { sessions, tokens } };
    });
  }

  /** They do nothing until somebody else has confirmed that they are to be let in again. */
  async enable(actor: Actor, id: string): Promise<void> {
    await this.change(actor, id, async (manager, user) => {
      if (!user.disabled_at) return null;
      await manager.query('select access.enable_user($1, $2, $3)', [id, actor.userId, this.clock.now()]);
      return { act: 'user.enable' };
    });
  }

  /** A link to choose a new password, shown this once; the present password works until it is used. Throws `own-account`, `user-disabled` (422). */
  async makeResetLink(actor: Actor, id: string): Promise<OneTimeLink> {
    let link: OneTimeLink | undefined;
    await this.change(actor, id, async (manager, user) => {
      refuseOwn(actor, id);
      if (user.disabled_at) throw Problem.refused('user-disabled', 'This user is disabled. Enable them first.');
      link = await this.links.make(manager, actor, id, await this.kindFor(manager, id));
      return { act: 'user.make-link' };
    });
    if (!link) throw new Error('a change that made no link came to an end');
    return link;
  }

  /** Takes away the second factor and ends every session and token; where the role asks for one, another is set up at the next sign-in. */
  async resetSecondFactor(actor: Actor, id: string): Promise<void> {
    await this.change(actor, id, async (manager) => {
      refuseOwn(actor, id);
      const had = await this.factors.reset(manager, actor, id);
      const sessions = await this.sessions.revokeAndRecord(manager, actor, id);
      const tokens = await this.tokens.revokeAndRecord(manager, actor, id);
      return { act: 'user.reset-second-factor', detail: { had, sessions, tokens } };
    });
  }

  /** Forgives failed tries to sign in. */
  async liftLockOut(actor: Actor, id: string): Promise<void> {
    await this.change(actor, id, async (manager, user) => {
      await this.attempts.lift(manager, user.email);
      return { act: 'user.lift-lock-out' };
    });
  }

  /** Signs out everywhere, a program by its token as well. */
  async revokeSessions(actor: Actor, id: string): Promise<void> {
    await this.change(actor, id, async (manager) => {
      await this.sessions.revokeAndRecord(manager, actor, id);
      await this.tokens.revokeAndRecord(manager, actor, id);
      return null;
    });
  }

  /** Locks the user's row, does the change and records it in the same transaction. Null: nothing to record. Throws `not-found` (404). */
  private async change(
    actor: Actor,
    id: string,
    work: (manager: EntityManager, user: UserRow) => Promise<{ act: string; detail?: Record<string, unknown> } | null>,
  ): Promise<void> {
    requirePermission(actor, 'users:manage');
    await this.db.transaction(async (manager) => {
      const [user] = await manager.query<UserRow[]>(
        `select u.id, u.email, u.disabled_at, array(select r.role from access.user_role r where r.user_id = u.id) roles
         from access.app_user u where u.id = $1 and u.kind = 'person' for no key update of u`,
        [id],
      );
      if (!user) throw Problem.notFound('user', 'id');
      const done = await work(manager, user);
      if (done) await this.audit.record(manager, actor, done.act, { kind: 'user', id }, done.detail);
    });
  }

  private async putIntoTeam(manager: EntityManager, actor: Actor, id: string, team: string): Promise<void> {
    const [row] = await manager.query<{ moved: boolean }[]>('select access.move_to_team($1, $2, $3, $4) moved', [
      id,
      team,
      actor.userId,
      this.clock.now(),
    ]);
    if (!row?.moved) throw Problem.notFound('team', 'team');
  }

  /** Who has not chosen a password yet is still being invited. */
  private async kindFor(manager: EntityManager, id: string): Promise<'invitation' | 'reset'> {
    const [row] = await manager.query<{ has_password: boolean }[]>(
      'select password_hash is not null has_password from access.app_user where id = $1',
      [id],
    );
    return row?.has_password ? 'reset' : 'invitation';
  }
}
