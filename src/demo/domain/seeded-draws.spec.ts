import { describe, expect, it } from '@jest/globals';
import { seededDraws, type Draws } from './seeded-draws.js';

const tenOf = (draws: Draws): number[] => Array.from({ length: 10 }, () => draws.integer(1, 1000));

describe('seeded draws', () => {
  it('repeat themselves for the same seed and topic', () => {
    expect(tenOf(seededDraws(1, 'names'))).toEqual(tenOf(seededDraws(1, 'names')));
  });

  it('differ for another seed and for another topic', () => {
    const drawn = tenOf(seededDraws(1, 'names'));
    expect(tenOf(seededDraws(2, 'names'))).not.toEqual(drawn);
    expect(tenOf(seededDraws(1, 'phones'))).not.toEqual(drawn);
  });

  it('reach both ends of a range and nothing beyond them', () => {
    const draws = seededDraws(1, 'dice');
    const thrown = new Set(Array.from({ length: 500 }, () => draws.integer(1, 6)));
    expect([...thrown].sort()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('lose nothing in a shuffle and leave the original as it was', () => {
    const original = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    const shuffled = seededDraws(1, 'cards').shuffled(original);
    expect(original).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(shuffled).not.toEqual(original);
    expect([...shuffled].sort((one, other) => one - other)).toEqual(original);
  });

  it('refuse to pick from nothing', () => {
    expect(() => seededDraws(1, 'cards').pick([])).toThrow('Nothing to draw from for cards');
  });
});
