/** Bank files as people and programs read them; nothing of anybody who is paid. */
import type { PlainDate } from '../../../kernel/domain/plain-date.js';
import type { Unreadable } from '../../../clients/identity-vault/data-keys.js';
import { bankingDays, currencies } from '../../../kernel/reference-data.js';
import type { Lot } from './domain/payment.js';
import type { LeftOutReason } from './domain/creditor.js';
import { bankFileFormats } from './formats.js';

/** Why a file that nobody took is not to be sent. */
export const abandonReasons = [
  'payment-stopped',
  'cannot-be-read',
  'wrong-day',
  'wrong-account',
  'wrong-format',
] as const;
export type AbandonReason = (typeof abandonReasons)[number];

export interface BankFileView {
  id: string;
  run: string;
  /** Code of the paying account. */
  account: string;
  bank: string;
  layout: string;
  fileName: string;
  messageId: string;
  executionOn: PlainDate;
  /** No calendar says whether banks work on that day. */
  holidayCalendarMissing: boolean;
  madeAt: string;
  madeBy: string;
  count: number;
  /** Decimal string in major units. */
  total: string;
  currency: string;
  /** Of the file's bytes. */
  sha256: string;
  /** How often it was taken. */
  taken: number;
  /** By whom, when and why; nobody takes it any more. */
  abandoned: { by: string; at: string; reason: AbandonReason } | null;
}

export interface RunBankFiles {
  items: BankFileView[];
  /** Payments that stood in no file and why not, at most a thousand; they failed, unsent, and can be paid again. */
  leftOut: { transfer: string; reason: LeftOutReason }[];
  /** All of them, counted. */
  leftOutByReason: { reason: LeftOutReason; count: number }[];
  /** To be made: how many payments of which fund wait for a file; without an account none can be made. */
  waiting: { fund: string; currency: string; count: number; hasAccount: boolean }[];
  /** Of those that wait, at most a thousand of whom nobody could read whom they go to; `reference` is what the bank would be told to call it. */
  unreadable: { transfer: string; reference: string; reason: Unreadable }[];
  next: null;
}

export interface BankFileRow {
  id: string;
  run_id: string;
  message_id: string;
  payment_information_id: string;
  execution_on: PlainDate;
  created_at: Date;
  item_count: number;
  total_minor: string;
  currency: string;
  sha256: string;
  made_by: string;
  account_code: string;
  account_name: string;
  bank: string;
  bank_code: string;
  account: string;
  account_kind: 'iban' | 'bban';
  country: string;
  layout: string;
  taken: number;
  abandoned_because: AbandonReason | null;
  abandoned_at: Date | null;
  abandoned_by: string | null;
}

export function toBankFileView(row: BankFileRow): BankFileView {
  return {
    id: row.id,
    run: row.run_id,
    account: row.account_code,
    bank: row.bank,
    layout: row.layout,
    fileName: bankFileFormats.get(row.layout)?.fileName(lotOf(row)) ?? row.message_id,
    messageId: row.message_id,
    executionOn: row.execution_on,
    holidayCalendarMissing: !bankingDays.isKnown(row.country, row.execution_on),
    madeAt: row.created_at.toISOString(),
    madeBy: row.made_by,
    count: row.item_count,
    total: currencies.format(BigInt(row.total_minor), row.currency),
    currency: row.currency,
    sha256: row.sha256,
    taken: row.taken,
    abandoned:
      row.abandoned_because && row.abandoned_at && row.abandoned_by
        ? { by: row.abandoned_by, at: row.abandoned_at.toISOString(), reason: row.abandoned_because }
        : null,
  };
}

export function lotOf(row: BankFileRow): Lot {
  return {
    messageId: row.message_id,
    paymentInformationId: row.payment_information_id,
    createdAt: row.created_at,
    executionOn: row.execution_on,
    currency: row.currency,
    decimals: currencies.get(row.currency).minorUnits,
    count: row.item_count,
    totalMinor: BigInt(row.total_minor),
    debtor: {
      name: row.account_name,
      account: row.account,
      accountKind: row.account_kind,
      bankCode: row.bank_code,
    },
  };
}
