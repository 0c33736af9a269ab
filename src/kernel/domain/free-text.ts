/** The rules of what somebody writes freely about a client, wherever it is kept: it says something, is not too long, and is brought to Unicode. */
import { Problem } from './problem.js';
import { sentence, type Sentence } from './sentence.js';
import { LETTER_OR_DIGIT, UNPRINTABLE } from './visible-text.js';
import { wordsInUnicode, type Words } from './zawgyi.js';

export interface FreeTextRules {
  /** Where it was written, for the refusal: "words". */
  field: string;
  /** In characters as people count them, which are code points and not what they take in memory. */
  longest: number;
  /** What to do when nothing was written, as a sentence: "Write down what was said." */
  missing: Sentence;
}

/**
 * The words as they are kept, without the space around them. Throws `missing` when there is nothing to read in it, `text-malformed`,
 * `text-too-long` (422).
 */
export function freeText(typed: string, { field, longest, missing }: FreeTextRules): Words {
  const text = typed.replaceAll('\r\n', '\n').trim();
  if (!LETTER_OR_DIGIT.test(text)) throw Problem.refused('missing', missing, field);
  if (UNPRINTABLE.test(text)) {
    throw Problem.refused('text-malformed', 'Write it without control characters.', field);
  }
  if ([...text].length > longest) {
    throw Problem.refused('text-too-long', sentence('Give at most {most} characters.', { most: longest }), field);
  }
  return wordsInUnicode(text);
}
