/** Whether a month is closed in order, and the sentence that says so. */
import type { PlainDate } from '../../../kernel/domain/plain-date.js';

/** What stands in the way, each with how many there are of it. */
export interface Obstacles {
  /** Payments of which nobody knows what became of them. */
  unknownPayments: number;
  /** Clearing accounts that hold something no payment explains. */
  unexplainedClearing: number;
  openWorkItems: number;
  /** Bank reports that are being read, or were broken off. */
  unfinishedReports: number;
  /** Accounts without a balance of that day or shortly before it. */
  accountsWithoutStatement: number;
  /** Accounts whose statement is not what the books say, with something in between that nobody explains. */
  accountsThatDiffer: number;
  /** Funds with money of which nobody said in which account it lies. */
  fundsWithoutAccount: number;
}

const WORDS: readonly (readonly [keyof Obstacles, string, string])[] = [
  [
    'unknownPayments',
    'payment of which nobody knows whether it arrived',
    'payments of which nobody knows whether they arrived',
  ],
  ['unexplainedClearing', 'clearing account that no payment explains', 'clearing accounts that no payment explains'],
  ['openWorkItems', 'line on the work list', 'lines on the work list'],
  ['unfinishedReports', 'bank report that was not read to its end', 'bank reports that were not read to their end'],
  ['accountsWithoutStatement', 'account without a statement', 'accounts without a statement'],
  ['accountsThatDiffer', 'account that differs from the books', 'accounts that differ from the books'],
  [
    'fundsWithoutAccount',
    'fund of which nobody said where its money lies',
    'funds of which nobody said where their money lies',
  ],
];

export function isInOrder(obstacles: Obstacles): boolean {
  return WORDS.every(([name]) => obstacles[name] === 0);
}

export function sentenceOf(through: PlainDate, obstacles: Obstacles): string {
  if (isInOrder(obstacles))
    return `Through ${through} everything is in order: every clearing account is at zero or explained, and the bank's statements are what the books say.`;
  const found = WORDS.flatMap(([name, one, several]) => {
    const count = obstacles[name];
    return count === 0 ? [] : [`${count} ${count === 1 ? one : several}`];
  });
  const last = found.pop() ?? '';
  return `Through ${through} not everything is in order: there ${/^1 /.test(found[0] ?? last) ? 'is' : 'are'} ${found.length > 0 ? `${found.join(', ')} and ${last}` : last}.`;
}
