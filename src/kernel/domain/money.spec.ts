import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CurrencyTable } from './money.js';

const table = new CurrencyTable([
  { code: 'THB', minorUnits: 2, payableStepMinor: 100n },
  { code: 'VND', minorUnits: 0, payableStepMinor: 1000n },
  { code: 'BHD', minorUnits: 3, payableStepMinor: 1n },
]);

describe('reading an amount', () => {
  it.each([
    ['9000.00', 'THB', 900_000n],
    ['9000', 'THB', 900_000n],
    ['9000.5', 'THB', 900_050n],
    ['0.01', 'THB', 1n],
    ['4960000', 'VND', 4_960_000n],
    ['10000000000000.00', 'THB', 1_000_000_000_000_000n],
  ])('%s %s', (text, currency, amountMinor) => {
    expect(table.parse(text, currency)).toEqual({ amountMinor, currency });
  });

  it.each([
    ['', 'amount-malformed'],
    [' 1', 'amount-malformed'],
    ['1 ', 'amount-malformed'],
    ['1\n', 'amount-malformed'],
    ['+1', 'amount-malformed'],
    ['1,000.00', 'amount-malformed'],
    ['1_000', 'amount-malformed'],
    ['1e3', 'amount-malformed'],
    ['0x10', 'amount-malformed'],
    ['.5', 'amount-malformed'],
    ['5.', 'amount-malformed'],
    ['1.2.3', 'amount-malformed'],
    ['--1', 'amount-malformed'],
    ['NaN', 'amount-malformed'],
    ['Infinity', 'amount-malformed'],
    ['๙๐๐๐', 'amount-malformed'],
    ['９０００', 'amount-malformed'],
    ['1'.repeat(31), 'amount-malformed'],
    ['0', 'amount-not-positive'],
    ['0.00', 'amount-not-positive'],
    ['-1', 'amount-not-positive'],
    ['-0.01', 'amount-not-positive'],
    ['0.001', 'amount-too-precise'],
    ['1.000', 'amount-too-precise'],
    ['10000000000000.01', 'amount-too-large'],
    ['9'.repeat(30), 'amount-too-large'],
  ])('refuses %j: %s', (text, code) => {
    expect(() => table.parse(text, 'THB', 'items.0.amount')).toThrow(
      expect.objectContaining({ status: 422, code, field: 'items.0.amount' }),
    );
  });

  it('refuses decimals of a currency that has none', () => {
    expect(() => table.parse('4960000.0', 'VND')).toThrow(expect.objectContaining({ code: 'amount-too-precise' }));
  });

  it('takes nothing where nothing is allowed, but never less', () => {
    expect(table.parse('0', 'THB', 'spent', { zeroAllowed: true }).amountMinor).toBe(0n);
    expect(() => table.parse('-0', 'THB', 'spent', { zeroAllowed: true })).toThrow(
      expect.objectContaining({ code: 'amount-not-positive' }),
    );
  });

  it.each(['', 'thb', 'XXX', '__proto__', 'constructor', 'THB '])(
    'refuses the currency %j, and names its field',
    (currency) => {
      expect(() => table.parse('1', currency, 'items.0.amount')).toThrow(
        expect.objectContaining({ code: 'unknown-currency', field: 'items.0.currency' }),
      );
    },
  );
});

describe('writing an amount', () => {
  it.each([
    [900_000n, 'THB', '9000.00'],
    [5n, 'THB', '0.05'],
    [0n, 'THB', '0.00'],
    [-5n, 'THB', '-0.05'],
    [-900_050n, 'THB', '-9000.50'],
    [4_960_000n, 'VND', '4960000'],
    [-1n, 'VND', '-1'],
    [7n, 'BHD', '0.007'],
  ])('%s of %s is %s', (amountMinor, currency, text) => {
    expect(table.format(amountMinor, currency)).toBe(text);
  });

  it('and reading it gives the same amount', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 10n ** 12n }),
        fc.constantFrom('THB', 'VND', 'BHD'),
        (amountMinor, currency) => {
          expect(table.parse(table.format(amountMinor, currency), currency)).toEqual({ amountMinor, currency });
        },
      ),
    );
  });

  it('keeps sums: what is written adds up in the last decimal', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), (amountMinor) => {
        expect(BigInt(table.format(amountMinor, 'THB').replace('.', ''))).toBe(amountMinor);
      }),
    );
  });
});
