/**
 * The card that a client carries: their own words, sums and days. Whoever finds it learns of no programme, no organisation and no code; needs
 * are left out because some of their names tell what happened.
 */
import { currencies } from '../../kernel/reference-data.js';
import type { PlainDate } from '../../kernel/domain/plain-date.js';
import type { Plan } from '../../plans/plan-records.js';
import type { TransferView } from '../../transfers/transfers.service.js';
import type { Rail } from '../../funds/rails.js';
import { isApproved } from './money-to-plan.js';

/** `came`: it was paid on that day. `comes`: it is due then and nothing stands in the way. `open`: approved, and the day is not certain. */
export interface CardMoney {
  amount: string;
  currency: string;
  what: 'came' | 'comes' | 'open';
  day: PlainDate | null;
}

const ON_THEIR_WAY = ['in_run', 'approved', 'instructed', 'accepted'];

export function cardOf(plan: Plan, transfers: readonly TransferView[], payableBy: readonly Rail[], today: PlainDate) {
  return {
    writtenOn: plan.writtenOn,
    items: plan.items.map(({ description, amount, currency }) => ({ description, amount, currency })),
    totals: totalsOf(plan.items),
    money: transfers.filter(isApproved).map((transfer) => moneyOf(transfer, payableBy, today)),
  };
}

/** One sum for each currency, in the order of the items. */
export function totalsOf(items: readonly { amount: string; currency: string }[]) {
  const sums = new Map<string, bigint>();
  for (const { amount, currency } of items)
    sums.set(currency, (sums.get(currency) ?? 0n) + currencies.parse(amount, currency).amountMinor);
  return [...sums].map(([currency, minor]) => ({ amount: currencies.format(minor, currency), currency }));
}

function moneyOf(transfer: TransferView, payableBy: readonly Rail[], today: PlainDate): CardMoney {
  const { amount, currency, state, dueOn, settledOn } = transfer;
  if (state === 'settled') return { amount, currency, what: 'came', day: settledOn };
  const isFirstTry = state === 'scheduled' && transfer.attempts.length === 0 && payableBy.includes(transfer.rail);
  const isUnderWay = ON_THEIR_WAY.includes(state) && !transfer.stopReason && !transfer.unreadable;
  const isCertain = dueOn >= today && (isFirstTry || isUnderWay);
  return isCertain ? { amount, currency, what: 'comes', day: dueOn } : { amount, currency, what: 'open', day: null };
}
