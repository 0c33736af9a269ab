import { describe, expect, it } from '@jest/globals';
import { dueOn, plusDays, plusMonths } from './calendar-days.js';

describe('days of the calendar', () => {
  it.each([
    ['2015-06-03', -5, '2015-05-29'],
    ['2016-01-01', -1, '2015-12-31'],
    ['2016-02-28', 1, '2016-02-29'],
    ['2015-02-28', 1, '2015-03-01'],
    ['2016-06-30', 42, '2016-08-11'],
    ['2015-12-31', 366, '2016-12-31'],
  ])('from %s, %i days lead to %s', (from, days, to) => {
    expect(plusDays(from, days)).toBe(to);
  });

  it('keep the day of the month where the other month has it', () => {
    expect(plusMonths('2015-11-04', 2)).toBe('2016-01-04');
    expect(plusMonths('2016-02-29', -12)).toBe('2015-02-28');
    expect(plusMonths('2015-12-16', -12)).toBe('2014-12-16');
  });

  it('count each instalment from the anchor, so that a short month does not shorten the next', () => {
    expect([dueOn('2016-01-31', 1), dueOn('2016-01-31', 2), dueOn('2016-01-31', 3)]).toEqual([
      '2016-01-31',
      '2016-02-29',
      '2016-03-31',
    ]);
  });
});
