/** What the charts of priorities show, and what they must not. */
import { describe, expect, it } from '@jest/globals';
import type { PeopleBlock } from '../../donor-reports/donor-report.entity.js';
import type { PriorityRow } from '../../needs/domain/priorities.js';
import { priorityChart, reportChart, reportedPriorities } from './priority-charts.js';

const row = (kind: PriorityRow['kind'], label: string, count: number): PriorityRow => ({
  kind,
  code: label,
  label,
  n: 50,
  count,
  percent: count * 2,
});

describe('The chart of priorities for staff', () => {
  const chart = priorityChart(
    [
      row('any', 'Economic', 40),
      row('need', 'Work', 30),
      row('need', 'Debt', 12),
      row('any', 'Legal', 5),
      row('need', 'Papers', 5),
    ],
    'Highest priorities of all clients',
  );

  it('groups needs under their category, whose own bar comes first and is darker', () => {
    expect(chart.headings.map(({ text }) => text)).toEqual(['Economic', 'Legal']);
    expect(chart.bars.map(({ label, isWhole = false }) => [label, isWhole])).toEqual([
      ['Any of these needs', true],
      ['Work', false],
      ['Debt', false],
      ['Any of these needs', true],
      ['Papers', false],
    ]);
  });

  it('draws and writes the percents of the table', () => {
    expect(chart.bars.map(({ percent, value }) => [percent, value])).toEqual([
      [80, '80 %'],
      [60, '60 %'],
      [24, '24 %'],
      [10, '10 %'],
      [10, '10 %'],
    ]);
  });

  it('says in words which single need is named most', () => {
    expect(chart.description).toContain('Work, 60 %');
  });
});

describe('The chart of a donor report', () => {
  const people: PeopleBlock = {
    asAt: '2015-Q4',
    clientsReached: 60,
    highestPriorities: [
      { category: 'economic', label: 'Economic', clients: 45 },
      { category: 'legal', label: 'Legal', clients: null },
    ],
  };

  it('writes rounded numbers as what they are, and draws nothing for one that is withheld', () => {
    const reported = reportedPriorities(people);
    expect(reported && reportChart(reported).bars.map(({ percent, value }) => [percent, value])).toEqual([
      [75, 'about 45'],
      [null, 'withheld'],
    ]);
  });

  it('keeps a part that rounding made larger than the whole inside the drawing', () => {
    expect(reportChart({ clientsReached: 35, rows: [{ label: 'Economic', clients: 40 }] }).bars[0]?.percent).toBe(100);
  });

  it('has nothing to draw where the report withholds the people or their priorities', () => {
    expect(reportedPriorities({ withheld: 'fewer-than-11-clients' })).toBeNull();
    expect(
      reportedPriorities({
        asAt: '2015-Q3',
        clientsReached: 20,
        highestPriorities: { withheld: 'fewer-than-33-clients' },
      }),
    ).toBeNull();
  });
});
