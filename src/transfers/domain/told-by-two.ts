/** Which news of a payment needs a second person, when a person tells it; as payments.needs_two says in the database. */
import type { Rail } from '../../funds/rails.js';
import type { AttemptState, EvidenceKind } from './attempt-state.js';

const RESOLVED: readonly EvidenceKind[] = ['resolved-paid', 'resolved-not-paid'];
const ENDS: readonly EvidenceKind[] = ['settled', 'failed', 'returned', 'reversed'];
/** What went out on these comes back with the rail's own word. */
const WITH_AN_ANSWER: readonly Rail[] = ['bank-file', 'mobile-money'];

interface Told {
  rail: Rail;
  kind: EvidenceKind;
  code: string | null;
  /** Of the attempt, before. */
  state: AttemptState;
}

/**
 * The end of a payment that nobody knows the end of; everything of a payment that a person made in a banking app; and that a bank or an operator did
 * not pay, or has the money back. That something was never sent the database can see for itself.
 */
export function needsTwo(told: Told): boolean {
  const { rail, kind, state } = told;
  if (RESOLVED.includes(kind)) return true;
  if (!ENDS.includes(kind) || isProvenNotSent(told)) return false;
  return rail === 'manual' || state === 'unknown' || (WITH_AN_ANSWER.includes(rail) && kind !== 'settled');
}

/** Triggers hear "not sent" of a bank's file only while nobody took it, and a failure of mobile money only while it was not sent. */
function isProvenNotSent({ rail, kind, code }: Told): boolean {
  return kind === 'failed' && (rail === 'mobile-money' || (rail === 'bank-file' && code === 'not-sent'));
}
