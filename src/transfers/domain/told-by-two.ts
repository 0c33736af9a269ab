/** Which news of a payment needs a second person, when a person tells it; as payments.needs_two says in the database. */
import type { Rail } from '../../funds/rails.js';
import type { AttemptState, EvidenceKind } from './attempt-state.js';

const RESOLVED: readonly EvidenceKind[] = ['resolved-paid', 'resolved-not-paid'];
const ENDS: readonly EvidenceKind[] = ['settled', 'failed', 'returned', 'reversed'];
interface Told {
  rail: Rail;
  kind: EvidenceKind;
  code: string | null;
  /** Of the attempt, before. */
  state: AttemptState;
}

/**
 * Every end of a payment but by cash, and of cash the end of one that nobody knows the end of. That something was never sent the database can see for
 * itself.
 */
export function needsTwo(told: Told): boolean {
  const { rail, kind, state } = told;
  if (RESOLVED.includes(kind)) return true;
  if (!ENDS.includes(kind) || isProvenNotSent(told)) return false;
  return rail !== 'cash' || state === 'unknown';
}

/** Triggers hear "not sent" of a bank's file only while nobody took it, and a failure of mobile money only while it was not sent. */
function isProvenNotSent({ rail, kind, code }: Told): boolean {
  return kind === 'failed' && (rail === 'mobile-money' || (rail === 'bank-file' && code === 'not-sent'));
}
