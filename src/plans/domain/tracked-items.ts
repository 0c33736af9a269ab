/** What was told afterwards about a plan's items: what was spent and what came of it. Nothing spent is an answer like any other. */
import type { CurrencyTable } from '../../kernel/domain/money.js';
import { Problem } from '../../kernel/domain/problem.js';
import { sentence } from '../../kernel/domain/sentence.js';
import { wordsInUnicode, type Words } from '../../kernel/domain/zawgyi.js';

export interface NewTrackedItem {
  /** The item's position in the plan, from 1. */
  item: number;
  /** Decimal string in major units; "0" when nothing was spent on it, left out when no sum was told. */
  spent?: string;
  currency: string;
  cameOf?: string;
}

export interface TrackedItem {
  position: number;
  /** In minor units of the currency that was planned; null where no sum was told. */
  amountMinor: bigint | null;
  currency: string;
  /** What came of it, in the client's words; null where they said nothing. */
  cameOf: string | null;
  /** As it was typed, where that was Zawgyi. */
  original: string | null;
}

const LONGEST_CAME_OF = 2000;

/**
 * The items as they will be kept, in the order of the plan. `currencyOf` knows the plan's items by position. Fields of refusals
 * count from 0 ("items.0.spent"), as JSON does. Throws `tracking-empty`, `unknown-item`, `item-repeated`, `currency-not-planned`,
 * `missing`, `text-too-long` and what `CurrencyTable.parse` throws (422).
 */
export function trackedItems(
  items: readonly NewTrackedItem[],
  currencyOf: ReadonlyMap<number, string>,
  currencies: CurrencyTable,
): TrackedItem[] {
  if (items.length === 0) throw Problem.refused('tracking-empty', 'Tell of at least one item.', 'items');
  const seen = new Set<number>();
  const tracked = items.map(({ item: position, spent, currency, cameOf }, index) => {
    const field = `items.${index}`;
    const planned = currencyOf.get(position);
    if (planned === undefined) {
      throw Problem.refused(
        'unknown-item',
        'The plan has no item with that number; they count from 1.',
        `${field}.item`,
      );
    }
    if (seen.has(position)) throw Problem.refused('item-repeated', 'Tell of each item once.', `${field}.item`);
    seen.add(position);
    if (currency !== planned) {
      throw Problem.refused(
        'currency-not-planned',
        sentence('This item was planned in {currency}.', { currency: planned }),
        `${field}.currency`,
      );
    }
    const told = toldOf(cameOf, `${field}.cameOf`);
    if (spent === undefined && told === null) {
      throw Problem.refused(
        'missing',
        'Say what was spent on it or what came of it, or leave it out.',
        `${field}.spent`,
      );
    }
    const amountMinor =
      spent === undefined
        ? null
        : currencies.parse(spent, planned, `${field}.spent`, { zeroAllowed: true }).amountMinor;
    return { position, amountMinor, currency: planned, cameOf: told?.text ?? null, original: told?.original ?? null };
  });
  return tracked.sort((a, b) => a.position - b.position);
}

function toldOf(text: string | undefined, field: string): Words | null {
  const cameOf = text?.trim() ?? '';
  if ([...cameOf].length > LONGEST_CAME_OF) {
    throw Problem.refused(
      'text-too-long',
      sentence('Give at most {most} characters.', { most: LONGEST_CAME_OF }),
      field,
    );
  }
  return cameOf === '' ? null : wordsInUnicode(cameOf);
}
