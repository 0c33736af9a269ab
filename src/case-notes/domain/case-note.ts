/** What a case note says: what came to be said and agreed, in which way and on which day, and on which day to talk next. */
import { freeText } from '../../kernel/domain/free-text.js';
import { addDays, parsePlainDate, type PlainDate } from '../../kernel/domain/plain-date.js';
import { Problem } from '../../kernel/domain/problem.js';
import { sentence } from '../../kernel/domain/sentence.js';
import type { Words } from '../../kernel/domain/zawgyi.js';

export const noteKinds = ['conversation', 'visit', 'call', 'message', 'with-provider', 'other'] as const;
export type NoteKind = (typeof noteKinds)[number];

/** In code points. */
export const LONGEST_NOTE = 10_000;
/** The database has the same. */
export const MOST_DAYS_AHEAD = 400;

export interface NewCaseNote {
  id: string;
  kind: NoteKind;
  /** Today, where the client lives, when left out. */
  happenedOn?: string;
  /** The day on which to talk next; nothing follows from it. */
  nextOn?: string;
  words: string;
  /** The id of the note whose place this one takes. */
  corrects?: string;
}

export interface NoteToKeep {
  kind: NoteKind;
  happenedOn: PlainDate;
  nextOn: PlainDate | null;
  words: Words;
  corrects: string | null;
}

/**
 * The note as it will be kept; `today` is the day where the client lives. Throws `date-malformed`, `date-in-the-future`,
 * `next-before-note`, `next-too-late` and what `freeText` throws (422).
 */
export function noteToKeep(input: NewCaseNote, today: PlainDate): NoteToKeep {
  const happenedOn = input.happenedOn === undefined ? today : parsePlainDate(input.happenedOn, 'happenedOn');
  if (happenedOn > today) {
    throw Problem.refused(
      'date-in-the-future',
      'A note is about what has happened, not about a day to come.',
      'happenedOn',
    );
  }
  const nextOn = input.nextOn === undefined ? null : parsePlainDate(input.nextOn, 'nextOn');
  if (nextOn !== null && nextOn < happenedOn) {
    throw Problem.refused(
      'next-before-note',
      'Give a day that does not come before the one this note is about.',
      'nextOn',
    );
  }
  if (nextOn !== null && nextOn > addDays(happenedOn, MOST_DAYS_AHEAD)) {
    throw Problem.refused(
      'next-too-late',
      sentence('Give a day within {most} days.', { most: MOST_DAYS_AHEAD }),
      'nextOn',
    );
  }
  return { kind: input.kind, happenedOn, nextOn, words: wordsOfNote(input.words), corrects: input.corrects ?? null };
}

function wordsOfNote(typed: string): Words {
  return freeText(typed, { field: 'words', longest: LONGEST_NOTE, missing: sentence('Write down what was said.') });
}
