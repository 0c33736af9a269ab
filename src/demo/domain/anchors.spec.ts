import { describe, expect, it } from '@jest/globals';
import { intakePlaces } from './anchors.js';

const places = intakePlaces();
const countOf = (matches: (place: (typeof places)[number]) => boolean): number => places.filter(matches).length;

describe('the intake batches of the pilot', () => {
  it('take in 54 clients of Benjina, 21 of Kantang, 20 of Mahachai and 22 others', () => {
    expect(countOf(({ cohort }) => cohort === 'benjina')).toBe(54);
    expect(countOf(({ cohort }) => cohort === 'kantang')).toBe(21);
    expect(countOf(({ cohort }) => cohort === 'mahachai')).toBe(20);
    expect(countOf(({ cohort }) => cohort === 'other')).toBe(22);
  });

  it('split the others into five case groups', () => {
    const sizes = [1, 2, 3, 4, 5].map((group) => countOf(({ caseGroup }) => caseGroup === `other-${group}`));
    expect(sizes).toEqual([6, 5, 4, 4, 3]);
  });

  it('give every client a key of their own that begins with the case group', () => {
    expect(new Set(places.map(({ key }) => key)).size).toBe(117);
    for (const { key, caseGroup } of places) expect(key).toMatch(new RegExp(`^${caseGroup}-\\d\\d$`));
  });

  it('reach at least eleven clients in each country, most of them in Thailand', () => {
    const inCountry = (code: string): number => countOf(({ country }) => country === code);
    expect(inCountry('LA')).toBeGreaterThanOrEqual(11);
    expect(inCountry('MM')).toBeGreaterThan(inCountry('LA'));
    expect(inCountry('TH')).toBeGreaterThan(inCountry('MM'));
  });

  it('reach speakers of Khmer in Thailand only', () => {
    expect(places.filter(({ language }) => language === 'km').map(({ country }) => country)).not.toContain('MM');
    expect(places.filter(({ language }) => language === 'km').map(({ country }) => country)).not.toContain('LA');
  });

  it('begin on 30 to 40 days between June 2015 and April 2016, in every month of that time', () => {
    const days = new Set(places.map(({ anchorOn }) => anchorOn));
    expect(days.size).toBeGreaterThanOrEqual(30);
    expect(days.size).toBeLessThanOrEqual(40);
    for (const day of days) {
      expect(day >= '2015-06-01').toBe(true);
      expect(day <= '2016-04-30').toBe(true);
    }
    expect(new Set([...days].map((day) => day.slice(0, 7))).size).toBe(11);
  });

  it('include month ends that shorter months follow', () => {
    const startingOn = (day: string): number => countOf(({ anchorOn }) => anchorOn === day);
    expect(startingOn('2015-08-31')).toBeGreaterThan(0);
    expect(startingOn('2015-10-31')).toBeGreaterThan(0);
    expect(startingOn('2016-01-29')).toBeGreaterThan(0);
    expect(startingOn('2016-01-30')).toBeGreaterThan(0);
    expect(startingOn('2016-01-31')).toBeGreaterThan(3);
  });
});
