/** Plain words for what banks send back, for what waits because of it, and for what is between a statement and the books. */
import type { Unreadable } from '../clients/identity-vault/data-keys.js';
import type { BankReport } from '../transfers/reconciliation/bank-report-views.js';
import type { DifferenceKind } from '../transfers/reconciliation/domain/differences.js';
import type { FaultCode, ReportKind } from '../transfers/reconciliation/domain/report-items.js';
import type { WorkReason } from '../transfers/reconciliation/domain/verdict.js';
import type { LineResult } from '../transfers/reconciliation/inbound-lines.js';
import { abandonReasons, type AbandonReason } from '../transfers/rails/bank-file/bank-file-view.js';
import { PAIN001 } from '../transfers/rails/bank-file/formats.js';
import { msgs, t, tn } from './languages/language.js';
import type { Obstacles } from '../transfers/reconciliation/domain/month-end.js';
import type { Resolution, WorkItem } from '../transfers/reconciliation/work-list.service.js';
import { moneyText } from './wording.js';

const KINDS: Record<ReportKind, string> = msgs({
  'pain.002': 'Answer to a payment file (pain.002)',
  'camt.053': 'Statement (camt.053)',
  'camt.054': 'Advice (camt.054)',
  csv: 'Result file (CSV)',
});
export const kindWords = (kind: ReportKind): string => t(KINDS[kind]);

const STATES: Record<BankReport['state'], { words: string; colour: string }> = msgs({
  complete: { words: 'Read to its end', colour: 'green' },
  incomplete: { words: 'Not whole', colour: 'red' },
  unfinished: { words: 'Being read', colour: 'blue' },
});
export const reportStateWords = (state: BankReport['state']) => STATES[state];

const FAULTS: Record<FaultCode, string> = msgs({
  doctype: 'it declares a document type in the middle',
  encoding: 'it is not in UTF-8',
  'not-a-bank-report': 'it is no bank report',
  'not-well-formed': 'it is no XML from there on',
  'not-utf-8': 'it is not in UTF-8 from there on',
  'too-large': 'it is too large',
  'too-deep': 'it is built as no bank report is',
  'too-long': 'it is built as no bank report is',
  'cut-off': 'it is cut off there',
});
export const faultWords = (code: FaultCode): string => t(FAULTS[code]);

const RESULTS: Record<LineResult, string> = msgs({
  applied: 'Applied to a payment',
  'told-before': 'Known from an earlier file',
  unmatched: 'Of no payment that we know',
  conflicting: 'Of a payment, and not as it should be',
  'not-about-a-payment': 'About something else, like a balance',
});
export const resultWords = (result: LineResult): string => t(RESULTS[result]);

const REASONS: Record<WorkReason, string> = msgs({
  'no-such-payment': 'We know no such payment',
  'no-reference': 'It names no payment',
  'references-disagree': 'It names two different payments',
  'amount-differs': 'The amount is not that of the payment',
  'currency-differs': 'The currency is not that of the payment',
  'amount-missing': 'It does not say how much',
  'day-impossible': 'The day cannot be right',
  'batch-without-details': 'Several payments in one sum',
  unreadable: 'It cannot be read',
  'credit-we-do-not-know': 'Money came in',
  'debit-we-do-not-know': 'Money went out',
  'bank-charge': 'A charge of the bank, it seems',
  'paid-twice': 'It seems to have been paid twice',
  'failed-though-paid': 'The bank says that it failed, and it was told as paid',
  'failed-code-not-listed': 'Refused for a reason that proves nothing',
  'refused-as-duplicate': 'Refused as a duplicate: what became of the first one?',
  'status-not-known': 'A status that nobody knows',
  'levels-disagree': 'The whole file says one thing and its payments another',
});
export const reasonWords = (reason: WorkReason): string => t(REASONS[reason]);

const RESOLUTIONS: Record<Resolution, string> = msgs({
  'is-payment': 'It is one of our payments',
  'is-lot': 'It is all payments of one of our files',
  'in-the-books': 'It is in the books already',
  'bank-charge': 'It is a charge of the bank',
  'other-movement': 'It is another movement that the organisation knows',
  'paid-twice': 'Somebody was paid twice',
  'no-money-moved': 'Looked at: no money moved',
});
export const resolutionWords = (resolution: Resolution): string => t(RESOLUTIONS[resolution]);

