import { describe, expect, it } from '@jest/globals';
import { Problem } from '../../kernel/domain/problem.js';
import { currencies } from '../../kernel/reference-data.js';
import { trackedItems, type NewTrackedItem } from './tracked-items.js';

const currencyOf = new Map([
  [1, 'THB'],
  [2, 'USD'],
]);
const told = (changed: Partial<NewTrackedItem> = {}): NewTrackedItem => ({
  item: 1,
  spent: '1200.00',
  currency: 'THB',
  ...changed,
});
const track = (items: NewTrackedItem[]) => trackedItems(items, currencyOf, currencies);

function refusalOf(items: NewTrackedItem[]): Problem {
  try {
    track(items);
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown;
    throw thrown;
  }
  throw new Error('nothing was refused');
}

describe('what is told of a plan', () => {
  it('is kept in the order of the plan, whatever the order it came in', () => {
    expect(track([told({ item: 2, currency: 'USD', spent: '3', cameOf: ' It was enough. ' }), told()])).toEqual([
      { position: 1, amountMinor: 120_000n, currency: 'THB', cameOf: null, original: null },
      { position: 2, amountMinor: 300n, currency: 'USD', cameOf: 'It was enough.', original: null },
    ]);
  });

  it('may be of some items only, with nothing spent or more than was planned', () => {
    expect(track([told({ spent: '0' })])).toMatchObject([{ amountMinor: 0n }]);
    expect(track([told({ spent: '999999' })])).toMatchObject([{ amountMinor: 99_999_900n }]);
  });

  it('may be words without a sum, which is not taken for nothing spent', () => {
    expect(track([told({ spent: undefined, cameOf: 'The boat floats.' })])).toEqual([
      { position: 1, amountMinor: null, currency: 'THB', cameOf: 'The boat floats.', original: null },
    ]);
  });

  it('is refused when it tells of nothing', () => {
    expect(refusalOf([])).toMatchObject({ status: 422, code: 'tracking-empty', field: 'items' });
  });

  it.each<[Partial<NewTrackedItem>, string, string]>([
    [{ item: 0 }, 'unknown-item', 'item'],
    [{ item: 3 }, 'unknown-item', 'item'],
    [{ item: 1.5 }, 'unknown-item', 'item'],
    [{ item: 1, currency: 'THB' }, 'item-repeated', 'item'],
    [{ currency: 'THB' }, 'currency-not-planned', 'currency'],
    [{ currency: 'XXX' }, 'currency-not-planned', 'currency'],
    [{ spent: undefined }, 'missing', 'spent'],
    [{ spent: undefined, cameOf: ' ' }, 'missing', 'spent'],
    [{ spent: '-1' }, 'amount-not-positive', 'spent'],
    [{ spent: '0.001' }, 'amount-too-precise', 'spent'],
    [{ cameOf: 'x'.repeat(2001) }, 'text-too-long', 'cameOf'],
  ])('is refused with the item and field that are wrong: %p', (changed, code, field) => {
    const refusal = refusalOf([told(), told({ item: 2, currency: 'USD', ...changed })]);
    expect(refusal).toMatchObject({ status: 422, code, field: `items.1.${field}` });
  });
});
