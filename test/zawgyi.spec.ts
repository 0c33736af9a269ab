import { describe, expect, it } from '@jest/globals';
import myanmarTools from 'myanmar-tools';
import { BURMESE_PARTS } from '../src/demo/domain/name-parts.js';
import { alsoAsZawgyi, fromZawgyi } from '../src/kernel/domain/zawgyi.js';

const toZawgyi = new myanmarTools.ZawgyiConverter();
const parts = [...BURMESE_PARTS.men, ...BURMESE_PARTS.women].map(({ text }) => text);
const names = ['', 'ဦး', 'ဒေါ်', 'မောင်', 'ကို', 'မ'].flatMap((honorific) =>
  parts.flatMap((first) => parts.map((second) => honorific + first + second)),
);
const typed = names.map((name) => ({ name, zawgyi: toZawgyi.unicodeToZawgyi(name) }));
const differs = typed.filter(({ name, zawgyi }) => name !== zawgyi);

describe(`among ${names.length} Burmese names`, () => {
  it('Zawgyi is converted to exactly the name in more than 98 of 100, and hardly ever to anything else', () => {
    const converted = differs.map(({ name, zawgyi }) => ({ name, unicode: fromZawgyi(zawgyi) }));
    const right = converted.filter(({ name, unicode }) => unicode === name).length;
    const wrong = converted.filter(({ name, unicode }) => unicode !== null && unicode !== name).length;
    expect(right / differs.length).toBeGreaterThan(0.98);
    expect(wrong).toBe(0);
  });

  it('what is Unicode is taken for Zawgyi in fewer than 3 of 1,000', () => {
    const taken = names.filter((name) => fromZawgyi(name) !== null);
    expect(taken.length / names.length).toBeLessThan(0.003);
  });

  it('where nobody can be sure the right reading is one of the two', () => {
    const lost = differs.filter(({ name, zawgyi }) => fromZawgyi(zawgyi) !== name && alsoAsZawgyi(zawgyi) !== name);
    expect(lost.length / differs.length).toBeLessThan(0.001);
  });
});

it('a text without Burmese letters is left alone', () => {
  for (const text of ['', 'Aung', 'สมชาย', '၁၂၃']) expect(fromZawgyi(text)).toBeNull();
});
