/** Reads the reference data in `config/`: the one place that knows where these files lie. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BankingDays, type HolidayCalendar } from './domain/banking-days.js';
import { Problem } from './domain/problem.js';
import { CurrencyTable } from './domain/money.js';
import { projectRoot } from './config.js';

export interface Country {
  code: string;
  name: string;
  timeZone: string;
  currency: string;
  daysPerMonth: number;
  sector: string;
}

export function readConfigText(file: string): string {
  return readFileSync(join(projectRoot, 'config', file), 'utf8');
}

export function readConfigJson<T>(file: string): T {
  return JSON.parse(readConfigText(file)) as T;
}

interface CurrenciesFile {
  currencies: { code: string; minorUnits: number; payableStep: string }[];
}

/** The currencies of `config/currencies.json`. */
export const currencies = new CurrencyTable(
  readConfigJson<CurrenciesFile>('currencies.json').currencies.map(({ code, minorUnits, payableStep }) => {
    const [whole = '0', fraction = ''] = payableStep.split('.');
    return { code, minorUnits, payableStepMinor: BigInt(whole + fraction.padEnd(minorUnits, '0')) };
  }),
);

/** The countries of `config/countries.json`. */
export const countries: readonly Country[] = readConfigJson<{ countries: Country[] }>('countries.json').countries;

/** The holiday calendars of `config/holidays/`, one file for each country and year. */
export const holidayCalendars: readonly HolidayCalendar[] = readdirSync(join(projectRoot, 'config', 'holidays'))
  .sort()
  .map((file) => readConfigJson<HolidayCalendar>(join('holidays', file)));

export const bankingDays = new BankingDays(holidayCalendars);

/** Throws `unknown-country` (422). */
export function countryOf(code: string, field = 'country'): Country {
  const found = countries.find((country) => country.code === code);
  if (!found)
    throw Problem.refused('unknown-country', 'This service has no wages and no calendar for that country.', field);
  return found;
}
