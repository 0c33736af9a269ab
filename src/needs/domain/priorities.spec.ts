import { describe, expect, it } from '@jest/globals';
import { readConfigJson } from '../../kernel/reference-data.js';
import { needsCatalogue } from '../catalogue.js';
import { priorityRows, wholePercent } from './priorities.js';

interface PilotTable {
  cohorts: Record<string, number>;
  rows: { kind: 'any' | 'need'; code: string; percent: Record<string, number>; count: Record<string, number> }[];
}

const pilot = readConfigJson<PilotTable>('pilot-table1.json');

describe('the table of priorities', () => {
  it.each(Object.entries(pilot.cohorts))('is the published one for the pilot cohort %s', (cohort, n) => {
    const counted = (kind: string) =>
      new Map(pilot.rows.filter((row) => row.kind === kind).map((row) => [row.code, row.count[cohort] ?? 0]));
    const rows = priorityRows(needsCatalogue, { n, byCategory: counted('any'), byNeed: counted('need') });
    const published = pilot.rows
      .map(({ kind, code, count, percent }) => ({ kind, code, n, count: count[cohort], percent: percent[cohort] }))
      // The one published percentage that no count of 54 gives: 23 of 54 is 42.6, printed as 42.
      .map((row) => (row.code === 'basic' && cohort === 'benjina' ? { ...row, percent: 43 } : row));
    expect(rows.map(({ label: _, ...row }) => row)).toEqual(published);
  });

  it('shows every category and need with 0 when nobody was assessed', () => {
    const rows = priorityRows(needsCatalogue, { n: 0, byCategory: new Map(), byNeed: new Map() });
    expect(rows).toHaveLength(27);
    expect(rows.every(({ n, count, percent }) => n === 0 && count === 0 && percent === 0)).toBe(true);
    expect(rows[0]).toMatchObject({ kind: 'any', code: 'economic', label: 'Economic and financial' });
  });
});

describe('a whole percent', () => {
  it.each([
    [1, 8, 13], // 12.5
    [1, 200, 1], // 0.5
    [1, 201, 0],
    [29, 200, 15], // 14.5, which doubles make 14.499999999999998
    [23, 54, 43],
    [117, 117, 100],
    [0, 117, 0],
    [0, 0, 0],
  ])('of %p in %p is %p, half rounded up', (count, n, percent) => {
    expect(wholePercent(count, n)).toBe(percent);
  });
});
