/** The code by which staff speak of a client: random, so that it says nothing of order, number or place. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'; // Crockford base 32: no I, L, O, U to misread

/** "C-" and 8 characters (40 bits) from random bytes. */
export function clientCode(random: (bytes: number) => Buffer): string {
  return `C-${[...random(8)].map((byte) => ALPHABET.charAt(byte & 31)).join('')}`;
}

export function isClientCode(text: string): boolean {
  return /^C-[0-9A-HJKMNP-TV-Z]{8}$/.test(text);
}
