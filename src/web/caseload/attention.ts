/** Why a client needs attention, the most pressing first; no reason at all is an answer too. Nothing here leads to a payment or holds one up. */
import { msgs } from '../languages/language.js';

export const attentionKinds = [
  'payment-unknown',
  'payment-not-arrived',
  'follow-up-due',
  'form-waiting',
  'plan-in-two-versions',
  'no-interview',
] as const;
export type AttentionKind = (typeof attentionKinds)[number];

const ATTENTION_WORDS: Record<AttentionKind, { words: string; colour: string }> = msgs({
  'payment-unknown': { words: 'payment being checked', colour: 'orange' },
  'payment-not-arrived': { words: 'payment did not arrive', colour: 'red' },
  'follow-up-due': { words: 'follow-up due', colour: 'yellow' },
  'form-waiting': { words: 'unfinished interview', colour: 'blue' },
  'plan-in-two-versions': { words: 'plan in two versions', colour: 'blue' },
  'no-interview': { words: 'not interviewed yet', colour: 'grey' },
});

export const attentionWords = (kind: AttentionKind) => ATTENTION_WORDS[kind];
