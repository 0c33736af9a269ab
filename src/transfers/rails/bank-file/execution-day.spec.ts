import { describe, expect, it } from '@jest/globals';
import { BankingDays } from '../../../kernel/domain/banking-days.js';
import { askedExecutionDay, executionDay } from './execution-day.js';

const days = new BankingDays([
  { country: 'TH', year: 2026, source: 'test', days: [{ on: '2026-04-13', name: 'Songkran' }] },
]);
const day = (today: string, dueOn: string) => executionDay(days, { country: 'TH', today, dueOn });

describe('the day of a file', () => {
  it.each([
    ['what is due today is paid today', '2026-04-10', '2026-04-10', '2026-04-10'],
    ['what was due is paid today', '2026-04-10', '2026-03-01', '2026-04-10'],
    ['what is due later is paid then', '2026-04-07', '2026-04-10', '2026-04-10'],
    ['what is due on a holiday is paid on the banking day before', '2026-04-07', '2026-04-13', '2026-04-10'],
    ['a file of a Saturday is for the next banking day', '2026-04-11', '2026-04-11', '2026-04-14'],
    ['what is due on the first, a Sunday, is paid in its month', '2026-02-25', '2026-03-01', '2026-03-02'],
  ])('%s', (_, today, dueOn, paid) => expect(day(today, dueOn)).toBe(paid));

  it.each([
    ['2026-04-09', 'execution-day-past'],
    ['2026-04-13', 'not-a-banking-day'],
    ['2026-04-11', 'not-a-banking-day'],
    ['2026-05-12', 'execution-day-too-far'],
    ['tomorrow', 'date-malformed'],
  ])('cannot be %s', (asked, code) =>
    expect(() => askedExecutionDay(days, { country: 'TH', today: '2026-04-10' }, asked)).toThrow(
      expect.objectContaining({ code, status: 422 }),
    ),
  );

  it('can be the next one after a cut-off', () =>
    expect(askedExecutionDay(days, { country: 'TH', today: '2026-04-10' }, '2026-04-14')).toBe('2026-04-14'));
});
