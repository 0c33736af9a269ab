/** Charts of a fund's money: whole percents of what it has had, so that nothing exact can be read off a bar. The exact amounts stand in the table beside. */
import { t } from '../languages/language.js';
import { countText } from '../wording.js';
import { layOut, type Bar, type LaidOutChart } from './bar-chart.js';

/** A part of the money, in minor units. */
export interface MoneyPart {
  label: string;
  minor: bigint;
  isWhole?: boolean;
}

export function moneyChart(id: string, title: string, whole: bigint, parts: readonly MoneyPart[]): LaidOutChart {
  return layOut({
    id,
    title,
    description: [
      t('Bars for parts of the money, as whole percentages of all that the fund has had.'),
      t('The table beside the chart has the exact amounts.'),
    ].join(' '),
    groups: [{ bars: parts.map((part) => barOf(part, whole)) }],
  });
}

function barOf({ label, minor, isWhole }: MoneyPart, whole: bigint): Bar {
  const percent = percentOf(minor, whole);
  return { label, percent, value: shareText(minor, whole, percent), isWhole };
}

/** To the nearest whole one, and never below 0 or above 100, where a bar could not be drawn. */
function percentOf(part: bigint, whole: bigint): number {
  if (whole <= 0n || part <= 0n) return 0;
  const rounded = (part * 200n + whole) / (whole * 2n);
  return rounded > 100n ? 100 : Number(rounded);
}

/** Little is not nothing, and nearly all is not all. */
function shareText(part: bigint, whole: bigint, percent: number): string {
  if (percent === 0 && part > 0n) return t('less than {n} %', { n: countText(1) });
  if (percent === 100 && part < whole) return t('more than {n} %', { n: countText(99) });
  return `${countText(percent)} %`;
}
