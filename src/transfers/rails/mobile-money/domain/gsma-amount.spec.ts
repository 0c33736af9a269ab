import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { currencies } from '../../../../kernel/reference-data.js';
import { gsmaAmount, isSameAmount } from './gsma-amount.js';

/** Of the GSMA Mobile Money API 1.2.0. */
const PATTERN = /^([0]|([1-9][0-9]{0,17}))([.][0-9]{0,3}[1-9])?$/;

describe('an amount for an operator', () => {
  it.each([
    [900_000n, 'THB', '9000'],
    [900_050n, 'THB', '9000.5'],
    [5n, 'MYR', '0.05'],
    [100n, 'VND', '100'],
    [1_000_000n, 'LAK', '10000'],
  ])('of %s in %s is %s', (amountMinor, currency, text) => {
    expect(gsmaAmount(currencies, amountMinor, currency)).toBe(text);
  });

  it('fits the pattern and is read back as itself, whatever zeros the operator adds', () => {
    const codes = currencies.all().map(({ code }) => code);
    fc.assert(
      fc.property(fc.bigInt(1n, 10n ** 15n), fc.constantFrom(...codes), (amountMinor, currency) => {
        const text = gsmaAmount(currencies, amountMinor, currency);
        expect(text).toMatch(PATTERN);
        expect(isSameAmount(currencies, text, amountMinor, currency)).toBe(true);
        expect(isSameAmount(currencies, currencies.format(amountMinor, currency), amountMinor, currency)).toBe(true);
        expect(isSameAmount(currencies, text, amountMinor + 1n, currency)).toBe(false);
      }),
    );
  });

  it.each([9000, '9,000', '9000 THB', ' 9000', '09000', '9e3', '', null, undefined, '-9000'])('is not %j', (text) => {
    expect(isSameAmount(currencies, text, 900_000n, 'THB')).toBe(false);
  });
});
