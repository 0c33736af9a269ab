/** The form in which a plan is written: what was typed, item by item, what its buttons make of it, and the plan that it says. */
import { Problem } from '../../kernel/domain/problem.js';
import { isId } from '../../kernel/ids.js';
import { currencies } from '../../kernel/reference-data.js';
import { needsCatalogue } from '../../needs/catalogue.js';
import type { NewPlanItem } from '../../plans/domain/plan-items.js';
import type { Plan } from '../../plans/plan-records.js';
import type { NewPlan } from '../../plans/plans.service.js';
import { amountIn, readAmount } from '../amount-field.js';
import { FormReader } from '../form-reader.js';
import { t } from '../languages/language.js';
import { textIn, textsIn, type Fault, type Sent } from '../sent.js';
import type { PlannedMoney } from './plan-sums.js';

export const MOST_ITEMS = 40;
const LONGEST_DESCRIPTION = 500;

/** As it was typed, whatever that is. */
export interface TypedItem {
  description: string;
  need: string;
  amount: string;
  currency: string;
}

export interface TypedPlan {
  /** Made with the page, so that sending it twice keeps one plan. */
  id: string;
  replaces: string[];
  writtenOn: string;
  items: TypedItem[];
}

export const emptyItem = (currency: string): TypedItem => ({ description: '', need: '', amount: '', currency });

/** The form of a plan that begins with what an earlier one says. */
export const typedAs = (plan: Plan): TypedItem[] =>
  plan.items.map(({ description, need, amount, currency }) => ({ description, need, amount, currency }));

export function typedIn(form: Sent, newId: () => string): TypedPlan {
  const id = textIn(form, 'id').toLowerCase();
  const rows = Math.min(Math.max(new FormReader(form).number('rows'), 1), MOST_ITEMS);
  return {
    id: isId(id) ? id : newId(),
    replaces: textsIn(form, 'replaces').filter(isId),
    writtenOn: textIn(form, 'writtenOn'),
    items: Array.from({ length: rows }, (_, index) => ({
      description: textIn(form, `description-${index + 1}`, 20_000),
      need: textIn(form, `need-${index + 1}`),
      amount: textIn(form, `amount-${index + 1}`, 20_000),
      currency: textIn(form, `currency-${index + 1}`),
    })),
  };
}

/** What a button makes of the form: "add", "remove 2", "take <plan> 3" of another version. Any other leaves it as it is. */
export function pressed(button: string, typed: TypedPlan, plans: readonly Plan[], currency: string): TypedPlan {
  const [verb, ...which] = button.split(' ');
  const isFull = typed.items.length >= MOST_ITEMS;
  if (verb === 'add' && !isFull) return { ...typed, items: [...typed.items, emptyItem(currency)] };
  if (verb === 'take' && !isFull) {
    const taken = plans.find(({ id }) => id === which[0]);
    const item = taken && typedAs(taken)[Number(which[1]) - 1];
    return item ? { ...typed, items: [...typed.items.filter((one) => !isBlank(one)), item] } : typed;
  }
  if (verb === 'remove') {
    const items = typed.items.filter((_, index) => String(index + 1) !== which[0]);
    return { ...typed, items: items.length > 0 ? items : [emptyItem(currency)] };
  }
  return typed;
}

/** The plan that the form says, with what is wrong in it. An item in which nothing was written is none. */
export function planIn(form: Sent, typed: TypedPlan): { plan: NewPlan; faults: Fault[] } {
  const reader = new FormReader(form);
  const items = typed.items.flatMap((item, index) => (isBlank(item) ? [] : [itemIn(reader, form, index + 1)]));
  if (items.length === 0) reader.fault('description-1', t('Say what the money is for.'));
  const writtenOn = reader.day('writtenOn');
  return { plan: { id: typed.id, replaces: typed.replaces, writtenOn, items }, faults: reader.faults.map(ofItem) };
}

/** What is wrong with an item says with which: several may lack the same. */
function ofItem({ text, href }: Fault): Fault {
  const [, n] = /-(\d+)$/.exec(href ?? '') ?? [];
  return { text: n ? t('Item {n}: {fault}', { n, fault: text }) : text, href };
}

/** The amounts that can be read so far, and whether there is one that cannot. */
export function moneyIn({ items }: TypedPlan): { planned: PlannedMoney[]; isUnread: boolean } {
  const planned = items.flatMap(({ amount, currency }) => {
    const read = readAmount(amount);
    if ('fault' in read || read.decimal === '') return [];
    const parsed = Problem.orResult(() => currencies.parse(read.decimal, currency, 'amount', { zeroAllowed: true }));
    return parsed instanceof Problem ? [] : [parsed];
  });
  return { planned, isUnread: planned.length < items.filter(({ amount }) => amount !== '').length };
}

export const isSame = (one: TypedItem, other: TypedItem): boolean =>
  (['description', 'need', 'amount', 'currency'] as const).every((part) => one[part] === other[part]);

const isBlank = ({ description, need, amount }: TypedItem) => description + need + amount === '';

const needCodes = needsCatalogue.needs.map(({ code }) => code);
const currencyCodes = currencies.all().map(({ code }) => code);

function itemIn(reader: FormReader, form: Sent, row: number): NewPlanItem {
  const description = reader.text(`description-${row}`, LONGEST_DESCRIPTION, t('Say what the money is for.'));
  const need = reader.choice(`need-${row}`, needCodes, t('Choose the need that it serves.'));
  const currency = reader.choice(`currency-${row}`, currencyCodes, t('Choose the currency.'));
  const amount = amountIn(reader, form, `amount-${row}`, currency, { missing: t('Write how much it is.') });
  return { need, description, amount, currency };
}
