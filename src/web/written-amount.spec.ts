/** Amounts as pages write them, with the marks and digits of a language. */
import { describe, expect, it } from '@jest/globals';
import { minorOf, withMarks, writtenAmount, type AmountMarks } from './written-amount.js';

const english: AmountMarks = { group: ',', decimal: '.', zero: null };
const lao: AmountMarks = { group: '.', decimal: ',', zero: 0x0ed0 };

describe('A written amount', () => {
  it('has the marks and the digits of its language, and its currency', () => {
    expect(withMarks('1053000.00', english, 'THB')).toBe('1,053,000.00\u00a0THB');
    expect(withMarks('-1500', english)).toBe('\u22121,500');
    expect(withMarks('1053000.50', lao, 'LAK')).toBe('໑.໐໕໓.໐໐໐,໕໐\u00a0LAK');
    expect(withMarks('soon', english)).toBe('soon');
  });

  it('is made of minor units, however many decimals there are', () => {
    expect(writtenAmount(5n, 2, english, 'THB')).toBe('0.05\u00a0THB');
    expect(writtenAmount(1_200_000n, 0, english, 'VND')).toBe('1,200,000\u00a0VND');
    expect(writtenAmount(9_007_199_254_740_993n, 2, english, 'THB')).toBe('90,071,992,547,409.93\u00a0THB');
  });

  it('comes back as minor units, or not at all', () => {
    expect([minorOf('1200.5', 2), minorOf('0.05', 2), minorOf('1200', 0)]).toEqual([120_050n, 5n, 1200n]);
    expect([
      minorOf('1200.505', 2),
      minorOf('1.5', 0),
      minorOf('-1', 2),
      minorOf('', 2),
      minorOf('1', undefined),
    ]).toEqual([null, null, null, null, null]);
  });
});
