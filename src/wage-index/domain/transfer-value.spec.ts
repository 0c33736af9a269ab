import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Currency } from '../../kernel/domain/money.js';
import { rateInForce, valueFromWage, type WageRate } from './transfer-value.js';

const THB: Currency = { code: 'THB', minorUnits: 2, payableStepMinor: 100n };
const VND: Currency = { code: 'VND', minorUnits: 0, payableStepMinor: 1000n };
const MYR: Currency = { code: 'MYR', minorUnits: 2, payableStepMinor: 5n };

let serial = 0;
function rate(options: Partial<WageRate>): WageRate {
  const effectiveFrom = options.effectiveFrom ?? '2013-01-01';
  serial += 1;
  return {
    id: String(serial),
    country: 'TH',
    region: '',
    sector: 'general',
    unit: 'day',
    amount: '300',
    currency: 'THB',
    source: 'notification',
    effectiveFrom,
    knownFrom: effectiveFrom,
    sourceUrl: null,
    confidence: null,
    ...options,
  };
}

describe('the value of a transfer', () => {
  it('is 9,000 baht for 300 a day in Thailand', () => {
    const wage = rate({});
    expect(valueFromWage(wage, 30, '1', THB)).toMatchObject({
      amountMinor: 900_000n,
      currency: 'THB',
      wageRateId: wage.id,
      decidedAmountId: null,
    });
  });

  it('takes a monthly wage as it is', () => {
    expect(valueFromWage(rate({ unit: 'month', amount: '4960000', currency: 'VND' }), 26, '1', VND).amountMinor).toBe(
      4_960_000n,
    );
  });

  it.each([
    ['300', 30, '0.7501', THB, 675_100n],
    ['300', 30, '0.7500', THB, 675_000n],
    ['300', 30, '0.0001', THB, 100n],
    ['312.3333', 30, '1', THB, 937_000n],
    ['1700', 1, '0.3333', MYR, 56_665n],
    ['1700', 1, '0.33331', MYR, 56_665n],
    ['4960000', 1, '0.3333', VND, 1_654_000n],
  ])('of %s x %i x %s is rounded up once, to what can be paid', (amount, days, multiplier, currency, amountMinor) => {
    expect(valueFromWage(rate({ amount, currency: currency.code }), days, multiplier, currency).amountMinor).toBe(
      amountMinor,
    );
  });

  it('is exact for every wage and multiplier that can be on record', () => {
    const wages = fc.bigInt({ min: 1n, max: 10n ** 18n - 1n });
    const multipliers = fc.bigInt({ min: 1n, max: 999_999n });
    fc.assert(
      fc.property(
        wages,
        fc.integer({ min: 1, max: 31 }),
        multipliers,
        fc.constantFrom(THB, VND, MYR),
        (wage, days, multiplier, currency) => {
          const decimals = (value: bigint): string => `${value / 10_000n}.${String(value % 10_000n).padStart(4, '0')}`;
          const value = valueFromWage(rate({ amount: decimals(wage) }), days, decimals(multiplier), currency);
          // In units of 1/100,000,000 of the minor unit, so that nothing is rounded before the end.
          const exact = wage * BigInt(days) * multiplier * 10n ** BigInt(currency.minorUnits);
          const step = currency.payableStepMinor * 10n ** 8n;
          expect(value.amountMinor).toBe(((exact + step - 1n) / step) * currency.payableStepMinor);
          expect(value.derivation.exact).not.toMatch(/e/i);
        },
      ),
    );
  });
});

