/** Days of the calendar as ISO strings (YYYY-MM-DD), which sort and compare as they are; no time and no zone in them. */
import { Problem } from './problem.js';

export type PlainDate = string;

const DAY_MS = 86_400_000;

/** Whether it is an existing day written YYYY-MM-DD between 1900 and 2199. */
export function isPlainDate(text: string): boolean {
  return /^(19|20|21)\d{2}-\d{2}-\d{2}$/.test(text) && toPlainDate(new Date(`${text}T00:00:00Z`)) === text;
}

/** Throws `date-malformed` (422) for anything but an existing day written YYYY-MM-DD between 1900 and 2199. */
export function parsePlainDate(text: string, field: string): PlainDate {
  if (!isPlainDate(text)) throw Problem.refused('date-malformed', 'Give an existing day as YYYY-MM-DD.', field);
  return text;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** The day it is at that instant in that IANA time zone. */
export function dayIn(timeZone: string, instant: Date): PlainDate {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    // Making one costs more than a thousand uses of it.
    formatter = new Intl.DateTimeFormat('en-CA-u-ca-gregory-nu-latn', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    formatters.set(timeZone, formatter);
  }
  const parts = formatter.formatToParts(instant);
  const part = (type: string) => parts.find((candidate) => candidate.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}`;
}

export function addDays(date: PlainDate, days: number): PlainDate {
  return toPlainDate(new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS));
}

/** The same day n months later, or the last day of that month when it is shorter. Never chained: always from the anchor. */
export function addMonths(anchor: PlainDate, months: number): PlainDate {
  const [year = 0, month = 1, day = 1] = anchor.split('-').map(Number);
  const target = new Date(Date.UTC(year, month - 1 + months, 1));
  const lastDay = new Date(Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0)).getUTCDate();
  target.setUTCDate(Math.min(day, lastDay));
  return toPlainDate(target);
}

export function daysBetween(from: PlainDate, to: PlainDate): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);
}

/** A quarter of the year with its first and last day. */
export interface Quarter {
  period: string;
  from: PlainDate;
  through: PlainDate;
}

/** Throws `period-malformed` (422) for anything but like "2015-Q3". */
export function parseQuarter(period: string, field = 'period'): Quarter {
  const match = /^((?:19|20|21)\d{2})-Q([1-4])$/.exec(period);
  if (!match) throw Problem.refused('period-malformed', 'Give the quarter like "2015-Q3".', field);
  const from = `${match[1]}-${String((Number(match[2]) - 1) * 3 + 1).padStart(2, '0')}-01`;
  return { period, from, through: addDays(addMonths(from, 3), -1) };
}

export function quarterOf(date: PlainDate): Quarter {
  return parseQuarter(`${date.slice(0, 4)}-Q${Math.ceil(Number(date.slice(5, 7)) / 3)}`);
}

/** The last quarter that had ended before that day. */
export function quarterEndedBefore(date: PlainDate): Quarter {
  return quarterOf(addDays(quarterOf(date).from, -1));
}

function toPlainDate(instant: Date): PlainDate {
  return Number.isNaN(instant.getTime()) ? '' : instant.toISOString().slice(0, 10);
}
