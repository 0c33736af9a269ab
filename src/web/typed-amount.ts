/**
 * Reads an amount as people type it: in the digits of any script, with the marks that the page itself writes. What could be read in two ways
 * is refused, and never guessed. Runs in a browser too.
 */

/** What stands before the decimals, as the page writes amounts; the other one stands between thousands. */
export type DecimalMark = '.' | ',';

export type TypedAmount =
  /** A decimal string in major units with a point, as `CurrencyTable.parse` takes it; '' when nothing was typed. */
  | { decimal: string }
  /** `unclear`: its marks do not say which are thousands and which decimals. `not-digits`: it is no number at all. */
  | { fault: 'unclear' | 'not-digits' };

/** Thai price tags write "1,200.-" for no satang. */
const NO_DECIMALS = /[.,][-\u2013\u2014]$/;
/** A mark between thousands that can be nothing else: an apostrophe, or a space of any width. */
const GAP = /[\s'\u2019]/gu;
/** Typed by keyboards between letters that need it, and seen by nobody. */
const INVISIBLE = /[\u200b-\u200f\u2060\ufeff]/g;
const MINUS = /^[-\u2212]\s*/;

export function typedAmount(text: string, mark: DecimalMark = '.'): TypedAmount {
  const typed = withLatinDigits(text.replace(INVISIBLE, '').trim()).replaceAll('，', ',').replaceAll('．', '.');
  if (typed === '') return { decimal: '' };
  const sign = MINUS.test(typed) ? '-' : '';
  const written = typed.replace(MINUS, '').replace(NO_DECIMALS, '').replace(GAP, ' ');
  if (!/^\d[\d., ]*$/.test(written) || !/\d$/.test(written)) return { fault: 'not-digits' };
  const plain = plainDecimal(written) ?? markedDecimal(written, mark);
  return plain === null ? { fault: 'unclear' } : { decimal: sign + plain };
}

/** "1200", and "1200.50" as programs and many keypads write it, whatever the page does. */
function plainDecimal(written: string): string | null {
  return /^\d+(\.\d{1,2})?$/.test(written) ? written : null;
}

/** In groups of three with one kind of mark between them, and at most two decimals after the other: three could be a group. */
function markedDecimal(written: string, mark: DecimalMark): string | null {
  const [whole = '', fraction, ...more] = written.split(mark);
  if (more.length > 0 || (fraction !== undefined && !/^(\d{1,2}|\d{4,})$/.test(fraction))) return null;
  const group = mark === '.' ? ',' : '.';
  const isGrouped = [group, ' '].some((between) => {
    const [first = '', ...others] = whole.split(between);
    return /^[1-9]\d{0,2}$/.test(first) && others.every((three) => /^\d{3}$/.test(three));
  });
  if (!isGrouped && !/^\d+$/.test(whole)) return null;
  const digits = whole.replace(/\D/g, '');
  return fraction === undefined ? digits : `${digits}.${fraction}`;
}

/** Every script's digits lie ten in a row, from its zero to its nine. */
export function withLatinDigits(text: string): string {
  return zeroOfBurmeseKeyboards(text).replace(/\p{Nd}/gu, (digit) => {
    const at = digit.codePointAt(0) ?? 0;
    let first = at;
    while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first -= 1;
    return String((at - first) % 10);
  });
}

/** The Burmese letter wa looks like the Burmese zero and is typed for it; among digits it can be nothing else. */
function zeroOfBurmeseKeyboards(text: string): string {
  return /[\u1040-\u1049]/.test(text) ? text.replaceAll('\u101d', '\u1040').replaceAll('\u104a', ',') : text;
}
