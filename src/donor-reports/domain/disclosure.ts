/**
 * What a report may say of people. A first line of defence: thresholds, dominance, rounding, and no small difference to what was said before.
 * Sources: k = 11 as in the CTDC global data set and the CMS cell size policy; size ladder from HDX's 3 % risk; rounding to 5 as NHS Digital.
 */
export const LEAST_CLIENTS = 11;
export const LEAST_CASE_GROUPS = 3;
/** With fewer clients than this a report gives headline numbers and no breakdown. */
export const LEAST_FOR_BREAKDOWN = 33;
const ROUND_TO = 5;

export interface Contributors {
  clients: number;
  /** How many of them come from each case group. */
  caseGroups: readonly number[];
}

export type Withheld = 'fewer-than-11-clients' | 'fewer-than-3-case-groups' | 'one-case-group-dominates';

/**
 * Whether a count may be said at all. Not 11 or 12 either: rounded they read "10", which a reader who knows that 10 itself is never said
 * can only take for 11 or 12.
 */
function isSayable(count: number): boolean {
  return count >= LEAST_CLIENTS && rounded(count) >= LEAST_CLIENTS;
}

/** Why nothing may be said of these people, or null when something may. */
export function reasonToWithhold({ clients, caseGroups }: Contributors): Withheld | null {
  if (!isSayable(clients)) return 'fewer-than-11-clients';
  if (caseGroups.length < LEAST_CASE_GROUPS) return 'fewer-than-3-case-groups';
  if (caseGroups.some((size) => size * 3 > clients * 2)) return 'one-case-group-dominates';
  return null;
}

/** Nearest multiple of 5. */
export function rounded(count: number): number {
  return Math.round(count / ROUND_TO) * ROUND_TO;
}

/** A part of `clients`, rounded, or null: both the part and the rest must be sayable, else either can be told from the other. */
export function roundedPart(count: number, clients: number): number | null {
  if (!isSayable(count) || !isSayable(clients - count)) return null;
  return rounded(count);
}

/** Whether a newer number may be said when an older one was: the difference is nobody, or at least 11 people. */
export function differenceIsSafe(before: number, now: number): boolean {
  const difference = Math.abs(now - before);
  return difference === 0 || difference >= LEAST_CLIENTS;
}
