/** When a report says what the log holds, and when it does not. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { busyQuarter, reportOf } from '../../../test/support/bundles.js';
import { checkBundle } from '../../ledger/transparency-log/domain/bundle-check.js';
import type { SealedFigures } from '../../ledger/transparency-log/domain/bundle-findings.js';
import { nodePrimitives } from '../../ledger/transparency-log/domain/node-primitives.js';
import { comparedFigures, type StatedFigures } from './compared-figures.js';

let sealed: SealedFigures;
let stated: StatedFigures;

beforeAll(async () => {
  const { donor } = reportOf([busyQuarter('2026-Q1')]);
  const { figures } = await checkBundle(nodePrimitives, donor);
  if (!figures) throw new Error('the bundle holds');
  sealed = figures;
  const { sums, balances } = { sums: sealed.sums.THB!, balances: sealed.balances.THB! };
  const difference = (one: string, other: string) => String(BigInt(one) - BigInt(other));
  stated = {
    fund: sealed.fund,
    period: '2026-Q1',
    currency: 'THB',
    received: sums.granted,
    paid: difference(sums.paid, sums.returned),
    exchangedIn: sums.exchangedIn,
    exchangedOut: sums.exchangedOut,
    paidToDate: difference(balances.paid, balances.returned),
    atBank: balances.bank,
    inTransit: String(BigInt(balances.clearing) + BigInt(balances.float)),
    available: balances.fund,
  };
});

describe('A report and the log', () => {
  it('say the same of the same books', () => expect(comparedFigures(stated, sealed)).toBe('same'));

  it.each([
    'received',
    'paid',
    'exchangedIn',
    'exchangedOut',
    'paidToDate',
    'atBank',
    'inTransit',
    'available',
  ] as const)('differ as soon as %s does, by one minor unit', (figure) => {
    const other = { ...stated, [figure]: String(BigInt(stated[figure]) + 1n) };
    expect(comparedFigures(other, sealed)).toBe('different');
  });

  it('differ where the log knows nothing of the currency', () => {
    expect(comparedFigures({ ...stated, currency: 'EUR' }, sealed)).toBe('different');
  });

  it('are not compared when the file is of another fund or quarter', () => {
    expect(comparedFigures({ ...stated, period: '2026-Q2' }, sealed)).toBe('other-report');
    expect(comparedFigures({ ...stated, fund: '0197a3b0-5b5e-7c1d-8f00-3a0d2b6f1c02' }, sealed)).toBe('other-report');
  });
});
