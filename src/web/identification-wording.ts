/** Plain words for the elements of trafficking, for how somebody stands with the authorities, and for what follows from it. */
import type { Act, AgeThen, Elements, Means, Outcome, Purpose } from '../clients/identification/domain/elements.js';
import type { FormalStatus } from '../clients/identification/domain/identification.js';
import { msgs, t } from './languages/language.js';

export const ELEMENT_ACTS: Record<Act, string> = msgs({
  recruitment: 'Recruited: somebody found or hired them for it',
  transportation: 'Transported: somebody took them somewhere',
  transfer: 'Transferred: somebody handed them over to somebody else',
  harbouring: 'Harboured: somebody lodged or hid them',
  receipt: 'Received: somebody took them in',
});

export const ELEMENT_MEANS: Record<Means, string> = msgs({
  'threat-or-force': 'Threats or force',
  coercion: 'Other coercion, such as debts or papers that were kept',
  abduction: 'Abduction',
  fraud: 'Fraud',
  deception: 'Deception: it was not what they were told',
  'abuse-of-power': 'Abuse of power over them',
  'abuse-of-vulnerability': 'Abuse of a position in which they had no real choice',
  'payments-to-a-person-in-control': 'Payments or benefits to somebody who had control over them',
});

export const ELEMENT_PURPOSES: Record<Purpose, string> = msgs({
  'sexual-exploitation': 'Sexual exploitation',
  'forced-labour': 'Forced labour or services',
  slavery: 'Slavery, or something like it',
  servitude: 'Servitude',
  'removal-of-organs': 'Removal of organs',
  other: 'Another kind of exploitation',
});

export const AGES_THEN: Record<AgeThen, string> = msgs({
  adult: '18 or older',
  child: 'Under 18',
  unknown: 'That is not certain: they are presumed to have been a child',
});

export const FORMAL_STATUSES: Record<FormalStatus, string> = msgs({
  'not-asked': 'No authority was asked yet',
  presumed: 'Presumed to be trafficked',
  identified: 'Identified as trafficked',
  declined: 'The client did not want it',
  'not-identified': 'Not identified as trafficked',
});

const OUTCOMES: Record<Outcome, string> = msgs({
  'all-elements': 'All three elements were told of.',
  'means-not-needed': 'An act and a purpose were told of. Means are not needed because of age.',
  presumed: 'Presumed: help does not wait for it.',
});

const STANDINGS: Record<Elements['means'], string> = msgs({
  told: 'told of',
  'not-needed': 'not needed because of age',
  'not-told': 'not told of',
});

const worded = (words: Record<string, string>) => (code: string | null | undefined) => {
  if (!code) return '';
  return words[code] ? t(words[code]) : code;
};

export const actOfTraffickingWords = worded(ELEMENT_ACTS);
export const meansWords = worded(ELEMENT_MEANS);
export const purposeWords = worded(ELEMENT_PURPOSES);
export const ageThenWords = worded(AGES_THEN);
export const formalStatusWords = worded(FORMAL_STATUSES);
export const elementsOutcomeWords = worded(OUTCOMES);
export const elementStandingWords = worded(STANDINGS);