describe('the rate in force', () => {
  const nationwide = rate({ amount: '300', effectiveFrom: '2013-01-01' });
  const bangkok = rate({ region: 'Bangkok', amount: '325', effectiveFrom: '2018-04-01' });
  const rates = [bangkok, nationwide];

  it('is the last one before the day', () => {
    const older = rate({ amount: '200', effectiveFrom: '2011-01-01' });
    expect(rateInForce([nationwide, older], null, '2012-12-31', '2026-01-01')).toBe(older);
    expect(rateInForce([nationwide, older], null, '2013-01-01', '2026-01-01')).toBe(nationwide);
  });

  it('is that of the region where there is one', () => {
    expect(rateInForce(rates, 'Bangkok', '2018-04-01', '2026-01-01')).toBe(bangkok);
    expect(rateInForce(rates, 'Bangkok', '2018-03-31', '2026-01-01')).toBe(nationwide);
    const sameDay = rate({ amount: '320', effectiveFrom: '2018-04-01' });
    expect(rateInForce([sameDay, ...rates], 'Bangkok', '2018-04-01', '2026-01-01')).toBe(bangkok);
    expect(rateInForce([sameDay, ...rates], 'Phuket', '2018-04-01', '2026-01-01')).toBe(sameDay);
  });

  it('is a newer one of the whole country before an older one of the region', () => {
    const newer = rate({ amount: '400', effectiveFrom: '2025-07-01' });
    expect(rateInForce([newer, ...rates], 'Bangkok', '2025-07-01', '2026-01-01')).toBe(newer);
  });

  it('needs a region where the newest rates are by region', () => {
    expect(rateInForce(rates, null, '2018-03-31', '2026-01-01')).toBe(nationwide);
    expect(() => rateInForce(rates, null, '2018-04-01', '2026-01-01')).toThrow(
      expect.objectContaining({ code: 'region-required' }),
    );
  });

  it.each(['Chiang Mai', 'bangkok', ''])(
    'is not quietly an outdated one of the whole country for the region %j, of which none is on record',
    (region) => {
      expect(() => rateInForce(rates, region, '2026-01-01', '2026-01-01')).toThrow(
        expect.objectContaining({ status: 422, field: region ? 'country' : 'region' }),
      );
    },
  );

  it('is none before the first, and none of a region that has none', () => {
    expect(() => rateInForce(rates, null, '2012-12-31', '2026-01-01')).toThrow(
      expect.objectContaining({ code: 'no-minimum-wage' }),
    );
    expect(() => rateInForce([bangkok], 'Phuket', '2026-01-01', '2026-01-01')).toThrow(
      expect.objectContaining({ code: 'no-minimum-wage' }),
    );
  });

  it('is what was known: Myanmar’s rate of October 2025 was announced two weeks after it took effect', () => {
    const before = rate({ country: 'MM', amount: '6800', effectiveFrom: '2024-08-01' });
    const announcedLate = rate({ country: 'MM', amount: '7800', effectiveFrom: '2025-10-01', knownFrom: '2025-10-14' });
    const known = [before, announcedLate];
    expect(rateInForce(known, null, '2025-10-05', '2025-10-13')).toBe(before);
    expect(rateInForce(known, null, '2025-10-05', '2025-10-14')).toBe(announcedLate);
    expect(rateInForce(known, null, '2025-09-30', '2025-10-14')).toBe(before);
  });

  it('is the correction of a rate from the day on which the correction was known', () => {
    const wrong = rate({ amount: '330', effectiveFrom: '2020-01-01' });
    const corrected = rate({ amount: '331', effectiveFrom: '2020-01-01', knownFrom: '2020-02-01' });
    expect(rateInForce([wrong, corrected], null, '2020-01-15', '2020-01-31')).toBe(wrong);
    expect(rateInForce([wrong, corrected], null, '2020-01-15', '2020-02-01')).toBe(corrected);
  });

  it('does not depend on the order in which the rates are read', () => {
    const all = [
      nationwide,
      bangkok,
      rate({ effectiveFrom: '2017-01-01' }),
      rate({ region: 'Phuket', effectiveFrom: '2018-04-01' }),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
        expect(rateInForce(shuffled, 'Bangkok', '2020-01-01', '2020-01-01')).toBe(bangkok);
      }),
    );
  });
});
