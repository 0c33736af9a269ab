import { describe, expect, it } from '@jest/globals';
import { intakePlaces } from './anchors.js';
import { addMonths } from '../../kernel/domain/plain-date.js';
import { drawDateOfBirth, inventNames } from './invented-people.js';
import { seededDraws } from './seeded-draws.js';

const SCRIPTS = {
  Mymr: /^\p{Script=Myanmar}+$/u,
  Thai: /^[\p{Script=Thai} ]+$/u,
  Laoo: /^[\p{Script=Lao} ]+$/u,
  Khmr: /^[\p{Script=Khmer} ]+$/u,
} as const;
const OWN_SCRIPT = { my: 'Mymr', th: 'Thai', lo: 'Laoo', km: 'Khmr' } as const;

const places = intakePlaces();
const names = inventNames(places, seededDraws(1, 'names'));
/** Enough seeds for every part of a name to come up. */
const manyNames = Array.from({ length: 30 }, (_, seed) => inventNames(places, seededDraws(seed, 'names')));

describe('invented names', () => {
  it('are written in the script that they claim, with a Latin spelling beside', () => {
    for (const { script, text, romanised } of manyNames.flat(2)) {
      expect(text).toMatch(SCRIPTS[script]);
      expect(romanised).toMatch(/^[A-Z][a-z]+( [A-Z][a-z]+)*$/);
    }
  });

  it('are in normal form C, so that they can be compared and searched', () => {
    for (const { text } of manyNames.flat(2)) expect(text).toBe(text.normalize('NFC'));
  });

  it("begin with one in the script of the client's own language", () => {
    places.forEach(({ language }, index) => expect(names[index]?.[0]?.script).toBe(OWN_SCRIPT[language]));
  });

  it('are never shared by two clients, whatever the seed', () => {
    for (const all of manyNames) {
      const texts = all.flat().map(({ text }) => text);
      expect(new Set(texts).size).toBe(texts.length);
      expect(new Set(all.map(([own]) => own?.romanised)).size).toBe(117);
    }
  });

  it('come twice for a few clients, on a Thai card or as a nickname', () => {
    const second = places.flatMap((place, index) => {
      const name = names[index]?.[1];
      return name === undefined ? [] : [{ ...place, name }];
    });
    expect(second.length).toBeGreaterThanOrEqual(5);
    expect(second.length).toBeLessThanOrEqual(15);
    for (const { language, country, name } of second) {
      if (language === 'my') expect([country, name.script]).toEqual(['TH', 'Thai']);
      else expect(name.script).toBe(OWN_SCRIPT[language]);
    }
  });

  it('run out with an error rather than repeat themselves', () => {
    const tooMany = Array.from({ length: 500 }, () => ({ cohort: 'other', country: 'LA', language: 'lo' }) as const);
    expect(() => inventNames(tooMany, seededDraws(1, 'names'))).toThrow('The name parts are used up for language lo');
  });
});

describe('dates of birth', () => {
  it('make everyone an adult of 19 to 49 on the day of intake', () => {
    const draws = seededDraws(1, 'births');
    for (let client = 0; client < 500; client += 1) {
      const born = drawDateOfBirth('2016-02-29', draws);
      expect(addMonths(born, 12 * 19) <= '2016-02-29').toBe(true);
      expect(addMonths(born, 12 * 49) > '2016-02-29').toBe(true);
    }
  });
});
