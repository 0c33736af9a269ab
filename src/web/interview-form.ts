/** Reads what a page of the interview sends, and lays out needs with what was filled in, what is kept, and what was said before. */
import { isPlainDate } from '../kernel/domain/plain-date.js';
import { needsCatalogue } from '../needs/catalogue.js';
import { LONGEST_INTERPRETATION } from '../needs/domain/ranks.js';
import type { FilledIn, InterviewDraft } from '../needs/domain/interview-draft.js';
import type { Assessment } from '../needs/needs.service.js';
import { FormReader } from './form-reader.js';
import { t } from './languages/language.js';
import type { Fault, Sent } from './sent.js';

export interface TypedInterview {
  filledIn: FilledIn;
  faults: Fault[];
}

/** Words may be longer than they may be kept: they come back to be shortened. */
const LONGEST_TYPED = 20 * LONGEST_INTERPRETATION;

/** The needs that the page showed are those whose words it sends; a radio button that nobody chose sends nothing. */
export function typedInterview(form: Sent): TypedInterview {
  const reader = new FormReader(form);
  const filledIn: FilledIn = { ranks: {}, words: {} };
  for (const { code } of needsCatalogue.needs) {
    if (form[`words.${code}`] === undefined && form[`ranks.${code}`] === undefined) continue;
    const rank = reader.text(`ranks.${code}`, 1);
    if (rank !== '') filledIn.ranks[code] = Number(rank);
    filledIn.words[code] = reader.text(`words.${code}`, LONGEST_TYPED);
    const length = [...filledIn.words[code]].length;
    if (length > LONGEST_INTERPRETATION)
      reader.fault(
        `words.${code}`,
        t('Shorten this to {most} characters; it has {length}.', { most: LONGEST_INTERPRETATION, length }),
      );
  }
  const assessedOn = reader.text('assessedOn', 40);
  if (assessedOn !== '') filledIn.assessedOn = assessedOn;
  if (assessedOn !== '' && !isPlainDate(assessedOn))
    reader.fault('assessedOn', t('Give the day as a date, like 2026-03-02.'));
  return { filledIn, faults: reader.faults };
}

interface Shown {
  category: string | undefined;
  draft: InterviewDraft | null;
  before: Assessment | null;
  filledIn: FilledIn;
}

/** The categories that the page shows, and all of them with how far they are. */
export function interviewCategories({ category, draft, before, filledIn }: Shown) {
  const rankOf = (need: string) => filledIn.ranks[need] ?? draft?.ranks[need] ?? null;
  const all = needsCatalogue.categories.map((one) => ({
    code: one.code,
    label: one.label,
    ranked: one.needs.filter(({ code }) => rankOf(code) !== null).length,
    of: one.needs.length,
    isShown: category === undefined || category === one.code,
    needs: one.needs.map(({ code, label }) => ({
      code,
      label,
      rank: rankOf(code),
      words: filledIn.words[code] ?? draft?.words[code] ?? '',
      before: before && { rank: before.ranks[code] ?? null, words: before.interpretations[code] ?? null },
    })),
  }));
  return {
    shown: all.filter(({ isShown }) => isShown),
    progress: all,
    ranked: all.reduce((sum, one) => sum + one.ranked, 0),
    isLast: category === undefined || category === all.at(-1)?.code,
  };
}
