/** How a form's texts are measured. */
import { describe, expect, it } from '@jest/globals';
import { FormReader } from './form-reader.js';

const faultsOf = (text: string, longest: number) => {
  const reader = new FormReader({ words: text });
  reader.text('words', longest);
  return reader.faults.map((fault) => fault.text);
};

describe('A text in a form', () => {
  it.each([
    ['Latin', 'abc'],
    ['Burmese', '\u1019\u103c\u1014'],
    ['of a script beyond the first plane', '\u{11136}\u{11137}\u{11138}'],
  ])('that is %s is as long as it has characters', (_, text) => {
    expect(faultsOf(text, 3)).toEqual([]);
    expect(faultsOf(text, 2)).toEqual(['Write at most 2 characters; this is 3.']);
  });
});
