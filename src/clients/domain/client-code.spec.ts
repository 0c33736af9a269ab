import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { clientCode, isClientCode } from './client-code.js';

describe('the code of a client', () => {
  it('is C- and eight characters that nobody misreads', () => {
    for (let n = 0; n < 2_000; n += 1) {
      const code = clientCode(randomBytes);
      expect(code).toMatch(/^C-[0-9A-HJKMNP-TV-Z]{8}$/);
      expect(isClientCode(code)).toBe(true);
    }
  });

  it('uses every character alike, so that it is as hard to guess as it is long', () => {
    const everyByte = Array.from({ length: 256 }, (_, byte) => clientCode(() => Buffer.alloc(8, byte)).slice(2, 3));
    const counted = new Map<string, number>();
    for (const character of everyByte) counted.set(character, (counted.get(character) ?? 0) + 1);
    expect(counted.size).toBe(32);
    expect(new Set(counted.values())).toEqual(new Set([8]));
  });

  it('does not repeat in 20,000', () => {
    expect(new Set(Array.from({ length: 20_000 }, () => clientCode(randomBytes))).size).toBe(20_000);
  });

  it.each([
    '',
    'C-',
    'C-0123456',
    'C-012345678',
    'c-01234567',
    'C-0123456I',
    'C-0123456L',
    'C-0123456O',
    'C-0123456U',
    ' C-01234567',
    'C-01234567\n',
    "C-0123456'",
  ])('%j is none', (text) => {
    expect(isClientCode(text)).toBe(false);
  });
});
