/** Every sentence of the pages can be said in every language, and what is not said through a catalogue is found. */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { projectRoot } from '../src/kernel/config.js';
import { languageCodes } from '../src/web/languages/languages.js';
import { catalogueOf, filesOf, messages, untranslated } from '../scripts/messages.mjs';

const said = messages();
const placesIn = (sentence: string) => [...sentence.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();

/** Pages that still speak English only, whatever language is chosen. Shorter with every change, never longer. */
const ENGLISH_ONLY = new Set([
  'src/web/views/account-confirmation.njk',
  'src/web/views/account-password.njk',
  'src/web/views/account-recovery-codes.njk',
  'src/web/views/account-second-factor.njk',
  'src/web/views/account-token.njk',
  'src/web/views/account.njk',
  'src/web/views/approval-limits.njk',
  'src/web/views/audit.njk',
  'src/web/views/client-contacts.njk',
  'src/web/views/client-safe-contact.njk',
  'src/web/views/components/parts.njk',
  'src/web/views/components/user-fields.njk',
  'src/web/views/duplicates.njk',
  'src/web/views/emergency-access.njk',
  'src/web/views/enrolment.njk',
  'src/web/views/erase.njk',
  'src/web/views/erased.njk',
  'src/web/views/held.njk',
  'src/web/views/identity.njk',
  'src/web/views/priorities.njk',
  'src/web/views/problem.njk',
  'src/web/views/report.njk',
  'src/web/views/reports.njk',
  'src/web/views/shown-once.njk',
  'src/web/views/sign-in-code.njk',
  'src/web/views/sign-in.njk',
  'src/web/views/user-invite.njk',
  'src/web/views/user.njk',
  'src/web/views/users.njk',
  'src/web/views/welcome.njk',
]);

describe.each(languageCodes.filter((code) => code !== 'en'))('The catalogue of %s', (code) => {
  const { messages: kept, reviewedBy } = catalogueOf(code);

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

  it.each(templates)('$name says nothing that is in no catalogue', ({ file, name }) => {
    const left = untranslated(readFileSync(file, 'utf8'));
    if (ENGLISH_ONLY.has(name)) expect(left).not.toEqual([]);
    else expect(left).toEqual([]);
  });

  it.each([
    ['text between tags', '<p>Paid twice</p>'],
    ['text beside an expression', '<p>{{ count }} left</p>'],
    ['a label for those who hear the page', '<nav aria-label="Pages">{{ t("x") }}</nav>'],
    ['text given to a component', '{{ govukButton({ text: "Save" }) }}'],
  ])('is found out with %s', (_, template) => expect(untranslated(template)).toHaveLength(1));

  it('is not found out for classes, tags between expressions and what goes through a catalogue', () => {
    const template = '<p class="a b" lang="{{ x }}" data-y="z">{{ t("Saved on {day}", { day: "Monday" }) }}</p>';
    expect(untranslated(template)).toEqual([]);
  });
});
