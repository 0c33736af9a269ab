/** Which language a request is answered in: the one that was chosen on this device, or else the first of the browser's that there is. */
import type { NextFunction, Request, Response } from 'express';
import { plainly, whileSpeaking, type Speaking } from './language.js';
import { isLanguage, languageCodes } from './languages.js';

export const LANGUAGE_COOKIE = 'uct_language';
const LETTERS_COOKIE = 'uct_letters';
const ONE_YEAR_MS = 365 * 24 * 3_600_000;

/** To be used after whatever reads the body, which loses what goes with a request. */
export function speakTheirLanguage(request: Request, response: Response, next: NextFunction): void {
  const cookies = request.cookies as Record<string, string> | undefined;
  const best = request.acceptsLanguages([...languageCodes]);
  const chosen = readSpeaking(cookies?.[LANGUAGE_COOKIE]) ?? plainly(isLanguage(best) ? best : 'en');
  response.setHeader('content-language', chosen.language);
  whileSpeaking({ ...chosen, letters: cookies?.[LETTERS_COOKIE] === 'sent' }, next);
}

/** Remembers it on the device: the page for signing in speaks it too. Says nothing of anybody. */
export function setLanguageCookie(request: Request, response: Response, how: Speaking): void {
  response.cookie(LANGUAGE_COOKIE, writeSpeaking(how), ofThisDevice(request));
}

/** Stays with the device, whoever signs in on it. */
export function setLettersCookie(request: Request, response: Response, areSent: boolean): void {
  if (areSent) response.cookie(LETTERS_COOKIE, 'sent', ofThisDevice(request));
  else response.clearCookie(LETTERS_COOKIE, { ...ofThisDevice(request), maxAge: undefined });
}

const ofThisDevice = ({ secure }: Request) =>
  ({ httpOnly: true, sameSite: 'lax', secure, path: '/', maxAge: ONE_YEAR_MS }) as const;

/** What somebody who has just signed in chose before, on this device too. */
export function speakAsChosen(request: Request, response: Response, language: string | null): void {
  const chosen = readSpeaking(language);
  if (chosen) setLanguageCookie(request, response, chosen);
}

/** "th", "th.digits", "th.digits.years"; undefined for anything else. */
export function readSpeaking(text: string | null | undefined): Speaking | undefined {
  const [language, ...wishes] = (text ?? '').split('.');
  if (!isLanguage(language)) return undefined;
  return { language, ownDigits: wishes.includes('digits'), buddhistYears: wishes.includes('years') };
}

export function writeSpeaking({ language, ownDigits, buddhistYears }: Speaking): string {
  return [language, ownDigits && 'digits', buddhistYears && 'years'].filter(Boolean).join('.');
}
