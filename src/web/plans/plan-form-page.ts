/** The page on which a plan is written or changed: what was typed, the needs with the client's highest priorities first, and the money. */
import { currencies } from '../../kernel/reference-data.js';
import { needsCatalogue } from '../../needs/catalogue.js';
import type { Assessment } from '../../needs/needs.service.js';
import type { Plan } from '../../plans/plan-records.js';
import type { TransferView } from '../../transfers/transfers.service.js';
import { t } from '../languages/language.js';
import type { Fault } from '../sent.js';
import { amountMarks } from '../wording.js';
import { moneyKnown, moneyLines, sumWords } from './money-to-plan.js';
import { isSame, MOST_ITEMS, moneyIn, typedAs, type TypedPlan } from './plan-form.js';
import { standingNow } from './plan-lineage.js';

/** What the client's file says that a plan is written by. */
export interface PlanBasis {
  code: string;
  /** In which one plans where no transfer says it. */
  currency: string;
  plans: readonly Plan[];
  transfers: readonly TransferView[];
  assessment: Assessment | null;
}

export const labelOfNeed = (code: string): string => t(labels.get(code) ?? code);
const labels = new Map(needsCatalogue.needs.map(({ code, label }) => [code, label]));

export const currencyOf = ({ transfers, currency }: Pick<PlanBasis, 'transfers' | 'currency'>): string =>
  transfers[0]?.currency ?? currency;

export function planFormPage(basis: PlanBasis, typed: TypedPlan, faults: readonly Fault[] = []) {
  const { code, plans, transfers, assessment } = basis;
  const replaced = plans.filter(({ id }) => typed.replaces.includes(id));
  const known = moneyKnown(transfers, plans, typed.replaces);
  const { planned, isUnread } = moneyIn(typed);
  const first = currencyOf(basis);
  return {
    code,
    typed,
    faults,
    isFull: typed.items.length >= MOST_ITEMS,
    needGroups: needGroups(assessment),
    priorities: priorities(assessment),
    currencies: currencies.all().map((currency) => currency.code),
    replaced,
    // Written by somebody else since this form was opened.
    meanwhile: replaced.flatMap(({ id }) => standingNow(plans, id)).filter(isFirst),
    standing: replaced.length === 0 ? plans.filter(({ standing }) => standing) : [],
    versions: replaced.length > 1 ? replaced.map((plan) => toTake(plan, typed)) : [],
    money: { lines: moneyLines(known, planned, first), isUnread, unread: sumWords().unread },
    // For the script that reckons while somebody types.
    live: JSON.stringify({
      known,
      first,
      words: sumWords(),
      marks: amountMarks(),
      decimals: Object.fromEntries(currencies.all().map(({ code: currency, minorUnits }) => [currency, minorUnits])),
    }),
  };
}

const isFirst = <One>(one: One, place: number, all: readonly One[]) => all.indexOf(one) === place;

/** A version's items, with whether the form says the same already. */
function toTake(plan: Plan, typed: TypedPlan) {
  const items = typedAs(plan);
  return {
    ...plan,
    items: plan.items.map((item, index) => ({
      ...item,
      isTaken: typed.items.some((one) => isSame(one, items[index] ?? one)),
    })),
  };
}

/** All 21 needs, each once: those that the client ranked highest, then the others by their categories. */
function needGroups(assessment: Assessment | null) {
  const highest = new Set(assessment?.highestPriorities ?? []);
  const inWords = (code: string) => ({ code, label: labelOfNeed(code) });
  const others = needsCatalogue.categories.map(({ label, needs }) => ({
    label: t(label),
    needs: needs.filter(({ code }) => !highest.has(code)).map(({ code }) => inWords(code)),
  }));
  const first = { label: t('Most important to the client'), needs: [...highest].map(inWords) };
  return [first, ...others].filter(({ needs }) => needs.length > 0);
}

function priorities(assessment: Assessment | null) {
  if (!assessment) return null;
  return {
    assessedOn: assessment.assessedOn,
    needs: assessment.highestPriorities.map((code) => ({
      label: labelOfNeed(code),
      words: assessment.interpretations[code] ?? null,
    })),
  };
}
