/** In which formats a bank takes a file: pain.001.001.09, and CSV by the layouts of `config/bank-layouts.json`. */
import { readConfigJson } from '../../../kernel/reference-data.js';
import { fileNameOf, readLayouts, type CsvLayout } from './domain/csv-layout.js';
import { isRefusedByLayout, writeCsv } from './domain/csv-writer.js';
import { writePain001 } from './domain/pain001-writer.js';
import type { Lot, Payment } from './domain/payment.js';

export const PAIN001 = 'pain.001.001.09';

export interface BankFileFormat {
  contentType: string;
  fileName(lot: Pick<Lot, 'messageId' | 'executionOn'>): string;
  /** Whether the format cannot hold this payment. */
  refuses(lot: Lot, payment: Payment): boolean;
  write(lot: Lot, payments: AsyncIterable<Payment>): AsyncIterable<Buffer>;
}

const pain001: BankFileFormat = {
  contentType: 'application/xml; charset=utf-8',
  fileName: (lot) => fileNameOf({ fileName: '{messageId}.xml' }, lot),
  refuses: () => false,
  write: writePain001,
};

const csv = (layout: CsvLayout): BankFileFormat => ({
  contentType: 'text/csv; charset=utf-8',
  fileName: (lot) => fileNameOf(layout, lot),
  refuses: (lot, payment) => isRefusedByLayout(layout, lot, payment),
  write: (lot, payments) => writeCsv(layout, lot, payments),
});

const layouts = readLayouts(readConfigJson('bank-layouts.json'));

/** By the name that a paying account has as its layout. */
export const bankFileFormats: ReadonlyMap<string, BankFileFormat> = new Map([
  [PAIN001, pain001],
  ...Array.from(layouts, ([name, layout]): [string, BankFileFormat] => [name, csv(layout)]),
]);
