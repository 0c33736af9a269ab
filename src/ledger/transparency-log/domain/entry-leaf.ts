/**
 * What the leaf of an entry commits to: every column of its row, in three texts. Each is canonical JSON (sorted keys, no spaces, no
 * optional keys), written out by hand because the whole ledger is rebuilt this way in every verification.
 */

/** A row of the ledger as text, in the order of `ENTRY_COLUMNS`; `NOTHING` where the column is null. */
export type EntryRow = readonly string[];

/** How PostgreSQL's COPY writes null. */
export const NOTHING = '\\N';

/**
 * The columns of an entry `e` that `EntryRow` holds. Needs `ENTRY_SESSION`, so that times have one spelling. The kind of a reversal says
 * what it takes back; a rate is pinned by what it is, too.
 */
export const ENTRY_COLUMNS = `e.seq::text, e.id::text, e.debit_id::text, e.credit_id::text, e.currency, e.amount_minor::text, e.phase,
  e.pending_id::text, case when e.reverses_id is null then e.kind else 'reversal of ' || (select r.kind from ledger.entry r where r.id = e.reverses_id) end,
  e.source_id::text, e.obligation_id::text, e.booked_on::text, e.recorded_at::text, e.link_id::text,
  case when e.exchange_rate_id is not null then e.exchange_rate_id::text || ' ' ||
    (select concat_ws(' ', x.base, x.quote, trim_scale(x.rate)) from payments.exchange_rate x where x.id = e.exchange_rate_id) end,
  e.reverses_id::text, e.rail, e.happened_on::text, encode(e.evidence_sha256, 'hex')`;

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

/** What the log says of an account: what it is, not the number that the database gave it. */
export interface LoggedAccount {
  fund: string;
  currency: string;
  /** "bank", "clearing/cash", "float/<holder>". */
  name: string;
}

/** Reads a row as PostgreSQL's COPY writes one: columns between tabs. */
export function readEntryRow(line: string): EntryRow {
  return line.split('\t');
}

/** For donors: fund, currency, amount (minor units), month and state. */
export function donorText(row: EntryRow, debit: LoggedAccount): string {
  return `{"amount":"${row[at.amount]}","currency":"${row[at.currency]}","fund":"${debit.fund}","month":"${(row[at.bookedOn] ?? '').slice(0, 7)}","state":"${row[at.state]}","type":"entry"}`;
}

/** For auditors: the rail, the digest of its evidence, the day there, and all else that the books say of the entry but whom it is for. */
export function auditorText(row: EntryRow, debit: LoggedAccount, credit: LoggedAccount): string {
  return (
    `{"booked_on":"${row[at.bookedOn]}","credit":"${credit.name}","debit":"${debit.name}","entry":"${row[at.id]}","evidence":${quoted(row[at.evidence])},` +
    `"happened_on":${quoted(row[at.happenedOn])},"link":${quoted(row[at.link])},"pending":${quoted(row[at.pending])},"phase":"${row[at.phase]}",` +
    `"rail":${quoted(row[at.rail])},"rate":${quoted(row[at.rate])},"recorded_at":"${row[at.recordedAt]}","reverses":${quoted(row[at.reverses])},` +
    `"seq":"${row[at.seq]}","type":"entry"}`
  );
}

/** For nobody outside: the transfer, and what caused the entry. */
export function subjectText(row: EntryRow): string {
  return `{"obligation":${quoted(row[at.obligation])},"source":"${row[at.source]}","type":"entry"}`;
}

function quoted(value: string | undefined): string {
  return value === undefined || value === NOTHING ? 'null' : `"${value}"`;
}
