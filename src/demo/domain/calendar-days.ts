/** Days of the calendar, written YYYY-MM-DD, and the steps the script takes between them. */

import type { Instalment } from './scripted-pilot.js';

interface DayParts {
  year: number;
  month: number;
  day: number;
}

const MONTH_LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

export function plusDays(from: string, days: number): string {
  let { year, month, day } = partsOf(from);
  day += days;
  while (day < 1) {
    ({ year, month } = shiftMonth(year, month, -1));
    day += monthLength(year, month);
  }
  while (day > monthLength(year, month)) {
    day -= monthLength(year, month);
    ({ year, month } = shiftMonth(year, month, 1));
  }
  return written({ year, month, day });
}

/** The same day of another month, or that month's last day where it has no such day. */
export function plusMonths(from: string, months: number): string {
  const { year, month, day } = partsOf(from);
  const target = shiftMonth(year, month, months);
  return written({ ...target, day: Math.min(day, monthLength(target.year, target.month)) });
}

/** Counted from the anchor, not from the transfer before: 31 January, 29 February, 31 March. */
export function dueOn(anchorOn: string, instalment: Instalment): string {
  return plusMonths(anchorOn, instalment - 1);
}

export function dayOfMonth(on: string): number {
  return partsOf(on).day;
}

/** The month of a day, written YYYY-MM. */
export function monthOf(on: string): string {
  return on.slice(0, 7);
}

function partsOf(on: string): DayParts {
  const [year, month, day] = on.split('-').map(Number);
  if (year === undefined || month === undefined || day === undefined) throw new RangeError(`Not a day: ${on}`);
  return { year, month, day };
}

function written({ year, month, day }: DayParts): string {
  return [String(year).padStart(4, '0'), String(month).padStart(2, '0'), String(day).padStart(2, '0')].join('-');
}

function shiftMonth(year: number, month: number, months: number): { year: number; month: number } {
  const monthsSinceYearZero = year * 12 + (month - 1) + months;
  return { year: Math.floor(monthsSinceYearZero / 12), month: (monthsSinceYearZero % 12) + 1 };
}

function monthLength(year: number, month: number): number {
  const leapYear = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  if (month === 2 && leapYear) return 29;
  const length = MONTH_LENGTHS[month - 1];
  if (length === undefined) throw new RangeError(`Not a month: ${month}`);
  return length;
}
