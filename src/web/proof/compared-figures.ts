/** Whether a report says of its money what the log holds of it: figure by figure, in minor units. Runs in a browser too. */
import type { SealedFigures } from '../../ledger/transparency-log/domain/bundle-findings.js';

/** What a report states, as its page carries it: minor units of the fund's currency, as decimal strings. */
export interface StatedFigures {
  fund: string;
  period: string;
  currency: string;
  received: string;
  /** Paid in the quarter less what came back in it: which of the two an old return was counted under is told differently in books and report. */
  paid: string;
  exchangedIn: string;
  exchangedOut: string;
  paidToDate: string;
  atBank: string;
  inTransit: string;
  available: string;
}

export type Compared = 'same' | 'other-report' | 'different';

export function comparedFigures(stated: StatedFigures, sealed: SealedFigures): Compared {
  if (sealed.fund !== stated.fund || sealed.period !== stated.period) return 'other-report';
  const sums = sealed.sums[stated.currency];
  const balances = sealed.balances[stated.currency];
  if (!sums || !balances) return 'different';
  const pairs: [string, bigint][] = [
    [stated.received, BigInt(sums.granted)],
    [stated.paid, BigInt(sums.paid) - BigInt(sums.returned)],
    [stated.exchangedIn, BigInt(sums.exchangedIn)],
    [stated.exchangedOut, BigInt(sums.exchangedOut)],
    [stated.paidToDate, BigInt(balances.paid) - BigInt(balances.returned)],
    [stated.atBank, BigInt(balances.bank)],
    [stated.inTransit, BigInt(balances.clearing) + BigInt(balances.float)],
    [stated.available, BigInt(balances.fund)],
  ];
  return pairs.every(([says, holds]) => BigInt(says) === holds) ? 'same' : 'different';
}
