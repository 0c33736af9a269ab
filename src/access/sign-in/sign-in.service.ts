/** Signing in with a password and, where somebody has one, a second factor. Whatever goes wrong, it takes as long and says as little. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { SessionKind } from '../domain/session.js';
import { passwordMatches } from '../passwords.js';
import { otpWrong, signInFailed } from '../refusals.js';
import { SessionsService, type HeldSession, type OpenedSession } from '../sessions.service.js';
import { UserEntity } from '../user.entity.js';
import { Attempts } from './attempts.js';
import { SecondFactorsService } from './second-factors.service.js';

export interface SignIn {
  email: string;
  password: string;
  otp?: string;
  kind: SessionKind;
  agent: string;
  /** Network address that it comes from. */
  ip: string | undefined;
}

@Injectable()
export class SignInService {
  constructor(
    private readonly db: DataSource,
    private readonly sessions: SessionsService,
    private readonly factors: SecondFactorsService,
    private readonly attempts: Attempts,
  ) {}

  /**
   * A new session; a browser's may still wait for the second factor. Throws `sign-in-failed` (401), the same for an unknown address, a
   * wrong password, one that was changed at the same moment and somebody who was disabled; `otp-wrong` (401); `try-later` (429); and what
   * `SessionsService.open` throws.
   */
  async signIn({ email, password, otp, kind, agent, ip }: SignIn, requestId: string): Promise<OpenedSession> {
    const user = await this.db
      .getRepository(UserEntity)
      .findOneBy({ email: email.trim().toLowerCase(), kind: 'person' });
    const attempt = await this.attempts.begin(email, ip);
    const userId = user?.id ?? null;
    const provenHash = user?.disabledAt ? null : (user?.passwordHash ?? null);
    const matches = await passwordMatches(password, provenHash);
    if (!user || !provenHash || !matches) {
      await this.attempts.failed(attempt, { userId, by: 'password', requestId });
      throw signInFailed();
    }
    const opened = await this.attempts.decide(attempt, { userId, by: 'code', requestId }, async (manager) => {
      const secondFactorDone = otp !== undefined && (await this.factors.has(manager, user.id));
      if (secondFactorDone && !(await this.factors.use(manager, user.id, otp))) return null;
      const opening = { kind, agent, secondFactorDone, provenHash };
      const session = await this.sessions.open(manager, user.id, opening, requestId);
      if (session.stage === 'second-factor') await this.attempts.halfWay(manager, attempt);
      else await this.attempts.right(manager, attempt);
      return session;
    });
    if (!opened) throw otpWrong();
    return opened;
  }

  /** The second step in a browser: the new token of the session, which is open now. Throws `otp-wrong`, `not-signed-in` (401), `try-later` (429). */
  async giveCode(session: HeldSession, otp: string, ip: string | undefined): Promise<string> {
    const { userId, requestId } = session.actor;
    const { email } = await this.db.getRepository(UserEntity).findOneByOrFail({ id: userId });
    const attempt = await this.attempts.begin(email, ip);
    const token = await this.attempts.decide(attempt, { userId, by: 'code', requestId }, async (manager) => {
      if (!(await this.factors.use(manager, userId, otp))) return null;
      await this.attempts.right(manager, attempt);
      return this.sessions.rise(manager, session);
    });
    if (token === null) throw otpWrong();
    return token;
  }
}
