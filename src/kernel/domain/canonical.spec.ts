import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, contentDigest } from './canonical.js';

describe('the canonical text of a content', () => {
  it('does not depend on the order in which its members were written', () => {
    expect(canonicalJson({ b: 1, a: { d: [1, 2], c: null } })).toBe('{"a":{"c":null,"d":[1,2]},"b":1}');
    expect(canonicalJson({ a: { c: null, d: [1, 2] }, b: 1 })).toBe(canonicalJson({ b: 1, a: { d: [1, 2], c: null } }));
  });

  it('does depend on the order of a list', () => {
    expect(contentDigest([1, 2])).not.toBe(contentDigest([2, 1]));
  });

  it('leaves out what is undefined and keeps what is null', () => {
    expect(canonicalJson({ a: undefined, b: null })).toBe('{"b":null}');
  });

  it('cannot be led by quotes in names and values to look like another content', () => {
    expect(canonicalJson({ a: '1","b":"2' })).not.toBe(canonicalJson({ a: '1', b: '2' }));
    expect(canonicalJson({ 'a":1,"b': 2 })).not.toBe(canonicalJson({ a: 1, b: 2 }));
  });

  it('writes amounts in full, where a number would lose digits', () => {
    expect(canonicalJson({ amountMinor: 9_007_199_254_740_993n })).toBe('{"amountMinor":"9007199254740993"}');
  });

  it('is JSON that reads as the same content, and equal only for equal contents', () => {
    const content = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);
    fc.assert(fc.property(content, (value) => expect(JSON.parse(canonicalJson(value))).toEqual(value)));
    fc.assert(
      fc.property(content, content, (one, other) => {
        const isEqual = canonicalJson(one) === canonicalJson(other);
        expect(contentDigest(one) === contentDigest(other)).toBe(isEqual);
      }),
    );
  });
});
