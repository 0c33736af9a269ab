/** Second factors: an authenticator that is offered, confirmed and asked for, and recovery codes beside it. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../../kernel/clock.js';
import { Ids } from '../../kernel/ids.js';
import { open, seal, Secrets } from '../../kernel/secrets.js';
import { AuditTrail } from '../audit-trail.js';
import { requirePermission, type Actor } from '../domain/actor.js';
import { SessionsService, type HeldSession } from '../sessions.service.js';
import { newRecoveryCodes, plainCode } from './recovery-codes.js';
import { newSecret, stepOf } from './totp.js';

interface FactorRow {
  id: string;
  sealed: Buffer;
}

@Injectable()
export class SecondFactorsService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly secrets: Secrets,
    private readonly audit: AuditTrail,
    private readonly sessions: SessionsService,
  ) {}

  async has(manager: EntityManager, userId: string): Promise<boolean> {
    return (await this.confirmedOf(manager, userId)) !== undefined;
  }

  /** How many recovery codes are left. */
  async codesLeft(userId: string): Promise<number> {
    const [row] = await this.db.query<{ n: number }[]>(
      'select count(*)::int n from access.recovery_code where user_id = $1 and used_at is null',
      [userId],
    );
    return row?.n ?? 0;
  }

  /**
   * The secret that waits to be confirmed: in one session the same one until it is, so that a page can be loaded again. Another session gets
   * another one, which voids it: whoever has seen the first would have every code of the second factor.
   */
  async offer(actor: Actor, session: HeldSession): Promise<Buffer> {
    requirePermission(actor, 'account:own');
    const { userId } = actor;
    return this.db.transaction(async (manager) => {
      await holdUser(manager, userId);
      await this.audit.record(manager, actor, 'user.offer-second-factor', { kind: 'user', id: userId });
      const offered = await this.offerTo(manager, userId, session);
      if (offered) return this.secretOf(offered, userId);
      await this.withdrawOffer(manager, userId);
      const id = this.ids.newId();
      const secret = newSecret();
      await manager.query(
        'insert into access.second_factor (id, user_id, sealed, offered_at, offered_in) values ($1, $2, $3, $4, $5)',
        [id, userId, seal(this.key(), placeOf(id, userId), secret), this.clock.now(), session.id],
      );
      return secret;
    });
  }

  /** What was offered and not confirmed cannot be confirmed any more, in whichever session it was. */
  async withdrawOffer(manager: EntityManager, userId: string): Promise<void> {
    await manager.query(
      `update access.second_factor set ended_at = $2, ended_by = user_id, sealed = null
       where user_id = $1 and confirmed_at is null and ended_at is null`,
      [userId, this.clock.now()],
    );
  }

  /**
   * Makes what was offered to this session the second factor, in place of an earlier one, if a code of it is right: the session's new token
   * and new recovery codes; every other session ends. Null when the code is wrong.
   */
  async confirm(
    manager: EntityManager,
    actor: Actor,
    session: HeldSession,
    code: string,
  ): Promise<{ token: string | null; recoveryCodes: string[] } | null> {
    requirePermission(actor, 'account:own');
    const { userId } = actor;
    await holdUser(manager, userId);
    const offered = await this.offerTo(manager, userId, session);
    const step = offered && stepOf(this.secretOf(offered, userId), plainCode(code), this.clock.now());
    if (!offered || step === undefined || step === null) return null;
    // A session in which one was proven already keeps its token.
    const token = (await this.has(manager, userId)) ? null : await this.sessions.rise(manager, session);
    const now = this.clock.now();
    await manager.query(
      `update access.second_factor set ended_at = $2, ended_by = $1, sealed = null
       where user_id = $1 and confirmed_at is not null and ended_at is null`,
      [userId, now],
    );
    const [, confirmed] = await manager.query<[unknown, number]>(
      `update access.second_factor set confirmed_at = $2, last_step = $3
       where id = $1 and confirmed_at is null and ended_at is null`,
      [offered.id, now, step],
    );
    if (confirmed !== 1) return null;
    await this.audit.record(manager, actor, 'user.set-second-factor', { kind: 'user', id: userId });
    const recoveryCodes = await this.replaceCodes(manager, actor);
    await this.sessions.revokeAndRecord(manager, actor, userId, { except: session.id });
    return { token, recoveryCodes };
  }

  /** Takes a code of the authenticator or a recovery code, which is used up by it; whether it was right. */
  async use(manager: EntityManager, userId: string, typed: string): Promise<boolean> {
    await holdUser(manager, userId);
    const code = plainCode(typed);
    if (/^\d{6}$/.test(code)) return this.useStep(manager, userId, code);
    const [, used] = await manager.query<[unknown, number]>(
      'update access.recovery_code set used_at = $3 where user_id = $1 and code_digest = $2 and used_at is null',
      [userId, this.digestOf(userId, code), this.clock.now()],
    );
    return used === 1;
  }

  /** A new set of recovery codes, shown once; those of before are worth nothing. */
  async replaceCodes(manager: EntityManager, actor: Actor): Promise<string[]> {
    const codes = newRecoveryCodes();
    await manager.query('delete from access.recovery_code where user_id = $1', [actor.userId]);
    await manager.query(
      'insert into access.recovery_code (user_id, code_digest, made_at) select $1, unnest($2::bytea[]), $3',
      [actor.userId, codes.map((code) => this.digestOf(actor.userId, plainCode(code))), this.clock.now()],
    );
    await this.audit.record(manager, actor, 'user.make-recovery-codes', { kind: 'user', id: actor.userId });
    return codes;
  }

  /** Takes away a user's second factor, so that they set up another; whether there was one. Who may do that is decided by the caller. */
  async reset(manager: EntityManager, actor: Actor, userId: string): Promise<boolean> {
    const [, ended] = await manager.query<[unknown, number]>(
      'update access.second_factor set ended_at = $2, ended_by = $3, sealed = null where user_id = $1 and ended_at is null',
      [userId, this.clock.now(), actor.userId],
    );
    await manager.query('delete from access.recovery_code where user_id = $1', [userId]);
    return ended > 0;
  }

  /** Each time step works once: of two requests with the same code, the second finds that the step has been reached. */
  private async useStep(manager: EntityManager, userId: string, code: string): Promise<boolean> {
    const factor = await this.confirmedOf(manager, userId);
    const step = factor && stepOf(this.secretOf(factor, userId), code, this.clock.now());
    if (!factor || step === undefined || step === null) return false;
    const [, used] = await manager.query<[unknown, number]>(
      'update access.second_factor set last_step = $2 where id = $1 and ended_at is null and last_step < $2',
      [factor.id, step],
    );
    return used === 1;
  }

  private async confirmedOf(manager: EntityManager, userId: string): Promise<FactorRow | undefined> {
    const [row] = await manager.query<FactorRow[]>(
      'select id, sealed from access.second_factor where user_id = $1 and confirmed_at is not null and ended_at is null',
      [userId],
    );
    return row;
  }

  private async offerTo(manager: EntityManager, userId: string, { id }: HeldSession): Promise<FactorRow | undefined> {
    const [row] = await manager.query<FactorRow[]>(
      `select id, sealed from access.second_factor
       where user_id = $1 and offered_in = $2 and confirmed_at is null and ended_at is null`,
      [userId, id],
    );
    return row;
  }

  private secretOf({ id, sealed }: FactorRow, userId: string): Buffer {
    return open(this.key(), placeOf(id, userId), sealed);
  }

  private key(): Buffer {
    return this.secrets.keyFor('second-factor');
  }

  private digestOf(userId: string, code: string): Buffer {
    return this.secrets.fingerprint('recovery-code', [userId, code]);
  }
}

const placeOf = (id: string, userId: string) => `access.second_factor/${id}/${userId}`;

/** Changes of how one user signs in wait for each other here, before any other row is held; another password is one of them. */
async function holdUser(manager: EntityManager, userId: string): Promise<void> {
  await manager.query('select 1 from access.app_user where id = $1 for no key update', [userId]);
}
