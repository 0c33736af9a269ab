import { describe, expect, it } from '@jest/globals';
import { refuseRepeatedNames } from './repeated-names.js';

describe('a body of JSON', () => {
  it.each([
    '{"amount": "1", "amount": "2"}',
    '{"amount": "1", "\\u0061mount": "2"}',
    '{"a": {"b": 1, "c": [], "b": 2}}',
    '[{"a": 1}, {"b": 1, "b": 1}]',
    '{"": 1, "": 2}',
    '{"__proto__": 1, "__proto__": 2}',
    '{"a": "x\\"}", "b": {}, "a": 1}',
  ])('in which a name stands twice is refused: %s', (json) => {
    expect(() => refuseRepeatedNames(json)).toThrow(/json-name-repeated/);
  });

  it.each([
    '{"a": {"b": 1}, "b": {"a": 1}}',
    '[{"a": 1}, {"a": 2}]',
    '{"a": "a", "b": "a"}',
    '{"a": ["a", "a"]}',
    '"a"',
    '{"a"',
    '',
  ])('in which none does is let pass: %s', (json) => {
    expect(() => refuseRepeatedNames(json)).not.toThrow();
  });

  it('is looked at without going down level by level', () => {
    expect(() => refuseRepeatedNames('['.repeat(100_000))).not.toThrow();
    expect(() => refuseRepeatedNames('{"a":'.repeat(20_000))).not.toThrow();
  });
});
