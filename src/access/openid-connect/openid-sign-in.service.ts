/** Signing in with the organisation's own account (OpenID Connect, authorization code with PKCE): from the first click to a session. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Problem } from '../../kernel/domain/problem.js';
import { AuditTrail } from '../audit-trail.js';
import { nobodyActor, type Actor } from '../domain/actor.js';
import { SessionsService, type OpenedSession } from '../sessions.service.js';
import { UsersService } from '../users.service.js';
import { ExternalIdentities } from './external-identities.service.js';
import { IdentityNotProven, OpenIdProvider, type ProvenIdentity } from './openid-provider.js';
import { OpenIdRequests } from './openid-requests.js';

/** Why somebody was not let in: for the audit trail, never for whoever tries. */
type Refusal =
  | 'not-asked-for'
  | 'answered-before'
  | 'not-proven'
  | 'no-verified-address'
  | 'unknown-person'
  | 'disabled'
  | 'bound-otherwise';

export interface OpenIdAnswer {
  /** What the provider added to our address. */
  query: URLSearchParams;
  /** The request that this browser keeps, as it was sealed. */
  kept: string | undefined;
  /** As `agentWords` says it. */
  agent: string;
}

@Injectable()
export class OpenIdSignIn {
  constructor(
    private readonly db: DataSource,
    private readonly audit: AuditTrail,
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly provider: OpenIdProvider,
    private readonly requests: OpenIdRequests,
    private readonly identities: ExternalIdentities,
  ) {}

  /** Where the browser goes, and what it has to keep until it comes back. Throws `not-found` (404) and `openid-provider-silent` (503). */
  async begin(): Promise<{ address: string; kept: string }> {
    const request = this.requests.newRequest();
    return { address: await this.provider.addressFor(request), kept: this.requests.sealed(request) };
  }

  /**
   * A new session, which may still wait for our own second factor. Throws `not-found` (404), `openid-provider-silent` (503) and, the same whatever was wrong, `sign-in-failed`
   * (401).
   */
  async finish({ query, kept, agent }: OpenIdAnswer, requestId: string): Promise<OpenedSession> {
    const { issuer } = this.provider.configured;
    const request = this.requests.opened(kept);
    if (!request || query.get('state') !== request.state) throw await this.refused('not-asked-for', requestId);
    if (!(await this.requests.isFirstAnswer(request))) throw await this.refused('answered-before', requestId);
    const proof = await this.provider.redeem(request, query).catch((error: unknown) => {
      if (error instanceof IdentityNotProven) return null;
      throw error;
    });
    if (!proof) throw await this.refused('not-proven', requestId);

    const known = await this.identities.userOf({ issuer, subject: proof.subject });
    const person = known ?? (await this.personNamedBy(proof, requestId));
    const actor = await this.users.actorOf(person, requestId);
    if (!actor) throw await this.refused('disabled', requestId, person);
    const session = await this.open(actor, proof, { isKnown: known !== null, agent });
    if (!session) throw await this.refused('bound-otherwise', requestId, person);
    return session;
  }

  /** Who is meant by an account that was never here: whoever was invited at the address that the provider vouches for. */
  private async personNamedBy(proof: ProvenIdentity, requestId: string): Promise<string> {
    const email = await proof.verifiedEmail();
    if (!email) throw await this.refused('no-verified-address', requestId);
    const person = await this.identities.personWith(email);
    if (!person) throw await this.refused('unknown-person', requestId);
    return person;
  }

  /** Null when the account or the person is bound otherwise. */
  private async open(
    actor: Actor,
    { secondFactorDone, ...account }: ProvenIdentity,
    { isKnown, agent }: { isKnown: boolean; agent: string },
  ): Promise<OpenedSession | null> {
    return this.db.transaction(async (manager) => {
      if (!isKnown && !(await this.identities.bind(manager, actor, account))) return null;
      const opening = { kind: 'browser', agent, secondFactorDone } as const;
      return this.sessions.open(manager, actor.userId, opening, actor.requestId);
    });
  }

  private async refused(reason: Refusal, requestId: string, userId = 'unknown'): Promise<Problem> {
    const subject = { kind: 'user', id: userId } as const;
    await this.audit.record(this.db.manager, nobodyActor(requestId), 'session.fail', subject, { by: 'openid', reason });
    return new Problem(401, 'sign-in-failed', 'You could not be signed in. Try again, or ask your administrator.');
  }
}
