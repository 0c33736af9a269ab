/** What somebody typed into a form while their session ended: carried through signing in, so that it is sent and not typed again. */
import type { Request, Response } from 'express';
import type { Sent } from './sent.js';

export interface Carried {
  /** Where the form goes. */
  action: string;
  fields: { name: string; value: string }[];
}

/** Forms with any of these are typed again: nothing that opens a door is put into a page. */
const SECRETS = ['password', 'present', 'again', 'otp', 'code', 'carried'];
const ACTION = /^(\/[A-Za-z0-9][A-Za-z0-9_.~-]*)+$/;
const MOST_FIELDS = 200;

/** What a request would have changed, or undefined when there is nothing that could be sent again. */
export function carriedFrom({ method, path, body }: Request): Carried | undefined {
  const sent = (body ?? {}) as Sent;
  if (method !== 'POST' || !ACTION.test(path) || path.startsWith('/api/')) return undefined;
  const fields = Object.entries(sent).flatMap(([name, value]) =>
    name === '_csrf' ? [] : [value].flat().flatMap((one) => (typeof one === 'string' ? [{ name, value: one }] : [])),
  );
  if (fields.length === 0 || fields.some(({ name }) => SECRETS.includes(name))) return undefined;
  return { action: path, fields };
}

/** The page for signing in, at once and with what was typed where there is something. */
export function askToSignIn(request: Request, response: Response): void {
  const carried = carriedFrom(request);
  if (carried) response.status(401).render('sign-in', { email: '', carried, faults: [] });
  else response.redirect(303, '/sign-in');
}

/** As the page for signing in sends it back; undefined for whatever is not that. */
export function carriedIn(form: Sent | undefined): Carried | undefined {
  const text = form?.['carried'];
  if (typeof text !== 'string' || text === '') return undefined;
  try {
    const { action, fields } = JSON.parse(text) as Partial<Record<keyof Carried, unknown>>;
    if (typeof action !== 'string' || !ACTION.test(action) || !Array.isArray(fields)) return undefined;
    if (fields.length > MOST_FIELDS || !fields.every(isField)) return undefined;
    return { action, fields: fields.map(({ name, value }) => ({ name, value })) };
  } catch {
    return undefined;
  }
}

function isField(field: unknown): field is Carried['fields'][number] {
  const { name, value } = (field ?? {}) as Record<string, unknown>;
  return typeof name === 'string' && typeof value === 'string' && !SECRETS.includes(name) && name !== '_csrf';
}
