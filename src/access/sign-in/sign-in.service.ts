/** Signing in with a password. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { SessionKind } from '../domain/session.js';
import { passwordMatches } from '../passwords.js';
import { signInFailed, SessionsService, type OpenedSession } from '../sessions.service.js';
import { UserEntity } from '../user.entity.js';

export interface SignIn {
  email: string;
  password: string;
  kind: SessionKind;
  agent: string;
}

@Injectable()
export class SignInService {
  constructor(
    private readonly db: DataSource,
    private readonly sessions: SessionsService,
  ) {}

  /** A new session. Throws `sign-in-failed` (401), the same for an unknown address and a wrong password. */
  async signIn({ email, password, kind, agent }: SignIn, requestId: string): Promise<OpenedSession> {
    const user = await this.db
      .getRepository(UserEntity)
      .findOneBy({ email: email.trim().toLowerCase(), kind: 'person' });
    const matches = await passwordMatches(password, user?.disabledAt ? null : (user?.passwordHash ?? null));
    if (!user || !matches) throw signInFailed();
    return this.db.transaction((manager) =>
      this.sessions.open(manager, user.id, { kind, agent, secondFactorDone: false }, requestId),
    );
  }
}
