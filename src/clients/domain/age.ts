/** Adult or child. Where the age is uncertain a person is presumed a child (ASEAN do-no-harm guide; Palermo Protocol legislative guide). */
import { addDays, addMonths, type PlainDate } from '../../kernel/domain/plain-date.js';
import type { Identity } from './identity.js';

export type AgeBand = 'adult' | 'child' | 'unknown';

/** How far the day of birth may lie on either side of one that is a guess. */
const YEARS_OF_DOUBT = 2;

export function ageBandOf(
  { dateOfBirth, dateOfBirthIsGuess = false }: Pick<Identity, 'dateOfBirth' | 'dateOfBirthIsGuess'>,
  today: PlainDate,
): AgeBand {
  if (!dateOfBirth) return 'unknown';
  const comesOfAge = eighteenthBirthday(dateOfBirth);
  const monthsOfDoubt = dateOfBirthIsGuess ? YEARS_OF_DOUBT * 12 : 0;
  if (addMonths(comesOfAge, monthsOfDoubt) <= today) return 'adult';
  return addMonths(comesOfAge, -monthsOfDoubt) > today ? 'child' : 'unknown';
}

/** Who was born on 29 February is a child through 28 February of a common year: in doubt, a day longer. */
function eighteenthBirthday(dateOfBirth: PlainDate): PlainDate {
  const sameDay = addMonths(dateOfBirth, 18 * 12);
  return sameDay.slice(8) === dateOfBirth.slice(8) ? sameDay : addDays(sameDay, 1);
}
