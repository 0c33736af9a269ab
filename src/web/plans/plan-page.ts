/** The page of one plan: what it says, what was told of it, what it was changed from, and its other version where two people changed the same. */
import { currencies } from '../../kernel/reference-data.js';
import type { Plan } from '../../plans/plan-records.js';
import type { TransferView } from '../../transfers/transfers.service.js';
import { moneyKnown, moneyLines } from './money-to-plan.js';
import { totalsOf } from './plan-card.js';
import { labelOfNeed } from './plan-form-page.js';
import { earlierOf, standingNow } from './plan-lineage.js';

export function planPage(plan: Plan, plans: readonly Plan[], transfers: readonly TransferView[]) {
  const versions = plans.filter(({ id }) => id === plan.id || plan.otherVersions.includes(id));
  const planned = plan.items.map(({ amount, currency }) => currencies.parse(amount, currency));
  const [first] = planned;
  return {
    code: plan.client,
    plan: shown(plan),
    versions: versions.length > 1 ? versions.map(shown) : [],
    cameFrom: plans.filter(({ id }) => plan.versionsOf.includes(id)),
    now: plan.standing ? [] : standingNow(plans, plan.id),
    earlier: earlierOf(plans, plan.id),
    money: moneyLines(moneyKnown(transfers, plans, [plan.id]), planned, first?.currency ?? ''),
  };
}

/** With what was told of each item, in the order in which it was told. */
export function shown(plan: Plan) {
  return {
    ...plan,
    totals: totalsOf(plan.items),
    items: plan.items.map((item) => ({
      ...item,
      needLabel: labelOfNeed(item.need),
      told: plan.tracking.flatMap(({ toldOn, items }) =>
        items.filter((tracked) => tracked.item === item.item).map((tracked) => ({ ...tracked, toldOn })),
      ),
    })),
  };
}
