/** Which elements of trafficking were told of, and what follows from it. */
import { describe, expect, it } from '@jest/globals';
import type { AgeBand } from '../../domain/age.js';
import { elementsOf, type AgeThen, type Told } from './elements.js';

const told = (changes: Partial<Told> = {}): Told => ({
  acts: ['recruitment'],
  means: ['deception'],
  purposes: ['forced-labour'],
  age: 'adult',
  ...changes,
});

describe('What was told', () => {
  it('of an act, of means and of a purpose is all three elements', () => {
    expect(elementsOf(told())).toEqual({ act: 'told', means: 'told', purpose: 'told', outcome: 'all-elements' });
  });

  it.each<[string, Partial<Told>]>([
    ['no act', { acts: [] }],
    ['no means', { means: [] }],
    ['no purpose', { purposes: [] }],
    ['nothing yet', { acts: [], means: [], purposes: [] }],
  ])('with %s leaves it at a presumption', (_, changes) => {
    expect(elementsOf(told(changes)).outcome).toBe('presumed');
  });

  it('of a child needs no means, and says so only while none were told', () => {
    const child = told({ age: 'child' });
    expect(elementsOf({ ...child, means: [] })).toMatchObject({ means: 'not-needed', outcome: 'means-not-needed' });
    expect(elementsOf(child)).toMatchObject({ means: 'told', outcome: 'all-elements' });
  });

  it('of a child needs an act and a purpose all the same', () => {
    for (const lacking of [{ acts: [] }, { purposes: [] }] as const)
      expect(elementsOf(told({ age: 'child', means: [], ...lacking })).outcome).toBe('presumed');
  });

  it.each<[AgeBand, AgeThen | undefined, string]>([
    ['adult', undefined, 'presumed'],
    ['adult', 'adult', 'presumed'],
    ['adult', 'child', 'means-not-needed'],
    ['adult', 'unknown', 'means-not-needed'],
    ['unknown', undefined, 'means-not-needed'],
    ['unknown', 'adult', 'means-not-needed'],
    ['child', undefined, 'means-not-needed'],
    ['child', 'adult', 'means-not-needed'],
  ])('without means by somebody who is %s now and was %s then is %s', (age, ageThen, outcome) => {
    expect(elementsOf(told({ means: [], age, ageThen })).outcome).toBe(outcome);
  });
});
