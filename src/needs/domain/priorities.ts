/** The table of priorities: for each category and each need, how many clients gave it the highest priority. */
import type { NeedsCatalogue } from './catalogue.js';

export interface PriorityRow {
  /** `any`: at least one need of the category; `need`: that need. */
  kind: 'any' | 'need';
  code: string;
  label: string;
  /** Clients with an assessment. */
  n: number;
  /** Those of them with a highest priority here. */
  count: number;
  /** Whole percent of n, rounded half up; 0 when n is 0. */
  percent: number;
}

export interface PriorityCounts {
  n: number;
  byCategory: ReadonlyMap<string, number>;
  byNeed: ReadonlyMap<string, number>;
}

/** One row per category followed by its needs, in the catalogue's order; what nobody chose is there with 0. */
export function priorityRows({ categories }: NeedsCatalogue, { n, byCategory, byNeed }: PriorityCounts): PriorityRow[] {
  const row = (kind: 'any' | 'need', { code, label }: { code: string; label: string }, count: number): PriorityRow => ({
    kind,
    code,
    label,
    n,
    count,
    percent: wholePercent(count, n),
  });
  return categories.flatMap((category) => [
    row('any', category, byCategory.get(category.code) ?? 0),
    ...category.needs.map((need) => row('need', need, byNeed.get(need.code) ?? 0)),
  ]);
}

/** count of n in whole percent, rounded half up, in integers throughout. */
export function wholePercent(count: number, n: number): number {
  if (n === 0) return 0;
  return Number((BigInt(count) * 200n + BigInt(n)) / (BigInt(n) * 2n));
}
