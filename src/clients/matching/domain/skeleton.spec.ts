import { describe, expect, it } from '@jest/globals';
import { asciiDigits, skeleton } from './skeleton.js';

describe('the skeleton of a text', () => {
  it.each([
    ['case', 'AUNG kyaw MYINT'],
    ['spaces', '  Aung\u00a0Kyaw\tMyint '],
    ['no spaces', 'AungKyawMyint'],
    ['punctuation and symbols', 'Aung-Kyaw, Myint. *'],
    ['marks of no width', 'Au\u200bng\u200d Ky\u2060aw My\ufeffint'],
    ['soft hyphens and variation selectors', 'Aung Ky\u00adaw\ufe0f Myint'],
    ['marks of direction', '\u202aAung Kyaw Myint\u202c'],
    ['accents', 'Aúng Kyäw Mÿint'],
    ['accents as marks of their own', 'Au\u0301ng Kya\u0308w Myint'],
    ['letters of full width', 'Ａｕｎｇ Ｋｙａｗ Ｍｙｉｎｔ'],
    ['Cyrillic look-alikes', 'Аung Куаw Муint'],
    ['Greek look-alikes', 'Αung Κyαw Μyιnτ'],
    ['Armenian look-alikes', 'Aսng Kyaw Myint'],
    ['letters without a decomposition', 'Aung Kyaw Myınt'],
  ])('does not change with %s', (_, spelling) => {
    expect(skeleton(spelling)).toBe('aungkyawmyint');
  });

  it('does not change with the order in which Burmese marks were typed', () => {
    expect(skeleton('မြင့်')).toBe(skeleton('မြင့်'.normalize('NFD')));
    expect(skeleton('\u1019\u103c\u1004\u103a\u1037')).toBe(skeleton('\u1019\u103c\u1004\u1037\u103a'));
    expect(skeleton('စ\u102f\u102d\u1038')).toBe(skeleton('စိုး'));
  });

  it('takes the Burmese zero and seven among letters for the letters that they look like, and not among digits', () => {
    expect(skeleton('\u1040င်း')).toBe(skeleton('ဝင်း'));
    expect(skeleton('\u1047ဲ')).toBe(skeleton('ရဲ'));
    expect(skeleton('\u1040\u1041\u1047')).toBe('017');
  });

  it('keeps different names of the same culture apart', () => {
    const names = [
      'မင်းမင်း',
      'မင်းလင်း',
      'လင်းလင်း',
      'Somchai',
      'Surachai',
      'สมชาย',
      'สุรชัย',
      'ດາລາ',
      'ដារ៉ា',
      'Dara',
      'Đorđe',
    ];
    expect(new Set(names.map(skeleton)).size).toBe(names.length);
  });

  it('keeps the vowels and tones of scripts whose marks are letters to their readers', () => {
    expect(skeleton('ก้าว')).not.toBe(skeleton('กาว'));
    expect(skeleton('ကို')).not.toBe(skeleton('ကိ'));
  });
});

it('digits of every script there is become 0 to 9', () => {
  expect(asciiDigits('๐๑๒๓๔๕๖๗๘๙ ၀၁၂၃၄၅၆၇၈၉ ០១៩ ໐໑໙ ٠١٩ ۰۹ ०९ 𞥐𞥙')).toBe('0123456789 0123456789 019 019 019 09 09 09');
  const digits = Array.from({ length: 0x110000 }, (_, codePoint) => codePoint)
    .filter((codePoint) => codePoint < 0xd800 || codePoint > 0xdfff)
    .map((codePoint) => String.fromCodePoint(codePoint))
    .filter((letter) => /^\p{Nd}$/u.test(letter));
  expect(digits.length % 10).toBe(0);
  digits.forEach((digit, index) => expect(asciiDigits(digit)).toBe(String(index % 10)));
});
