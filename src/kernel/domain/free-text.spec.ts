import { describe, expect, it } from '@jest/globals';
import { freeText } from './free-text.js';
import { Problem } from './problem.js';
import { sentence } from './sentence.js';

const RULES = { field: 'words', longest: 30, missing: sentence('Write down what was said.') };
const kept = (typed: string) => freeText(typed, RULES);
const refused = (typed: string) => {
  const problem = Problem.orResult(() => kept(typed));
  return problem instanceof Problem ? [problem.code, problem.field, problem.detail] : problem;
};

describe('what somebody writes freely', () => {
  it('is kept without the space around it, with its lines, and in composed form', () => {
    expect(kept('  He came.\r\nAll is well. \n')).toEqual({ text: 'He came.\nAll is well.', original: null });
    expect(kept('cafe\u0301')).toEqual({ text: 'café', original: null });
  });

  it.each(['', '   ', '\n\t', '\u200b\u200d', '...', '\u3164'])('says something that can be read: not %j', (typed) => {
    expect(refused(typed)).toEqual(['missing', 'words', 'Write down what was said.']);
  });

  it.each(['a\u0000b', 'a\rb', 'a\u001b[2J', 'a\u202eb', 'a\u2066b', 'a\ud800b', 'a\u0085b'])(
    'has no control characters and no half letters: not %j',
    (typed) => expect(refused(typed)).toMatchObject(['text-malformed', 'words', expect.any(String)]),
  );

  it('is as long as people count, however many bytes that takes', () => {
    for (const letter of ['x', 'က', '\u{1f642}'])
      expect(kept(`1${letter.repeat(29)}`).text).toHaveLength(1 + 29 * letter.length);
    for (const letter of ['x', 'က', '\u{1f642}'])
      expect(refused(`1${letter.repeat(30)}`)).toEqual(['text-too-long', 'words', 'Give at most 30 characters.']);
  });
});
