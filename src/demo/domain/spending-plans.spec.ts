import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { CountryCode, NeedsCatalogue } from './scripted-pilot.js';
import { seededDraws } from './seeded-draws.js';
import { drawSpendingPlan, THREE_TRANSFERS_BAHT, type SpendingPlan } from './spending-plans.js';

const catalogue = JSON.parse(readFileSync('config/needs-catalogue.json', 'utf8')) as NeedsCatalogue;
const needs = catalogue.categories.flatMap((category) => category.needs.map(({ code }) => code));
const COUNTRIES: readonly CountryCode[] = ['TH', 'MM', 'LA'];

const priorityLists = [...needs.map((need) => [need]), needs.slice(0, 3), needs.slice(5, 13), needs];
const plans = COUNTRIES.flatMap((country) =>
  priorityLists.flatMap((priorities) =>
    Array.from({ length: 10 }, (_, seed) => ({
      country,
      priorities,
      ...drawSpendingPlan(priorities, country, true, seededDraws(seed, 'plans')),
    })),
  ),
);
const planned = ({ plan }: SpendingPlan): number => plan.reduce((sum, { amount }) => sum + Number(amount), 0);
const spent = ({ tracking }: SpendingPlan): number => tracking.reduce((sum, item) => sum + Number(item.spent), 0);

describe('a spending plan', () => {
  it('knows the pilot values of 9,000, 4,707 and 3,360 baht a transfer', () => {
    expect(THREE_TRANSFERS_BAHT).toEqual({ TH: 27000, MM: 14121, LA: 10080 });
  });

  it("has two to five different items, each for one of the client's own highest priorities", () => {
    for (const { plan, priorities } of plans) {
      expect(plan.length).toBeGreaterThanOrEqual(2);
      expect(plan.length).toBeLessThanOrEqual(5);
      expect(new Set(plan.map(({ description }) => description)).size).toBe(plan.length);
      for (const { need } of plan) expect(priorities).toContain(need);
    }
  });

  it('serves each priority once before it serves one twice', () => {
    const ofThree = plans.filter(({ priorities, plan }) => priorities.length >= 3 && plan.length <= 3);
    expect(ofThree.length).toBeGreaterThan(0);
    for (const { plan } of ofThree) expect(new Set(plan.map(({ need }) => need)).size).toBe(plan.length);
  });

  it('has items of whole baht, none of them for nothing', () => {
    for (const { amount } of plans.flatMap(({ plan }) => plan)) {
      expect(amount).toMatch(/^[1-9]\d*\.00$/);
    }
  });

  it('never plans more than the three transfers, and mostly plans most of them', () => {
    const shares = plans.map((one) => planned(one) / THREE_TRANSFERS_BAHT[one.country]);
    expect(Math.max(...shares)).toBeLessThanOrEqual(1);
    expect(shares.filter((share) => share > 0.6).length / shares.length).toBeGreaterThan(0.7);
  });
});

describe('tracking what was spent', () => {
  it('tells of each item what came of it, and is not asked of everyone', () => {
    for (const { plan, tracking } of plans) {
      expect(tracking.map(({ item }) => item)).toEqual(plan.map((_, index) => index));
      for (const { cameOf } of tracking) expect(cameOf).toMatch(/^[A-Z].*\.$/);
    }
    expect(drawSpendingPlan(['food'], 'LA', false, seededDraws(1, 'plans')).tracking).toEqual([]);
  });

  it('differs from the plan now and then, but never spends more than was received', () => {
    const amounts = plans.flatMap(({ plan, tracking }) =>
      tracking.map(({ item, spent }) => [spent, plan[item]?.amount]),
    );
    expect(amounts.some(([spent, amount]) => spent === amount)).toBe(true);
    expect(amounts.some(([spent, amount]) => Number(spent) < Number(amount))).toBe(true);
    expect(amounts.some(([spent, amount]) => Number(spent) > Number(amount))).toBe(true);
    for (const one of plans) expect(spent(one)).toBeLessThanOrEqual(THREE_TRANSFERS_BAHT[one.country]);
  });
});
