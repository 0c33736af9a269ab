/** Users and their roles. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../kernel/clock.js';
import { Problem } from '../kernel/domain/problem.js';
import { sentence } from '../kernel/domain/sentence.js';
import { LETTER } from '../kernel/domain/visible-text.js';
import { Ids } from '../kernel/ids.js';
import { AuditTrail } from './audit-trail.js';
import { requirePermission, roleNames, type Actor, type Role } from './domain/actor.js';
import { hashPassword } from './passwords.js';
import { permissionsOf } from './roles.js';
import { UserEntity, UserRoleEntity } from './user.entity.js';

export interface NewUser {
  email: string;
  displayName: string;
  roles: Role[];
  /** Excused from a second factor; only the demonstration excuses anybody. */
  secondFactorWaived?: boolean;
}

@Injectable()
export class UsersService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Creates a user; the id. Throws `email-taken` (409), `unknown-role`, `roles-must-not-meet`, `email-malformed`, `text-empty` and what
   * `hashPassword` throws (422).
   */
  async create(actor: Actor, { password, ...input }: NewUser & { password: string }): Promise<string> {
    requirePermission(actor, 'users:manage');
    const passwordHash = await hashPassword(password);
    return this.db.transaction((manager) => this.add(manager, actor, input, passwordHash));
  }

  /** The same within a transaction, with the password hashed already; without one for somebody who is invited. */
  async add(manager: EntityManager, actor: Actor, input: NewUser, passwordHash: string | null): Promise<string> {
    requirePermission(actor, 'users:manage');
    const email = input.email.trim().toLowerCase();
    if (!/^[^@\s]+@[^@\s]+$/.test(email) || email.length > 200) {
      throw Problem.refused('email-malformed', 'Give an e-mail address.', 'email');
    }
    if (!LETTER.test(input.displayName))
      throw Problem.refused('text-empty', 'Write a name that has a letter.', 'displayName');
    requireKnownRoles(input.roles);
    if (await manager.existsBy(UserEntity, { email }))
      throw Problem.conflict('email-taken', 'There is a user with that address.', 'email');
    const id = this.ids.newId();
    const now = this.clock.now();
    await manager.insert(UserEntity, {
      id,
      email,
      displayName: input.displayName.trim(),
      kind: 'person',
      passwordHash,
      createdAt: now,
      disabledAt: null,
      secondFactorWaived: input.secondFactorWaived ?? false,
    });
    await manager.insert(
      UserRoleEntity,
      [...new Set(input.roles)].map((role) => ({ userId: id, role, grantedBy: actor.userId, grantedAt: now })),
    );
    await this.audit.record(manager, actor, 'user.create', { kind: 'user', id }, { roles: input.roles });
    return id;
  }

  /** The actor that a user is, or null when there is none or it was disabled. */
  async actorOf(userId: string, requestId: string): Promise<Actor | null> {
    const rows = await this.db.query<{ display_name: string; team_id: string; roles: Role[] }[]>(
      `select u.display_name, u.team_id, array_remove(array_agg(r.role order by r.role), null) roles
       from access.app_user u left join access.user_role r on r.user_id = u.id
       where u.id = $1 and u.disabled_at is null and u.kind = 'person' group by u.id`,
      [userId],
    );
    const [row] = rows;
    return row
      ? {
          userId,
          displayName: row.display_name,
          roles: row.roles,
          permissions: permissionsOf(row.roles),
          teamId: row.team_id,
          requestId,
        }
      : null;
  }

  /** The id of the person with that address, or null. */
  async idByEmail(email: string): Promise<string | null> {
    const found = await this.db.getRepository(UserEntity).findOneBy({ email: email.trim().toLowerCase() });
    return found?.id ?? null;
  }
}

/** Throws `unknown-role` (422). */
export function requireKnownRoles(roles: readonly Role[]): void {
  if (roles.length === 0 || roles.some((role) => !roleNames.includes(role)))
    throw Problem.refused(
      'unknown-role',
      sentence('Give at least one of: {roles}.', { roles: roleNames.join(', ') }),
      'roles',
    );
}
