/** What a bank sends back, whatever the dialect, as items that come one by one: statuses, booked entries, balances, and what could not be read. */
import type { PlainDate } from '../../../kernel/domain/plain-date.js';

export const reportKinds = ['pain.002', 'camt.053', 'camt.054', 'csv'] as const;
export type ReportKind = (typeof reportKinds)[number];

/** Comes first, once it is known what the file is. */
export interface AboutItem {
  item: 'about';
  report: ReportKind;
  /** Whether it names the namespace that the standard gives it; a file that does not is read all the same. */
  conforms: boolean;
}

interface Placed {
  /** From 1, within the file. */
  place: number;
  line: number;
}

export interface References {
  messageId: string | null;
  /** PmtInfId: the lot within the message. */
  lotId: string | null;
  instructionId: string | null;
  endToEndId: string | null;
  uetr: string | null;
}

/** A decimal string in major units without needless zeros ("9000", "0.5"): as exact as the bank wrote it. */
export type Decimal = string;

/** What a bank says became of an instruction: of the whole message, of a lot in it, or of one payment. */
export interface StatusItem extends Placed, References {
  item: 'status';
  level: 'group' | 'lot' | 'payment';
  /** As the bank wrote it; known ones are in `verdict.ts`. */
  status: string;
  reasonCodes: readonly string[];
  /** Words of the bank; never stored. */
  reasonText: string;
  amount: Decimal | null;
  currency: string | null;
  day: PlainDate | null;
}

/** One movement on an account: of an entry's details one item each, or the entry itself when it has none. */
export interface EntryItem extends Placed, References {
  item: 'entry';
  /** Number or IBAN of the account as the statement has it. */
  account: string | null;
  servicerReference: string | null;
  entryReference: string | null;
  direction: 'debit' | 'credit';
  /** The bank takes back what it booked before. */
  isReversal: boolean;
  bookingStatus: 'booked' | 'pending' | 'information';
  /** Null where the entry holds several payments and does not say how much each was. */
  amount: Decimal | null;
  currency: string | null;
  bookedOn: PlainDate | null;
  isReturn: boolean;
  returnCode: string | null;
  /** Domain, family and sub-family ("PMNT.ICDT.DMCT"), or the bank's own code. */
  transactionCode: string | null;
  /** Of the payments behind an entry without details; null where it has them, or does not say. */
  paymentsBehind: number | null;
  hasDetails: boolean;
}

export interface BalanceItem extends Placed {
  item: 'balance';
  account: string | null;
  which: 'opening' | 'closing';
  /** Negative when overdrawn. */
  amount: Decimal;
  currency: string;
  day: PlainDate;
}

export const unreadableCodes = [
  'amount-missing',
  'amount-malformed',
  'direction-missing',
  'status-missing',
  'day-malformed',
  'too-long',
  'columns-missing',
  'line-not-ended',
] as const;
export type UnreadableCode = (typeof unreadableCodes)[number];

export const faultCodes = [
  'doctype',
  'encoding',
  'not-a-bank-report',
  'not-well-formed',
  'not-utf-8',
  'too-large',
  'too-deep',
  'too-long',
  'cut-off',
] as const;
export type FaultCode = (typeof faultCodes)[number];

/** One record that says something nobody can read, after which the file goes on; or, as the last line of a file, why it does not. */
export interface UnreadableItem extends Placed {
  item: 'unreadable';
  code: UnreadableCode | FaultCode;
}

/** Comes last, once. Without a fault the file was read to its end. */
export interface EndItem {
  item: 'end';
  fault: FaultCode | null;
  /** Up to where it was read. */
  byte: number;
  line: number;
}

export type ReportLine = StatusItem | EntryItem | BalanceItem | UnreadableItem;
export type ReportItem = AboutItem | ReportLine | EndItem;
