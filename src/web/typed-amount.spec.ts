/** Amounts as people type them, and what is made of each: one number, or a question back. */
import { describe, expect, it } from '@jest/globals';
import { typedAmount } from './typed-amount.js';

const NBSP = '\u00a0';

describe('A typed amount', () => {
  it.each([
    ['1200', '1200'],
    ['1200.5', '1200.5'],
    ['1200.50', '1200.50'],
    ['1,200', '1200'],
    ['1,200.50', '1200.50'],
    ['12,345,678', '12345678'],
    ['1 200', '1200'],
    [`1${NBSP}200.50`, '1200.50'],
    ['1\u202f200', '1200'],
    ['1’200', '1200'],
    ["1'200'000", '1200000'],
    ['  900 ', '900'],
    ['1,200.-', '1200'],
    ['0', '0'],
    ['', ''],
    [' ', ''],
  ])('%p is %p', (typed, decimal) => {
    expect(typedAmount(typed)).toEqual({ decimal });
  });

  it.each([
    ['Thai', '๑,๒๐๐.๕๐', '1200.50'],
    ['Burmese', '၁၂၀၀', '1200'],
    ['Burmese, with its own comma', '၁၊၂၀၀', '1200'],
    ['Burmese, with the letter wa for zero', '၁၂ဝဝ', '1200'],
    ['Shan', '႑႒႐႐', '1200'],
    ['Lao', '໑,໒໐໐', '1200'],
    ['Khmer', '១,២០០.៥០', '1200.50'],
    ['Bengali', '১২০০', '1200'],
    ['wide', '１，２００．５０', '1200.50'],
    ['the tenth row of mathematical ones', '\u{1d7ff}\u{1d7f6}', '90'],
    ['of two scripts', '๑200', '1200'],
    ['Khmer, with what its keyboards put between letters', '១\u200b២០០', '1200'],
  ])('may be in digits that are %s', (_, typed, decimal) => {
    expect(typedAmount(typed)).toEqual({ decimal });
  });

  it.each([
    ['1.200'], // twelve hundred, or one and a fifth
    ['1.200,50'],
    ['1.200.000'],
    ['1,200,50'],
    ['12,50'],
    ['12,5'],
    ['1,2000'],
    ['1200,000'],
    ['1,200 000'],
    ['1 20'],
    ['1,200.500'],
    ['1,,200'],
    ['၁.၂၀၀'],
    [',200'],
    ['1.2.3'],
    ['0,200'],
  ])('%p could be two numbers, and is asked again', (typed) => {
    expect(typedAmount(typed)).toEqual({ fault: typed === ',200' ? 'not-digits' : 'unclear' });
  });

  it.each([
    ['about 1200'],
    ['1200 THB'],
    ['฿1200'],
    ['1e3'],
    ['½'],
    ['12²'],
    ['①'],
    ['.5'],
    ['1200.'],
    ['ဝ'],
    ['१२०० रु'],
    ['1_000'],
  ])('%p is no number', (typed) => {
    expect(typedAmount(typed)).toEqual({ fault: 'not-digits' });
  });

  it('below nothing is passed on to whoever says that it must be more', () => {
    expect(typedAmount('-5')).toEqual({ decimal: '-5' });
    expect(typedAmount('\u22121,200.50')).toEqual({ decimal: '-1200.50' });
  });

  it('with more decimals than any of our currencies has is passed on to whoever says so', () => {
    expect(typedAmount('1,200.5055')).toEqual({ decimal: '1200.5055' });
  });
});

describe('On a page that writes a comma before decimals', () => {
  it.each([
    ['1.200,50', '1200.50'],
    ['1.200', '1200'],
    ['1.200.000', '1200000'],
    ['12,5', '12.5'],
    ['1 200,50', '1200.50'],
    ['໑.໒໐໐,໕໐', '1200.50'],
    // As keypads write it that have only a point.
    ['1200.50', '1200.50'],
    ['12.5', '12.5'],
  ])('%p is %p', (typed, decimal) => {
    expect(typedAmount(typed, ',')).toEqual({ decimal });
  });

  it.each([['1,200'], ['1,200.50'], ['1,200,000'], ['1.20,50']])('%p is asked again', (typed) => {
    expect(typedAmount(typed, ',')).toEqual({ fault: 'unclear' });
  });
});
