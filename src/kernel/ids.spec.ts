import { describe, expect, it } from '@jest/globals';
import { Clock, TravellingClock } from './clock.js';
import { Ids } from './ids.js';

const many = (ids: Ids, count: number): string[] => Array.from({ length: count }, () => ids.newId());
const isAscending = (ids: readonly string[]): boolean =>
  ids.every((id, index) => index === 0 || (ids[index - 1] as string) < id);

describe('ids', () => {
  it('are UUIDs of version 7 and of the variant of RFC 9562', () => {
    for (const id of many(new Ids(new Clock()), 1_000))
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('begin with the millisecond', () => {
    const clock = new TravellingClock();
    clock.travelTo(new Date('2016-02-29T10:00:00.123Z'));
    const id = new Ids(clock).newId();
    expect(new Date(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toISOString()).toBe(
      '2016-02-29T10:00:00.123Z',
    );
  });

  it('are 100,000 different ones in rising order, with a clock that runs', () => {
    const ids = many(new Ids(new Clock()), 100_000);
    expect(new Set(ids).size).toBe(100_000);
    expect(isAscending(ids)).toBe(true);
  });

  it('are so with a clock that stands still', () => {
    const clock = new TravellingClock();
    clock.travelTo(new Date('2016-02-29T10:00:00Z'));
    const ids = many(new Ids(clock), 100_000);
    expect(new Set(ids).size).toBe(100_000);
    expect(isAscending(ids)).toBe(true);
  });

  it('stay in order when the clock goes on after a burst within one millisecond', () => {
    const clock = new TravellingClock();
    const ids = new Ids(clock);
    const made: string[] = [];
    for (let ms = 0; ms < 20; ms += 1) {
      clock.travelTo(new Date(1_456_740_000_000 + ms));
      made.push(...many(ids, ms === 0 ? 40_000 : 10));
    }
    expect(isAscending(made)).toBe(true);
  });

  it('are different ones from two processes at the same moment', () => {
    const clock = new TravellingClock();
    clock.travelTo(new Date('2016-02-29T10:00:00Z'));
    expect(new Set([...many(new Ids(clock), 10_000), ...many(new Ids(clock), 10_000)]).size).toBe(20_000);
  });

  it('go back with a clock that is set back', () => {
    const clock = new TravellingClock();
    const ids = new Ids(clock);
    clock.travelTo(new Date('2026-01-01T00:00:00Z'));
    const later = ids.newId();
    clock.travelTo(new Date('2016-01-01T00:00:00Z'));
    expect(ids.newId() < later).toBe(true);
  });
});
