/** Every sentence of the pages can be said in every language, and what is not said through a catalogue is found. */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { projectRoot } from '../src/kernel/config.js';
import { languageCodes } from '../src/web/languages/languages.js';
import { catalogueOf, filesOf, glued, messages, unworded, untranslated } from '../scripts/messages.mjs';

const said = messages();
const placesIn = (sentence: string) => [...sentence.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();

describe.each(languageCodes.filter((code) => code !== 'en'))('The catalogue of %s', (code) => {
  const { messages: kept, reviewedBy } = catalogueOf(code);

  it('has every sentence that a page says', () => {
    expect([...said.keys()].filter((sentence) => !kept[sentence]?.trim())).toEqual([]);
  });

  it('has none that no page says', () => {
    expect(Object.keys(kept).filter((sentence) => !said.has(sentence))).toEqual([]);
  });

  it('keeps every place that is filled in', () => {
    const broken = Object.entries(kept).filter(
      ([english, other]) => placesIn(english).join() !== placesIn(other).join(),
    );
    expect(broken).toEqual([]);
  });

  it('is in Unicode, composed, and says whether somebody has reviewed it', () => {
    expect(Object.values(kept).filter((other) => other !== other.normalize('NFC'))).toEqual([]);
    expect(reviewedBy === null || reviewedBy.trim() !== '').toBe(true);
  });
});

describe('A template', () => {
  const templates = filesOf('.njk').map((file) => ({ file, name: relative(projectRoot, file) }));

  it.each(templates)('$name says nothing that is in no catalogue', ({ file }) => {
    const left = untranslated(readFileSync(file, 'utf8'));
    expect(left).toEqual([]);
  });

  it.each([
    ['text between tags', '<p>Paid twice</p>'],
    ['text beside an expression', '<p>{{ count }} left</p>'],
    ['a label for those who hear the page', '<nav aria-label="Pages">{{ t("x") }}</nav>'],
    ['text given to a component', '{{ govukButton({ text: "Save" }) }}'],
  ])('is found out with %s', (_, template) => expect(untranslated(template)).toHaveLength(1));

  it('is not found out for a script', () => {
    expect(untranslated('<script nonce="{{ x }}">// Not said.\n if (a < b) go();</script>')).toEqual([]);
    expect(untranslated('<script>go();</script><p>Said</p>')).toHaveLength(1);
  });

  it('is not found out for classes, tags between expressions and what goes through a catalogue', () => {
    const template = '<p class="a b" lang="{{ x }}" data-y="z">{{ t("Saved on {day}", { day: "Monday" }) }}</p>';
    expect(untranslated(template)).toEqual([]);
  });
});

describe('A refusal', () => {
  it('is worded whole in place, with what is filled in kept apart, wherever it is made', () => {
    expect(unworded()).toEqual([]);
  });

  it.each([
    ['a template', "Problem.refused('code', `At most ${most} items.`)"],
    ['halves', "Problem.conflict('code', 'Not ' + what)"],
    ['what comes from elsewhere', 'new Problem(422, code, detail)'],
    ['a glued sentence with places', "Problem.refused('code', sentence(`Give {n} ${what}.`, { n }))"],
    ['one end of a choice', "Problem.malformed('code', isIt ? 'It is.' : itIsNot)"],
    ['a table of plain texts', "const TOLD = { a: 'A.' };\nProblem.refused('code', TOLD[a])"],
  ])('is found out with %s', (_, code) => expect(glued(code)).toHaveLength(1));

  it.each([
    ['a sentence', "Problem.refused('code', 'It is.', 'field')"],
    ['a sentence with places', "Problem.refused('code', sentence('At most {most} items.', { most }))"],
    ['a choice', "Problem.forbidden(isIt ? 'It is.' : sentence('It is not.'))"],
    ['a table of sentences', "const TOLD = { a: sentence('A.') };\nProblem.refused('code', TOLD[a] ?? 'B.')"],
    ['what is not there', "Problem.notFound('client')"],
  ])('is not found out for %s', (_, code) => expect(glued(code)).toEqual([]));

  it.each([
    ['a service says', 'Whoever prepared a run cannot approve it.'],
    ['something is filled into', 'A plan has at most {most} items.'],
    ['the database says', 'That was settled before.'],
    ['a check of a body says', 'Use small letters, digits and hyphens, at most 40.'],
    ['a table has', 'The file is cut off before its first line.'],
    ['is said of a role', 'Your role does not allow this.'],
  ])('is in the catalogues when %s it', (_, refusal) => expect(said.has(refusal)).toBe(true));
});
