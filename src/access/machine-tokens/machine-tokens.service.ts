/** Tokens for machines: made by people for their own programs, shown once, for so long and for so much. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../../kernel/clock.js';
import { askPrepared } from '../../kernel/database/prepared.js';
import { Problem } from '../../kernel/domain/problem.js';
import { sentence } from '../../kernel/domain/sentence.js';
import { LETTER_OR_DIGIT } from '../../kernel/domain/visible-text.js';
import { Ids } from '../../kernel/ids.js';
import { AuditTrail } from '../audit-trail.js';
import { requirePermission, type Actor, type Permission, type Role } from '../domain/actor.js';
import { LONGEST_TOKEN_DAYS, requireScope } from '../domain/machine-scope.js';
import { permissionsOf } from '../roles.js';
import { newToken, sha256 } from '../tokens.js';

/** What a token begins with, so that whoever finds one knows what it is. */
export const MACHINE_TOKEN_PREFIX = 'uctm_';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export interface NewMachineToken {
  name: string;
  scope: readonly string[];
  /** From now on. */
  days: number;
}

export interface MachineToken {
  id: string;
  name: string;
  scope: Permission[];
  createdAt: string;
  expiresAt: string;
  lastUsedAt: string | null;
}

interface TokenRow {
  id: string;
  name: string;
  scope: Permission[];
  created_at: Date;
  expires_at: Date;
  last_used_at: Date | null;
}

/** Whose program it is, with all that decides what it may: $1 the token's hash, $2 now. None of somebody who awaits confirmation. */
const HOLDER_OF_MACHINE_TOKEN = {
  name: 'holder-of-machine-token',
  text: `
    select t.id token_id, t.scope, t.last_used_at, u.id user_id, u.display_name, u.team_id,
           array(select r.role from access.user_role r where r.user_id = u.id order by r.role) roles
    from access.machine_token t join access.app_user u on u.id = t.user_id
    where t.token_sha256 = $1 and t.revoked_at is null and t.expires_at > $2 and u.kind = 'person' and u.disabled_at is null
      and not exists (select 1 from access.awaited_confirmation w where w.user_id = u.id)`,
};

interface HolderRow {
  token_id: string;
  scope: Permission[];
  last_used_at: Date | null;
  user_id: string;
  display_name: string;
  team_id: string;
  roles: Role[];
}

const LONGEST_TOKEN_NAME = 80;

@Injectable()
export class MachineTokensService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
  ) {}

  /** The token, shown this once. Throws `missing` (the name), `scope-not-allowed`, `days-not-allowed` (422). */
  async make(actor: Actor, { name, scope, days }: NewMachineToken): Promise<MachineToken & { token: string }> {
    requirePermission(actor, 'account:own');
    const called = name.trim();
    if (!LETTER_OR_DIGIT.test(called) || called.length > LONGEST_TOKEN_NAME)
      throw Problem.refused('missing', 'Say which program the token is for, in at most 80 characters.', 'name');
    const wanted = requireScope(scope, actor.permissions);
    if (!Number.isInteger(days) || days < 1 || days > LONGEST_TOKEN_DAYS)
      throw Problem.refused(
        'days-not-allowed',
        sentence('A token lasts 1 to {most} days.', { most: LONGEST_TOKEN_DAYS }),
        'days',
      );
    const now = this.clock.now();
    const token = `${MACHINE_TOKEN_PREFIX}${newToken()}`;
    const row = {
      id: this.ids.newId(),
      name: called,
      scope: wanted,
      created_at: now,
      expires_at: new Date(now.getTime() + days * DAY),
      last_used_at: null,
    };
    await this.db.transaction(async (manager) => {
      await manager.query(
        `insert into access.machine_token (id, user_id, name, token_sha256, scope, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [row.id, actor.userId, row.name, sha256(token), row.scope, row.created_at, row.expires_at],
      );
      const detail = { token: row.id, scope: wanted, days };
      await this.audit.record(manager, actor, 'user.make-token', { kind: 'user', id: actor.userId }, detail);
    });
    return { ...viewOf(row), token };
  }

  /** Those of one's own that still work. */
  list(actor: Actor): Promise<MachineToken[]> {
    requirePermission(actor, 'account:own');
    return this.workingOf(actor.userId);
  }

  /** Those of somebody that still work. Throws `forbidden` (403). */
  listOf(actor: Actor, userId: string): Promise<MachineToken[]> {
    requirePermission(actor, 'users:manage');
    return this.workingOf(userId);
  }

  /** Throws `not-found` (404). */
  async revokeOwn(actor: Actor, tokenId: string): Promise<void> {
    requirePermission(actor, 'account:own');
    await this.revokeOne(actor, actor.userId, tokenId);
  }

  /** Throws `not-found` (404), `forbidden` (403). */
  async revokeOf(actor: Actor, userId: string, tokenId: string): Promise<void> {
    requirePermission(actor, 'users:manage');
    await this.revokeOne(actor, userId, tokenId);
  }

  /** Ends tokens of a user and records each; how many. Who may ask for that is decided by the caller. */
  async revokeAndRecord(manager: EntityManager, actor: Actor, userId: string, only?: string): Promise<number> {
    const [rows] = await manager.query<[{ id: string }[], number]>(
      `update access.machine_token set revoked_at = $2
       where user_id = $1 and revoked_at is null and ($3::uuid is null or id = $3) returning id`,
      [userId, this.clock.now(), only ?? null],
    );
    await this.audit.recordAll(
      manager,
      rows.map(({ id }) => ({
        actor,
        act: 'user.revoke-token',
        subject: { kind: 'user', id: userId },
        detail: { token: id },
      })),
    );
    return rows.length;
  }

  /** Who acts by this token: its owner, with what the token is for and the owner may still do; null when it works no more. */
  async actorOf(token: string, requestId: string): Promise<Actor | null> {
    const now = this.clock.now();
    const [row] = await askPrepared<HolderRow>(this.db, HOLDER_OF_MACHINE_TOKEN, [sha256(token), now]);
    if (!row) return null;
    if (!row.last_used_at || now.getTime() - row.last_used_at.getTime() >= MINUTE)
      await this.noteUsed(row.token_id, now);
    const held = permissionsOf(row.roles);
    return {
      userId: row.user_id,
      displayName: row.display_name,
      roles: row.roles,
      teamId: row.team_id,
      permissions: new Set(row.scope.filter((permission) => held.has(permission))),
      requestId,
      tokenId: row.token_id,
    };
  }

  private async revokeOne(actor: Actor, userId: string, tokenId: string): Promise<void> {
    const revoked = await this.db.transaction((manager) => this.revokeAndRecord(manager, actor, userId, tokenId));
    if (revoked === 0) throw Problem.notFound('token', 'id');
  }

  private async workingOf(userId: string): Promise<MachineToken[]> {
    const rows = await this.db.query<TokenRow[]>(
      `select id, name, scope, created_at, expires_at, last_used_at from access.machine_token
       where user_id = $1 and revoked_at is null and expires_at > $2 order by id`,
      [userId, this.clock.now()],
    );
    return rows.map(viewOf);
  }

  private async noteUsed(tokenId: string, now: Date): Promise<void> {
    await this.db.query(
      `update access.machine_token set last_used_at = $2 where id = $1 and (last_used_at is null or last_used_at <= $3)`,
      [tokenId, now, new Date(now.getTime() - MINUTE)],
    );
  }
}

function viewOf(row: TokenRow): MachineToken {
  return {
    id: row.id,
    name: row.name,
    scope: row.scope,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  };
}
