/**
 * Idempotency-Key (IETF draft-ietf-httpapi-idempotency-key-header): a repeated request that moves money gets the first answer again.
 * This spares the caller a surprise; that nothing happens twice is held by the ids and constraints below, key or no key.
 */
import { createHash } from 'node:crypto';
import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Response } from 'express';
import { from, mergeMap, of, type Observable } from 'rxjs';
import { DataSource } from 'typeorm';
import { Clock } from '../kernel/clock.js';
import { canonicalJson } from '../kernel/domain/canonical.js';
import { Problem } from '../kernel/domain/problem.js';
import { MOVES_MONEY, type AuthenticatedRequest } from './declarations.js';

interface KeptAnswer {
  request_sha256: Buffer;
  status: number;
  body: unknown;
}

@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly db: DataSource,
    private readonly clock: Clock,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const response = context.switchToHttp().getResponse<Response>();
    const key = request.get('idempotency-key');
    const { actor } = request;
    if (!key || !actor || !this.reflector.get<boolean>(MOVES_MONEY, context.getHandler())) return next.handle();
    if (key.length < 8 || key.length > 128) {
      throw Problem.malformed(
        'idempotency-key-malformed',
        'An Idempotency-Key has 8 to 128 characters.',
        'Idempotency-Key',
      );
    }
    const requestSha256 = createHash('sha256')
      .update(`${request.method} ${request.path}\n${canonicalJson(request.body)}`)
      .digest();
    const [kept] = await this.db.query<KeptAnswer[]>(
      'select request_sha256, status, body from access.idempotent_answer where user_id = $1 and key = $2',
      [actor.userId, key],
    );
    if (kept) {
      if (!kept.request_sha256.equals(requestSha256)) {
        throw Problem.conflict(
          'idempotency-key-reused',
          'This Idempotency-Key came with another request before.',
          'Idempotency-Key',
        );
      }
      response.status(kept.status).setHeader('Idempotency-Replayed', 'true');
      return of(kept.body);
    }
    return next.handle().pipe(
      mergeMap((body: unknown) =>
        from(
          this.db
            .query(
              `insert into access.idempotent_answer (user_id, key, request_sha256, status, body, answered_at)
               values ($1, $2, $3, $4, $5, $6) on conflict (user_id, key) do nothing`,
              [actor.userId, key, requestSha256, response.statusCode, JSON.stringify(body ?? null), this.clock.now()],
            )
            .then(() => body),
        ),
      ),
    );
  }
}
