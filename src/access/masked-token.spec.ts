/** Tokens that look different in every page and are the same. */
import { describe, expect, it } from '@jest/globals';
import { masked, unmasked } from './masked-token.js';

describe('a masked token', () => {
  const token = 'a1b2c3.d4e5f6';

  it('looks different each time and comes back the same', () => {
    const shown = Array.from({ length: 50 }, () => masked(token));
    expect(new Set(shown).size).toBe(50);
    expect(new Set(shown.map(unmasked))).toEqual(new Set([token]));
    expect(shown.some((one) => one.includes('a1b2'))).toBe(false);
  });

  it.each(['', 'x', 'made-up', token, 'ကခဂ', '=====', 'a'.repeat(5_000)])(
    'made up (%s) gives no token and no fault',
    (text) => {
      expect(unmasked(text)).not.toBe(token);
    },
  );
});
