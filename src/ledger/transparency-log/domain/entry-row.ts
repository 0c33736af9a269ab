/**
 * A row of the ledger as PostgreSQL's COPY writes one (text, columns between tabs), read where it lies: the whole ledger is read this way in
 * every verification, and a string for each column would cost more than all that is done with it.
 */

/**
 * The columns of an entry `e`, in the order of `at`, for COPY, which writes each as text. The kind of a reversal says what it takes back; a
 * rate is pinned by what it is, too. Needs `ENTRY_SESSION`, so that times have one spelling.
 */
const COLUMNS_OF_ENTRY = [
  'e.seq',
  'e.id',
  'e.debit_id',
  'e.credit_id',
  'e.currency',
  'e.amount_minor',
  'e.phase',
  'e.pending_id',
  `case when e.reverses_id is null then e.kind else 'reversal of ' || (select r.kind from ledger.entry r where r.id = e.reverses_id) end`,
  'e.source_id',
  'e.obligation_id',
  'e.booked_on',
  'e.recorded_at',
  'e.link_id',
  `case when e.exchange_rate_id is not null then e.exchange_rate_id::text || ' ' ||
     (select concat_ws(' ', x.base, x.quote, trim_scale(x.rate)) from payments.exchange_rate x where x.id = e.exchange_rate_id) end`,
  'e.reverses_id',
  'e.rail',
  'e.happened_on',
  `encode(e.evidence_sha256, 'hex')`,
];
export const ENTRY_COLUMNS = COLUMNS_OF_ENTRY.join(', ');
/** The same row as one text, as COPY writes it. */
export const ENTRY_LINE = `array_to_string(array[${COLUMNS_OF_ENTRY.map((column) => `(${column})::text`).join(', ')}], E'\\t', E'\\\\N')`;

/** For the transaction that reads entries. */
export const ENTRY_SESSION =
  "set local timezone = 'UTC'; set local datestyle = 'ISO, YMD'; set local bytea_output = 'hex'";

/** Where a column stands in an `EntryRow`. */
export const at = {
  seq: 0,
  id: 1,
  debit: 2,
  credit: 3,
  currency: 4,
  amount: 5,
  phase: 6,
  pending: 7,
  state: 8,
  source: 9,
  obligation: 10,
  bookedOn: 11,
  recordedAt: 12,
  link: 13,
  rate: 14,
  reverses: 15,
  rail: 16,
  happenedOn: 17,
  evidence: 18,
} as const;

const COLUMNS = Object.keys(at).length;
const TAB = 0x09;
const NEWLINE = 0x0a;
const ZERO = 0x30;
/** How COPY writes null. */
const NOTHING = Buffer.from('\\N');
/** Digits of which every number is exact. */
const EXACT_DIGITS = 15;
/** Values that a column is known to have, the newest first. */
const WORDS_KNOWN = 16;

/** One row at a time: `read` moves it on to the next. */
export class EntryRow {
  bytes: Buffer = NOTHING;
  /** Where each column begins; each ends a byte before the next. */
  private readonly starts = new Int32Array(COLUMNS + 1);
  private words: { bytes: Buffer; text: string }[][] | undefined;

  static of(line: string): EntryRow {
    const row = new EntryRow();
    row.read(Buffer.from(line), 0);
    return row;
  }

  /** Stands on the row that begins there; answers where the next one does. Throws when it has too few columns or too many. */
  read(bytes: Buffer, from: number): number {
    const { starts } = this;
    this.bytes = bytes;
    starts[0] = from;
    let column = 0;
    let place = from;
    for (; place < bytes.length; place++) {
      const byte = bytes[place];
      if (byte === TAB) starts[++column] = place + 1;
      else if (byte === NEWLINE) break;
    }
    starts[++column] = place + 1;
    if (column !== COLUMNS) throw new Error(`a row of an entry has ${COLUMNS} columns, and this one ${column}`);
    return place + 1;
  }

  /** The same row in memory of its own. */
  copy(): EntryRow {
    const copy = new EntryRow();
    copy.read(Buffer.from(this.bytes.subarray(this.begin, this.end)), 0);
    return copy;
  }

  /** Where the row begins, and where it ends. */
  get begin(): number {
    return this.from(0);
  }

  get end(): number {
    return this.to(COLUMNS - 1);
  }

  from(column: number): number {
    return this.starts[column] ?? 0;
  }

  to(column: number): number {
    return (this.starts[column + 1] ?? 1) - 1;
  }

  isNothing(column: number): boolean {
    const from = this.from(column);
    return (
      this.to(column) === from + NOTHING.length &&
      this.bytes[from] === NOTHING[0] &&
      this.bytes[from + 1] === NOTHING[1]
    );
  }

  /** What stands in the column; "" for null. */
  text(column: number): string {
    return this.isNothing(column) ? '' : this.bytes.toString('utf8', this.from(column), this.to(column));
  }

  /** The same, for a column that has few values: a string is made once for each. */
  word(column: number): string {
    this.words ??= Array.from({ length: COLUMNS }, () => []);
    const known = this.words[column] ?? [];
    const [from, to] = [this.from(column), this.to(column)];
    for (const word of known) if (this.holds(word.bytes, from, to)) return word.text;
    const text = this.text(column);
    known.unshift({ bytes: Buffer.from(this.bytes.subarray(from, to)), text });
    if (known.length > WORDS_KNOWN) known.pop();
    return text;
  }

  /** A whole number that is not negative. NaN for anything else, null too. */
  number(column: number): number {
    const to = this.to(column);
    let number = 0;
    for (let place = this.from(column); place < to; place++) {
      const digit = (this.bytes[place] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) return NaN;
      number = number * 10 + digit;
    }
    return number;
  }

  /** A whole number of any size; nothing for null. */
  bigint(column: number): bigint {
    if (this.to(column) - this.from(column) <= EXACT_DIGITS) {
      const number = this.number(column);
      if (!Number.isNaN(number)) return BigInt(number);
    }
    return BigInt(this.text(column) || '0');
  }

  private holds(bytes: Buffer, from: number, to: number): boolean {
    if (to - from !== bytes.length) return false;
    for (let k = 0; k < bytes.length; k++) if (this.bytes[from + k] !== bytes[k]) return false;
    return true;
  }
}
