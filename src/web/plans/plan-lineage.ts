/** What came of which plan, as pages tell it: earlier ones, those that stand now, and everything that is the same plan in the end. */
import type { Plan } from '../../plans/plan-records.js';

type Link = Pick<Plan, 'id' | 'replaces'>;

/** Every plan that it was changed from, over however many changes, the latest first. */
export function earlierOf(plans: readonly Plan[], id: string): Plan[] {
  const found = reached(plans, [id], (one) => one.replaces);
  return plans.filter((plan) => plan.id !== id && found.has(plan.id)).reverse();
}

/** The plans that stand now of those that came from it; it itself is none of them. */
export function standingNow(plans: readonly Plan[], id: string): Plan[] {
  const found = reached(plans, [id], (one) => replacing(plans, one.id));
  return plans.filter((plan) => plan.id !== id && plan.standing && found.has(plan.id));
}

/** Ids of all that have to do with any of these: what was changed from what, in either direction. */
export function familyOf(plans: readonly Link[], ids: readonly string[]): ReadonlySet<string> {
  return reached(plans, ids, (one) => [...one.replaces, ...replacing(plans, one.id)]);
}

const replacing = (plans: readonly Link[], id: string) =>
  plans.filter(({ replaces }) => replaces.includes(id)).map((plan) => plan.id);

function reached<Kind extends Link>(
  plans: readonly Kind[],
  from: readonly string[],
  next: (plan: Kind) => readonly string[],
): ReadonlySet<string> {
  const byId = new Map(plans.map((plan) => [plan.id, plan]));
  const found = new Set(from);
  // A set that grows while it is gone through is gone through to its end.
  for (const id of found) for (const one of byId.has(id) ? next(byId.get(id) as Kind) : []) found.add(one);
  return found;
}
