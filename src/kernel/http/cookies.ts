/** Cookies as texts. The parser makes objects of those that say they are JSON; ours never do, and such a one is as if it were not there. */
import cookieParser from 'cookie-parser';
import type { NextFunction, Request, Response } from 'express';

export const readCookies = [cookieParser(), keepTexts];

function keepTexts(request: Request, _response: Response, next: NextFunction): void {
  const cookies = request.cookies as Record<string, unknown>;
  for (const name of Object.keys(cookies)) if (typeof cookies[name] !== 'string') delete cookies[name];
  next();
}
