import { describe, expect, it } from '@jest/globals';
import { evidenceOf, outcomes, SILENCE_DAYS } from './outcome.js';

describe('what a rail reports', () => {
  it.each([
    ['cash', 'not-collected'],
    ['cash', 'handed-back-to-till'],
    ['cash', 'not-handed-over'],
    ['manual', 'AC01'],
    ['manual', 'AC04'],
    ['manual', 'rejected-by-bank'],
  ] as const)('%s: %s proves that the payment failed', (rail, code) => {
    expect(evidenceOf(rail, 'failed', code)).toBe('failed');
  });

  it.each([
    ['cash', 'AC01'],
    ['manual', 'not-collected'],
    ['manual', 'AM05'],
    ['manual', 'DUPL'],
    ['manual', 'TIMEOUT'],
    ['manual', 'ac01'],
    ['manual', ' AC01'],
    ['manual', ''],
    ['manual', undefined],
    ['manual', '__proto__'],
    ['manual', 'constructor'],
  ] as const)('%s: %j proves nothing', (rail, code) => {
    expect(evidenceOf(rail, 'failed', code)).toBe('unclear');
  });

  it('cannot be talked into a failure by a code beside another outcome', () => {
    for (const outcome of outcomes.filter((one) => one !== 'failed')) {
      expect(evidenceOf('manual', outcome, 'AC01')).toBe(outcome === 'unknown' ? 'unclear' : outcome);
    }
  });

  it('is silence after some days on every rail', () => {
    expect(Object.values(SILENCE_DAYS).every((days) => days >= 1)).toBe(true);
  });
});
