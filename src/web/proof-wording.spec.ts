/** How the page of proof says what is kept in English. */
import { describe, expect, it } from '@jest/globals';
import { plainly, whileSpeaking } from './languages/language.js';
import { ledgerFaultText, lookedAtWords } from './proof-wording.js';

describe('What a verification looked at', () => {
  const says = '1,204 entries wait for the next checkpoint, none of them for longer than two';

  it('is said as it is kept in English, with its numbers in digits of the language that is spoken', () => {
    expect(lookedAtWords(says)).toBe(says);
    expect(whileSpeaking({ ...plainly('th'), ownDigits: true }, () => lookedAtWords(says))).toContain('๑,๒๐๔');
  });

  it('is said as it is kept in every language where a verification of another day said something else', () => {
    const other = '12 wells were looked into';
    expect(whileSpeaking({ ...plainly('th'), ownDigits: true }, () => lookedAtWords(other))).toBe(other);
  });
});

describe('What is wrong with a row', () => {
  it('is said with the checkpoint after which it became so, where the log can tell', () => {
    const what = 'its amount changed after it was logged';
    expect(ledgerFaultText({ what, since: 'checkpoint of 512 leaves' })).toBe(
      `${what}, after the checkpoint of 512 leaves`,
    );
    expect(ledgerFaultText({ what, since: null })).toBe(what);
  });
});
