import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { drawInterpretations } from './client-voices.js';
import type { NeedsCatalogue } from './scripted-pilot.js';
import { seededDraws } from './seeded-draws.js';

const catalogue = JSON.parse(readFileSync('config/needs-catalogue.json', 'utf8')) as NeedsCatalogue;
const needs = catalogue.categories.flatMap((category) => category.needs.map(({ code }) => code));
const heard = Array.from({ length: 60 }, (_, seed) => drawInterpretations(needs, seededDraws(seed, 'voices')));

describe('what a need means to a client', () => {
  it('is said for every need of the catalogue, in more than one way', () => {
    expect(Object.keys(heard[0] ?? {})).toEqual(needs);
    for (const need of needs) expect(new Set(heard.map((said) => said[need])).size).toBeGreaterThan(3);
  });

  it('is one short sentence', () => {
    for (const sentence of heard.flatMap((said) => Object.values(said))) {
      expect(sentence).toMatch(/^[A-Z][^.!?]*\.$/);
      expect(sentence.length).toBeLessThanOrEqual(90);
    }
  });

  it('names nobody and no place', () => {
    for (const sentence of heard.flatMap((said) => Object.values(said))) {
      const capitalised = sentence.slice(1).match(/\b[A-Z]\w*/g) ?? [];
      expect(capitalised.filter((word) => word !== 'I')).toEqual([]);
    }
  });

  it('is not made up for a need that is not in the catalogue', () => {
    expect(() => drawInterpretations(['yacht'], seededDraws(1, 'voices'))).toThrow('No client voice for need yacht');
  });
});
