/**
 * What is left of a name or number when everything is dropped in which two spellings of the same may differ without anybody noticing:
 * case, spaces, marks that are not seen, accents, alphabets that look alike, digits of other scripts, the order in which marks were typed.
 */
import { latinLookAlike } from './look-alikes.js';

/** Burmese zero and seven look like the letters wa and ra, and are typed for them. */
const MYANMAR_DIGITS_AS_LETTERS = /(?<=[\u1000-\u103f])[\u1040\u1047]|[\u1040\u1047](?=[\u1000-\u103f])/gu;

/** Marks after a letter, except those that stack the next letter: the order in which they were typed is not seen. */
const MARKS = /(?:(?![\u1039\u17d2])\p{M}){2,}/gu;

const ACCENTS_ON_LATIN = /(?<=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]\p{M}*)\p{M}/gu;

/** Where the letters are that may be taken for Latin ones. */
const OTHER_ALPHABETS = /[\u00c0-\u02af\u0370-\u058f]/gu;

export function skeleton(text: string): string {
  if (/^[ -~]*$/.test(text)) return text.toLowerCase().replace(/[^a-z0-9]/g, '');
  return asciiDigits(
    text
      .normalize('NFKC')
      .replace(/[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu, '')
      .replace(MYANMAR_DIGITS_AS_LETTERS, (digit) => (digit === '\u1040' ? '\u101d' : '\u101b')),
  )
    .toUpperCase() // ß and its like become two letters on the way up
    .toLowerCase()
    .normalize('NFD')
    .replace(ACCENTS_ON_LATIN, '')
    .normalize('NFC')
    .replace(OTHER_ALPHABETS, latinLookAlike)
    .replace(/[^\p{L}\p{M}\p{N}]/gu, '')
    .replace(MARKS, (marks) => [...marks].sort().join(''));
}

/** Digits of every script as 0 to 9; NFKC leaves most of them as they are. */
export function asciiDigits(text: string): string {
  return text.replace(/\p{Nd}/gu, (digit) => String(valueOf(digit)));
}

/** Unicode keeps the ten digits of a script side by side, from zero to nine. */
function valueOf(digit: string): number {
  const codePoint = digit.codePointAt(0) ?? 0;
  let zero = codePoint;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return (codePoint - zero) % 10;
}
