/** Links that let somebody choose a password once: invitations and resets. Who asked for one hands it over; nothing is mailed. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../../kernel/clock.js';
import { Problem } from '../../kernel/domain/problem.js';
import { Ids } from '../../kernel/ids.js';
import { AuditTrail } from '../audit-trail.js';
import { nobodyActor, type Actor } from '../domain/actor.js';
import { MachineTokensService } from '../machine-tokens/machine-tokens.service.js';
import { hashPassword } from '../passwords.js';
import { SessionsService } from '../sessions.service.js';
import { Attempts } from '../sign-in/attempts.js';
import { newToken, sha256 } from '../tokens.js';

export type LinkKind = 'invitation' | 'reset';

const LASTS_HOURS: Record<LinkKind, number> = { invitation: 72, reset: 2 };

export interface OneTimeLink {
  /** "/welcome#CODE": what follows # stays in the browser, so that no server and no proxy on the way writes it down. */
  link: string;
  expiresAt: string;
}

@Injectable()
export class OneTimeLinksService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
    private readonly sessions: SessionsService,
    private readonly tokens: MachineTokensService,
    private readonly attempts: Attempts,
  ) {}

  /** A new link, which voids the one before. The caller decides who may ask for it, and holds the user's row. */
  async make(manager: EntityManager, actor: Actor, userId: string, kind: LinkKind): Promise<OneTimeLink> {
    const code = newToken();
    const now = this.clock.now();
    const expiresAt = new Date(now.getTime() + LASTS_HOURS[kind] * 3_600_000);
    await this.void(manager, userId);
    await manager.query(
      `insert into access.one_time_link (id, user_id, kind, code_sha256, made_by, made_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7)`,
      [this.ids.newId(), userId, kind, sha256(code), actor.userId, now, expiresAt],
    );
    return { link: `/welcome#${code}`, expiresAt: expiresAt.toISOString() };
  }

  async void(manager: EntityManager, userId: string): Promise<void> {
    await manager.query(
      'update access.one_time_link set voided_at = $2 where user_id = $1 and used_at is null and voided_at is null',
      [userId, this.clock.now()],
    );
  }

  /**
   * Sets the password of whom the link was made for, ends all their sessions and tokens and forgives failed tries. They wait until somebody
   * other than who made the link confirms that it is they. Throws `link-used-or-expired` (422) and what `hashPassword` throws.
   */
  async redeem(code: string, password: string, requestId: string): Promise<void> {
    const codeSha256 = sha256(code.trim());
    if (!(await this.works(codeSha256))) throw usedOrExpired();
    const passwordHash = await hashPassword(password);
    await this.db.transaction(async (manager) => {
      const used = await this.use(manager, codeSha256);
      if (!used) throw usedOrExpired();
      const { user_id: userId, email, kind } = used;
      await manager.query('update access.app_user set password_hash = $2 where id = $1', [userId, passwordHash]);
      const actor = nobodyActor(requestId);
      await this.attempts.lift(manager, email);
      await this.sessions.revokeAndRecord(manager, actor, userId);
      await this.tokens.revokeAndRecord(manager, actor, userId);
      const act = kind === 'invitation' ? 'user.accept-invitation' : 'user.reset-password';
      await this.audit.record(manager, actor, act, { kind: 'user', id: userId });
    });
  }

  /** Whether it is worth hashing a password for; what counts is decided in `use`. */
  private async works(codeSha256: Buffer): Promise<boolean> {
    const rows = await this.db.query<unknown[]>(
      'select 1 from access.one_time_link where code_sha256 = $1 and used_at is null and voided_at is null and expires_at > $2',
      [codeSha256, this.clock.now()],
    );
    return rows.length > 0;
  }

  /** Of two who come with the same code at the same moment, the second finds it used. */
  private async use(
    manager: EntityManager,
    codeSha256: Buffer,
  ): Promise<{ user_id: string; email: string; kind: LinkKind } | undefined> {
    const [rows] = await manager.query<[{ user_id: string; email: string; kind: LinkKind }[], number]>(
      `update access.one_time_link l set used_at = $2 from access.app_user u
       where l.code_sha256 = $1 and l.used_at is null and l.voided_at is null and l.expires_at > $2
         and u.id = l.user_id and u.disabled_at is null
       returning l.user_id, u.email, l.kind`,
      [codeSha256, this.clock.now()],
    );
    return rows[0];
  }
}

function usedOrExpired(): Problem {
  return Problem.refused(
    'link-used-or-expired',
    'This link was used before, has expired, or a newer one was made. Ask whoever gave it to you for another.',
    'code',
  );
}
