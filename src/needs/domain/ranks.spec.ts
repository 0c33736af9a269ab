import { describe, expect, it } from '@jest/globals';
import { Problem } from '../../kernel/domain/problem.js';
import { needsCatalogue } from '../catalogue.js';
import { highestPriorities, rankNeeds } from './ranks.js';

const everyNeed = (rank: unknown): Record<string, unknown> =>
  Object.fromEntries(needsCatalogue.needs.map(({ code }) => [code, rank]));

function refusalOf(ranks: Record<string, unknown>, interpretations?: Record<string, unknown>): Problem {
  try {
    rankNeeds(needsCatalogue, ranks, interpretations);
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown;
    throw thrown;
  }
  throw new Error('nothing was refused');
}

describe('the ranks of an assessment', () => {
  it('are kept in the order of the catalogue, whatever the order they came in', () => {
    const backwards = Object.fromEntries(Object.entries(everyNeed(2)).reverse());
    const ranked = rankNeeds(needsCatalogue, backwards);
    expect(ranked.map(({ need }) => need)).toEqual(needsCatalogue.needs.map(({ code }) => code));
    expect(ranked).toHaveLength(21);
    expect(ranked[0]).toEqual({ need: 'employment', rank: 2, interpretation: null, original: null });
  });

  it('may all be highest priority, or none', () => {
    expect(highestPriorities(rankNeeds(needsCatalogue, everyNeed(4)))).toHaveLength(21);
    expect(highestPriorities(rankNeeds(needsCatalogue, everyNeed(1)))).toEqual([]);
  });

  it('are refused when a need is missing, naming it', () => {
    const { debt: _, ...ranks } = everyNeed(3);
    const refusal = refusalOf(ranks);
    expect(refusal).toMatchObject({ status: 422, code: 'ranks-incomplete', field: 'ranks' });
    expect(refusal.detail).toContain('1 of them is missing: debt.');
    expect(refusal.errors).toEqual([{ field: 'ranks.debt', code: 'missing', detail: expect.anything() }]);
  });

  it('are refused with one fault for each missing need', () => {
    const refusal = refusalOf({ food: 4, housing: 2 });
    expect(refusal.detail).toContain('19 of them are missing');
    expect(refusal.errors).toHaveLength(19);
    expect(refusalOf({}).errors).toHaveLength(21);
  });

  it('are refused when a need is not in the catalogue, also where it stands in for one that is', () => {
    const { debt: _, ...ranks } = everyNeed(3);
    expect(refusalOf({ ...ranks, debts: 3 })).toMatchObject({
      status: 422,
      code: 'unknown-need',
      field: 'ranks.debts',
    });
    expect(refusalOf({ ...everyNeed(3), constructor: 1 })).toMatchObject({ field: 'ranks.constructor' });
  });

  it('are refused without quoting a hostile name at length', () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`${index}${'x'.repeat(500)}`, 1]));
    const refusal = refusalOf({ ...everyNeed(3), ...many });
    expect(refusal.field?.length).toBeLessThan(60);
    expect(JSON.stringify(refusal.errors).length).toBeLessThan(6000);
  });

  it.each([0, 5, -1, 2.5, 1e300, '4', null, true, [4], {}])('are refused when one is %p', (rank) => {
    expect(refusalOf({ ...everyNeed(2), food: rank })).toMatchObject({
      status: 422,
      code: 'rank-out-of-range',
      field: 'ranks.food',
    });
  });

  it.each([1, 2, 3, 4])('may be %p', (rank) => {
    expect(rankNeeds(needsCatalogue, everyNeed(rank)).every((ranked) => ranked.rank === rank)).toBe(true);
  });
});

describe("the client's own words", () => {
  const foodFirst = { ...everyNeed(3), food: 4, debt: 4 };

  it('are kept for a highest priority, without the blanks around them, and may be left out', () => {
    const ranked = rankNeeds(needsCatalogue, foodFirst, { food: '  Rice for my mother. \n' });
    expect(ranked.filter(({ interpretation }) => interpretation !== null)).toEqual([
      { need: 'food', rank: 4, interpretation: 'Rice for my mother.', original: null },
    ]);
  });

  it('are refused for a need that is not a highest priority', () => {
    expect(refusalOf(foodFirst, { housing: 'A door that locks.' })).toMatchObject({
      code: 'interpretation-without-highest-priority',
      field: 'interpretations.housing',
    });
  });

  it('are none when blank, for any need, because a form sends all its fields', () => {
    const ranked = rankNeeds(needsCatalogue, foodFirst, { food: '', housing: '  ' });
    expect(ranked.every(({ interpretation }) => interpretation === null)).toBe(true);
  });

  it('are counted in characters, of which there may be 2000', () => {
    const longest = '🐟'.repeat(2000);
    expect(rankNeeds(needsCatalogue, foodFirst, { food: longest }).find(({ need }) => need === 'food')).toMatchObject({
      interpretation: longest,
    });
    expect(refusalOf(foodFirst, { food: `${longest}!` })).toMatchObject({
      code: 'text-too-long',
      field: 'interpretations.food',
    });
  });

  it('are refused for an unknown need and when they are not text', () => {
    expect(refusalOf(foodFirst, { fame: 'No.' })).toMatchObject({
      code: 'unknown-need',
      field: 'interpretations.fame',
    });
    expect(refusalOf(foodFirst, { food: 4 })).toMatchObject({ code: 'text-malformed', field: 'interpretations.food' });
  });
});
