/** Writes a bank's CSV by its layout as it streams; the same lot and payments give the same bytes. */
import { COLUMN_FIELDS, TRAILER_FIELDS, type CsvLayout, type Row } from './csv-layout.js';
import { counted, utf8Chunks, type Lot, type Payment } from './payment.js';

/** Throws `LotMismatch` when the payments are not as many or as much as the lot says. */
export function writeCsv(
  layout: CsvLayout,
  lot: Lot,
  payments: AsyncIterable<Payment> | Iterable<Payment>,
): AsyncGenerator<Buffer, void, undefined> {
  return utf8Chunks(lines(layout, lot, payments));
}

/** Whether a cell of this payment would be a formula to a spreadsheet where the layout refuses that. */
export function isRefusedByLayout(layout: CsvLayout, lot: Lot, payment: Payment): boolean {
  return layout.formulas === 'refuse' && cellsOf({ layout, lot, payment, number: 1 }).some(looksLikeFormula);
}

async function* lines(
  layout: CsvLayout,
  lot: Lot,
  payments: AsyncIterable<Payment> | Iterable<Payment>,
): AsyncGenerator<string, void, undefined> {
  const line = (cells: readonly string[]) => `${cells.map((cell) => quoted(layout, cell)).join(layout.separator)}\r\n`;
  if (layout.header) yield line(layout.columns.map(({ name }) => name));
  let number = 0;
  for await (const payment of counted(lot, payments)) {
    number += 1;
    yield line(cellsOf({ layout, lot, payment, number }));
  }
  if (layout.trailer)
    yield line(layout.trailer.map((cell) => ('text' in cell ? cell.text : TRAILER_FIELDS[cell.field](lot, layout))));
}

const cellsOf = (row: Row) => row.layout.columns.map(({ field }) => COLUMN_FIELDS[field](row));

/** As OWASP lists them for CSV injection. */
const looksLikeFormula = (cell: string) => /^[=+\-@\t\r]/.test(cell);

/** RFC 4180. */
function quoted({ separator, formulas }: CsvLayout, cell: string): string {
  if (looksLikeFormula(cell)) {
    if (formulas === 'refuse') throw new RangeError('a cell that a spreadsheet would take for a formula');
    cell = `'${cell}`;
  }
  return cell.includes(separator) || /["\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
