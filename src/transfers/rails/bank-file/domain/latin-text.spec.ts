import { describe, expect, it } from '@jest/globals';
import { latinName, latinText, LONGEST_NAME, SWIFT_X } from './latin-text.js';

describe('a name in the character set of banks', () => {
  it.each([
    ['Nguyễn Thị Ánh Đào', 'Nguyen Thi Anh Dao'],
    ['Đặng Văn Lâm', 'Dang Van Lam'],
    ['Peña-Ñuñez, José María', 'Pena-Nunez, Jose Maria'],
    ['Søren Æbelø', 'Soren Aebelo'],
    ['O’Neill ‘Kyaw’', "O'Neill 'Kyaw'"],
    ['Nuʻuanu', "Nu'uanu"],
    ['  Ma   Khin  ', 'Ma Khin'],
    ['Aung\u200b Myint\u00a0Oo', 'Aung Myint Oo'],
    ['Maung & Sons', 'Maung + Sons'],
    ['-: Somchai', 'Somchai'],
    ['=Somchai', 'Somchai'],
    ['Ｓｏｍｃｈａｉ', 'Somchai'],
    ['Somchai ☂ (Chai)', 'Somchai (Chai)'],
  ])('%p is written %p', (name, written) => expect(latinText(name)).toBe(written));

  it.each(['สมชาย', 'အောင်မြင့်ဦး', 'ສົມສັກ', 'សុខា', '王小明', 'Somchai ใจดี', '๑๒๓', '', ' ', '-', '12', '☂', '\u0301'])(
    '%p cannot be, and is not guessed',
    (name) => expect(latinText(name)).toBeNull(),
  );

  it('is cut where a bank cuts it, never inside a character', () => {
    const long = latinText(`${'ễ'.repeat(200)}`) ?? '';
    expect(long).toHaveLength(LONGEST_NAME);
    expect(long).toMatch(SWIFT_X);
    expect(latinText(`${'a'.repeat(69)} b`)).toBe('a'.repeat(69)); // no space at the end
  });
});

describe('the name that a payment is made out to', () => {
  const burmese = { text: 'အောင်မြင့်ဦး', romanised: 'Aung Myint Oo' };

  it('is the account holder’s, where that differs', () => expect(latinName('Daw Khin', [burmese])).toBe('Daw Khin'));
  it('is the romanised one before the spelling', () =>
    expect(latinName(undefined, [{ text: 'Nguyễn', romanised: 'Nguyen T.' }])).toBe('Nguyen T.'));
  it('is the spelling, where that can be written', () =>
    expect(latinName(undefined, [{ text: 'Nguyễn' }])).toBe('Nguyen'));
  it('is the first of several that can be written', () =>
    expect(latinName(undefined, [{ text: 'สมชาย' }, burmese])).toBe('Aung Myint Oo'));
  it('is nobody’s, where none can be written', () => expect(latinName(undefined, [{ text: 'สมชาย' }])).toBeNull());
  it('is not another one, where the holder’s cannot be written', () =>
    expect(latinName('สมชาย', [burmese])).toBeNull());
});
