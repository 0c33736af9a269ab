/** Adult or child. Where the age is uncertain a person is presumed a child (ASEAN do-no-harm guide; Palermo Protocol legislative guide). */
import { addDays, addMonths, type PlainDate } from '../../kernel/domain/plain-date.js';

export type AgeBand = 'adult' | 'child' | 'unknown';

export function ageBandOf(dateOfBirth: PlainDate | undefined, today: PlainDate): AgeBand {
  if (!dateOfBirth) return 'unknown';
  return eighteenthBirthday(dateOfBirth) <= today ? 'adult' : 'child';
}

/** Who was born on 29 February is a child through 28 February of a common year: in doubt, a day longer. */
function eighteenthBirthday(dateOfBirth: PlainDate): PlainDate {
  const sameDay = addMonths(dateOfBirth, 18 * 12);
  return sameDay.slice(8) === dateOfBirth.slice(8) ? sameDay : addDays(sameDay, 1);
}
