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

export interface Evidence {
  /** `common`: the same name, and so many go by it that it says little on its own. */
  name: 'same' | 'common' | 'near' | null;
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
/** A name of its own is worth a look when nothing contradicts; a common one needs a date of birth or a number beside it. */
const NAME = { same: 40, common: 30, near: 20 } as const;
const BIRTH: Record<BirthAgreement, number> = {
  same: 40,
  slip: 25,
  estimate: 15,
  guess: 0,
  unknown: 0,
  disagrees: -25,
};
/** Relatives share a phone, so it does not outweigh a date of birth that disagrees; a document or an account does. */
const DOCUMENT = 70;
const ACCOUNT = 65;
const PHONE = 40;

/** What was found, or null when it is not worth anybody's time. */
export function finding(evidence: Evidence): Finding | null {
  const { name, birth, phone, document, account } = evidence;
  const numbers = (document ? DOCUMENT : 0) + (account ? ACCOUNT : 0) + (phone ? PHONE : 0);
  const strength = numbers + (name ? NAME[name] : 0) + BIRTH[birth];
  if (strength < WORTH_A_LOOK || (!name && numbers === 0)) return null;
  return { strength, matched: matchNames.filter((match) => HOLDS[match](evidence)) };
}

const HOLDS: Record<Match, (evidence: Evidence) => boolean> = {
  'same-document': ({ document }) => document,
  'same-account': ({ account }) => account,
  'same-phone': ({ phone }) => phone,
  'same-name': ({ name }) => name === 'same' || name === 'common',
  'near-name': ({ name }) => name === 'near',
  'birth-date-agrees': ({ birth }) => birth === 'same',
  'birth-date-near': ({ birth }) => birth === 'slip' || birth === 'estimate' || birth === 'guess',
};
