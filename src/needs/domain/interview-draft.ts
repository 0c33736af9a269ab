/** An interview on its way: some needs ranked, some words said, in any order. What is whole is decided when it is saved, not before. */
import { Problem } from '../../kernel/domain/problem.js';
import { sentence } from '../../kernel/domain/sentence.js';
import { HIGHEST_PRIORITY, type NeedsCatalogue } from './catalogue.js';
import { isRank, LONGEST_INTERPRETATION, type Rank } from './ranks.js';

export interface InterviewDraft {
  /** Of the assessment that it becomes. */
  id: string;
  assessedOn: string | null;
  ranks: Record<string, Rank>;
  /** The client's words by need, also of needs that are not ranked highest any more: they come back when the rank does. */
  words: Record<string, string>;
}

/** What was filled in on a page; a need that is not named stays as it was. */
export interface FilledIn {
  assessedOn?: string;
  /** By need; null takes a rank back. */
  ranks: Record<string, number | null>;
  words: Record<string, string>;
}

/** The draft with what was filled in. Throws `unknown-need`, `rank-out-of-range`, `text-too-long` (422). */
export function withFilledIn(catalogue: NeedsCatalogue, draft: InterviewDraft, filledIn: FilledIn): InterviewDraft {
  const ranks = { ...draft.ranks };
  const words = { ...draft.words };
  for (const [need, rank] of Object.entries(filledIn.ranks)) {
    refuseUnknown(catalogue, need, 'ranks');
    if (rank === null) delete ranks[need];
    else if (isRank(rank)) ranks[need] = rank;
    else throw Problem.refused('rank-out-of-range', 'Choose a rank from 1 to 4.', `ranks.${need}`);
  }
  for (const [need, text] of Object.entries(filledIn.words)) {
    refuseUnknown(catalogue, need, 'words');
    const said = text.trim();
    if ([...said].length > LONGEST_INTERPRETATION)
      throw Problem.refused(
        'text-too-long',
        sentence('Give at most {most} characters.', { most: LONGEST_INTERPRETATION }),
        `words.${need}`,
      );
    if (said === '') delete words[need];
    else words[need] = said;
  }
  return { ...draft, assessedOn: filledIn.assessedOn ?? draft.assessedOn, ranks, words };
}

/** Needs that have no rank yet, in the catalogue's order. */
export function notRanked(catalogue: NeedsCatalogue, { ranks }: Pick<InterviewDraft, 'ranks'>): string[] {
  return catalogue.needs.map(({ code }) => code).filter((code) => ranks[code] === undefined);
}

/** The words that are kept with an assessment: those on highest priorities. */
export function wordsOfPriorities({ ranks, words }: InterviewDraft): Record<string, string> {
  return Object.fromEntries(Object.entries(words).filter(([need]) => ranks[need] === HIGHEST_PRIORITY));
}

function refuseUnknown(catalogue: NeedsCatalogue, need: string, parent: string): void {
  if (!catalogue.has(need))
    throw Problem.refused('unknown-need', 'The catalogue of needs has no need of that code.', parent);
}
