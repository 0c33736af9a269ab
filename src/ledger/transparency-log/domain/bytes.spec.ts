import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { concatBytes, equalBytes, fromBase64, fromHex, toBase64, toHex } from './bytes.js';

const anyBytes = fc.uint8Array({ maxLength: 100 });

describe('bytes and their texts', () => {
  it('are written as Node writes them, and read back', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'));
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
        expect(fromHex(toHex(bytes))).toEqual(bytes);
        expect(fromBase64(toBase64(bytes))).toEqual(bytes);
      }),
    );
  });

  it.each([
    'AA',
    'AA=',
    'AAA',
    'A===',
    'AB==',
    'AAB=',
    'AA== ',
    ' AA==',
    'AA\n==',
    'AA==AA==',
    'A-_=',
    '=AAA',
    'AAAAA',
  ])('have one base64, which is not %j', (text) => expect(fromBase64(text)).toBeUndefined());

  it.each(['0', '0G', 'AB', ' 00', '0x00'])('have one hexadecimal, which is not %j', (text) =>
    expect(fromHex(text)).toBeUndefined(),
  );

  it('are equal when all of them are', () => {
    fc.assert(
      fc.property(anyBytes, anyBytes, (one, other) => {
        expect(equalBytes(one, Uint8Array.from(one))).toBe(true);
        expect(equalBytes(one, other)).toBe(Buffer.compare(one, other) === 0);
        expect(equalBytes(one, concatBytes(one, Uint8Array.of(0)))).toBe(false);
      }),
    );
  });
});
