/** Protection of cookie sessions against forged requests: a signed double-submit token, bound to the session. */
import { Injectable } from '@nestjs/common';
import { doubleCsrf } from 'csrf-csrf';
import type { Request, Response } from 'express';
import { Secrets } from '../kernel/secrets.js';
import { masked, unmasked } from './masked-token.js';

export const SESSION_COOKIE = 'uct_session';
const COOKIE = { sameSite: 'lax', httpOnly: true, path: '/' } as const;

@Injectable()
export class Csrf {
  private readonly tools: ReturnType<typeof doubleCsrf>;

  constructor(secrets: Secrets) {
    this.tools = doubleCsrf({
      getSecret: () => secrets.keyFor('csrf').toString('hex'),
      getSessionIdentifier: (request) => cookieOf(request, SESSION_COOKIE) ?? '',
      cookieName: 'uct_csrf',
      cookieOptions: COOKIE,
      // A form with a file carries it in its address: what is in the form is read only after it is known that our page sent it.
      getCsrfTokenFromRequest: (request) =>
        unmasked(
          (request.is('multipart/form-data') ? textOf(request.query['_csrf']) : undefined) ??
            textOf((request.body as Record<string, unknown> | undefined)?.['_csrf']) ??
            request.get('x-csrf-token') ??
            '',
        ),
    });
  }

  /** The token that a form of this page must carry as `_csrf`; sets the cookie it is checked against. */
  tokenFor(request: Request, response: Response): string {
    return masked(
      this.tools.generateCsrfToken(request, response, { cookieOptions: { ...COOKIE, secure: request.secure } }),
    );
  }

  isValid(request: Request): boolean {
    return this.tools.validateRequest(request);
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export function cookieOf(request: Request, name: string): string | undefined {
  return (request.cookies as Record<string, string> | undefined)?.[name];
}
