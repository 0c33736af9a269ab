/**
 * What a reported outcome proves, rail by rail. Only the codes listed here prove that a payment failed; a timeout, a code that nobody knows
 * and a "duplicate" all mean that we do not know, and not knowing blocks a second payment.
 */
import type { Rail } from '../../funds/rails.js';
import type { EvidenceKind } from '../domain/attempt-state.js';
import { GSMA_PROOF_CODES } from './mobile-money/domain/gsma-errors.js';

export const outcomes = [
  'accepted',
  'settled',
  'failed',
  'unknown',
  'returned',
  'reversed',
  'resolved-paid',
  'resolved-not-paid',
] as const;
export type Outcome = (typeof outcomes)[number];

/** ISO 20022 external reason codes that banks use for a payment not made, for a reason that says so: never that a payment was made before. */
export const BANK_CODES: readonly string[] = ['AC01', 'AC04', 'AC06', 'AG01', 'AM04', 'BE01'];

/** Cash: what the person who carried it says. Mobile money: error codes of the GSMA API that refuse before anything moves. */
const PROVES_FAILURE: Record<Rail, ReadonlySet<string>> = {
  cash: new Set(['not-collected', 'handed-back-to-till', 'not-handed-over']),
  'bank-file': new Set([...BANK_CODES, 'rejected-by-bank', 'not-sent']),
  'mobile-money': new Set([...GSMA_PROOF_CODES, 'never-received', 'not-sent']),
  manual: new Set([...BANK_CODES, 'rejected-by-bank', 'not-entered']),
};

/** Days of silence after which an attempt counts as unknown. */
export const SILENCE_DAYS: Record<Rail, number> = { cash: 7, 'bank-file': 3, 'mobile-money': 1, manual: 3 };

export function evidenceOf(rail: Rail, outcome: Outcome, code: string | undefined): EvidenceKind {
  if (outcome === 'unknown') return 'unclear';
  if (outcome === 'failed') return code !== undefined && PROVES_FAILURE[rail].has(code) ? 'failed' : 'unclear';
  return outcome;
}
