/** The organisation's own sign-in as it is on the network: found when it is first needed, so that the service starts without it. */
import { Injectable, Logger } from '@nestjs/common';
import * as oidc from 'openid-client';
import { Clock } from '../../kernel/clock.js';
import { Problem } from '../../kernel/domain/problem.js';
import { sentence } from '../../kernel/domain/sentence.js';
import { Settings, type OpenIdSettings } from '../../kernel/settings.js';
import { hasSecondFactor, verifiedEmail } from './domain/claims.js';
import type { OpenIdRequest } from './openid-requests.js';

/** Where the provider sends the browser back to; registered with it. */
export const CALLBACK_PATH = '/sign-in/openid/callback';

const TIMEOUT_SECONDS = 5;
const FOUND_FOR_MS = 3_600_000;
const TRY_AGAIN_SECONDS = 60;

/** Who somebody has shown to be over there. */
export interface ProvenIdentity {
  issuer: string;
  subject: string;
  secondFactorDone: boolean;
  /** Asks the provider when the ID token does not say. Throws what `redeem` throws. */
  verifiedEmail(): Promise<string | null>;
}

/** The provider answered, and what it said does not prove who somebody is. */
export class IdentityNotProven extends Error {}

@Injectable()
export class OpenIdProvider {
  private readonly log = new Logger('OpenIdProvider');
  private found: { at: Date; configuration: Promise<oidc.Configuration> } | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /** Throws `not-found` (404) when none is configured. */
  get configured(): OpenIdSettings {
    if (!this.settings.openId) throw Problem.notFound('page');
    return this.settings.openId;
  }

  /** Where the browser goes to sign in. Throws `openid-provider-silent` (503). */
  async addressFor({ state, nonce, verifier }: OpenIdRequest): Promise<string> {
    const { secondFactorAcr } = this.configured;
    const configuration = await this.discovered();
    const address = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: this.callbackUrl(),
      scope: 'openid email',
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(secondFactorAcr.length > 0 ? { acr_values: secondFactorAcr.join(' ') } : {}),
    });
    return address.href;
  }

  /**
   * Exchanges the code that came back for an ID token and checks that: signature, issuer, audience, nonce, times.
   * Throws `openid-provider-silent` (503) and `IdentityNotProven`.
   */
  async redeem({ state, nonce, verifier }: OpenIdRequest, answer: URLSearchParams): Promise<ProvenIdentity> {
    const { issuer, secondFactorAcr } = this.configured;
    const configuration = await this.discovered();
    // Our own address, whatever host the request names: it has to be the one that the code was made for.
    const address = new URL(this.callbackUrl());
    address.search = answer.toString();
    const tokens = await this.asking(() =>
      oidc.authorizationCodeGrant(configuration, address, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      }),
    );
    const claims = tokens.claims();
    if (!claims) throw new IdentityNotProven();
    const askForClaims = () => this.asking(() => oidc.fetchUserInfo(configuration, tokens.access_token, claims.sub));
    return {
      issuer,
      subject: claims.sub,
      secondFactorDone: hasSecondFactor(claims, secondFactorAcr),
      verifiedEmail: async () => verifiedEmail(claims['email'] === undefined ? await askForClaims() : claims),
    };
  }

  private callbackUrl(): string {
    return `${this.configured.publicUrl}${CALLBACK_PATH}`;
  }

  /** What the provider says of itself, asked at most once an hour; many who ask at once ask once. */
  private async discovered(): Promise<oidc.Configuration> {
    const now = this.clock.now();
    if (!this.found || now.getTime() - this.found.at.getTime() > FOUND_FOR_MS)
      this.found = { at: now, configuration: this.discover() };
    const { found } = this;
    try {
      return await found.configuration;
    } catch (error) {
      if (this.found === found) this.found = undefined;
      throw this.silent(error);
    }
  }

  private discover(): Promise<oidc.Configuration> {
    const { issuer, clientId, clientSecret } = this.configured;
    // Plain http is for a provider on this very machine: the environment takes no other.
    const isOfThisMachine = new URL(issuer).protocol === 'http:';
    return oidc.discovery(new URL(issuer), clientId, undefined, authenticateClient(clientSecret), {
      timeout: TIMEOUT_SECONDS,
      execute: [oidc.enableNonRepudiationChecks, ...(isOfThisMachine ? [oidc.allowInsecureRequests] : [])],
    });
  }

  private async asking<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    try {
      return await ask();
    } catch (error) {
      if (isSilence(error)) throw this.silent(error);
      this.log.warn(`The provider did not prove an identity: ${codeOf(error)}`);
      throw new IdentityNotProven();
    }
  }

  private silent(error: unknown): Problem {
    this.log.warn(`The provider does not answer as it should: ${codeOf(error)}`);
    return new Problem(
      503,
      'openid-provider-silent',
      sentence('Signing in with {provider} does not work at the moment. Try again in a few minutes.', {
        provider: this.configured.name,
      }),
      undefined,
      [],
      TRY_AGAIN_SECONDS,
    );
  }
}

/** As the standard has it unless the provider says that it takes the secret in the body only. */
function authenticateClient(secret: string): oidc.ClientAuth {
  const [basic, post] = [oidc.ClientSecretBasic(secret), oidc.ClientSecretPost(secret)];
  return (server, client, body, headers) => {
    const ways = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const authenticate = ways.includes('client_secret_basic') ? basic : post;
    authenticate(server, client, body, headers);
  };
}

interface Cause {
  name?: string;
  message?: string;
  code?: string;
  status?: number;
}

/** The error and what it comes of. */
function chainOf(error: unknown): Cause[] {
  if (typeof error !== 'object' || error === null) return [];
  return [error, ...chainOf((error as Error).cause)];
}

/** What `fetch` says when the network fails, before and while the answer is read. */
const NETWORK_FAILURES = new Set(['fetch failed', 'terminated']);

/** No answer, none in time, or a fault over there: the same may well work later. */
function isSilence(error: unknown): boolean {
  return chainOf(error).some(
    ({ name, message = '', status = 0 }) =>
      name === 'TimeoutError' || (name === 'TypeError' && NETWORK_FAILURES.has(message)) || status >= 500,
  );
}

/** For the log: the library's or the network's own word for it. What the provider says in words stays out. */
function codeOf(error: unknown): string {
  const codes = chainOf(error).map(({ code }) => code);
  return codes.findLast((code) => typeof code === 'string' && /^[A-Z_]{3,60}$/.test(code)) ?? 'no code';
}
