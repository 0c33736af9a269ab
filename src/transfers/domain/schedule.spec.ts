import { describe, expect, it } from '@jest/globals';
import { dueDates } from './schedule.js';

const daysOf = (anchorOn: string): string[] => dueDates(anchorOn).map(({ dueOn }) => dueOn);

describe('the three transfers', () => {
  it('are due on the anchor day and one and two months after it', () => {
    expect(dueDates('2015-06-15')).toEqual([
      { instalment: 1, dueOn: '2015-06-15' },
      { instalment: 2, dueOn: '2015-07-15' },
      { instalment: 3, dueOn: '2015-08-15' },
    ]);
  });

  it.each([
    ['2016-01-31', ['2016-01-31', '2016-02-29', '2016-03-31']],
    ['2015-01-31', ['2015-01-31', '2015-02-28', '2015-03-31']],
    ['2015-12-30', ['2015-12-30', '2016-01-30', '2016-02-29']],
    ['2015-11-30', ['2015-11-30', '2015-12-30', '2016-01-30']],
  ])('from %s keep to the end of short months and come back', (anchorOn, expected) => {
    expect(daysOf(anchorOn)).toEqual(expected);
  });

  it('are in three consecutive months, whichever day of four years they begin on', () => {
    for (let day = Date.UTC(2015, 0, 1); day < Date.UTC(2019, 0, 1); day += 86_400_000) {
      const months = daysOf(new Date(day).toISOString().slice(0, 10)).map(
        (dueOn) => Number(dueOn.slice(0, 4)) * 12 + Number(dueOn.slice(5, 7)),
      );
      const [first = 0] = months;
      expect(months).toEqual([first, first + 1, first + 2]);
    }
  });
});
