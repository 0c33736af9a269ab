/**
 * The state of an attempt to pay, as a fold of everything learned about it. The strongest evidence decides, whenever it came: the same
 * set of evidence gives the same state in any order, and telling it twice changes nothing.
 */
export type EvidenceKind =
  | 'accepted'
  | 'settled'
  | 'failed'
  | 'silence'
  | 'unclear'
  | 'resolved-paid'
  | 'resolved-not-paid'
  | 'returned'
  | 'reversed';

export type AttemptState = 'instructed' | 'accepted' | 'settled' | 'failed' | 'unknown' | 'returned' | 'reversed';

/** Strongest first. Success beats failure: late proof that money arrived is never ignored. Proof of any kind beats silence. */
const STRENGTH: readonly (readonly [AttemptState, readonly EvidenceKind[]])[] = [
  ['reversed', ['reversed']],
  ['returned', ['returned']],
  ['settled', ['settled', 'resolved-paid']],
  ['failed', ['failed', 'resolved-not-paid']],
  ['unknown', ['silence', 'unclear']],
  ['accepted', ['accepted']],
];

export function foldEvidence(kinds: Iterable<EvidenceKind>): AttemptState {
  const known = new Set(kinds);
  const strongest = STRENGTH.find(([, proofs]) => proofs.some((proof) => known.has(proof)));
  return strongest?.[0] ?? 'instructed';
}

/** In these it is proven that the client does not have the money; the transfer is still owed. */
export const DEAD_STATES: readonly AttemptState[] = ['failed', 'returned', 'reversed'];
