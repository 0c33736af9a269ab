/**
 * What is kept of a line: by which key it is known again in another file, what it calls our payment, and references only where they are no words.
 * Where a digest stands for what strangers wrote it is a keyed one: a short reference could be guessed from a plain one.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../kernel/domain/canonical.js';
import { CurrencyTable } from '../../../kernel/domain/money.js';
import type { Decimal, References, ReportLine } from './report-items.js';

/** A keyed one, 32 bytes. */
export type Digest = (content: unknown) => Buffer;

/** By which lines were known before digests were keyed. */
export const plainDigest: Digest = (content) => createHash('sha256').update(canonicalJson(content)).digest();

/** Over all that was read of it. */
export function digestOf(line: ReportLine, digest: Digest): Buffer {
  return digest({ ...line, place: 0, line: 0 });
}

/**
 * The same for the same line in whatever file it stands. What a level says is said of what else is in its file, and of what nobody could
 * read nobody knows what it was, so these are of their file alone.
 */
export function keyOf(line: ReportLine, fileId: string, digest: Digest): Buffer {
  if (line.item === 'unreadable') return digest([fileId, line.place]);
  if (line.item === 'balance')
    return digest(['balance', line.account, line.which, line.amount, line.currency, line.day]);
  const payment = line.endToEndId ?? line.instructionId ?? line.uetr;
  if (line.item === 'status') {
    const { level, messageId, lotId, status, reasonCodes, amount, day } = line;
    const where = level === 'payment' ? null : fileId;
    return digest(['status', where, level, messageId, lotId, payment, status, [...reasonCodes], amount, day]);
  }
  const { account, amount, currency, direction, isReversal, bookedOn, bookingStatus } = line;
  const reference = line.servicerReference ?? line.entryReference;
  return digest([
    'entry',
    account,
    reference,
    payment,
    amount,
    currency,
    direction,
    isReversal,
    bookedOn,
    bookingStatus,
  ]);
}

/** Each correlation id that the line may mean; a UETR is an attempt's id that says version 4 instead of 7. */
export function correlationIdsOf(line: References): string[] {
  const named = [line.endToEndId, line.instructionId].flatMap((text) => (text ? [text.toLowerCase()] : []));
  const uetr = line.uetr?.toLowerCase().replaceAll('-', '');
  const fromUetr = uetr && /^[0-9a-f]{12}4[0-9a-f]{19}$/.test(uetr) ? [`${uetr.slice(0, 12)}7${uetr.slice(13)}`] : [];
  return [...new Set([...named, ...fromUetr])];
}

/** A reference as it may be kept: one that has no digit or is long may be somebody's name, and the beginning of its digest stands for it. */
export function keptReference(text: string | null, digest: Digest): string | null {
  if (text === null) return null;
  return /^(?=.*\d)[A-Za-z0-9][A-Za-z0-9./:+-]{0,34}$/.test(text) ? text : digestInstead(text, digest);
}

const digestInstead = (text: string, digest: Digest): string => `~${digest(text).toString('hex').slice(0, 16)}`;

/** What a line calls the payment, in clear where it looks like an id of ours; what strangers wrote says who they are. */
export function keptPaymentReference(text: string | null, digest: Digest): string | null {
  if (text === null || /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(text)) return text;
  return digestInstead(text, digest);
}

export function keptCode(text: string | null): string | null {
  return text !== null && /^[A-Za-z0-9./-]{1,40}$/.test(text) ? text : null;
}

/** Null for a currency that we do not know, and for what is not a whole number of its minor units. */
export function minorOf(amount: Decimal | null, currency: string | null, currencies: CurrencyTable): bigint | null {
  if (amount === null || currency === null) return null;
  const known = currencies.all().find(({ code }) => code === currency);
  const [whole = '', fraction = ''] = amount.replace('-', '').split('.');
  if (!known || fraction.length > known.minorUnits) return null;
  const minor = BigInt(whole + fraction.padEnd(known.minorUnits, '0'));
  return minor > 10n ** 17n ? null : amount.startsWith('-') ? -minor : minor;
}
