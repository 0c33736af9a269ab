/** What a spending plan may say: which need each item serves, what it is, and what it is thought to cost. No sum is too much or too little. */
import type { CurrencyTable, Money } from '../../kernel/domain/money.js';
import { Problem } from '../../kernel/domain/problem.js';
import { sentence } from '../../kernel/domain/sentence.js';
import { wordsInUnicode, type Words } from '../../kernel/domain/zawgyi.js';

export interface NewPlanItem {
  need: string;
  description: string;
  /** Decimal string in major units. */
  amount: string;
  currency: string;
}

export interface PlannedItem extends Money {
  /** From 1, in the order of the plan. */
  position: number;
  need: string;
  description: string;
  /** As it was typed, where that was Zawgyi. */
  original: string | null;
}

const MOST_ITEMS = 40;
const LONGEST_DESCRIPTION = 500;

/**
 * The items as they will be kept. Fields of refusals count from 0 ("items.0.need"), as JSON does.
 * Throws `plan-empty`, `too-many-items`, `unknown-need`, `missing`, `text-too-long` and what `CurrencyTable.parse` throws (422).
 */
export function planItems(
  items: readonly NewPlanItem[],
  isNeed: (code: string) => boolean,
  currencies: CurrencyTable,
): PlannedItem[] {
  if (items.length === 0) throw Problem.refused('plan-empty', 'A plan has at least one item.', 'items');
  if (items.length > MOST_ITEMS) {
    throw Problem.refused(
      'too-many-items',
      sentence('A plan has at most {most} items.', { most: MOST_ITEMS }),
      'items',
    );
  }
  return items.map((item, index) => {
    const field = `items.${index}`;
    if (!isNeed(item.need)) {
      throw Problem.refused('unknown-need', 'The catalogue of needs has no need of that code.', `${field}.need`);
    }
    const { text, original } = describedAs(item.description, `${field}.description`);
    const { code: currency } = currencies.get(item.currency, `${field}.currency`);
    return {
      position: index + 1,
      need: item.need,
      description: text,
      original,
      ...currencies.parse(item.amount, currency, `${field}.amount`),
    };
  });
}

function describedAs(text: string, field: string): Words {
  const description = text.trim();
  if (description === '') throw Problem.refused('missing', 'Say what the money is for.', field);
  if ([...description].length > LONGEST_DESCRIPTION) {
    throw Problem.refused(
      'text-too-long',
      sentence('Give at most {most} characters.', { most: LONGEST_DESCRIPTION }),
      field,
    );
  }
  return wordsInUnicode(description);
}
