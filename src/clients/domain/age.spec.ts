import { describe, expect, it } from '@jest/globals';
import { ageBandOf } from './age.js';

describe('a client', () => {
  it.each([
    ['2008-03-02', '2026-03-01', 'child'],
    ['2008-03-02', '2026-03-02', 'adult'],
    ['2008-12-31', '2026-12-30', 'child'],
    ['2008-12-31', '2026-12-31', 'adult'],
    ['1950-01-01', '2026-01-01', 'adult'],
    ['2026-01-01', '2026-01-01', 'child'],
  ])('born on %s is on %s: %s', (dateOfBirth, today, band) => {
    expect(ageBandOf({ dateOfBirth }, today)).toBe(band);
  });

  it.each([
    ['2026-02-27', 'child'],
    ['2026-02-28', 'child'],
    ['2026-03-01', 'adult'],
  ])('born on 29 February is 18 on the first of March of a common year, and no day sooner: on %s %s', (today, band) => {
    expect(ageBandOf({ dateOfBirth: '2008-02-29' }, today)).toBe(band);
  });

  it.each([
    ['2024-02-29', 'child'],
    ['2024-03-02', 'unknown'],
    ['2026-03-02', 'unknown'],
    ['2028-03-01', 'unknown'],
    ['2028-03-02', 'adult'],
  ])('guessed to be born on 2 March 2008 is on %s beyond doubt, or not: %s', (today, band) => {
    expect(ageBandOf({ dateOfBirth: '2008-03-02', dateOfBirthIsGuess: true }, today)).toBe(band);
  });

  it('of unknown age is neither', () => {
    expect(ageBandOf({}, '2026-03-02')).toBe('unknown');
    expect(ageBandOf({ dateOfBirth: '', dateOfBirthIsGuess: true }, '2026-03-02')).toBe('unknown');
  });
});
