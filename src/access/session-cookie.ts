/** The cookie that a browser's session lives in. */
import type { Request, Response } from 'express';
import { SESSION_COOKIE } from './csrf.js';

/** No date of expiry: the browser forgets it when it is closed, the service after its own hours. */
export function setSessionCookie(request: Request, response: Response, token: string): void {
  response.cookie(SESSION_COOKIE, token, { httpOnly: true, sameSite: 'lax', path: '/', secure: request.secure });
}

export function clearSessionCookie(request: Request, response: Response): void {
  response.clearCookie(SESSION_COOKIE, { httpOnly: true, sameSite: 'lax', path: '/', secure: request.secure });
}
