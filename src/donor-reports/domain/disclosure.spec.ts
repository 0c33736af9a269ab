import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { differenceIsSafe, LEAST_CLIENTS, reasonToWithhold, rounded, roundedPart } from './disclosure.js';

const people = (...caseGroups: number[]) => ({ clients: caseGroups.reduce((sum, size) => sum + size, 0), caseGroups });

describe('a number of people', () => {
  it.each([
    [[4, 3, 3], 'fewer-than-11-clients'],
    [[], 'fewer-than-11-clients'],
    [[4, 4, 4], 'fewer-than-11-clients'],
    [[5, 4, 4], null],
    [[7, 6], 'fewer-than-3-case-groups'],
    [[100], 'fewer-than-3-case-groups'],
    [[10, 3, 2], null],
    [[11, 3, 2], 'one-case-group-dominates'],
    [[98, 1, 1], 'one-case-group-dominates'],
  ])('from case groups of %j: %s', (groups, reason) => {
    expect(reasonToWithhold(people(...groups))).toBe(reason);
  });

  it('is never said of fewer than 11, nor of 11 or 12, which would read as 10, of fewer than three groups, or where one group is more than two thirds', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 6 }), (groups) => {
        const { clients } = people(...groups);
        const isSafe = clients >= 13 && groups.length >= 3 && Math.max(...groups) * 3 <= clients * 2;
        expect(reasonToWithhold(people(...groups)) === null).toBe(isSafe);
      }),
    );
  });

  it('is said to the nearest five', () => {
    expect([11, 12, 13, 17, 18, 117].map(rounded)).toEqual([10, 10, 15, 15, 20, 115]);
  });
});

describe('a part of the people', () => {
  it.each([
    [10, 40, null],
    [12, 40, null],
    [13, 40, 15],
    [27, 40, 25],
    [28, 40, null],
    [40, 40, null],
    [0, 40, null],
    [13, 25, null],
    [13, 26, 15],
  ])('%i of %i is %s', (count, clients, said) => {
    expect(roundedPart(count, clients)).toBe(said);
  });

  it('is said only where enough are in it and enough are not, and never as a number under eleven', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), (count, others) => {
        const said = roundedPart(count, count + others);
        expect(said !== null).toBe(count >= 13 && others >= 13);
        expect(said === null || said >= LEAST_CLIENTS).toBe(true);
      }),
    );
  });
});

describe('a newer number after an older one', () => {
  it.each([
    [20, 20, true],
    [20, 21, false],
    [20, 30, false],
    [20, 31, true],
    [31, 21, false],
    [31, 20, true],
  ])('%i and then %i: %s', (before, now, isSafe) => {
    expect(differenceIsSafe(before, now)).toBe(isSafe);
  });
});
