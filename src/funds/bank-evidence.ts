/** What an entry pins of the bank's own record of a grant or an exchange. */
import { createHash } from 'node:crypto';
import type { PlainDate } from '../kernel/domain/plain-date.js';

/** SHA-256 of the day and the reference, so that whoever holds the statement line can check it. */
export function bankEvidence(day: PlainDate, reference: string): Buffer {
  return createHash('sha256').update(`${day} ${reference}`).digest();
}
