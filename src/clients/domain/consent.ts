/** What a client may consent to, each on its own; silence is not consent. */
import { rails } from '../../funds/rails.js';
import { Problem } from '../../kernel/domain/problem.js';
import { sentence } from '../../kernel/domain/sentence.js';
import { LETTER_OR_DIGIT, UNPRINTABLE } from '../../kernel/domain/visible-text.js';

export const consentPurposes = ['hold-data', 'be-paid', 'share', 'be-quoted', 'be-contacted'] as const;
export type ConsentPurpose = (typeof consentPurposes)[number];

/** Who put it into the client's language. Somebody of the family may have an interest of their own in what the client answers. */
export const interpreters = ['none', 'staff', 'outside', 'family'] as const;
export type Interpreter = (typeof interpreters)[number];

const LONGEST_PARTY = 120;

/** What a consent reaches: with whom to share, or by which rail to be paid; null is every rail, and every party of a withdrawal. */
export interface ConsentScope {
  purpose: ConsentPurpose;
  given: boolean;
  party?: string | null;
}

/**
 * The party of a consent, with spaces tidied, or null. Throws `consent-without-party`, `party-missing`, `text-too-long`,
 * `text-malformed`, `unknown-rail` (422).
 */
export function partyOf({ purpose, given, party }: ConsentScope, field: string): string | null {
  const named = (party ?? '').normalize('NFC').replace(/\s+/gu, ' ').trim() || null;
  if (named !== null && named.length > LONGEST_PARTY)
    throw Problem.refused(
      'text-too-long',
      sentence('Give the name in at most {most} characters.', { most: LONGEST_PARTY }),
      field,
    );
  // Taken back it can be as it was given, by an earlier version of this service too.
  if (given && named !== null && UNPRINTABLE.test(named))
    throw Problem.refused('text-malformed', 'Write the name without control characters.', field);
  if (purpose === 'share') {
    if (given && !LETTER_OR_DIGIT.test(named ?? ''))
      throw Problem.refused(
        'party-missing',
        'Say with whom the client agrees to share: one organisation by name.',
        field,
      );
    return named;
  }
  if (named === null) return null;
  if (purpose !== 'be-paid')
    throw Problem.refused(
      'consent-without-party',
      'Only sharing and being paid are agreed to for somebody or some way.',
      field,
    );
  if (!(rails as readonly string[]).includes(named))
    throw Problem.refused('unknown-rail', sentence('Give one of: {rails}.', { rails: rails.join(', ') }), field);
  return named;
}
