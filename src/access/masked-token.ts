/**
 * A token that stands in a page under another mask each time: pages are compressed, and whoever sees only how long they are must not be able
 * to guess it letter by letter (BREACH).
 */
import { randomBytes } from 'node:crypto';

/** The mask and the masked token, both of the token's length, in base64url. */
export function masked(token: string): string {
  const bytes = Buffer.from(token);
  const mask = randomBytes(bytes.length);
  return Buffer.concat([mask, exclusiveOr(mask, bytes)]).toString('base64url');
}

/** The token again; whatever was never masked gives something that is no token. */
export function unmasked(text: string): string {
  const bytes = Buffer.from(text, 'base64url');
  const half = bytes.length >> 1;
  return exclusiveOr(bytes.subarray(0, half), bytes.subarray(half, 2 * half)).toString();
}

const exclusiveOr = (one: Buffer, other: Buffer) => Buffer.from(one.map((byte, place) => byte ^ (other[place] ?? 0)));
