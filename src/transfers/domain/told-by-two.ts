/** Which news of a payment needs a second person, when a person tells it; as payments.needs_two says in the database. */
import type { Rail } from '../../funds/rails.js';
import type { EvidenceKind } from './attempt-state.js';

const RESOLVED: readonly EvidenceKind[] = ['resolved-paid', 'resolved-not-paid'];
const ENDS: readonly EvidenceKind[] = ['settled', 'failed', 'returned', 'reversed'];

/** The end of a payment that nobody knows the end of, and everything of a payment that a person made in a banking app. */
export function needsTwo(rail: Rail, kind: EvidenceKind): boolean {
  return RESOLVED.includes(kind) || (rail === 'manual' && ENDS.includes(kind));
}
