/** What is recorded of an identification: what the person told, in their own words where they want, and what an authority said of it. */
import { daysBetween, parsePlainDate, type PlainDate } from '../../../kernel/domain/plain-date.js';
import { Problem } from '../../../kernel/domain/problem.js';
import type { AgeBand } from '../../domain/age.js';
import { acts, means, purposes, type Act, type AgeThen, type Means, type Purpose } from './elements.js';

/** How the person stands with the authorities. `declined`: they did not want to be identified by them. */
export const formalStatuses = ['not-asked', 'presumed', 'identified', 'declined', 'not-identified'] as const;
export type FormalStatus = (typeof formalStatuses)[number];

export const LONGEST_WORDS = 2000;
export const LONGEST_AUTHORITY = 200;

/** In the client's words, of each element. */
export interface ToldWords {
  acts?: string;
  means?: string;
  purposes?: string;
}

export interface FormalStanding {
  status: FormalStatus;
  decidedOn?: string;
  /** Which authority, as people call it. */
  authority?: string;
}

/** Time to recover and to decide, in which nobody is sent away or pressed for an answer. */
export interface ReflectionPeriod {
  from: string;
  to: string;
}

/** All of it but the id and what it replaces. What is left out was not said. */
export interface ToldIdentification {
  /** Today, where the client lives, when left out. */
  recordedOn?: string;
  acts?: readonly Act[];
  means?: readonly Means[];
  purposes?: readonly Purpose[];
  ageThen?: AgeThen;
  words?: ToldWords;
  formal?: FormalStanding;
  reflection?: ReflectionPeriod;
}

/** As it is sealed, with how old the client was when it was recorded. */
export interface IdentificationContent {
  acts: Act[];
  means: Means[];
  purposes: Purpose[];
  age: AgeBand;
  ageThen: AgeThen | null;
  words: ToldWords;
  formal: FormalStanding;
  reflection: ReflectionPeriod | null;
}

/** As states grant it: at least 30 days (Council of Europe convention of 2005, article 13), and in most places at most 90. */
const SHORTEST_REFLECTION_DAYS = 30;
const LONGEST_REFLECTION_DAYS = 90;

/**
 * What is to be kept, in the order of the article and without empty words. Throws `date-malformed`, `date-in-the-future`,
 * `not-asked-and-answered`, `period-reversed`, `period-length` (422).
 */
export function identificationContent(told: ToldIdentification, age: AgeBand, today: PlainDate): IdentificationContent {
  return {
    acts: acts.filter((act) => told.acts?.includes(act)),
    means: means.filter((one) => told.means?.includes(one)),
    purposes: purposes.filter((purpose) => told.purposes?.includes(purpose)),
    age,
    ageThen: told.ageThen ?? null,
    words: withoutEmpty(told.words ?? {}),
    formal: formalStanding(told.formal ?? { status: 'not-asked' }, today),
    reflection: told.reflection ? reflectionPeriod(told.reflection) : null,
  };
}

/** Whether there is anything in it at all. */
export function saysNothing({ acts, means, purposes, words, formal, reflection }: IdentificationContent): boolean {
  const isTold = acts.length + means.length + purposes.length + Object.keys(words).length > 0;
  return !isTold && formal.status === 'not-asked' && reflection === null;
}

function formalStanding({ status, decidedOn, authority }: FormalStanding, today: PlainDate): FormalStanding {
  const named = authority?.trim() || undefined;
  if (status === 'not-asked' && (decidedOn !== undefined || named !== undefined)) {
    throw Problem.refused(
      'not-asked-and-answered',
      'Say how the authority decided, or leave its name and the day empty.',
      'formal.status',
    );
  }
  if (decidedOn !== undefined && parsePlainDate(decidedOn, 'formal.decidedOn') > today)
    throw Problem.refused('date-in-the-future', 'This cannot be dated in the future.', 'formal.decidedOn');
  return withoutEmpty({ status, decidedOn, authority: named });
}

/** Some count the first day and some do not; both ways of counting are taken. It may end, and begin, in the future. */
function reflectionPeriod({ from, to }: ReflectionPeriod): ReflectionPeriod {
  const days = daysBetween(parsePlainDate(from, 'reflection.from'), parsePlainDate(to, 'reflection.to'));
  if (days < 0) throw Problem.refused('period-reversed', 'The last day comes before the first one.', 'reflection.to');
  if (days + 1 < SHORTEST_REFLECTION_DAYS || days > LONGEST_REFLECTION_DAYS) {
    throw Problem.refused(
      'period-length',
      'A reflection period has 30 to 90 days. Look at both days again.',
      'reflection.to',
    );
  }
  return { from, to };
}

function withoutEmpty<Record extends object>(record: Record): Record {
  const given = Object.entries(record).map(([key, text]: [string, unknown]) => [
    key,
    typeof text === 'string' ? text.trim() : text,
  ]);
  return Object.fromEntries(given.filter(([, text]) => text !== undefined && text !== '')) as Record;
}
