/** The figures of a sealed report as rows of a table, one for each figure, with the amount of each currency. Runs in a browser too. */
import type { CurrencyTable } from '../../../kernel/domain/money.js';
import type { SealedFigures } from './bundle-findings.js';
import type { SealedBalances, SealedSums } from './seal-text.js';

export interface FigureTable {
  /** Codes of the currencies; of one whose decimals are not known here, amounts are in minor units, and the heading says so. */
  headings: string[];
  groups: { title: string; rows: { label: string; amounts: string[] }[] }[];
}

const SUMS: Record<keyof SealedSums, string> = {
  granted: 'Received from donors',
  paid: 'Paid to clients',
  returned: 'Came back of what was paid',
  exchangedIn: 'Bought with another currency',
  exchangedOut: 'Given for another currency',
};

const BALANCES: Record<keyof SealedBalances, string> = {
  bank: 'In the bank',
  clearing: 'Sent, not yet confirmed',
  float: 'In cash with staff',
  paid: 'Paid to clients, since the fund began',
  fund: 'Free to promise',
  committed: 'Promised to clients, since the fund began',
  returned: 'Came back of what was paid, since the fund began',
  exchange: 'Left over from exchanges',
};

export function figureTable({ sums, balances, through }: SealedFigures, currencies: CurrencyTable): FigureTable {
  const codes = [...new Set([...Object.keys(balances), ...Object.keys(sums)])].sort();
  const known = new Set(currencies.all().map(({ code }) => code));
  const amount = (code: string, minor: string | undefined) =>
    grouped(known.has(code) ? currencies.format(BigInt(minor ?? '0'), code) : (minor ?? '0'));
  const rowsOf = <T extends string>(labels: Record<T, string>, figures: Record<string, Record<T, string>>) =>
    (Object.entries(labels) as [T, string][]).map(([figure, label]) => ({
      label,
      amounts: codes.map((code) => amount(code, figures[code]?.[figure])),
    }));
  return {
    headings: codes.map((code) => (known.has(code) ? code : `${code}, minor units`)),
    groups: [
      { title: 'In this period', rows: rowsOf(SUMS, sums) },
      { title: `On ${through}`, rows: rowsOf(BALANCES, balances) },
    ],
  };
}

/** In groups of three: "1053000.00" gives "1,053,000.00". */
function grouped(amount: string): string {
  const [whole = '', fraction] = amount.split('.');
  const groups = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? groups : `${groups}.${fraction}`;
}
