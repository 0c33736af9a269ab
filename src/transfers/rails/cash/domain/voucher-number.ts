/** Numbers of vouchers: short enough to be read out, drawn at random, and without vowels, so that none is a word. */
import { randomInt } from 'node:crypto';

/** Crockford's digits (no I, L, O, U) without A and E. */
const DIGITS = '0123456789BCDFGHJKMNPQRSTVWXYZ';

export function newVoucherNumber(): string {
  return `V-${Array.from({ length: 8 }, () => DIGITS[randomInt(DIGITS.length)]).join('')}`;
}
