/** How sums of several currencies and wages are said. */
import { describe, expect, it } from '@jest/globals';
import { plainly, whileSpeaking } from './languages/language.js';
import { amountsText, perUnitText, wageText } from './paying-wording.js';

const baht = { amount: '9000.00', currency: 'THB' };
const kyat = { amount: '4800.00', currency: 'MMK' };

describe('Sums of several currencies', () => {
  it('are joined as the language joins them, and one alone by nothing', () => {
    expect(amountsText([baht])).toBe('9,000.00\u00a0THB');
    expect(amountsText([baht, kyat])).toBe('9,000.00\u00a0THB and 4,800.00\u00a0MMK');
    expect(whileSpeaking(plainly('vi'), () => amountsText([baht, kyat]))).toBe(
      '9.000,00\u00a0THB và 4.800,00\u00a0MMK',
    );
  });
});

describe('A wage', () => {
  it('is an amount for a day or a month', () => {
    expect(perUnitText({ ...baht, unit: 'month' })).toBe('9,000.00\u00a0THB a month');
    expect(perUnitText({ ...kyat, unit: 'day' })).toBe('4,800.00\u00a0MMK a day');
  });

  it('that is kept with what a transfer is worth is said alike, and anything else as it is kept', () => {
    expect(wageText('4800.00 MMK a day')).toBe('4,800.00\u00a0MMK a day');
    expect(wageText('as much as it takes')).toBe('as much as it takes');
  });
});
