import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { drawHighestPriorities } from './highest-priorities.js';
import type { NeedsCatalogue, PilotTable } from './scripted-pilot.js';
import { seededDraws } from './seeded-draws.js';

const table = JSON.parse(readFileSync('config/pilot-table1.json', 'utf8')) as PilotTable;
const catalogue = JSON.parse(readFileSync('config/needs-catalogue.json', 'utf8')) as NeedsCatalogue;

/** One category of two needs, of which a cohort of four gives these counts of highest ranks. */
function tableOf(any: number, first: number, second: number): [PilotTable, NeedsCatalogue] {
  const everywhere = (count: number): PilotTable['rows'][number]['count'] => ({
    all: count,
    benjina: count,
    kantang: count,
    mahachai: count,
    other: count,
  });
  return [
    {
      cohorts: everywhere(4),
      rows: [
        { kind: 'any', code: 'home', count: everywhere(any) },
        { kind: 'need', code: 'roof', count: everywhere(first) },
        { kind: 'need', code: 'bed', count: everywhere(second) },
      ],
    },
    {
      categories: [
        {
          code: 'home',
          label: 'Home',
          needs: [
            { code: 'roof', label: 'Roof' },
            { code: 'bed', label: 'Bed' },
          ],
        },
      ],
    },
  ];
}

describe('highest priorities', () => {
  it.each(['benjina', 'kantang', 'mahachai', 'other'] as const)(
    'leave no client of %s without one, whatever the seed',
    (cohort) => {
      for (let seed = 1; seed <= 50; seed += 1) {
        const priorities = drawHighestPriorities(cohort, table, catalogue, seededDraws(seed, 'test'));
        expect(priorities).toHaveLength(table.cohorts[cohort]);
        expect(Math.min(...priorities.map((needs) => needs.size))).toBeGreaterThan(0);
      }
    },
  );

  it('are shared out, so that nobody holds all of a cohort and few hold only one', () => {
    const sizes = drawHighestPriorities('benjina', table, catalogue, seededDraws(1, 'test')).map((needs) => needs.size);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(12);
    expect(sizes.filter((size) => size === 1).length).toBeLessThan(10);
  });

  it('fall on other clients with another seed', () => {
    const withSeed = (seed: number): Set<string>[] =>
      drawHighestPriorities('kantang', table, catalogue, seededDraws(seed, 'test'));
    expect(withSeed(1)).not.toEqual(withSeed(2));
  });

  it('cannot be drawn when a need has more clients than its category', () => {
    const draw = (): unknown => drawHighestPriorities('other', ...tableOf(4, 5, 1), seededDraws(1, 'test'));
    expect(draw).toThrow('roof has more clients than its category in other');
  });

  it('cannot be drawn when the needs of a category do not add up to its clients', () => {
    const draw = (): unknown => drawHighestPriorities('other', ...tableOf(4, 2, 1), seededDraws(1, 'test'));
    expect(draw).toThrow('home has clients without a need in other');
  });

  it('cannot be drawn when somebody would be left without any', () => {
    const draw = (): unknown => drawHighestPriorities('other', ...tableOf(3, 3, 1), seededDraws(1, 'test'));
    expect(draw).toThrow('too few places');
  });

  it('cannot be drawn from a table that lacks a need of the catalogue', () => {
    const [short, homes] = tableOf(4, 4, 1);
    const withoutBed = { ...short, rows: short.rows.filter(({ code }) => code !== 'bed') };
    expect(() => drawHighestPriorities('other', withoutBed, homes, seededDraws(1, 'test'))).toThrow(
      'The table has no row for need bed',
    );
  });
});
