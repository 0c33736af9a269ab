/** How much speaks for two records being the same person. A human decides; this says only what is worth their time, and in which order. */
import type { BirthAgreement } from './birth-dates.js';

export const matchNames = [
  'same-document',
  'same-account',
  'same-phone',
  'same-name',
  'near-name',
  'birth-date-agrees',
  'birth-date-near',
] as const;
export type Match = (typeof matchNames)[number];

/** `common`, `near-many`: so many go by that name, or by one so near, that it says little on its own. */
export type NameAgreement = 'same' | 'common' | 'near' | 'near-many' | 'none';

export interface Evidence {
  name: NameAgreement;
  birth: BirthAgreement;
  phone: boolean;
  document: boolean;
  account: boolean;
}

export interface Finding {
  /** From 40, worth a look, upwards. */
  strength: number;
  matched: Match[];
}

const WORTH_A_LOOK = 40;

/** A name of its own is worth a look when nothing contradicts; a common one, or one with a slip, needs the date of birth beside it. */
const NAME_AND_BIRTH: Record<NameAgreement, Record<BirthAgreement, number>> = {
  same: { same: 80, slip: 65, estimate: 55, guess: 40, neither: 40, unknown: 40, disagrees: 15 },
  common: { same: 70, slip: 55, estimate: 45, guess: 30, neither: 30, unknown: 30, disagrees: 5 },
  near: { same: 60, slip: 45, estimate: 35, guess: 20, neither: 40, unknown: 20, disagrees: 0 },
  'near-many': { same: 60, slip: 45, estimate: 35, guess: 20, neither: 20, unknown: 20, disagrees: 0 },
  none: { same: 40, slip: 25, estimate: 15, guess: 0, neither: 0, unknown: 0, disagrees: -25 },
};
/** Relatives share a phone, so it does not outweigh a date of birth that disagrees; a document or an account does. */
const NUMBERS = { document: 70, account: 65, phone: 40 } as const;

/** What was found, or null when it is not worth anybody's time. */
export function finding(evidence: Evidence): Finding | null {
  const { name, birth, phone, document, account } = evidence;
  const numbers = (document ? NUMBERS.document : 0) + (account ? NUMBERS.account : 0) + (phone ? NUMBERS.phone : 0);
  const strength = numbers + NAME_AND_BIRTH[name][birth];
  if (strength < WORTH_A_LOOK || (name === 'none' && numbers === 0)) return null;
  return { strength, matched: matchNames.filter((match) => HOLDS[match](evidence)) };
}

const HOLDS: Record<Match, (evidence: Evidence) => boolean> = {
  'same-document': ({ document }) => document,
  'same-account': ({ account }) => account,
  'same-phone': ({ phone }) => phone,
  'same-name': ({ name }) => name === 'same' || name === 'common',
  'near-name': ({ name }) => name === 'near' || name === 'near-many',
  'birth-date-agrees': ({ birth }) => birth === 'same',
  'birth-date-near': ({ birth }) => birth === 'slip' || birth === 'estimate' || birth === 'guess',
};
