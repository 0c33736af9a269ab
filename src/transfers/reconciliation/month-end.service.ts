/** A month's end: clearing accounts at zero or explained, floats by their holders, and each bank account's statement against the books. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { requirePermission, type Actor } from '../../access/domain/actor.js';
import type { Rail } from '../../funds/rails.js';
import { Clock } from '../../kernel/clock.js';
import { addDays, daysBetween, parsePlainDate, type PlainDate } from '../../kernel/domain/plain-date.js';
import { currencies } from '../../kernel/reference-data.js';
import { Settings } from '../../kernel/settings.js';
import type { AttemptState } from '../domain/attempt-state.js';
import { differencesOf, type Difference, type DifferenceRow } from './domain/differences.js';
import { isInOrder, sentenceOf, type Obstacles } from './domain/month-end.js';
import {
  ACCOUNTS_AT,
  BEHIND_CLEARING,
  CLEARING,
  DIFFERENCES,
  FLOATS,
  SUMS,
  WAITING,
  WITHOUT_ACCOUNT,
} from './month-end.sql.js';

/** A weekend and two holidays: banks make no statement of days on which they are closed. */
const STATEMENT_DAYS = 4;
const MOST_BEHIND = 500;

export interface MonthEnd {
  through: PlainDate;
  inOrder: boolean;
  /** The one sentence that says so. */
  sentence: string;
  obstacles: Obstacles;
  clearing: {
    fund: string;
    currency: string;
    rail: Rail;
    balance: string;
    explained: string;
    payments: number;
    unknown: number;
    oldest: PlainDate | null;
  }[];
  /** The oldest, at most 500. */
  behindClearing: {
    fund: string;
    currency: string;
    rail: Rail;
    transfer: string;
    attemptNo: number;
    state: AttemptState;
    instructedOn: PlainDate;
    ageDays: number;
    amount: string;
  }[];
  floats: { fund: string; currency: string; holder: string; balance: string }[];
  accounts: AccountAtMonthEnd[];
  withoutAccount: { fund: string; currency: string; balance: string }[];
}

export interface AccountAtMonthEnd {
  code: string;
  name: string;
  bank: string;
  currency: string;
  /** What the statement says, and of which day it is; null without one. */
  statement: string | null;
  statementOn: PlainDate | null;
  books: string;
  /** Statement less books. */
  difference: string | null;
  /** What the difference is made of; they add up to it. */
  items: (Omit<Difference, 'amountMinor' | 'oldest'> & {
    amount: string;
    /** Of the oldest movement, in days; null where it is of no day. */
    ageDays: number | null;
  })[];
  agrees: boolean;
}

interface AccountRow {
  id: string;
  code: string;
  name: string;
  bank: string;
  currency: string;
  closing_on: PlainDate | null;
  closing_minor: string | null;
  first_on: PlainDate | null;
}

@Injectable()
export class MonthEndService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  /** Through that day, the last one of the month before when left out. Throws `date-malformed` (422). */
  async at(actor: Actor, day?: string): Promise<MonthEnd> {
    requirePermission(actor, 'books:read');
    const through = day === undefined ? this.lastMonth() : parsePlainDate(day, 'through');
    const clearing = await this.clearing(through);
    const accounts: AccountAtMonthEnd[] = [];
    for (const row of await this.db.query<AccountRow[]>(ACCOUNTS_AT, [through]))
      accounts.push(await this.account(row, through));
    const withoutAccount = (
      await this.db.query<{ fund: string; currency: string; balance: string }[]>(WITHOUT_ACCOUNT, [through])
    ).map((row) => ({ ...row, balance: major(row.balance, row.currency) }));
    const [waiting] = await this.db.query<{ open_work_items: number; unfinished_reports: number }[]>(WAITING, [
      through,
    ]);
    const obstacles: Obstacles = {
      unknownPayments: clearing.reduce((sum, { unknown }) => sum + unknown, 0),
      unexplainedClearing: clearing.filter(({ balance, explained }) => balance !== explained).length,
      openWorkItems: waiting?.open_work_items ?? 0,
      unfinishedReports: waiting?.unfinished_reports ?? 0,
      accountsWithoutStatement: accounts.filter(({ statement }) => statement === null).length,
      accountsThatDiffer: accounts.filter(({ statement, agrees }) => statement !== null && !agrees).length,
      fundsWithoutAccount: withoutAccount.length,
    };
    return {
      through,
      inOrder: isInOrder(obstacles),
      sentence: sentenceOf(through, obstacles),
      obstacles,
      clearing,
      behindClearing: await this.behindClearing(through),
      floats: (
        await this.db.query<{ fund: string; currency: string; holder: string; balance: string }[]>(FLOATS, [through])
      ).map((row) => ({ ...row, balance: major(row.balance, row.currency) })),
      accounts,
      withoutAccount,
    };
  }

  private lastMonth(): PlainDate {
    return addDays(`${this.clock.today(this.settings.timeZone).slice(0, 8)}01`, -1);
  }

  private async clearing(through: PlainDate): Promise<MonthEnd['clearing']> {
    const rows = await this.db.query<MonthEnd['clearing']>(CLEARING, [through]);
    return rows.map((row) => ({
      ...row,
      balance: major(row.balance, row.currency),
      explained: major(row.explained, row.currency),
    }));
  }

  private async behindClearing(through: PlainDate): Promise<MonthEnd['behindClearing']> {
    const rows = await this.db.query<
      (Omit<MonthEnd['behindClearing'][number], 'attemptNo' | 'instructedOn' | 'ageDays'> & {
        attempt_no: number;
        instructed_on: PlainDate;
        age_days: number;
      })[]
    >(BEHIND_CLEARING, [through, MOST_BEHIND]);
    return rows.map(({ attempt_no, instructed_on, age_days, ...row }) => ({
      ...row,
      attemptNo: attempt_no,
      instructedOn: instructed_on,
      ageDays: age_days,
      amount: major(row.amount, row.currency),
    }));
  }

  private async account(row: AccountRow, through: PlainDate): Promise<AccountAtMonthEnd> {
    const { currency } = row;
    const [sums] = await this.db.query<{ books: string; lines: string; later: string }[]>(SUMS, [
      row.id,
      through,
      row.closing_on,
    ]);
    const books = BigInt(sums?.books ?? '0');
    const about = { code: row.code, name: row.name, bank: row.bank, currency, books: major(books, currency) };
    if (!row.closing_on || row.closing_minor === null || daysBetween(row.closing_on, through) > STATEMENT_DAYS)
      return { ...about, statement: null, statementOn: row.closing_on, difference: null, items: [], agrees: false };
    const [lines, later] = [BigInt(sums?.lines ?? '0'), BigInt(sums?.later ?? '0')];
    const statement = BigInt(row.closing_minor) + later;
    const rows = await this.db.query<DifferenceRow[]>(DIFFERENCES, [row.id, through]);
    const items = differencesOf(rows, {
      broughtForwardMinor: statement - lines,
      statementsFrom: row.first_on,
      statementOn: row.closing_on,
    });
    return {
      ...about,
      statement: major(statement, currency),
      statementOn: row.closing_on,
      difference: major(statement - books, currency),
      items: items.map(({ amountMinor, oldest, ...item }) => ({
        ...item,
        amount: major(amountMinor, currency),
        ageDays: oldest === null ? null : daysBetween(oldest, through),
      })),
      agrees: items.every(({ isExplained }) => isExplained),
    };
  }
}

function major(minor: string | bigint, currency: string): string {
  return currencies.format(BigInt(minor), currency);
}
