/** What stands in a bank's file: the paying account and its payments, free of everything that a bank need not know. */
import type { PlainDate } from '../../../../kernel/domain/plain-date.js';

/** How a bank finds an account: `bban` is a plain number; the proxies are what a bank looks an account up by. */
export const accountKinds = ['iban', 'bban', 'mobile-proxy', 'national-id-proxy', 'e-wallet-proxy'] as const;
export type AccountKind = (typeof accountKinds)[number];

export interface Debtor {
  name: string;
  account: string;
  accountKind: 'iban' | 'bban';
  /** BIC, or the bank's number in its country's clearing. */
  bankCode: string;
}

/** All payments of one paying account in one currency on one day: one `PmtInf` of a pain.001. */
export interface Lot {
  messageId: string;
  paymentInformationId: string;
  createdAt: Date;
  executionOn: PlainDate;
  currency: string;
  /** Decimals of the currency by ISO 4217. */
  decimals: number;
  count: number;
  totalMinor: bigint;
  debtor: Debtor;
}

export interface Creditor {
  name: string;
  account: string;
  accountKind: AccountKind;
  bankCode: string | null;
}

export interface Payment {
  /** Correlation id of the attempt: EndToEndId and InstrId. */
  reference: string;
  uetr: string;
  amountMinor: bigint;
  creditor: Creditor;
  /** Neutral: "Support 1/3". */
  remittance: string;
}

/** Thrown where what is written is not what was counted before: a fault of ours, not of a person. */
export class LotMismatch extends Error {}

/** The payments as they pass, and at the end the proof that they are as many and as much as the lot says. */
export async function* counted(
  lot: Lot,
  payments: AsyncIterable<Payment> | Iterable<Payment>,
): AsyncGenerator<Payment, void, undefined> {
  let count = 0;
  let totalMinor = 0n;
  for await (const payment of payments) {
    count += 1;
    totalMinor += payment.amountMinor;
    yield payment;
  }
  if (count !== lot.count || totalMinor !== lot.totalMinor)
    throw new LotMismatch(
      `the lot says ${lot.count} payments of ${lot.totalMinor}, written were ${count} of ${totalMinor}`,
    );
}

/** An attempt's id (UUIDv7) as a UUIDv4, which is what the schema takes: unique as before, and it leads back to the attempt. */
export const uetrOf = (attemptId: string): string => `${attemptId.slice(0, 14)}4${attemptId.slice(15)}`.toLowerCase();

export const remittanceOf = (instalment: number, instalments: number): string => `Support ${instalment}/${instalments}`;

/** A decimal string in major units, with all decimals of the currency. */
export function decimalText(amountMinor: bigint, decimals: number): string {
  const digits = amountMinor.toString().padStart(decimals + 1, '0');
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

const BIC = /^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$/;
export const isBic = (bankCode: string): boolean => BIC.test(bankCode);

/** Whether it is an IBAN whose check digits are right (ISO 7064, mod 97-10). */
export function isIban(text: string): boolean {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{1,30}$/.test(text)) return false;
  const digits = (text.slice(4) + text.slice(0, 4)).replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
  return BigInt(digits) % 97n === 1n;
}

/** Pieces of text in chunks of UTF-8 that are worth sending. */
export async function* utf8Chunks(
  pieces: AsyncIterable<string>,
  chunkLength = 65_536,
): AsyncGenerator<Buffer, void, undefined> {
  let held = '';
  for await (const piece of pieces) {
    held += piece;
    if (held.length < chunkLength) continue;
    yield Buffer.from(held, 'utf8');
    held = '';
  }
  if (held !== '') yield Buffer.from(held, 'utf8');
}
