/** What the charts of a fund's money draw. */
import { describe, expect, it } from '@jest/globals';
import { moneyChart } from './money-charts.js';

const bars = (whole: bigint, ...parts: bigint[]) =>
  moneyChart(
    'a',
    'A',
    whole,
    parts.map((minor) => ({ label: 'part', minor })),
  ).bars.map(({ percent, value }) => [percent, value]);

describe('A chart of money', () => {
  it('draws whole percents of the whole, from which no amount can be worked out', () => {
    expect(bars(1_000_000n, 1_000_000n, 333_333n, 125_000n, 0n)).toEqual([
      [100, '100 %'],
      [33, '33 %'],
      [13, '13 %'],
      [0, '0 %'],
    ]);
  });

  it('calls little not nothing, and nearly all not all', () => {
    expect(bars(1_000_000n, 1n, 999_999n)).toEqual([
      [0, 'less than 1 %'],
      [100, 'more than 99 %'],
    ]);
  });

  it('stays inside the drawing for a fund that has had nothing, and for what is below nothing or above the whole', () => {
    expect(bars(0n, 0n)).toEqual([[0, '0 %']]);
    expect(bars(100n, -5n, 200n).map(([percent]) => percent)).toEqual([0, 100]);
  });
});