const DIFFERENCES: Record<DifferenceKind, string> = msgs({
  'instructed-not-debited': 'Instructed and not yet debited',
  'told-settled-not-debited': 'Told to be paid, and not debited by as much',
  'told-settled-long-not-debited': 'Told to be paid more than a week before the statement, and debited by none',
  'debited-not-in-books': 'Debited, and back at the bank by the books',
  'on-work-list': 'On the work list',
  'bank-charge': 'Charges of the bank',
  'other-movement': 'Other movements that two people explained',
  'paid-twice': 'Paid twice, as two people say',
  'not-on-statement': 'In the books and on no statement',
  'before-first-statement': 'Before the first statement that was read',
});
export const differenceWords = (kind: DifferenceKind): string => t(DIFFERENCES[kind]);

/** Each for one of them and for several. */
const OBSTACLES: Record<keyof Obstacles, readonly [string, string]> = msgs({
  unknownPayments: [
    '{n} payment of which nobody knows whether it arrived',
    '{n} payments of which nobody knows whether they arrived',
  ],
  unexplainedClearing: [
    '{n} clearing account that no payment explains',
    '{n} clearing accounts that no payment explains',
  ],
  openWorkItems: ['{n} line on the work list', '{n} lines on the work list'],
  unfinishedReports: [
    '{n} bank report that was not read to its end',
    '{n} bank reports that were not read to their end',
  ],
  accountsWithoutStatement: ['{n} account without a statement', '{n} accounts without a statement'],
  accountsThatDiffer: ['{n} account that differs from the books', '{n} accounts that differ from the books'],
  fundsWithoutAccount: [
    '{n} fund of which nobody said where its money lies',
    '{n} funds of which nobody said where their money lies',
  ],
});

/** What stands in the way of a month's end, one line for each kind of it. */
export function obstacleWords(obstacles: Obstacles): string[] {
  const kinds = Object.entries(OBSTACLES) as [keyof Obstacles, readonly [string, string]][];
  return kinds
    .filter(([kind]) => obstacles[kind] > 0)
    .map(([kind, [one, several]]) => tn(obstacles[kind], one, several));
}

/** "out, 1,000.00 THB": what a line of a bank's report says that moved, and which way; of one that says no amount ''. */
export function lineAmountText({ amount, currency, direction }: Pick<WorkItem, 'amount' | 'currency' | 'direction'>) {
  if (!amount) return '';
  const moved = moneyText(amount, currency ?? undefined);
  if (!direction) return moved;
  return direction === 'debit' ? t('out, {amount}', { amount: moved }) : t('in, {amount}', { amount: moved });
}

const ABANDONED: Record<AbandonReason, string> = msgs({
  'payment-stopped': 'A payment in it was stopped, has ended, or may not be made any more',
  'cannot-be-read': 'It cannot be read any more whom a payment in it goes to',
  'wrong-day': 'The bank was to pay on another day',
  'wrong-account': 'The payments were to leave from another account',
  'wrong-format': 'The bank takes files in another format',
});
export const abandonedWords = (reason: AbandonReason): string => t(ABANDONED[reason]);
export const abandonChoices = () => [
  { value: '', text: t('Choose why') },
  ...abandonReasons.map((value) => ({ value, text: t(ABANDONED[value]) })),
];

const UNREADABLE: Record<Unreadable, string> = msgs({
  'does-not-open': 'what is on record was damaged',
  'key-unavailable': 'its key is not to be had',
});
export const unreadableWords = (reason: Unreadable): string => t(UNREADABLE[reason]);

/** "340 bytes", "12 KB", "130 MB". */
export function sizeText(bytes: number): string {
  if (bytes < 1_000) return t('{n} bytes', { n: bytes });
  return bytes < 1_000_000
    ? t('{n} KB', { n: Math.round(bytes / 1_000) })
    : t('{n} MB', { n: Math.round(bytes / 1_000_000) });
}

export const ACCOUNT_KINDS = msgs({ bban: 'The bank’s own account number', iban: 'IBAN' });
export const accountKindWords = (kind: keyof typeof ACCOUNT_KINDS): string => t(ACCOUNT_KINDS[kind]);

/** "Payment file of ISO 20022 (pain.001.001.09)", "Text file as agreed with the bank: generic". */
export function formatWords(layout: string): string {
  return layout === PAIN001
    ? t('Payment file of ISO 20022 ({layout})', { layout })
    : t('Text file as agreed with the bank: {layout}', { layout });
}
