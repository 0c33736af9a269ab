/** How the pages say what is done around paying: how far a run is, what is taken back, and what a fund does when wages rise. */
import type { RateState } from '../funds/exchange-rates.service.js';
import type { PolicyChange } from '../funds/fund-policies.service.js';
import type { PolicyDeclineReason, ValuePolicy } from '../funds/value-policy.js';
import type { ReversalReason, ReversalView } from '../transfers/rails/mobile-money/reversals.service.js';
import type { PreparationStep } from '../transfers/run-preparation.service.js';
import type { WageRate } from '../wage-index/domain/transfer-value.js';
import { localeOf, msgs, speaking, t } from './languages/language.js';
import { moneyText, worded, type Worded } from './wording.js';

const PREPARATION_STEPS: Record<PreparationStep, string> = msgs({
  collect: 'Collect what is due and may be paid',
  reserve: 'Set its money aside',
  compare: 'Compare it with the month before, and look for what to check twice',
  write: 'Write down who is paid how much, and sign it',
});
export const preparationStepWords = (step: PreparationStep): string => t(PREPARATION_STEPS[step]);

const REVERSAL_REASONS: Record<ReversalReason, string> = msgs({
  'paid-twice': 'it was paid twice',
  'wrong-account': 'it went to a wrong account',
  'client-wish': 'the client wishes it',
});
export const reversalReasonWords = (reason: ReversalReason): string => t(REVERSAL_REASONS[reason]);

const REVERSAL_STATES: Record<ReversalView['state'], Worded> = msgs({
  'awaits-second': { words: 'waits for a second person', colour: 'yellow' },
  asked: { words: 'asked', colour: 'teal' },
  unanswered: { words: 'no answer any more', colour: 'orange' },
  refused: { words: 'refused', colour: 'red' },
  reversed: { words: 'money is back', colour: 'green' },
});
export const reversalState = (state: ReversalView['state']): Worded => REVERSAL_STATES[state];

/** What an operator told of a request to take a payment back. */
export const operatorToldWords = worded(
  msgs({
    accepted: 'is at it',
    settled: 'it is taken back',
    failed: 'refused it',
    returned: 'it is taken back',
    'never-received': 'knows of no such request',
    unclear: 'something that says neither',
  }),
);

const VALUE_POLICIES: Record<ValuePolicy, string> = msgs({
  freeze: 'What was approved stays as it is',
  raise_only: 'What is still to be paid is raised, once people have approved it',
});
export const valuePolicyWords = (policy: ValuePolicy): string => t(VALUE_POLICIES[policy]);

const POLICY_DECLINE_REASONS: Record<PolicyDeclineReason, string> = msgs({
  'donor-does-not-agree': 'the donor does not agree',
  'fund-too-small': 'the fund has not enough for it',
  'wrong-policy': 'it is not what was meant',
  'out-of-date': 'it is out of date',
});
export const policyDeclineWords = (reason: PolicyDeclineReason): string => t(POLICY_DECLINE_REASONS[reason]);

const POLICY_STATES: Record<PolicyChange['state'], Worded> = msgs({
  open: { words: 'waits', colour: 'yellow' },
  confirmed: { words: 'confirmed', colour: 'green' },
  declined: { words: 'declined', colour: 'red' },
  withdrawn: { words: 'withdrawn', colour: 'grey' },
});
export const policyState = (state: PolicyChange['state']): Worded => POLICY_STATES[state];

const RATE_STATES: Record<RateState, Worded> = msgs({
  waiting: { words: 'waits for a second person', colour: 'yellow' },
  'in-force': { words: 'in force', colour: 'green' },
  superseded: { words: 'superseded', colour: 'grey' },
  'struck-out': { words: 'struck out', colour: 'red' },
});
export const rateState = (state: RateState): Worded => RATE_STATES[state];

/** "9,000.00 THB and 4,800.00 MMK", as the language joins them. */
export function amountsText(sums: readonly { amount: string; currency: string }[]): string {
  const joined = new Intl.ListFormat(localeOf(speaking().language), { type: 'conjunction' });
  return joined.format(sums.map(({ amount, currency }) => moneyText(amount, currency)));
}

/** "372.50 THB a day". */
export function perUnitText({ amount, currency, unit }: Pick<WageRate, 'amount' | 'currency' | 'unit'>): string {
  const wage = { amount: moneyText(amount, currency) };
  return unit === 'day' ? t('{amount} a day', wage) : t('{amount} a month', wage);
}

/** The same of how it is kept with what a transfer is worth: "372.50 THB a day". */
export function wageText(kept: string): string {
  const [, amount, currency, unit] = /^([\d.]+) ([A-Z]{3}) a (day|month)$/.exec(kept) ?? [];
  if (!amount || !currency) return kept;
  return perUnitText({ amount, currency, unit: unit === 'day' ? 'day' : 'month' });
}
