/** An envelope holds exactly the amount, in as few pieces as the currency allows. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { currencies } from '../../../../kernel/reference-data.js';
import { chanceFor } from '../../../../../test/support/chance.js';
import { denominationsOf, piecesOf } from '../denominations.js';
import { breakDown, worthOf, type Denominations, type Pieces } from './denominations.js';
import { newVoucherNumber } from './voucher-number.js';

const CODES = currencies.all().map(({ code }) => code);
const count = (pieces: readonly Pieces[]) => pieces.reduce((sum, one) => sum + one.count, 0);
const { seed } = chanceFor('denominations');

/** The fewest pieces for every amount up to `most`, by trying all of them; amounts in units of the smallest piece. */
function fewest(pieces: readonly number[], most: number): number[] {
  const best = [0];
  for (let amount = 1; amount <= most; amount += 1)
    best[amount] = 1 + Math.min(...pieces.filter((piece) => piece <= amount).map((piece) => best[amount - piece] ?? 0));
  return best;
}

describe('an envelope', () => {
  it.each(CODES)('in %s holds exactly the amount, whatever the amount and the limit on large notes', (code) => {
    const series = denominationsOf(code);
    const smallest = piecesOf(code).at(-1) as bigint;
    fc.assert(
      fc.property(fc.bigInt(1n, 9_999_999n), fc.option(fc.integer({ min: 0, max: 50 })), (times, largeAtMost) => {
        const amount = times * smallest;
        const pieces = breakDown(amount, { ...series, largeAtMost }) ?? [];
        expect(worthOf(pieces)).toBe(amount);
        const large = pieces.filter(({ piece }) => series.large.includes(piece));
        expect(count(large)).toBeLessThanOrEqual(largeAtMost ?? Infinity);
        expect(pieces.every((one) => one.count > 0)).toBe(true);
        expect(pieces.map(({ piece }) => piece)).toEqual(
          [...new Set(pieces.map(({ piece }) => piece))].sort((a, b) => (a < b ? 1 : -1)),
        );
      }),
      { seed },
    );
  });

  // Where taking the largest that fits is not the fewest, it shows below the sum of the two largest (Kozen and Zaks, 1994).
  it.each(CODES)('in %s holds as few pieces as there can be, also of the small ones alone', (code) => {
    const series = denominationsOf(code);
    const smallest = piecesOf(code).at(-1) as bigint;
    const inUnits = (pieces: readonly bigint[]) => pieces.map((piece) => Number(piece / smallest));
    for (const { large, others } of [series, { large: [], others: series.others }]) {
      const units = inUnits([...large, ...others]);
      const most = (units[0] ?? 0) + (units[1] ?? 0);
      const best = fewest(units, most);
      for (let amount = 1; amount <= most; amount += 1) {
        const pieces = breakDown(BigInt(amount) * smallest, { large, others, largeAtMost: null }) ?? [];
        if (count(pieces) !== best[amount]) throw new Error(`${code} ${amount}: ${count(pieces)} for ${best[amount]}`);
      }
    }
  });

  it('of 9,000 THB is nine notes of a thousand, or with at most four of them fourteen notes', () => {
    const thb = denominationsOf('THB');
    expect(breakDown(900_000n, thb)).toEqual([{ piece: 100_000n, count: 9 }]);
    expect(breakDown(900_000n, { ...thb, largeAtMost: 4 })).toEqual([
      { piece: 100_000n, count: 4 },
      { piece: 50_000n, count: 10 },
    ]);
    expect(breakDown(470_700n, thb)).toEqual([
      { piece: 100_000n, count: 4 },
      { piece: 50_000n, count: 1 },
      { piece: 10_000n, count: 2 },
      { piece: 500n, count: 1 },
      { piece: 200n, count: 1 },
    ]);
  });

  it('of what no pieces come to is none', () => {
    const twos: Denominations = { large: [], others: [2n], largeAtMost: null };
    expect(breakDown(3n, twos)).toBeNull();
    expect(breakDown(10n, { large: [10n], others: [], largeAtMost: 0 })).toBeNull();
  });
});

describe('the number of a voucher', () => {
  it('is short and has no vowel and no letter that is taken for another', () => {
    const numbers = Array.from({ length: 500 }, newVoucherNumber);
    for (const number of numbers) expect(number).toMatch(/^V-[0-9BCDFGHJKMNPQRSTVWXYZ]{8}$/);
    expect(new Set(numbers).size).toBe(500);
  });
});
