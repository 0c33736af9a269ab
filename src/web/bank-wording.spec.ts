/** How the pages say what stands in the way of a month's end, and what a line of a bank's report moved. */
import { describe, expect, it } from '@jest/globals';
import { lineAmountText, obstacleWords } from './bank-wording.js';

describe('What stands in the way of a month’s end', () => {
  it('is one line for each kind of it, and none for what does not', () => {
    const none = {
      unknownPayments: 0,
      unexplainedClearing: 0,
      openWorkItems: 0,
      unfinishedReports: 0,
      accountsWithoutStatement: 0,
      accountsThatDiffer: 0,
      fundsWithoutAccount: 0,
    };
    expect(obstacleWords(none)).toEqual([]);
    expect(obstacleWords({ ...none, openWorkItems: 1, unknownPayments: 2 })).toEqual([
      '2 payments of which nobody knows whether they arrived',
      '1 line on the work list',
    ]);
  });
});

describe('The amount of a line', () => {
  it.each([
    ['debit', '1000.00', 'out, 1,000.00\u00a0THB'],
    ['credit', '1000.00', 'in, 1,000.00\u00a0THB'],
    [null, '1000.00', '1,000.00\u00a0THB'],
    ['debit', null, ''],
  ] as const)('that moved %s %s is said as “%s”', (direction, amount, words) => {
    expect(lineAmountText({ direction, amount, currency: 'THB' })).toBe(words);
  });
});
