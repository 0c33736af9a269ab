/** Who uses the service, as whoever administers them sees it: no client, and no token. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Problem } from '../../kernel/domain/problem.js';
import { requirePermission, type Actor, type Role } from '../domain/actor.js';
import { rolesNeedSecondFactor } from '../roles.js';
import { Attempts } from '../sign-in/attempts.js';
import { ConfirmationsService, type AwaitedConfirmation } from './confirmations.service.js';
import type { Team } from './teams.service.js';

/** `missing`: a role asks for one, and none is set up. `waived`: excused; only the demonstration excuses anybody. */
export type SecondFactorState = 'set-up' | 'missing' | 'not-asked' | 'waived';

export interface ListedUser {
  id: string;
  email: string;
  displayName: string;
  roles: Role[];
  team: Team;
  createdAt: string;
  disabledAt: string | null;
  /** False while an invitation has not been taken up. */
  hasPassword: boolean;
  secondFactor: SecondFactorState;
  /** Until when nobody can try to sign in there, after too many wrong tries. */
  lockedUntil: string | null;
  lastSeenAt: string | null;
  /** What another administrator has to confirm before they do anything; nothing for most. */
  awaited: (AwaitedConfirmation & { mayConfirm: boolean })[];
}

interface UserRow {
  id: string;
  email: string;
  display_name: string;
  roles: Role[];
  team_id: string;
  team_name: string;
  created_at: Date;
  disabled_at: Date | null;
  has_password: boolean;
  has_second_factor: boolean;
  second_factor_waived: boolean;
  last_seen_at: Date | null;
}

@Injectable()
export class UserDirectoryService {
  constructor(
    private readonly db: DataSource,
    private readonly attempts: Attempts,
    private readonly confirmations: ConfirmationsService,
  ) {}

  async list(
    actor: Actor,
    page: { after?: string; limit: number },
  ): Promise<{ items: ListedUser[]; next: string | null }> {
    requirePermission(actor, 'users:manage');
    const rows = await this.db.query<UserRow[]>(
      `${SELECT_USERS} and ($1::uuid is null or u.id > $1) order by u.id limit $2`,
      [page.after ?? null, page.limit + 1],
    );
    const items = await this.views(actor, rows.slice(0, page.limit));
    return { items, next: rows.length > page.limit ? (items.at(-1)?.id ?? null) : null };
  }

  /** Throws `not-found` (404). */
  async find(actor: Actor, id: string): Promise<ListedUser> {
    requirePermission(actor, 'users:manage');
    const [found] = await this.views(actor, await this.db.query<UserRow[]>(`${SELECT_USERS} and u.id = $1`, [id]));
    if (!found) throw Problem.notFound('user', 'id');
    return found;
  }

  private async views(actor: Actor, rows: readonly UserRow[]): Promise<ListedUser[]> {
    const awaited = await this.confirmations.of(rows.map(({ id }) => id));
    const waits = await this.attempts.waitsOf(rows.map(({ email }) => email));
    return rows.map((row) => ({
      id: row.id,
      email: row.email,
      displayName: row.display_name,
      roles: row.roles,
      team: { id: row.team_id, name: row.team_name },
      createdAt: row.created_at.toISOString(),
      disabledAt: row.disabled_at?.toISOString() ?? null,
      hasPassword: row.has_password,
      secondFactor: secondFactorOf(row),
      lockedUntil: waits.get(row.email)?.toISOString() ?? null,
      lastSeenAt: row.last_seen_at?.toISOString() ?? null,
      awaited: (awaited.get(row.id) ?? []).map((one) => ({
        ...one,
        mayConfirm: ![one.causedBy.id, row.id].includes(actor.userId),
      })),
    }));
  }
}

function secondFactorOf(row: UserRow): SecondFactorState {
  if (row.has_second_factor) return 'set-up';
  if (row.second_factor_waived) return 'waived';
  return rolesNeedSecondFactor(row.roles) ? 'missing' : 'not-asked';
}

const SELECT_USERS = `
  select u.id, u.email, u.display_name, u.created_at, u.disabled_at, u.password_hash is not null has_password, u.second_factor_waived,
         t.id team_id, t.name team_name,
         array(select r.role from access.user_role r where r.user_id = u.id order by r.role) roles,
         exists (select 1 from access.second_factor f
                 where f.user_id = u.id and f.confirmed_at is not null and f.ended_at is null) has_second_factor,
         (select max(s.last_seen_at) from access.session s where s.user_id = u.id) last_seen_at
  from access.app_user u join access.team t on t.id = u.team_id
  where u.kind = 'person'`;
