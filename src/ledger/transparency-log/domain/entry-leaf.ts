/**
 * What the leaf of an entry commits to: every column of its row, in three texts. Each is canonical JSON (sorted keys, no spaces, no
 * optional keys), put together from the bytes of the row because the whole ledger is rebuilt this way in every verification.
 */
import { at, type EntryRow } from './entry-row.js';
import { READERS, type Reader } from './leaf-format.js';

/** What the log says of an account: what it is, not the number that the database gave it. */
export interface LoggedAccount {
  fund: string;
  currency: string;
  /** "bank", "clearing/cash", "float/<holder>". */
  name: string;
}

/** Writes a text of the entry there and answers where it ends. Throws RangeError when it does not fit. */
export type TextWriter = (
  row: EntryRow,
  debit: LoggedAccount,
  credit: LoggedAccount,
  out: Buffer,
  outAt: number,
) => number;

/** For donors: fund, currency, amount (minor units), month and state. */
const writeDonorText: TextWriter = (row, debit, _credit, out, outAt) => {
  const bookedOn = row.from(at.bookedOn);
  let end = put(out, outAt, DONOR.amount);
  end = putColumn(out, end, row, at.amount);
  end = put(out, end, DONOR.currency);
  end = putColumn(out, end, row, at.currency);
  end = put(out, end, DONOR.fund);
  end = put(out, end, named(debit).fund);
  end = put(out, end, DONOR.month);
  end = putBytes(out, end, row.bytes, bookedOn, Math.min(bookedOn + MONTH_BYTES, row.to(at.bookedOn)));
  end = put(out, end, DONOR.state);
  end = putColumn(out, end, row, at.state);
  return fitting(out, put(out, end, DONOR.type));
};

/** For auditors: the rail, the digest of its evidence, the day there, and all else that the books say of the entry but whom it is for. */
const writeAuditorText: TextWriter = (row, debit, credit, out, outAt) => {
  let end = put(out, outAt, AUDITOR.booked_on);
  end = putColumn(out, end, row, at.bookedOn);
  end = put(out, end, AUDITOR.credit);
  end = put(out, end, named(credit).name);
  end = put(out, end, AUDITOR.debit);
  end = put(out, end, named(debit).name);
  end = put(out, end, AUDITOR.entry);
  end = putColumn(out, end, row, at.id);
  end = put(out, end, AUDITOR.evidence);
  end = putQuoted(out, end, row, at.evidence);
  end = put(out, end, AUDITOR.happened_on);
  end = putQuoted(out, end, row, at.happenedOn);
  end = put(out, end, AUDITOR.link);
  end = putQuoted(out, end, row, at.link);
  end = put(out, end, AUDITOR.pending);
  end = putQuoted(out, end, row, at.pending);
  end = put(out, end, AUDITOR.phase);
  end = putColumn(out, end, row, at.phase);
  end = put(out, end, AUDITOR.rail);
  end = putQuoted(out, end, row, at.rail);
  end = put(out, end, AUDITOR.rate);
  end = putQuoted(out, end, row, at.rate);
  end = put(out, end, AUDITOR.recorded_at);
  end = putColumn(out, end, row, at.recordedAt);
  end = put(out, end, AUDITOR.reverses);
  end = putQuoted(out, end, row, at.reverses);
  end = put(out, end, AUDITOR.seq);
  end = putColumn(out, end, row, at.seq);
  return fitting(out, put(out, end, AUDITOR.type));
};

/** For nobody outside: the transfer, and what caused the entry. */
const writeSubjectText: TextWriter = (row, _debit, _credit, out, outAt) => {
  let end = put(out, outAt, SUBJECT.obligation);
  end = putQuoted(out, end, row, at.obligation);
  end = put(out, end, SUBJECT.source);
  end = putColumn(out, end, row, at.source);
  return fitting(out, put(out, end, SUBJECT.type));
};

/** In the order of `READERS`. */
export const entryTextWriters: readonly TextWriter[] = [writeDonorText, writeAuditorText, writeSubjectText];

/** Bytes that each text of the entry has at the most. */
export function longestEntryText(row: EntryRow, debit: LoggedAccount, credit: LoggedAccount): number {
  const names = named(debit).fund.length + named(debit).name.length + named(credit).name.length;
  return LONGEST_FRAME + names + row.to(at.evidence) - row.from(at.seq);
}

export function entryText(reader: Reader, row: EntryRow, debit: LoggedAccount, credit: LoggedAccount): string {
  const out = Buffer.alloc(longestEntryText(row, debit, credit));
  const write = entryTextWriters[READERS.indexOf(reader)] as TextWriter;
  return out.toString('utf8', 0, write(row, debit, credit, out, 0));
}

// What stands between the values. A key whose value can be null has no quotes here; `putQuoted` writes them.
const bytesOf = <Key extends string>(pieces: Record<Key, string>) =>
  Object.fromEntries(Object.entries<string>(pieces).map(([key, text]) => [key, Buffer.from(text)])) as Record<
    Key,
    Buffer
  >;
const DONOR = bytesOf({
  amount: '{"amount":"',
  currency: '","currency":"',
  fund: '","fund":"',
  month: '","month":"',
  state: '","state":"',
  type: '","type":"entry"}',
});
const AUDITOR = bytesOf({
  booked_on: '{"booked_on":"',
  credit: '","credit":"',
  debit: '","debit":"',
  entry: '","entry":"',
  evidence: '","evidence":',
  happened_on: ',"happened_on":',
  link: ',"link":',
  pending: ',"pending":',
  phase: ',"phase":"',
  rail: '","rail":',
  rate: ',"rate":',
  recorded_at: ',"recorded_at":"',
  reverses: '","reverses":',
  seq: ',"seq":"',
  type: '","type":"entry"}',
});
const SUBJECT = bytesOf({ obligation: '{"obligation":', source: ',"source":"', type: '","type":"entry"}' });
const { QUOTE, NULL } = bytesOf({ QUOTE: '"', NULL: 'null' });
/** More than all the pieces of a text together, with quotes and nulls. */
const LONGEST_FRAME = 512;
const MONTH_BYTES = 7;

const names = new WeakMap<LoggedAccount, { fund: Buffer; name: Buffer }>();
function named(account: LoggedAccount): { fund: Buffer; name: Buffer } {
  let found = names.get(account);
  if (!found) names.set(account, (found = { fund: Buffer.from(account.fund), name: Buffer.from(account.name) }));
  return found;
}

/** Byte by byte: for pieces as short as these that is several times faster than a call into the runtime. */
function putBytes(out: Buffer, outAt: number, bytes: Buffer, from: number, to: number): number {
  let end = outAt;
  for (let place = from; place < to; place++) out[end++] = bytes[place] ?? 0;
  return end;
}

function put(out: Buffer, outAt: number, piece: Buffer): number {
  return putBytes(out, outAt, piece, 0, piece.length);
}

function putColumn(out: Buffer, outAt: number, row: EntryRow, column: number): number {
  return putBytes(out, outAt, row.bytes, row.from(column), row.to(column));
}

function putQuoted(out: Buffer, outAt: number, row: EntryRow, column: number): number {
  if (row.isNothing(column)) return put(out, outAt, NULL);
  return put(out, putColumn(out, put(out, outAt, QUOTE), row, column), QUOTE);
}

function fitting(out: Buffer, end: number): number {
  if (end > out.length) throw new RangeError('A committed text is too long.');
  return end;
}
