import { describe, expect, it } from '@jest/globals';
import { Problem } from '../../kernel/domain/problem.js';
import { currencies } from '../../kernel/reference-data.js';
import { planItems, type NewPlanItem } from './plan-items.js';

const isNeed = (code: string) => ['debt', 'food'].includes(code);
const anItem = (changed: Partial<NewPlanItem> = {}): NewPlanItem => ({
  need: 'debt',
  description: 'Pay back the neighbour',
  amount: '1500.00',
  currency: 'THB',
  ...changed,
});
const plan = (items: NewPlanItem[]) => planItems(items, isNeed, currencies);

function refusalOf(items: NewPlanItem[]): Problem {
  try {
    plan(items);
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown;
    throw thrown;
  }
  throw new Error('nothing was refused');
}

describe('a spending plan', () => {
  it('numbers its items from 1 and keeps amounts in minor units', () => {
    expect(plan([anItem(), anItem({ need: 'food', amount: '20', currency: 'USD', description: ' Rice ' })])).toEqual([
      {
        position: 1,
        need: 'debt',
        description: 'Pay back the neighbour',
        original: null,
        amountMinor: 150_000n,
        currency: 'THB',
      },
      { position: 2, need: 'food', description: 'Rice', original: null, amountMinor: 2_000n, currency: 'USD' },
    ]);
  });

  it('may add up to any sum: it limits nothing and nothing limits it', () => {
    expect(plan([anItem({ amount: '9999999999.99' }), anItem({ amount: '0.01' })])).toHaveLength(2);
  });

  it('has from 1 to 40 items', () => {
    const items = (count: number) => Array.from({ length: count }, () => anItem());
    expect(plan(items(40))).toHaveLength(40);
    expect(refusalOf([])).toMatchObject({ status: 422, code: 'plan-empty', field: 'items' });
    expect(refusalOf(items(41))).toMatchObject({ status: 422, code: 'too-many-items', field: 'items' });
  });

  it.each<[Partial<NewPlanItem>, string, string]>([
    [{ need: 'fame' }, 'unknown-need', 'need'],
    [{ need: 'x'.repeat(5000) }, 'unknown-need', 'need'],
    [{ description: ' ' }, 'missing', 'description'],
    [{ description: 'x'.repeat(501) }, 'text-too-long', 'description'],
    [{ amount: '-1' }, 'amount-not-positive', 'amount'],
    [{ amount: '0' }, 'amount-not-positive', 'amount'],
    [{ amount: '1.005' }, 'amount-too-precise', 'amount'],
    [{ amount: '1,000' }, 'amount-malformed', 'amount'],
    [{ currency: 'XXX' }, 'unknown-currency', 'currency'],
  ])('is refused with the item and field that are wrong: %p', (changed, code, field) => {
    const refusal = refusalOf([anItem(), anItem(changed)]);
    expect(refusal).toMatchObject({ status: 422, code, field: `items.1.${field}` });
    expect(refusal.detail.length).toBeLessThan(200);
  });

  it('may describe an item in 500 characters', () => {
    expect(plan([anItem({ description: '🐟'.repeat(500) })])).toHaveLength(1);
  });
});
