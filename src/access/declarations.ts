/** How a route says who may call it. A route that says nothing does not start the service (see `route-declarations.ts`). */
import { createParamDecorator, SetMetadata, type CustomDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { Actor, Permission } from './domain/actor.js';

export const ACCESS_DECLARATION = 'uct:access';
export const MOVES_MONEY = 'uct:moves-money';

export type AccessDeclaration = { public: true } | { anyOf: readonly Permission[] };

/** Anybody, signed in or not. */
export const Public = (): CustomDecorator =>
  SetMetadata(ACCESS_DECLARATION, { public: true } satisfies AccessDeclaration);

/** Whoever holds at least one of these permissions. */
export const Allow = (...anyOf: [Permission, ...Permission[]]): CustomDecorator =>
  SetMetadata(ACCESS_DECLARATION, { anyOf } satisfies AccessDeclaration);

/** The route moves money: it takes an Idempotency-Key and answers a repeat with the first answer. */
export const MovesMoney = (): CustomDecorator => SetMetadata(MOVES_MONEY, true);

export interface AuthenticatedRequest extends Request {
  requestId: string;
  actor?: Actor;
  /** What answers it: "ClientsApiController.identity". */
  handler?: string;
  sessionToken?: string;
}

/** The actor of the request, as a handler's parameter. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const { actor } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (!actor) throw new Error('a handler with CurrentActor must not be public');
  return actor;
});
