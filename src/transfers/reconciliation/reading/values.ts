/** Amounts, days and references as banks write them, made the same whoever wrote them. */
import { isPlainDate, type PlainDate } from '../../../kernel/domain/plain-date.js';
import type { Decimal } from '../domain/report-items.js';

/** ISO 20022 allows 18 digits, 5 of them decimals; null where it is no such number. */
export function decimalOf(text: string | null): Decimal | null {
  const match = /^\+?(\d{1,18})(?:\.(\d{0,5}))?$/.exec(text ?? '');
  if (!match) return null;
  const whole = (match[1] ?? '').replace(/^0+(?=\d)/, '');
  const fraction = (match[2] ?? '').replace(/0+$/, '');
  return fraction ? `${whole}.${fraction}` : whole;
}

export function currencyOf(text: string | null): string | null {
  return text && /^[A-Z]{3}$/.test(text) ? text : null;
}

/** The day as the bank wrote it, in the bank's own zone. */
export function dayOf(text: string | null): PlainDate | null {
  const day = (text ?? '').slice(0, 10);
  return isPlainDate(day) ? day : null;
}

/** Null for nothing, and for the word that ISO 20022 has for it. */
export function referenceOf(text: string | null): string | null {
  return text && text !== 'NOTPROVIDED' && text.length <= 140 ? text : null;
}
