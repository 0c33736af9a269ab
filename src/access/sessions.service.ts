/** Signing in and out. */
import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../kernel/clock.js';
import { Problem } from '../kernel/domain/problem.js';
import { AuditTrail } from './audit-trail.js';
import type { Actor } from './domain/actor.js';
import { passwordMatches } from './passwords.js';
import { SessionEntity } from './session.entity.js';
import { UserEntity } from './user.entity.js';
import { UsersService } from './users.service.js';

const SESSION_HOURS = 12;

@Injectable()
export class SessionsService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
    private readonly users: UsersService,
  ) {}

  /** A new session's token and end. Throws `sign-in-failed` (401), the same for an unknown address and a wrong password. */
  async signIn(
    email: string,
    password: string,
    requestId: string,
  ): Promise<{ token: string; expiresAt: Date; actor: Actor }> {
    const user = await this.db
      .getRepository(UserEntity)
      .findOneBy({ email: email.trim().toLowerCase(), kind: 'person' });
    const matches = await passwordMatches(password, user?.disabledAt ? null : (user?.passwordHash ?? null));
    const actor = user && matches ? await this.users.actorOf(user.id, requestId) : null;
    if (!actor) throw new Problem(401, 'sign-in-failed', 'The address or the password is not right.');
    const token = randomBytes(32).toString('base64url');
    const now = this.clock.now();
    const expiresAt = new Date(now.getTime() + SESSION_HOURS * 3_600_000);
    await this.db.transaction(async (manager) => {
      await manager.insert(SessionEntity, {
        tokenSha256: sha256(token),
        userId: actor.userId,
        createdAt: now,
        expiresAt,
        revokedAt: null,
      });
      await this.audit.record(manager, actor, 'session.sign-in', { kind: 'user', id: actor.userId });
    });
    return { token, expiresAt, actor };
  }

  /** Who holds this token, or null. */
  async actorOfToken(token: string, requestId: string): Promise<Actor | null> {
    const session = await this.db.getRepository(SessionEntity).findOneBy({ tokenSha256: sha256(token) });
    if (!session || session.revokedAt || session.expiresAt <= this.clock.now()) return null;
    return this.users.actorOf(session.userId, requestId);
  }

  async signOut(actor: Actor, token: string): Promise<void> {
    await this.db.transaction(async (manager) => {
      await manager.update(SessionEntity, { tokenSha256: sha256(token) }, { revokedAt: this.clock.now() });
      await this.audit.record(manager, actor, 'session.sign-out', { kind: 'user', id: actor.userId });
    });
  }
}

function sha256(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
