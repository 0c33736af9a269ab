import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { currencies } from '../../kernel/reference-data.js';
import { parseRate, settleExchange, type ExchangeAtBank } from './exchange.js';

const [usd, thb, vnd] = (['USD', 'THB', 'VND'] as const).map((code) => currencies.get(code)) as [
  ExchangeAtBank['base'],
  ExchangeAtBank['base'],
  ExchangeAtBank['base'],
];

const settle = (soldMinor: bigint, rate: string, boughtMinor: bigint, base = usd, quote = thb) =>
  settleExchange({ soldMinor, boughtMinor, rate, base, quote });

describe('a rate', () => {
  it.each([
    ['36.5', '36.5'],
    ['36.5000000000', '36.5'],
    ['0036.50', '36.5'],
    ['0.0000000001', '0.0000000001'],
    ['9999999999.9999999999', '9999999999.9999999999'],
    ['25400', '25400'],
  ])('%s is read as %s', (text, read) => expect(parseRate(text)).toBe(read));

  it.each([
    ['', 'rate-malformed'],
    ['36,5', 'rate-malformed'],
    ['1e3', 'rate-malformed'],
    ['36.', 'rate-malformed'],
    ['.5', 'rate-malformed'],
    ['+36.5', 'rate-malformed'],
    ['๓๖', 'rate-malformed'],
    ['0', 'rate-not-positive'],
    ['0.0000000000', 'rate-not-positive'],
    ['-36.5', 'rate-not-positive'],
    ['36.50000000001', 'rate-too-precise'],
    ['10000000000', 'rate-too-large'],
  ])('%p is refused: %s', (text, code) => {
    expect(() => parseRate(text)).toThrow(expect.objectContaining({ status: 422, code, field: 'rate' }));
  });
});

describe('an exchange', () => {
  it.each<[string, bigint, string, bigint, bigint, bigint]>([
    ['without a rest', 100_00n, '36.5', 3_650_00n, 3_650_00n, 0n],
    ['that the bank rounded up', 100_01n, '36.5125', 3_651_62n, 3_651_61n, 1n],
    ['of which a hundredth is left over', 100_00n, '99', 10_000_00n, 9_900_00n, 100_00n],
  ])('%s gives the fund what is worth the rate, rounded down', (_, sold, rate, bought, worthMinor, leftOverMinor) => {
    expect(settle(sold, rate, bought)).toEqual({ worthMinor, leftOverMinor });
  });

  it('heeds how many decimals each currency has', () => {
    expect(settle(100_00n, '25412.5', 2_541_250n, usd, vnd)).toEqual({ worthMinor: 2_541_250n, leftOverMinor: 0n });
    expect(settle(1_000_000n, '0.00003935', 39_35n, vnd, usd)).toEqual({ worthMinor: 39_35n, leftOverMinor: 0n });
  });

  it.each<[string, bigint, string, bigint, string, string]>([
    ['one satang less than the rate gives', 100_00n, '36.5', 3_649_99n, 'exchange-below-rate', 'bought'],
    ['a hundredth and a satang too much', 100_00n, '99', 10_000_01n, 'exchange-above-rate', 'bought'],
    ['a digit too many', 100_00n, '36.5', 36_500_00n, 'exchange-above-rate', 'bought'],
    ['less than a satang worth', 1n, '0.5', 1n, 'exchange-too-small', 'sold'],
  ])('with %s is refused', (_, sold, rate, bought, code, field) => {
    expect(() => settle(sold, rate, bought)).toThrow(expect.objectContaining({ status: 422, code, field }));
  });

  it('is exact for every amount and rate: worth <= sold x rate < worth + 1, counted in integers', () => {
    const amount = fc.bigInt({ min: 1n, max: 10n ** 15n });
    const rateTenBillionths = fc.bigInt({ min: 1n, max: 10n ** 20n - 1n });
    fc.assert(
      fc.property(
        amount,
        rateTenBillionths,
        fc.constantFrom(usd, vnd),
        fc.constantFrom(thb, vnd),
        (sold, ten, base, quote) => {
          const digits = ten.toString().padStart(11, '0');
          const rate = `${digits.slice(0, -10)}.${digits.slice(-10)}`;
          const up = 10n ** BigInt(quote.minorUnits);
          const down = 10n ** BigInt(base.minorUnits + 10);
          const worth = (sold * ten * up) / down;
          fc.pre(worth > 0n);
          expect(settle(sold, rate, worth, base, quote)).toEqual({ worthMinor: worth, leftOverMinor: 0n });
          expect(() => settle(sold, rate, worth - 1n, base, quote)).toThrow('exchange-below-rate');
        },
      ),
    );
  });
});
