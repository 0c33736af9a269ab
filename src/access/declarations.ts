/** How a route says who may call it. A route that says nothing does not start the service (see `route-declarations.ts`). */
import { createParamDecorator, SetMetadata, type CustomDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { Actor, Permission } from './domain/actor.js';
import type { HeldSession } from './sessions.service.js';

export const ACCESS_DECLARATION = 'uct:access';
export const MOVES_MONEY = 'uct:moves-money';
export const WHILE_ENROLLING = 'uct:while-enrolling';

export type AccessDeclaration = { public: true } | { anyOf: readonly Permission[] };

/** Anybody, signed in or not. */
export const Public = (): CustomDecorator =>
  SetMetadata(ACCESS_DECLARATION, { public: true } satisfies AccessDeclaration);

/** Whoever holds at least one of these permissions. */
export const Allow = (...anyOf: [Permission, ...Permission[]]): CustomDecorator =>
  SetMetadata(ACCESS_DECLARATION, { anyOf } satisfies AccessDeclaration);

/** The route moves money: it takes an Idempotency-Key and answers a repeat with the first answer. */
export const MovesMoney = (): CustomDecorator => SetMetadata(MOVES_MONEY, true);

/** Open also to whoever still has to set up the second factor that their role asks for. */
export const WhileEnrolling = (): CustomDecorator => SetMetadata(WHILE_ENROLLING, true);

export interface AuthenticatedRequest extends Request {
  requestId: string;
  /** Who asks; with a session that still waits for its second factor nobody does. */
  actor?: Actor;
  /** What answers it: "ClientsApiController.identity". */
  handler?: string;
  /** What the request came with, unless a machine's token. */
  session?: HeldSession;
}

/** The actor of the request, as a handler's parameter. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const { actor } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (!actor) throw new Error('a handler with CurrentActor must not be public');
  return actor;
});
