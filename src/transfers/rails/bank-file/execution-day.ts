/** On which day a bank is asked to pay: the earliest due day or the banking day before it, never a day that is past. */
import type { BankingDays } from '../../../kernel/domain/banking-days.js';
import { addDays, parsePlainDate, type PlainDate } from '../../../kernel/domain/plain-date.js';
import { Problem } from '../../../kernel/domain/problem.js';
import { sentence } from '../../../kernel/domain/sentence.js';

const MOST_DAYS_AHEAD = 31;

interface Circumstances {
  country: string;
  today: PlainDate;
  /** Earliest due day of what is paid. */
  dueOn: PlainDate;
}

export function executionDay(bankingDays: BankingDays, { country, today, dueOn }: Circumstances): PlainDate {
  const wanted = dueOn > today ? dueOn : today;
  const day = bankingDays.preceding(country, wanted);
  return day < today ? bankingDays.following(country, today) : day;
}

/** A day that somebody asks for, as after a bank's cut-off. Throws `date-malformed`, `execution-day-past`, `execution-day-too-far`, `not-a-banking-day` (422). */
export function askedExecutionDay(
  bankingDays: BankingDays,
  { country, today }: Pick<Circumstances, 'country' | 'today'>,
  asked: string,
): PlainDate {
  const day = parsePlainDate(asked, 'executionOn');
  if (day < today) throw Problem.refused('execution-day-past', 'That day is past at the bank.', 'executionOn');
  if (day > addDays(today, MOST_DAYS_AHEAD))
    throw Problem.refused(
      'execution-day-too-far',
      sentence('A bank is asked at most {most} days ahead.', { most: MOST_DAYS_AHEAD }),
      'executionOn',
    );
  if (!bankingDays.mayWork(country, day))
    throw Problem.refused('not-a-banking-day', 'Banks do not work on that day.', 'executionOn');
  return day;
}
