/** How many refusals are written down one by one, and when they are only counted. */
import { describe, expect, it } from '@jest/globals';
import { EACH_OF_ACTOR, EACH_OF_SUBJECT, MOST_SUBJECTS, ONE_IN, RefusalTally } from './refusal-tally.js';

const NOON = new Date('2026-03-02T12:00:00Z');
const NEXT_HOUR = new Date('2026-03-02T13:00:00Z');

const route = (id: string | number) => ({ kind: 'route', id: `${id}` });
const client = (id: string | number) => ({ kind: 'client', id: `${id}` });
const times = (count: number, one: (index: number) => number | null) =>
  Array.from({ length: count }, (_, index) => one(index)).filter((recorded) => recorded !== null);

describe('Refusals', () => {
  it('are each written down as long as they are few', () => {
    const tally = new RefusalTally();
    expect(times(EACH_OF_SUBJECT, () => tally.toRecord(NOON, 'a', route('x')))).toHaveLength(EACH_OF_SUBJECT);
  });

  it('of one subject are then written one in a hundred, with their count', () => {
    const tally = new RefusalTally();
    const recorded = times(3 * ONE_IN, () => tally.toRecord(NOON, 'a', route('x')));
    expect(recorded.slice(EACH_OF_SUBJECT)).toEqual([ONE_IN, 2 * ONE_IN, 3 * ONE_IN]);
  });

  it('of one actor are bounded, but for the first of each subject, which is always written', () => {
    const tally = new RefusalTally();
    const twice = (index: number) => tally.toRecord(NOON, 'a', client(Math.floor(index / 2)));
    const recorded = times(10_000, twice);
    expect(recorded.filter((count) => count === 1)).toHaveLength(5_000);
    expect(recorded.length).toBeLessThanOrEqual(5_000 + EACH_OF_ACTOR + 10_000 / ONE_IN);
  });

  it('of routes hide none of clients', () => {
    const tally = new RefusalTally();
    times(10_000, () => tally.toRecord(NOON, 'a', route('x')));
    for (let count = 1; count <= EACH_OF_SUBJECT; count += 1)
      expect(tally.toRecord(NOON, 'a', client('y'))).toBe(count);
  });

  it('of more subjects than are remembered are written each time', () => {
    const tally = new RefusalTally();
    times(MOST_SUBJECTS, (index) => tally.toRecord(NOON, 'a', client(index)));
    expect(times(3, () => tally.toRecord(NOON, 'a', client('one more')))).toEqual([1, 1, 1]);
  });

  it('of others are not lost in them, and each hour begins anew', () => {
    const tally = new RefusalTally();
    times(10_000, () => tally.toRecord(NOON, 'a', route('x')));
    expect(tally.toRecord(NOON, 'b', route('x'))).toBe(1);
    expect(tally.toRecord(NEXT_HOUR, 'a', route('x'))).toBe(1);
  });
});
