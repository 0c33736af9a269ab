/** What money there is to plan: of the client's transfers those that are approved, and what other plans that stand take of it. */
import { currencies } from '../../kernel/reference-data.js';
import type { Plan } from '../../plans/plan-records.js';
import type { TransferView } from '../../transfers/transfers.service.js';
import { msgs, t } from '../languages/language.js';
import { moneyText } from '../wording.js';
import { familyOf } from './plan-lineage.js';
import { sumLines, sumsOf, type KnownMoney, type PlannedMoney, type SumLine, type SumWords } from './plan-sums.js';

const WORDS: SumWords = msgs({
  left: 'Left to plan: {amount}',
  all: 'Nothing is left to plan',
  more: 'More than the transfers by {amount}',
  planned: 'Planned so far: {amount}',
  detail: 'Planned: {planned}. Approved: {approved}.',
  detailElsewhere: 'Planned: {planned}, of which {elsewhere} in other plans. Approved: {approved}.',
  notCertain: 'No sum is certain yet. You can plan all the same.',
  otherCurrency: 'No transfer is in this currency.',
  unread: 'An amount that cannot be read is not counted yet.',
});

export const sumWords = (): SumWords =>
  Object.fromEntries(Object.entries(WORDS).map(([what, words]) => [what, t(words)])) as SumWords;

/** Approved and neither called off nor given up; also what was paid, for it is the client's to plan as well. */
export const isApproved = ({ state }: Pick<TransferView, 'state'>): boolean =>
  state !== 'planned' && state !== 'cancelled';

/** `apart`: the plan that is looked at, or those that the one being written replaces; whatever came of the same plan is no "other plan". */
export function moneyKnown(
  transfers: readonly TransferView[],
  plans: readonly Plan[],
  apart: readonly string[],
): KnownMoney {
  const approved = transfers.filter(isApproved);
  const elsewhere = otherPlans(plans, apart).flatMap(({ items }) => items);
  return { approved: added(approved), elsewhere: added(elsewhere) };
}

/** The sums in sentences; `first` is the currency of a plan in which there is nothing yet. */
export function moneyLines(known: KnownMoney, planned: readonly PlannedMoney[], first: string): SumLine[] {
  const write = (amountMinor: bigint, currency: string) =>
    moneyText(currencies.format(amountMinor, currency), currency);
  return sumLines(sumsOf(known, planned, first), sumWords(), write);
}

/** Of several versions of one plan the last one counts: they are the same money. */
function otherPlans(plans: readonly Plan[], apart: readonly string[]): Plan[] {
  const same = familyOf(plans, apart);
  const standing = plans.filter((plan) => plan.standing && !same.has(plan.id));
  return standing.filter(({ id }, place) => {
    const family = familyOf(plans, [id]);
    return !standing.slice(place + 1).some((later) => family.has(later.id));
  });
}

function added(amounts: readonly { amount: string; currency: string }[]): Record<string, string> {
  const sums = new Map<string, bigint>();
  for (const { amount, currency } of amounts) {
    const { amountMinor } = currencies.parse(amount, currency);
    sums.set(currency, (sums.get(currency) ?? 0n) + amountMinor);
  }
  return Object.fromEntries([...sums].map(([currency, amountMinor]) => [currency, amountMinor.toString()]));
}
