import { describe, expect, it } from '@jest/globals';
import { bankingDays, holidayCalendars } from '../reference-data.js';
import { BankingDays } from './banking-days.js';
import { isPlainDate } from './plain-date.js';

const days = new BankingDays([
  {
    country: 'TH',
    year: 2026,
    source: 'test',
    days: ['2026-04-13', '2026-04-14', '2026-04-15', '2026-05-01'].map((on) => ({ on, name: 'holiday' })),
  },
]);

describe('a day at the banks', () => {
  it.each([
    ['2026-04-10', 'banking-day'],
    ['2026-04-11', 'weekend'],
    ['2026-04-12', 'weekend'],
    ['2026-04-13', 'holiday'],
    ['2027-04-13', 'calendar-missing'],
    ['2027-04-10', 'weekend'],
  ])('%s is a %s', (day, at) => expect(days.on('TH', day)).toBe(at));

  it('of a country without a calendar is not taken for a banking day', () => {
    expect(days.on('MM', '2026-04-13')).toBe('calendar-missing');
    expect(days.isKnown('MM', '2026-04-13')).toBe(false);
    expect(days.mayWork('MM', '2026-04-13')).toBe(true);
  });
});

describe('the day on which a bank pays', () => {
  it.each([
    ['a banking day', '2026-04-10', '2026-04-10'],
    ['a Sunday', '2026-04-12', '2026-04-10'],
    ['the last of several holidays', '2026-04-15', '2026-04-10'],
    ['a holiday on the first of a month', '2026-05-01', '2026-05-04'],
    ['a Saturday, the second of a month whose first is a holiday', '2026-05-02', '2026-05-04'],
    ['a Sunday, the last of a month', '2026-05-31', '2026-05-29'],
  ])('for %s', (_, wanted, paid) => expect(days.preceding('TH', wanted)).toBe(paid));

  it('after today is never before it', () => expect(days.following('TH', '2026-04-11')).toBe('2026-04-16'));

  it('is not looked for without end', () => {
    const shut = Array.from({ length: 366 }, (_, n) => new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10));
    const never = new BankingDays([
      { country: 'TH', year: 2026, source: 'test', days: shut.map((on) => ({ on, name: 'shut' })) },
    ]);
    expect(() => never.following('TH', '2026-03-02')).toThrow(RangeError);
  });
});

describe('the calendars that the service comes with', () => {
  it.each(holidayCalendars.map((one) => [`${one.country} ${one.year}`, one] as const))(
    '%s says where it is from, and its days exist, once each, in order',
    (_, { source, year, days: listed }) => {
      expect(source).not.toBe('');
      const on = listed.map((one) => one.on);
      expect(on.every((day) => isPlainDate(day) && day.startsWith(String(year)))).toBe(true);
      expect(on).toEqual([...new Set(on)].sort());
    },
  );

  it.each(['TH', 'VN', 'ID', 'PH', 'MY'])('know %s in 2026', (country) =>
    expect(bankingDays.isKnown(country, '2026-12-10')).toBe(true),
  );

  it.each(['MM', 'LA', 'KH'])('do not know %s, and say so', (country) =>
    expect(bankingDays.on(country, '2026-04-14')).toBe('calendar-missing'),
  );
});
