/** Our requests to the provider: each is kept in the browser that made it, sealed, and is answered once. */
import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import * as oidc from 'openid-client';
import { DataSource } from 'typeorm';
import { Clock } from '../../kernel/clock.js';
import { open, seal, Secrets } from '../../kernel/secrets.js';

export interface OpenIdRequest {
  /** Comes back with the answer, so that an answer meant for another browser is not taken. */
  state: string;
  /** Comes back inside the ID token, so that a token made for another request is not taken. */
  nonce: string;
  /** Proves to the provider that whoever redeems the code asked for it (PKCE, RFC 7636). */
  verifier: string;
  runsOutAt: string;
}

/** As long as it may take to type a password and find a telephone. */
export const REQUEST_MINUTES = 10;
const PLACE = 'sign-in/openid';

@Injectable()
export class OpenIdRequests {
  private readonly key: Buffer;

  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    secrets: Secrets,
  ) {
    this.key = secrets.keyFor('openid-request');
  }

  newRequest(): OpenIdRequest {
    return {
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      verifier: oidc.randomPKCECodeVerifier(),
      runsOutAt: new Date(this.clock.now().getTime() + REQUEST_MINUTES * 60_000).toISOString(),
    };
  }

  /** For a cookie. */
  sealed(request: OpenIdRequest): string {
    return seal(this.key, PLACE, Buffer.from(JSON.stringify(request))).toString('base64url');
  }

  /** What `sealed` made, or null when it is not that or has run out. */
  opened(cookie: string | undefined): OpenIdRequest | null {
    if (!cookie) return null;
    try {
      const request = JSON.parse(open(this.key, PLACE, Buffer.from(cookie, 'base64url')).toString()) as OpenIdRequest;
      return new Date(request.runsOutAt) > this.clock.now() ? request : null;
    } catch {
      return null;
    }
  }

  /** Whether this is the first answer to it. Committed at once: what is tried with the answer and fails is not tried again. */
  async isFirstAnswer({ state, runsOutAt }: OpenIdRequest): Promise<boolean> {
    await this.db.query('delete from access.answered_openid_request where runs_out_at < $1', [this.clock.now()]);
    const kept = await this.db.query<unknown[]>(
      'insert into access.answered_openid_request values ($1, $2) on conflict do nothing returning runs_out_at',
      [createHash('sha256').update(state).digest(), runsOutAt],
    );
    return kept.length === 1;
  }
}
