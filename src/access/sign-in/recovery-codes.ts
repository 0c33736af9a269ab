/** Recovery codes, for whoever has lost the device with the authenticator: ten, each of which works once. */
import { randomInt } from 'node:crypto';

export const CODES_IN_A_SET = 10;
/** Digits and letters that are not mistaken for one another; 12 of them are 60 bits. */
const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz';
const LENGTH = 12;

/** Like "k3m9-x0pa-7rtz". */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: CODES_IN_A_SET }, () =>
    Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)])
      .join('')
      .replace(/(.{4})(?=.)/g, '$1-'),
  );
}

/** A code as it was meant, however it was typed. */
export function plainCode(typed: string): string {
  return typed.toLowerCase().replace(/[\s-]/g, '');
}
