import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  addDays,
  addMonths,
  dayIn,
  daysBetween,
  parsePlainDate,
  parseQuarter,
  quarterEndedBefore,
  quarterOf,
} from './plain-date.js';

const anyDay = fc
  .date({ min: new Date('1990-01-01'), max: new Date('2100-12-31'), noInvalidDate: true })
  .map((instant) => instant.toISOString().slice(0, 10));

describe('a day', () => {
  it.each(['2016-02-29', '2000-02-29', '2026-12-31', '1900-01-01', '2199-12-31'])('%s is one', (text) => {
    expect(parsePlainDate(text, 'dueOn')).toBe(text);
  });

  it.each([
    '2015-02-29',
    '1900-02-29',
    '2026-02-30',
    '2026-04-31',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '2026-1-1',
    '26-01-01',
    '1899-12-31',
    '2200-01-01',
    '2569-02-01',
    '2026-01-01T00:00',
    ' 2026-01-01',
    '2026-01-01\n',
    '2026/01/01',
    '',
  ])('%j is none', (text) => {
    expect(() => parsePlainDate(text, 'dueOn')).toThrow(
      expect.objectContaining({ status: 422, code: 'date-malformed', field: 'dueOn' }),
    );
  });
});

describe('months after a day', () => {
  it.each([
    ['2016-01-31', 1, '2016-02-29'],
    ['2016-01-31', 2, '2016-03-31'],
    ['2015-01-31', 1, '2015-02-28'],
    ['2015-01-30', 1, '2015-02-28'],
    ['2015-01-29', 1, '2015-02-28'],
    ['2015-01-28', 1, '2015-02-28'],
    ['2016-01-29', 1, '2016-02-29'],
    ['2015-12-31', 2, '2016-02-29'],
    ['2015-08-31', 1, '2015-09-30'],
    ['2015-08-31', 2, '2015-10-31'],
    ['2015-11-15', 2, '2016-01-15'],
    ['2016-02-29', 12, '2017-02-28'],
    ['2016-02-29', 48, '2020-02-29'],
    ['2015-03-31', -1, '2015-02-28'],
    ['2015-05-05', 0, '2015-05-05'],
  ])('%s and %i months: %s', (anchor, months, expected) => {
    expect(addMonths(anchor, months)).toBe(expected);
  });

  it('are counted from the anchor: going step by step would lose the end of the month', () => {
    expect(addMonths(addMonths('2016-01-31', 1), 1)).toBe('2016-03-29');
    expect(addMonths('2016-01-31', 2)).toBe('2016-03-31');
  });

  it('fall into that month, on the same day or on its last one', () => {
    fc.assert(
      fc.property(anyDay, fc.integer({ min: 0, max: 36 }), (anchor, months) => {
        const later = addMonths(anchor, months);
        const monthNumber = (day: string) => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7));
        expect(monthNumber(later) - monthNumber(anchor)).toBe(months);
        const isLastOfMonth = addDays(later, 1).slice(8) === '01';
        expect(later.slice(8) === anchor.slice(8) || isLastOfMonth).toBe(true);
        expect(later.slice(8) <= anchor.slice(8)).toBe(true);
      }),
    );
  });
});

describe('days', () => {
  it('between two and added to the first give the second', () => {
    fc.assert(fc.property(anyDay, anyDay, (from, to) => expect(addDays(from, daysBetween(from, to))).toBe(to)));
  });

  it('go over the end of a leap February', () => {
    expect(addDays('2016-02-28', 1)).toBe('2016-02-29');
    expect(addDays('2015-02-28', 1)).toBe('2015-03-01');
    expect(addDays('2016-03-01', -1)).toBe('2016-02-29');
  });
});

describe('the day it is', () => {
  it.each([
    ['2026-01-31T17:29:59.999Z', 'Asia/Yangon', '2026-01-31'],
    ['2026-01-31T17:30:00.000Z', 'Asia/Yangon', '2026-02-01'],
    ['2026-01-31T16:59:59.999Z', 'Asia/Bangkok', '2026-01-31'],
    ['2026-01-31T17:00:00.000Z', 'Asia/Bangkok', '2026-02-01'],
    ['2026-01-31T17:15:00.000Z', 'Asia/Vientiane', '2026-02-01'],
    ['2026-01-31T16:00:00.000Z', 'Asia/Manila', '2026-02-01'],
    ['2026-01-31T16:00:00.000Z', 'Asia/Jakarta', '2026-01-31'],
    ['2016-02-28T18:00:00.000Z', 'Asia/Bangkok', '2016-02-29'],
    ['2015-12-31T23:59:59.999Z', 'UTC', '2015-12-31'],
    ['2015-12-31T18:00:00.000Z', 'Asia/Bangkok', '2016-01-01'],
  ])('at %s in %s is %s', (instant, zone, day) => {
    expect(dayIn(zone, new Date(instant))).toBe(day);
  });
});

describe('quarters', () => {
  it.each([
    ['2015-Q1', '2015-01-01', '2015-03-31'],
    ['2016-Q1', '2016-01-01', '2016-03-31'],
    ['2015-Q2', '2015-04-01', '2015-06-30'],
    ['2015-Q3', '2015-07-01', '2015-09-30'],
    ['2015-Q4', '2015-10-01', '2015-12-31'],
  ])('%s is from %s through %s', (period, from, through) => {
    expect(parseQuarter(period)).toEqual({ period, from, through });
    expect(quarterOf(from).period).toBe(period);
    expect(quarterOf(through).period).toBe(period);
  });

  it.each(['2015-Q0', '2015-Q5', '2015Q1', '2015-q1', '1899-Q1', '2200-Q1', 'Q1-2015', '2015-Q1\n', ''])(
    '%j is none',
    (text) => {
      expect(() => parseQuarter(text)).toThrow(expect.objectContaining({ code: 'period-malformed', field: 'period' }));
    },
  );

  it('follow each other without a gap', () => {
    fc.assert(
      fc.property(anyDay, (day) => {
        const quarter = quarterOf(day);
        expect(quarter.from <= day && day <= quarter.through).toBe(true);
        expect(addDays(quarterEndedBefore(day).through, 1)).toBe(quarter.from);
      }),
    );
  });

  it('have ended only when their last day is over', () => {
    expect(quarterEndedBefore('2015-09-30').period).toBe('2015-Q2');
    expect(quarterEndedBefore('2015-10-01').period).toBe('2015-Q3');
    expect(quarterEndedBefore('2016-01-01').period).toBe('2015-Q4');
  });
});
