import { describe, expect, it } from '@jest/globals';
import { nameForms } from './name-forms.js';

const of = (...texts: string[]) => nameForms(texts.map((text) => ({ text })));

/** As the search sees it: the same when whole forms meet, near when a form of one meets a form of the other. */
function meet(one: string, other: string): 'same' | 'near' | null {
  const [a, b] = [of(one), of(other)];
  if (a.whole.some((form) => b.whole.includes(form))) return 'same';
  const all = new Set([...a.whole, ...a.slipped]);
  return [...b.whole, ...b.slipped].some((form) => all.has(form)) ? 'near' : null;
}

describe('two spellings of a name', () => {
  it.each([
    ['Aung Kyaw Myint', 'U Aung Kyaw Myint'],
    ['Aye Thandar', 'Ma Aye Thandar'],
    ['Ko Ko Naing', 'U Ko Ko Naing'],
    ['အောင်မြင့်', 'ဦးအောင်မြင့်'],
    ['ခင်သန္တာ', 'ဒေါ်ခင်သန္တာ'],
    ['สมชาย ใจงาม', 'นายสมชาย ใจงาม'],
    ['สุดา บุญมา', 'นางสาวสุดา บุญมา'],
    ['Somchai Chaingam', 'Mr. Somchai Chaingam'],
    ['Somchai Chaingam', 'Chaingam Somchai'],
    ['Nguyễn Văn An', 'An Van Nguyen'],
    ['Chaingam, Somchai', 'Somchai Chaingam'],
  ])('%s and %s are the same', (one, other) => {
    expect(meet(one, other)).toBe('same');
  });

  it.each([
    ['a letter left out', 'Aung Kyaw Myin'],
    ['a letter added', 'Aung Kyawt Myint'],
    ['a letter mistaken', 'Aung Kyau Myint'],
    ['neighbours swapped', 'Aung Kywa Myint'],
    ['the first letter mistaken', 'Oung Kyaw Myint'],
    ['a word of respect and a slip', 'U Aung Kyaw Mint'],
  ])('with %s are near', (_, other) => {
    expect(meet('Aung Kyaw Myint', other)).toBe('near');
  });

  it.each([
    ['Aung Kyaw Myint', 'Aung Kyaw Soe'],
    ['Su Mon', 'Su Lin'],
    ['Mya', 'May'],
    ['Min', 'Lin'],
    ['မင်း', 'ဦး'],
    ['สมชาย ทองดี', 'สมชาย บุญมา'],
  ])('%s and %s are not', (one, other) => {
    expect(meet(one, other)).toBeNull();
  });
});

it('a word of respect is never taken from the middle of a syllable', () => {
  expect(of('မင်းအောင်').whole).toHaveLength(1);
  expect(of('Ma').whole).toEqual(['ma']);
});

it('a name of unlimited length has a limited number of forms', () => {
  const { whole, slipped } = of('x y'.repeat(500));
  expect(whole.length + slipped.length).toBeLessThan(130);
});
