/** What makes an assessment complete: all 21 needs ranked from 1 to 4, and the client's own words only for those ranked 4. */
import { Problem, type FieldError } from '../../kernel/domain/problem.js';
import { sentence } from '../../kernel/domain/sentence.js';
import { wordsInUnicode, type Words } from '../../kernel/domain/zawgyi.js';
import { HIGHEST_PRIORITY, LOWEST_RANK, NEEDS_COUNT, type NeedsCatalogue } from './catalogue.js';

export type Rank = 1 | 2 | 3 | 4;

export interface RankedNeed {
  need: string;
  rank: Rank;
  /** What this highest priority means to the client, in their own words; null where they said nothing. */
  interpretation: string | null;
  /** As it was typed, where that was Zawgyi. */
  original: string | null;
}

export const LONGEST_INTERPRETATION = 2000;
/** What is quoted back of a name that somebody else chose. */
const LONGEST_QUOTED_NAME = 40;
const MOST_FAULTS_TOLD = 30;

/**
 * The needs in the catalogue's order, each with its rank and interpretation. A blank interpretation is none.
 * Throws `unknown-need`, `ranks-incomplete`, `rank-out-of-range`, `interpretation-without-highest-priority`,
 * `text-malformed`, `text-too-long` (all 422).
 */
export function rankNeeds(
  catalogue: NeedsCatalogue,
  ranks: Record<string, unknown>,
  interpretations: Record<string, unknown> = {},
): RankedNeed[] {
  // An unknown need comes first: a misspelt code is also the reason why another one is missing.
  refuseUnknownNeeds(catalogue, 'ranks', ranks);
  refuseUnknownNeeds(catalogue, 'interpretations', interpretations);
  const rankOf = new Map(Object.entries(ranks));
  refuseMissingRanks(catalogue, rankOf);
  refuseRanksOutOfRange(rankOf);
  const wordsOn = spokenWords(interpretations, rankOf);
  return catalogue.needs.map(({ code }) => ({
    need: code,
    rank: rankOf.get(code) as Rank,
    interpretation: wordsOn.get(code)?.text ?? null,
    original: wordsOn.get(code)?.original ?? null,
  }));
}

export function highestPriorities(ranked: readonly Pick<RankedNeed, 'need' | 'rank'>[]): string[] {
  return ranked.filter(({ rank }) => rank === HIGHEST_PRIORITY).map(({ need }) => need);
}

function refuseUnknownNeeds(catalogue: NeedsCatalogue, parent: string, given: Record<string, unknown>): void {
  const detail = sentence('The catalogue of needs has no need of that code.');
  const unknown = Object.keys(given).filter((code) => !catalogue.has(code));
  refuse(
    unknown.map((code) => ({
      field: `${parent}.${code.slice(0, LONGEST_QUOTED_NAME)}`,
      code: 'unknown-need',
      detail,
    })),
  );
}

function refuseMissingRanks(catalogue: NeedsCatalogue, rankOf: ReadonlyMap<string, unknown>): void {
  const missing = catalogue.needs.map(({ code }) => code).filter((code) => rankOf.get(code) === undefined);
  if (missing.length === 0) return;
  throw new Problem(
    422,
    'ranks-incomplete',
    missing.length === 1
      ? sentence('Rank all {all} needs. 1 of them is missing: {which}.', {
          all: NEEDS_COUNT,
          which: missing.join(', '),
        })
      : sentence('Rank all {all} needs. {n} of them are missing: {which}.', {
          all: NEEDS_COUNT,
          n: missing.length,
          which: missing.join(', '),
        }),
    'ranks',
    missing.map((code) => ({ field: `ranks.${code}`, code: 'missing', detail: sentence('Rank this need too.') })),
  );
}

function refuseRanksOutOfRange(rankOf: ReadonlyMap<string, unknown>): void {
  const detail = sentence('A rank is a whole number from {lowest} to {highest}; {highest} is highest priority.', {
    lowest: LOWEST_RANK,
    highest: HIGHEST_PRIORITY,
  });
  const wrong = [...rankOf].filter(([, rank]) => !isRank(rank));
  refuse(wrong.map(([code]) => ({ field: `ranks.${code}`, code: 'rank-out-of-range', detail })));
}

/** Throws for the first interpretation that cannot stand; blank ones, which a form sends for every need, are left out. */
function spokenWords(given: Record<string, unknown>, rankOf: ReadonlyMap<string, unknown>): ReadonlyMap<string, Words> {
  const spoken = new Map<string, Words>();
  for (const [code, text] of Object.entries(given)) {
    const field = `interpretations.${code}`;
    if (typeof text !== 'string') throw Problem.refused('text-malformed', "Give the client's words as text.", field);
    const words = text.trim();
    if (words === '') continue;
    if (rankOf.get(code) !== HIGHEST_PRIORITY) {
      throw Problem.refused(
        'interpretation-without-highest-priority',
        sentence("Only a need ranked {highest} is explained in the client's words.", { highest: HIGHEST_PRIORITY }),
        field,
      );
    }
    if ([...words].length > LONGEST_INTERPRETATION) {
      throw Problem.refused(
        'text-too-long',
        sentence('Give at most {most} characters.', { most: LONGEST_INTERPRETATION }),
        field,
      );
    }
    spoken.set(code, wordsInUnicode(words));
  }
  return spoken;
}

export function isRank(value: unknown): value is Rank {
  return Number.isInteger(value) && (value as number) >= LOWEST_RANK && (value as number) <= HIGHEST_PRIORITY;
}

function refuse(faults: FieldError[]): void {
  const [first] = faults;
  if (first) throw new Problem(422, first.code, first.detail, first.field, faults.slice(0, MOST_FAULTS_TOLD));
}
