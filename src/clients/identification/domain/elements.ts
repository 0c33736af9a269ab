/**
 * The elements of trafficking in persons: an act, by some means, for the purpose of exploitation (Protocol to Prevent, Suppress and Punish
 * Trafficking in Persons, Palermo 2000, article 3 a). Of a child the means are not asked for (article 3 c and d).
 */
import type { AgeBand } from '../../domain/age.js';

export const acts = ['recruitment', 'transportation', 'transfer', 'harbouring', 'receipt'] as const;
export type Act = (typeof acts)[number];

export const means = [
  'threat-or-force',
  'coercion',
  'abduction',
  'fraud',
  'deception',
  'abuse-of-power',
  'abuse-of-vulnerability',
  'payments-to-a-person-in-control',
] as const;
export type Means = (typeof means)[number];

/** The article names these at least; `other` is any further kind of exploitation. */
export const purposes = [
  'sexual-exploitation',
  'forced-labour',
  'slavery',
  'servitude',
  'removal-of-organs',
  'other',
] as const;
export type Purpose = (typeof purposes)[number];

/** How old the person was when it began: under 18, or not. Many who are adults now were not then. */
export const agesThen = ['adult', 'child', 'unknown'] as const;
export type AgeThen = (typeof agesThen)[number];

export interface Told {
  acts: readonly Act[];
  means: readonly Means[];
  purposes: readonly Purpose[];
  /** How old they are now. */
  age: AgeBand;
  /** How old they were then; when it is not said, as old as now. */
  ageThen?: AgeThen;
}

/** `presumed`: not all was told, or not yet. Help waits for none of these. */
export type Outcome = 'all-elements' | 'means-not-needed' | 'presumed';

export interface Elements {
  act: 'told' | 'not-told';
  means: 'told' | 'not-needed' | 'not-told';
  purpose: 'told' | 'not-told';
  outcome: Outcome;
}

/** Which of the elements were told of, and what follows. Where the age is uncertain a person is presumed a child. */
export function elementsOf(told: Told): Elements {
  const act = toldIf(told.acts.length > 0);
  const purpose = toldIf(told.purposes.length > 0);
  const meansTold = told.means.length > 0;
  const isWhole = act === 'told' && purpose === 'told';
  const needsNoMeans = wasPresumedChild(told);
  return {
    act,
    means: !meansTold && needsNoMeans ? 'not-needed' : toldIf(meansTold),
    purpose,
    outcome: isWhole && meansTold ? 'all-elements' : isWhole && needsNoMeans ? 'means-not-needed' : 'presumed',
  };
}

/** Who is a child now was one then, whatever else is said. */
function wasPresumedChild({ age, ageThen }: Told): boolean {
  return age !== 'adult' || ageThen === 'child' || ageThen === 'unknown';
}

const toldIf = (isTold: boolean) => (isTold ? 'told' : 'not-told');
