/** How clients plan to use their three transfers for their highest priorities, and what they spent in the end. */

import { purchasesFor, type Purchase } from './purchases.js';
import type { CountryCode, ScriptedPlanItem, ScriptedTracking } from './scripted-pilot.js';
import type { Draws } from './seeded-draws.js';

/** The three transfers of the pilot together, in baht, by the minimum wage of the country where the client lives. */
export const THREE_TRANSFERS_BAHT: Record<CountryCode, number> = { TH: 3 * 9000, MM: 3 * 4707, LA: 3 * 3360 };

const ROUND_BAHT = 50;
/** Beyond this a purchase would no longer be the thing its description says. */
const MOST_TIMES_THE_USUAL_PRICE = 2;
const NOT_BOUGHT_PERCENT = 4;
const NOT_BOUGHT = [
  'Was not needed after all; the money went on other things.',
  'Found a way to do without it and kept the money for later.',
  'Changed the plan and gave the money to the parents.',
] as const;

interface PlannedPurchase {
  need: string;
  purchase: Purchase;
  amountBaht: number;
}

/** A plan is made of these; `tracked` tells what came of each item, for whoever had a conversation about it. */
export interface SpendingPlan {
  plan: ScriptedPlanItem[];
  tracking: ScriptedTracking[];
}

/** `priorities` are the client's own highest ones; the plan never adds up to more than the three transfers. */
export function drawSpendingPlan(
  priorities: readonly string[],
  country: CountryCode,
  tracked: boolean,
  draws: Draws,
): SpendingPlan {
  const received = THREE_TRANSFERS_BAHT[country];
  const planned = setAmounts(choosePurchases(priorities, received, draws), received, draws);
  return {
    plan: planned.map(({ need, purchase, amountBaht }) => ({
      need,
      description: purchase.description,
      amount: baht(amountBaht),
    })),
    tracking: tracked ? track(planned, received, draws) : [],
  };
}

/** Goes round the priorities, so that each is served once before one is served twice. */
function choosePurchases(
  priorities: readonly string[],
  received: number,
  draws: Draws,
): Omit<PlannedPurchase, 'amountBaht'>[] {
  const perNeed = draws.shuffled(priorities).map((need) =>
    draws
      .shuffled(purchasesFor(need))
      // Nobody plans to put most of the money into one thing that it would not fully pay for.
      .filter(({ usualBaht }) => usualBaht <= received / 2)
      .map((purchase) => ({ need, purchase })),
  );
  const mostPerNeed = Math.max(...perNeed.map((choices) => choices.length));
  const rounds = Array.from({ length: mostPerNeed }, (_, round) =>
    perNeed.flatMap((choices) => choices.slice(round, round + 1)),
  );
  return rounds.flat().slice(0, draws.pick([2, 3, 3, 4, 4, 5]));
}

function setAmounts(
  chosen: readonly Omit<PlannedPurchase, 'amountBaht'>[],
  received: number,
  draws: Draws,
): PlannedPurchase[] {
  const priced = chosen.map((item) => ({ ...item, price: (item.purchase.usualBaht * draws.integer(85, 115)) / 100 }));
  const totalPrice = priced.reduce((sum, { price }) => sum + price, 0);
  const toPlan = (received * draws.integer(80, 100)) / 100;
  const scale = Math.min(toPlan / totalPrice, MOST_TIMES_THE_USUAL_PRICE);
  // Rounding down keeps the total within what the client will receive.
  return priced.map(({ need, purchase, price }) => ({
    need,
    purchase,
    amountBaht: Math.floor((price * scale) / ROUND_BAHT) * ROUND_BAHT,
  }));
}

/** An item may cost more than planned only while there is money that the plan left open. */
function track(planned: readonly PlannedPurchase[], received: number, draws: Draws): ScriptedTracking[] {
  let leftOpen = received - planned.reduce((sum, { amountBaht }) => sum + amountBaht, 0);
  return planned.map(({ purchase, amountBaht }, item) => {
    if (draws.integer(1, 100) <= NOT_BOUGHT_PERCENT) return { item, spent: baht(0), cameOf: draws.pick(NOT_BOUGHT) };
    const percentOfPlan = draws.pick([100, 100, draws.integer(75, 99), draws.integer(101, 115)]);
    const spent = Math.min(Math.round((amountBaht * percentOfPlan) / 100), amountBaht + leftOpen);
    leftOpen -= Math.max(0, spent - amountBaht);
    return { item, spent: baht(spent), cameOf: draws.pick(purchase.cameOf) };
  });
}

function baht(amount: number): string {
  return `${amount}.00`;
}
