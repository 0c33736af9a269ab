/** How far two dates of birth agree: people do not always know theirs, and dates are written wrong in a few usual ways. */
import type { PlainDate } from '../../../kernel/domain/plain-date.js';

/**
 * `slip`: day and month swapped, or one digit wrong. `estimate`: no more than a year apart, and one of them is a guess (1 January or 1 July).
 * `guess`: the same up to five years. `unknown`: one of them is not known; `neither`: none is.
 */
export type BirthAgreement = 'same' | 'slip' | 'estimate' | 'guess' | 'neither' | 'unknown' | 'disagrees';

const YEARS_OF_AN_ESTIMATE = 1;
const YEARS_OF_A_GUESS = 5;

export function birthAgreement(one: PlainDate | undefined, other: PlainDate | undefined): BirthAgreement {
  if (!one && !other) return 'neither';
  if (!one || !other) return 'unknown';
  if (one === other) return 'same';
  if (isSlip(one, other)) return 'slip';
  const years = Math.abs(yearOf(one) - yearOf(other));
  if (!isGuess(one) && !isGuess(other)) return 'disagrees';
  if (years <= YEARS_OF_AN_ESTIMATE) return 'estimate';
  return years <= YEARS_OF_A_GUESS ? 'guess' : 'disagrees';
}

export const yearOf = (date: PlainDate): number => Number(date.slice(0, 4));

function isSlip(one: PlainDate, other: PlainDate): boolean {
  const swapped = `${one.slice(0, 4)}-${one.slice(8)}-${one.slice(5, 7)}`;
  const wrong = [...one].filter((digit, index) => digit !== other[index]).length;
  return swapped === other || wrong === 1;
}

const isGuess = (date: PlainDate) => /-0[17]-01$/.test(date);
