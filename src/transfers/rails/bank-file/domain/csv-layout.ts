/** The column maps by which banks take CSV: what a layout may say, and the layouts that there are checked against it. */
import { decimalText, type Lot, type Payment } from './payment.js';
import { revealingWord } from './revealing-words.js';

const DATES = {
  'YYYY-MM-DD': (day: string) => day,
  'DD/MM/YYYY': (day: string) => day.split('-').reverse().join('/'),
  YYYYMMDD: (day: string) => day.replaceAll('-', ''),
} as const satisfies Record<string, (day: string) => string>;

const AMOUNTS = {
  'decimal-point': decimalText,
  'minor-units': (amountMinor: bigint) => amountMinor.toString(),
} as const satisfies Record<string, (amountMinor: bigint, decimals: number) => string>;

const SEPARATORS = [',', ';', '|', '\t'] as const;
const FORMULA_RULES = ['refuse', 'apostrophe'] as const;

export interface CsvLayout {
  separator: (typeof SEPARATORS)[number];
  /** Whether the first line names the columns. */
  header: boolean;
  dates: keyof typeof DATES;
  amounts: keyof typeof AMOUNTS;
  /** What becomes of a cell that a spreadsheet would take for a formula: its payment is left out, or the cell gets an apostrophe in front. */
  formulas: (typeof FORMULA_RULES)[number];
  /** With {messageId} and {executionOn}: a name that says nothing. */
  fileName: string;
  columns: readonly { name: string; field: ColumnField }[];
  /** The last line, with control figures. */
  trailer?: readonly ({ text: string } | { field: TrailerField })[];
}

/** Every field that a column may have. */
export const COLUMN_FIELDS = {
  number: ({ number }: Row) => String(number),
  reference: ({ payment }: Row) => payment.reference,
  uetr: ({ payment }: Row) => payment.uetr,
  amount: ({ payment, lot, layout }: Row) => AMOUNTS[layout.amounts](payment.amountMinor, lot.decimals),
  currency: ({ lot }: Row) => lot.currency,
  executionOn: ({ lot, layout }: Row) => DATES[layout.dates](lot.executionOn),
  creditorName: ({ payment }: Row) => payment.creditor.name,
  creditorAccount: ({ payment }: Row) => payment.creditor.account,
  creditorAccountKind: ({ payment }: Row) => payment.creditor.accountKind,
  creditorBankCode: ({ payment }: Row) => payment.creditor.bankCode ?? '',
  remittance: ({ payment }: Row) => payment.remittance,
  debtorAccount: ({ lot }: Row) => lot.debtor.account,
  messageId: ({ lot }: Row) => lot.messageId,
} as const satisfies Record<string, (row: Row) => string>;
export type ColumnField = keyof typeof COLUMN_FIELDS;

export const TRAILER_FIELDS = {
  count: (lot: Lot) => String(lot.count),
  total: (lot: Lot, { amounts }: CsvLayout) => AMOUNTS[amounts](lot.totalMinor, lot.decimals),
  currency: ({ currency }: Lot) => currency,
  messageId: ({ messageId }: Lot) => messageId,
} as const satisfies Record<string, (lot: Lot, layout: CsvLayout) => string>;
export type TrailerField = keyof typeof TRAILER_FIELDS;

export interface Row {
  lot: Lot;
  layout: CsvLayout;
  payment: Payment;
  /** From 1. */
  number: number;
}

/** The file of layouts, checked once when the service starts. Throws an Error that says what is wrong with which layout. */
export function readLayouts(file: { layouts: Record<string, unknown> }): ReadonlyMap<string, CsvLayout> {
  return new Map(Object.entries(file.layouts).map(([name, layout]) => [name, checked(name, layout as CsvLayout)]));
}

function checked(name: string, layout: CsvLayout): CsvLayout {
  const wrong = faultOf(name, layout);
  if (wrong !== null) throw new Error(`bank-layouts.json: the layout "${name}" ${wrong}`);
  return layout;
}

function faultOf(name: string, layout: CsvLayout): string | null {
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(name)) return 'is not named in small letters, digits and hyphens';
  if (!SEPARATORS.includes(layout.separator)) return 'has no separator that is known';
  if (!(layout.dates in DATES)) return 'has no way to write days that is known';
  if (!(layout.amounts in AMOUNTS)) return 'has no way to write amounts that is known';
  if (!FORMULA_RULES.includes(layout.formulas)) return 'does not say what becomes of a formula';
  if (!layout.fileName.includes('{messageId}')) return 'names files so that two could have one name';
  if (!/^[A-Za-z0-9._-]+$/.test(layout.fileName.replaceAll(/\{(messageId|executionOn)\}/g, '')))
    return 'names files with other than letters, digits, points and hyphens';
  const fields = layout.columns.map(({ field }) => field);
  const unknown = fields.find((field) => !(field in COLUMN_FIELDS));
  if (unknown) return `has a column of "${unknown}", which is no field`;
  const missing = (['reference', 'amount', 'creditorAccount'] as const).find((field) => !fields.includes(field));
  if (missing) return `has no column of "${missing}"`;
  const unknownInTrailer = layout.trailer?.find((cell) => 'field' in cell && !(cell.field in TRAILER_FIELDS));
  if (unknownInTrailer) return 'has a field in its trailer that is none';
  const reveals = [layout.fileName, ...layout.columns.map((column) => column.name)].some(
    (text) => revealingWord(text) !== null,
  );
  return reveals ? 'says what the programme is' : null;
}

export function fileNameOf(
  { fileName }: Pick<CsvLayout, 'fileName'>,
  lot: Pick<Lot, 'messageId' | 'executionOn'>,
): string {
  return fileName.replaceAll('{messageId}', lot.messageId).replaceAll('{executionOn}', DATES.YYYYMMDD(lot.executionOn));
}
