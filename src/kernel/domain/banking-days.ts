/** On which days banks of a country work: weekends, and the holiday calendars that there are. A calendar that is missing is said, never taken for "no holidays". */
import { addDays, type PlainDate } from './plain-date.js';

/** Of one country and year, from `config/holidays/`. */
export interface HolidayCalendar {
  country: string;
  year: number;
  /** Where the days were taken from. */
  source: string;
  days: readonly { on: PlainDate; name: string }[];
}

/** `calendar-missing`: no weekend, and nobody knows whether it is a holiday. */
export type DayAtBanks = 'banking-day' | 'weekend' | 'holiday' | 'calendar-missing';

export class BankingDays {
  private readonly holidays: ReadonlyMap<string, ReadonlySet<PlainDate>>;

  constructor(calendars: readonly HolidayCalendar[]) {
    this.holidays = new Map(
      calendars.map(({ country, year, days }) => [`${country}-${year}`, new Set(days.map(({ on }) => on))]),
    );
  }

  isKnown(country: string, day: PlainDate): boolean {
    return this.holidays.has(calendarName(country, day));
  }

  on(country: string, day: PlainDate): DayAtBanks {
    if (isWeekend(day)) return 'weekend';
    const holidays = this.holidays.get(calendarName(country, day));
    if (!holidays) return 'calendar-missing';
    return holidays.has(day) ? 'holiday' : 'banking-day';
  }

  /** Whether banks may be at work; without a calendar every day but a weekend's may be. */
  mayWork(country: string, day: PlainDate): boolean {
    return !['weekend', 'holiday'].includes(this.on(country, day));
  }

  /** That day, or the first one after it on which banks may be at work. */
  following(country: string, day: PlainDate): PlainDate {
    return this.seek(country, day, 1);
  }

  /**
   * That day, or the last one before it on which banks may be at work, so that money is never late; where that would be in the month before, the
   * first one after it (the convention "modified preceding").
   */
  preceding(country: string, day: PlainDate): PlainDate {
    const before = this.seek(country, day, -1);
    return before.slice(0, 7) === day.slice(0, 7) ? before : this.following(country, day);
  }

  private seek(country: string, from: PlainDate, step: 1 | -1): PlainDate {
    for (let day = from, looked = 0; looked < 60; day = addDays(day, step), looked += 1)
      if (this.mayWork(country, day)) return day;
    throw new RangeError(`banks of ${country} do not work for two months around ${from}`);
  }
}

const calendarName = (country: string, day: PlainDate) => `${country}-${day.slice(0, 4)}`;

function isWeekend(day: PlainDate): boolean {
  return [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay());
}
