/** What people change about how they themselves sign in: password, second factor, recovery codes. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Problem } from '../../kernel/domain/problem.js';
import { AuditTrail } from '../audit-trail.js';
import { requirePermission, type Actor } from '../domain/actor.js';
import { MachineTokensService } from '../machine-tokens/machine-tokens.service.js';
import { hashPassword, passwordMatches } from '../passwords.js';
import { SessionsService, type HeldSession } from '../sessions.service.js';
import { UserEntity } from '../user.entity.js';
import { Attempts } from './attempts.js';
import { SecondFactorsService } from './second-factors.service.js';

export interface OwnAccount {
  email: string;
  hasPassword: boolean;
  hasSecondFactor: boolean;
  recoveryCodesLeft: number;
}

export interface SetUp {
  /** Of the authenticator that is new. */
  code: string;
  /** Of the one that it takes the place of, or a recovery code. */
  present?: string;
}

@Injectable()
export class OwnAccountService {
  constructor(
    private readonly db: DataSource,
    private readonly audit: AuditTrail,
    private readonly sessions: SessionsService,
    private readonly tokens: MachineTokensService,
    private readonly factors: SecondFactorsService,
    private readonly attempts: Attempts,
  ) {}

  async find(actor: Actor): Promise<OwnAccount> {
    requirePermission(actor, 'account:own');
    const { email, passwordHash } = await this.userOf(actor);
    return {
      email,
      hasPassword: passwordHash !== null,
      hasSecondFactor: await this.factors.has(this.db.manager, actor.userId),
      recoveryCodesLeft: await this.factors.codesLeft(actor.userId),
    };
  }

  /** In which language they read the pages from now on, wherever they sign in: "th", "th.digits", "th.digits.years". */
  async chooseLanguage(actor: Actor, language: string): Promise<void> {
    requirePermission(actor, 'account:own');
    await this.db.transaction(async (manager) => {
      await manager.update(UserEntity, { id: actor.userId }, { language });
      await this.audit.record(manager, actor, 'user.choose-language', { kind: 'user', id: actor.userId }, { language });
    });
  }

  /** Ends every other session and every token. Throws `password-wrong` (422), what `hashPassword` throws (422), and `try-later` (429). */
  async changePassword(
    actor: Actor,
    session: HeldSession,
    { present, next }: { present: string; next: string },
    ip: string | undefined,
  ): Promise<void> {
    requirePermission(actor, 'account:own');
    const passwordHash = await hashPassword(next);
    const user = await this.userOf(actor);
    const attempt = await this.attempts.begin(user.email, ip);
    const failure = { userId: user.id, by: 'password', requestId: actor.requestId } as const;
    const { passwordHash: provenHash } = user;
    if (!provenHash || !(await passwordMatches(present, provenHash))) {
      await this.attempts.failed(attempt, failure);
      throw passwordWrong();
    }
    await this.attempts.decide(attempt, failure, async (manager) => {
      // The user's row first, as signing in does. What was proven no longer counts when another password was set meanwhile.
      const { affected } = await manager.update(
        UserEntity,
        { id: user.id, passwordHash: provenHash },
        { passwordHash },
      );
      if (affected !== 1) throw passwordWrong();
      await this.attempts.right(manager, attempt);
      await this.factors.withdrawOffer(manager, user.id);
      await this.sessions.revokeAndRecord(manager, actor, user.id, { except: session.id });
      await this.tokens.revokeAndRecord(manager, actor, user.id);
      await this.audit.record(manager, actor, 'user.change-password', { kind: 'user', id: user.id });
      return true;
    });
  }

  /**
   * Makes the offered authenticator the second factor: recovery codes, shown once, and the session's new token when it has one. Throws
   * `code-wrong` (422) and, where there is a second factor already, `try-later` (429).
   */
  async setUpSecondFactor(
    actor: Actor,
    session: HeldSession,
    { code, present }: SetUp,
    ip: string | undefined,
  ): Promise<{ token: string | null; recoveryCodes: string[] }> {
    requirePermission(actor, 'account:own');
    const confirm = async (manager: EntityManager) => {
      const confirmed = await this.factors.confirm(manager, actor, session, code);
      if (confirmed) return confirmed;
      throw codeWrong('code');
    };
    if (!(await this.factors.has(this.db.manager, actor.userId))) return this.db.transaction(confirm);
    return this.withCode(actor, present ?? '', ip, confirm);
  }

  /** New recovery codes, shown once, in place of all earlier ones. Throws `code-wrong` (422), `try-later` (429). */
  makeRecoveryCodes(actor: Actor, otp: string, ip: string | undefined): Promise<string[]> {
    requirePermission(actor, 'account:own');
    return this.withCode(actor, otp, ip, (manager) => this.factors.replaceCodes(manager, actor));
  }

  /** Does something for whoever gives a code of their present second factor. */
  private async withCode<Result>(
    actor: Actor,
    otp: string,
    ip: string | undefined,
    work: (manager: EntityManager) => Promise<Result>,
  ): Promise<Result> {
    const { userId, requestId } = actor;
    const { email } = await this.userOf(actor);
    const attempt = await this.attempts.begin(email, ip);
    const result = await this.attempts.decide(attempt, { userId, by: 'code', requestId }, async (manager) => {
      if (!(await this.factors.use(manager, userId, otp))) return null;
      await this.attempts.right(manager, attempt);
      return work(manager);
    });
    if (result === null) throw codeWrong('otp');
    return result;
  }

  private userOf(actor: Actor): Promise<UserEntity> {
    return this.db.getRepository(UserEntity).findOneByOrFail({ id: actor.userId });
  }
}

const passwordWrong = () => Problem.refused('password-wrong', 'This is not your present password.', 'present');

function codeWrong(field: 'code' | 'otp'): Problem {
  return Problem.refused(
    'code-wrong',
    'That code is not right, or was used before. Give the one that is shown now.',
    field,
  );
}
