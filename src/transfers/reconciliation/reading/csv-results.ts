/** A bank's result file with a line for each payment, by a map of its columns: `config/result-layouts.json`. */
import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import type { PlainDate } from '../../../kernel/domain/plain-date.js';
import type { ReportItem } from '../domain/report-items.js';
import { addPlace, type LineBody } from './message.js';
import { ReadFault, textsOf } from './texts.js';
import { currencyOf, dayOf, decimalOf, referenceOf } from './values.js';

export interface ResultLayout {
  code: string;
  name: string;
  delimiter: string;
  /** Heading of the column in which the bank gives each of these; the reference and the status have to be there. */
  columns: {
    reference: string;
    status: string;
    reason?: string;
    amount?: string;
    currency?: string;
    day?: string;
  };
  days: 'YYYY-MM-DD' | 'DD/MM/YYYY' | 'YYYYMMDD';
  /** ISO 20022 status for each word of the bank's; any other word is one that nobody knows. */
  statuses: Readonly<Record<string, string>>;
  /** ISO 20022 reason for each word of the bank's. */
  reasons: Readonly<Record<string, string>>;
}

const LINE_LIMIT = 64 * 1024;

interface Row {
  record: string[];
  info: { lines: number };
}

export async function* csvItems(
  bytes: AsyncIterable<Buffer>,
  layout: ResultLayout,
  limitBytes: number,
): AsyncGenerator<ReportItem> {
  const source = new Texts(bytes, limitBytes);
  const rows = Readable.from(source.pieces()).pipe(
    parse({
      delimiter: layout.delimiter,
      bom: true,
      info: true,
      trim: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      max_record_size: LINE_LIMIT,
    }),
  );
  let heading: ReadonlyMap<string, number> | null = null;
  let place = 0;
  let line = 1;
  let held: { body: LineBody; line: number } | null = null;
  try {
    for await (const row of rows as AsyncIterable<Row>) {
      line = row.info.lines;
      if (!heading) {
        heading = new Map(row.record.map((name, index) => [name, index]));
        if (!heading.has(layout.columns.reference) || !heading.has(layout.columns.status))
          throw new ReadFault('not-a-bank-report', 0);
        yield { item: 'about', report: 'csv', conforms: true };
        continue;
      }
      if (held) {
        place += 1;
        yield addPlace(held.body, place, held.line);
      }
      held = { body: lineOf(row.record, heading, layout), line };
    }
  } catch (error) {
    const fault = error instanceof CsvError ? new ReadFault('not-well-formed', source.endByte) : error;
    if (!(fault instanceof ReadFault)) throw fault;
    source.fault ??= fault;
  }
  // A line that has no end may have been cut off in the middle of a word.
  if (held && source.isCutOff) held.body = { item: 'unreadable', code: 'line-not-ended' };
  if (held) yield addPlace(held.body, place + 1, held.line);
  const why = source.fault?.code ?? (heading ? null : 'not-a-bank-report');
  yield { item: 'end', fault: why ?? (source.isCutOff ? 'cut-off' : null), byte: source.endByte, line };
}

/** Gives the pieces and ends quietly at a fault, so that the lines before it are read. */
class Texts {
  fault: ReadFault | null = null;
  endByte = 0;
  isCutOff = false;

  constructor(
    private readonly bytes: AsyncIterable<Buffer>,
    private readonly limitBytes: number,
  ) {}

  async *pieces(): AsyncGenerator<string> {
    try {
      for await (const { text, endByte } of textsOf(this.bytes, this.limitBytes)) {
        const zero = text.indexOf('\0');
        this.endByte = endByte;
        this.isCutOff = !/[\r\n]$/.test(text);
        if (zero >= 0) {
          this.isCutOff = true;
          yield text.slice(0, zero);
          throw new ReadFault('not-well-formed', endByte - Buffer.byteLength(text.slice(zero)));
        }
        yield text;
      }
    } catch (error) {
      if (!(error instanceof ReadFault)) throw error;
      this.fault = error;
      this.isCutOff = true;
    }
  }
}

function lineOf(record: string[], heading: ReadonlyMap<string, number>, layout: ResultLayout): LineBody {
  const { columns } = layout;
  const at = (name: string | undefined): string | null => record[heading.get(name ?? '') ?? -1] || null;
  if (record.length < heading.size) return { item: 'unreadable', code: 'columns-missing' };
  const status = at(columns.status);
  if (!status) return { item: 'unreadable', code: 'status-missing' };
  const amount = decimalOf(at(columns.amount)?.replaceAll(',', '') ?? null);
  if (at(columns.amount) !== null && amount === null) return { item: 'unreadable', code: 'amount-malformed' };
  const day = dayIn(layout, at(columns.day));
  if (at(columns.day) !== null && day === null) return { item: 'unreadable', code: 'day-malformed' };
  const reason = at(columns.reason);
  return {
    item: 'status',
    level: 'payment',
    messageId: null,
    lotId: null,
    instructionId: null,
    endToEndId: referenceOf(at(columns.reference)),
    uetr: null,
    status: (layout.statuses[status] ?? status).slice(0, 35),
    reasonCodes: reason === null ? [] : [(layout.reasons[reason] ?? reason).slice(0, 35)],
    reasonText: (reason ?? '').slice(0, 300),
    amount,
    currency: currencyOf(at(columns.currency)),
    day,
  };
}

function dayIn({ days }: ResultLayout, text: string | null): PlainDate | null {
  if (text === null) return null;
  if (days === 'YYYY-MM-DD') return dayOf(text);
  const form =
    days === 'YYYYMMDD'
      ? /^(?<year>\d{4})(?<month>\d\d)(?<day>\d\d)$/
      : /^(?<day>\d\d)\/(?<month>\d\d)\/(?<year>\d{4})$/;
  const parts = form.exec(text)?.groups;
  return parts ? dayOf(`${parts['year']}-${parts['month']}-${parts['day']}`) : null;
}
