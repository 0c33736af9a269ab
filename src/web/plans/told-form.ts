/** The form in which is written down what the client tells of a plan: item by item what was spent and what came of it, and nothing that has to be said. */
import { isId } from '../../kernel/ids.js';
import type { Plan } from '../../plans/plan-records.js';
import type { NewTracking } from '../../plans/plans.service.js';
import { amountIn } from '../amount-field.js';
import { FormReader } from '../form-reader.js';
import { t } from '../languages/language.js';
import { textIn, type Fault, type Sent } from '../sent.js';

const LONGEST_CAME_OF = 2000;

/** As it was typed, by item. */
export interface TypedTelling {
  /** Made with the page, so that sending it twice keeps one. */
  id: string;
  toldOn: string;
  items: { spent: string; cameOf: string }[];
}

export function tellingIn(form: Sent, plan: Plan, newId: () => string): TypedTelling {
  const id = textIn(form, 'id').toLowerCase();
  return {
    id: isId(id) ? id : newId(),
    toldOn: textIn(form, 'toldOn'),
    items: plan.items.map(({ item }) => ({
      spent: textIn(form, `spent-${item}`, 20_000),
      cameOf: textIn(form, `cameOf-${item}`, 20_000),
    })),
  };
}

/** What the form tells of the items of which it tells something, with what is wrong in it. */
export function trackingIn(form: Sent, plan: Plan, id: string): { tracking: NewTracking; faults: Fault[] } {
  const reader = new FormReader(form);
  const items = plan.items.flatMap(({ item, currency }) => {
    const spent = amountIn(reader, form, `spent-${item}`, currency, { zeroAllowed: true }) || undefined;
    const cameOf = reader.text(`cameOf-${item}`, LONGEST_CAME_OF) || undefined;
    return spent === undefined && cameOf === undefined ? [] : [{ item, spent, currency, cameOf }];
  });
  const toldOn = reader.day('toldOn');
  if (items.length === 0 && reader.faults.length === 0) {
    reader.fault(
      'spent-1',
      t('Nothing is written yet. Write what the client tells of one item, or go back: nothing has to be told.'),
    );
  }
  return { tracking: { id, toldOn, items }, faults: reader.faults };
}
