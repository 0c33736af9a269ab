/** What must hold of every bar chart's layout. */
import { describe, expect, it } from '@jest/globals';
import { layOut, type BarChart } from './bar-chart.js';

const chartOf = (groups: BarChart['groups']): BarChart => ({
  id: 'a',
  title: 'A',
  description: 'What A shows.',
  groups,
});

describe('The layout of a bar chart', () => {
  it('puts every label, bar and heading below the one before it and inside the drawing', () => {
    const chart = layOut(
      chartOf([
        {
          heading: 'First',
          bars: [
            { label: 'a', percent: 10, value: '10 %' },
            { label: 'b', percent: 0, value: '0 %' },
          ],
        },
        { heading: 'Second', bars: [{ label: 'c', percent: 100, value: '100 %' }] },
      ]),
    );
    const places = [
      ...chart.headings.map(({ y }) => y),
      ...chart.bars.flatMap(({ labelY, barY }) => [labelY, barY + chart.barHeight]),
    ].sort((a, b) => a - b);
    expect(new Set(places).size).toBe(places.length);
    expect(places.at(-1)).toBeLessThanOrEqual(chart.height);
    expect(chart.headings.map(({ y }) => y)).toEqual([20, expect.any(Number)]);
    expect(chart.headings[1]?.y).toBeGreaterThan((chart.bars[1]?.barY ?? 0) + chart.barHeight);
  });

  it('leaves no room for headings that are not there', () => {
    const bare = layOut(chartOf([{ bars: [{ label: 'a', percent: 10, value: '10 %' }] }]));
    const headed = layOut(chartOf([{ heading: 'First', bars: [{ label: 'a', percent: 10, value: '10 %' }] }]));
    expect(bare.height).toBeLessThan(headed.height);
  });

  it.each([-1, 101, 33.3, Number.NaN])('refuses a bar of %p percent', (percent) => {
    expect(() => layOut(chartOf([{ bars: [{ label: 'a', percent, value: '' }] }]))).toThrow(RangeError);
  });
});
