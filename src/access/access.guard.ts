/** Decides on every request who asks and whether the route is open to them; what is not declared is closed. */
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Problem } from '../kernel/domain/problem.js';
import { cookieOf, Csrf, SESSION_COOKIE } from './csrf.js';
import {
  ACCESS_DECLARATION,
  WHILE_ENROLLING,
  type AccessDeclaration,
  type AuthenticatedRequest,
} from './declarations.js';
import { MACHINE_TOKEN_PREFIX, MachineTokensService } from './machine-tokens/machine-tokens.service.js';
import { accountAwaitsConfirmation, notSignedIn, secondFactorRequired } from './refusals.js';
import { RateLimits } from './rate-limits.js';
import { SessionsService } from './sessions.service.js';

/** Whoever watches whether the service lives must not be told that it asks too often. */
const ASKED_BY_MACHINES = /^\/health\//;
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly sessions: SessionsService,
    private readonly machineTokens: MachineTokensService,
    private readonly csrf: Csrf,
    private readonly limits: RateLimits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const declaration = this.reflector.getAllAndOverride<AccessDeclaration | undefined>(ACCESS_DECLARATION, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (!declaration) throw Problem.forbidden('This route does not say who may call it.');
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    request.handler = `${context.getClass().name}.${context.getHandler().name}`;

    const bearer = /^Bearer ([A-Za-z0-9_-]{20,100})$/.exec(request.get('authorization') ?? '')?.[1];
    const cookie = cookieOf(request, SESSION_COOKIE);
    const token = bearer ?? cookie;
    if (bearer?.startsWith(MACHINE_TOKEN_PREFIX))
      request.actor = (await this.machineTokens.actorOf(bearer, request.requestId)) ?? undefined;
    else if (token) await this.recognise(request, token);
    if (!ASKED_BY_MACHINES.test(request.path)) await this.limits.count(request, request.actor ? token : undefined);
    // A browser adds cookies by itself, so what a cookie or a page form asks for must prove that our page asked for it.
    const sentByBrowser = !bearer && (cookie !== undefined || !request.path.startsWith('/api/'));
    if (sentByBrowser && !SAFE_METHODS.has(request.method) && !this.csrf.isValid(request)) {
      throw new Problem(403, 'form-expired', 'The form has expired. Open the page again and send it once more.');
    }

    if ('public' in declaration) return true;
    if (!request.actor) throw notSignedIn();
    if (request.session?.stage === 'enrol' && !this.reflector.get<boolean>(WHILE_ENROLLING, context.getHandler()))
      throw secondFactorRequired();
    if (request.session?.stage === 'awaits-confirmation' && !declaration.anyOf.includes('account:own'))
      throw accountAwaitsConfirmation();
    const { permissions } = request.actor;
    if (!declaration.anyOf.some((permission) => permissions.has(permission))) throw Problem.forbidden();
    return true;
  }

  private async recognise(request: AuthenticatedRequest, token: string): Promise<void> {
    const session = await this.sessions.holderOf(token, request.requestId);
    if (!session) return;
    request.session = session;
    if (session.stage !== 'second-factor') request.actor = session.actor;
  }
}
