/** Whose account over there belongs to which user here: bound at the first sign-in, unbound by an administrator. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../../kernel/clock.js';
import { Problem } from '../../kernel/domain/problem.js';
import { AuditTrail } from '../audit-trail.js';
import { requirePermission, type Actor } from '../domain/actor.js';
import { MachineTokensService } from '../machine-tokens/machine-tokens.service.js';
import { SessionsService } from '../sessions.service.js';
import { UserEntity } from '../user.entity.js';
import { ExternalIdentityEntity } from './external-identity.entity.js';

export interface ExternalAccount {
  issuer: string;
  subject: string;
}

@Injectable()
export class ExternalIdentities {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
    private readonly sessions: SessionsService,
    private readonly tokens: MachineTokensService,
  ) {}

  /** The id of the user that this account is bound to, or null. */
  async userOf({ issuer, subject }: ExternalAccount): Promise<string | null> {
    const known = await this.db.getRepository(ExternalIdentityEntity).findOneBy({ issuer, subject });
    return known?.userId ?? null;
  }

  /** The id of the person whose address is exactly this, or null. */
  async personWith(email: string): Promise<string | null> {
    const person = await this.db.getRepository(UserEntity).findOneBy({ email, kind: 'person' });
    return person?.id ?? null;
  }

  /** Binds the account to the actor. False, and nothing is changed, when either is bound already or the actor was disabled. */
  async bind(manager: EntityManager, actor: Actor, { issuer, subject }: ExternalAccount): Promise<boolean> {
    const bound = await manager.query<unknown[]>(
      `insert into access.external_identity (issuer, subject, user_id, bound_at)
       select $1, $2, id, $4 from access.app_user where id = $3 and disabled_at is null
       on conflict do nothing returning user_id`,
      [issuer, subject, actor.userId, this.clock.now()],
    );
    if (bound.length === 0) return false;
    await this.audit.record(manager, actor, 'user.bind-identity', { kind: 'user', id: actor.userId });
    return true;
  }

  /**
   * Forgets every account of that user, and ends the sessions that may have been opened with one, and tokens; nothing happens where there is
   * none. Whoever comes in as them after it awaits another administrator's confirmation.
   * Throws `forbidden` (403) and `not-found` (404).
   */
  async unbind(actor: Actor, userId: string): Promise<void> {
    requirePermission(actor, 'users:manage');
    await this.db.transaction(async (manager) => {
      if (!(await manager.existsBy(UserEntity, { id: userId, kind: 'person' }))) throw Problem.notFound('user', 'id');
      const [row] = await manager.query<{ unbound: number }[]>(
        'select access.unbind_external_identities($1, $2, $3) unbound',
        [userId, actor.userId, this.clock.now()],
      );
      if (!row?.unbound) return;
      await this.audit.record(manager, actor, 'user.unbind-identity', { kind: 'user', id: userId });
      await this.sessions.revokeAndRecord(manager, actor, userId);
      await this.tokens.revokeAndRecord(manager, actor, userId);
    });
  }
}
