/** Adult or child. Where the age is uncertain a person is presumed a child (ASEAN do-no-harm guide; Palermo Protocol legislative guide). */
import { addMonths, type PlainDate } from '../../kernel/domain/plain-date.js';

export type AgeBand = 'adult' | 'child' | 'unknown';

export function ageBandOf(dateOfBirth: PlainDate | undefined, today: PlainDate): AgeBand {
  if (!dateOfBirth) return 'unknown';
  return addMonths(dateOfBirth, 18 * 12) <= today ? 'adult' : 'child';
}
