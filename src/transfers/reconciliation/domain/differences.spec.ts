import { describe, expect, it } from '@jest/globals';
import { differencesOf, type DifferenceRow } from './differences.js';

const payment = (more: Partial<DifferenceRow>): DifferenceRow => ({
  what: 'payment',
  id: 'one',
  detail: 'settled',
  day: '2026-03-20',
  rail: 'bank-file',
  statement: '0',
  books: '-900000',
  ...more,
});
const found = (row: DifferenceRow, statementOn: string) =>
  differencesOf([row], { broughtForwardMinor: 0n, statementsFrom: '2026-03-01', statementOn }).map(
    ({ kind, isExplained, oldest }) => ({ kind, isExplained, oldest }),
  );
const explained = { kind: 'told-settled-not-debited', isExplained: true, oldest: '2026-03-20' };
const late = { kind: 'told-settled-long-not-debited', isExplained: false, oldest: '2026-03-20' };

describe('a payment that people told as paid and no statement has debited', () => {
  it('is explained for a week, and then not any more', () => {
    expect(found(payment({}), '2026-03-27')).toEqual([explained]);
    expect(found(payment({}), '2026-03-28')).toEqual([late]);
    expect(found(payment({ rail: 'manual' }), '2026-03-28')).toEqual([late]);
  });

  it('stays explained where no statement shows payments one by one, and where two people know it in a line of another amount', () => {
    expect(found(payment({ rail: 'cash' }), '2026-12-31')).toEqual([explained]);
    expect(found(payment({ rail: 'mobile-money' }), '2026-12-31')).toEqual([explained]);
    expect(found(payment({ statement: '-897000' }), '2026-12-31')).toEqual([explained]);
  });

  it('is on its way as long as nobody told that it was paid', () => {
    expect(found(payment({ detail: 'instructed' }), '2026-12-31')).toEqual([
      { kind: 'instructed-not-debited', isExplained: true, oldest: '2026-03-20' },
    ]);
  });
});
