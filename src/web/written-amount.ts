/** Writes an amount with the marks of a language. Runs in a browser too. */

export interface AmountMarks {
  /** Between thousands. */
  group: string;
  /** Before the decimals. */
  decimal: '.' | ',';
  /** Code point of the zero of the script in which digits are written; null for those that everybody reads. */
  zero: number | null;
}

const NO_BREAK_SPACE = '\u00a0';
const MINUS = '\u2212';

/** A decimal string in groups of three: "1053000.00" gives "1,053,000.00". Never a number on the way; what is no decimal string stays as it is. */
export function withMarks(amount: string, { group, decimal, zero }: AmountMarks, currency?: string): string {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(amount) ?? [];
  if (whole === '') return amount;
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, group);
  const latin = `${sign && MINUS}${grouped}${fraction && decimal + fraction}`;
  const written = zero === null ? latin : latin.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));
  return currency ? written + NO_BREAK_SPACE + currency : written;
}

/** The same of minor units of which so many make up the decimals. */
export function writtenAmount(amountMinor: bigint, decimals: number, marks: AmountMarks, currency: string): string {
  const digits = amountMinor.toString().padStart(decimals + 1, '0');
  const amount = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return withMarks(amount, marks, currency);
}

/** A decimal string in minor units; null where that is no whole number of them, or less than nothing. */
export function minorOf(decimal: string, decimals: number | undefined): bigint | null {
  const [, whole = '', fraction = ''] = /^(\d+)(?:\.(\d+))?$/.exec(decimal) ?? [];
  if (whole === '' || decimals === undefined || fraction.length > decimals) return null;
  return BigInt(whole + fraction.padEnd(decimals, '0'));
}
