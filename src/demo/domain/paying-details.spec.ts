import { describe, expect, it } from '@jest/globals';
import { intakePlaces } from './anchors.js';
import { drawFunds, drawPhones, drawRails, drawRegion, inventPayee } from './paying-details.js';
import { seededDraws } from './seeded-draws.js';

const places = intakePlaces();
const draws = seededDraws(1, 'paying');

describe('how clients are paid', () => {
  it('by bank for half in Thailand and a quarter elsewhere, in cash for the rest', () => {
    const rails = drawRails(places, draws);
    const manualShare = (code: string): number => {
      const inCountry = rails.filter((_, index) => places[index]?.country === code);
      return inCountry.filter((rail) => rail === 'manual').length / inCountry.length;
    };
    expect(manualShare('TH')).toBeCloseTo(0.5, 1);
    expect(manualShare('MM')).toBeCloseTo(0.25, 1);
    expect(manualShare('LA')).toBeCloseTo(0.25, 1);
  });

  it('into accounts that cannot exist, one for each client', () => {
    const accounts = places.map(({ country }, index) => inventPayee(country, index + 1, draws).account);
    expect(new Set(accounts).size).toBe(117);
    for (const account of accounts) expect(account).toMatch(/^000-0-00\d{3}-0$/);
  });

  it('out of three funds that each reach several case groups and at least two countries', () => {
    const funds = drawFunds(places.length, draws);
    for (const [fund, size] of [
      ['fund-a', 50],
      ['fund-b', 40],
      ['fund-c', 27],
    ] as const) {
      const paidFrom = places.filter((_, index) => funds[index] === fund);
      expect(paidFrom).toHaveLength(size);
      expect(new Set(paidFrom.map(({ caseGroup }) => caseGroup)).size).toBeGreaterThanOrEqual(3);
      expect(new Set(paidFrom.map(({ country }) => country)).size).toBeGreaterThanOrEqual(2);
    }
  });
});

describe('where clients are reached', () => {
  it('on phone numbers that cannot exist and are not shared; a third has none', () => {
    const phones = drawPhones(117, draws);
    const numbers = phones.filter((phone) => phone !== null);
    expect(numbers).toHaveLength(78);
    expect(new Set(numbers).size).toBe(78);
    for (const number of numbers) expect(number).toMatch(/^000\d{7}$/);
  });

  it('in a region only when they live in Thailand', () => {
    expect(drawRegion({ country: 'MM', cohort: 'benjina' }, draws)).toBeNull();
    expect(drawRegion({ country: 'LA', cohort: 'other' }, draws)).toBeNull();
    const regions = new Set(Array.from({ length: 100 }, () => drawRegion({ country: 'TH', cohort: 'benjina' }, draws)));
    expect(regions).toEqual(new Set(['Samut Sakhon', 'Bangkok', null]));
    expect(drawRegion({ country: 'TH', cohort: 'mahachai' }, draws)).toBe('Samut Sakhon');
  });
});
