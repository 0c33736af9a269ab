/** What a check of a bundle found, step by step, in words for somebody who has never seen a ledger. Runs in a browser too. */
import type { FormCode } from './strict-form.js';
import type { CountBand, SealedBalances, SealedSums } from './seal-text.js';

/** In the order in which they are told. `entries` is a step of bundles for auditors only. */
export const STEPS = ['file', 'log-signature', 'witnesses', 'history', 'seal', 'sums', 'entries'] as const;
export type Step = (typeof STEPS)[number];

export const STEP_TITLES: Record<Step, string> = {
  file: 'The file can be read in one way only',
  'log-signature': 'The log signed its state',
  witnesses: 'Witnesses signed the same state',
  history: 'Nothing was rewritten since the report before',
  seal: 'This report is in the log',
  sums: 'The sums add up',
  entries: 'Every single entry is there',
};

/** Why a step does not hold; these stay as they are, so that a program can rely on them. */
export type FaultCode =
  | FormCode
  | 'given-key-malformed'
  | 'other-log-key'
  | 'other-origin'
  | 'not-signed-by-log'
  | 'false-log-signature'
  | 'false-cosignature'
  | 'too-few-witnesses'
  | 'previous-not-signed'
  | 'history-rewritten'
  | 'previous-seal-not-in-log'
  | 'previous-opening-false'
  | 'previous-of-other-fund'
  | 'previous-not-adjacent'
  | 'earlier-malformed'
  | 'earlier-not-of-this-log'
  | 'earlier-contradicted'
  | 'earlier-not-covered'
  | 'seal-opening-false'
  | 'seal-not-in-log'
  | 'seal-of-other-fund'
  | 'seal-of-other-period'
  | 'sides-differ'
  | 'granted-does-not-continue'
  | 'paid-does-not-continue'
  | 'returned-does-not-continue'
  | 'currency-vanished'
  | 'currency-without-balance'
  | 'entry-twice'
  | 'entries-not-sorted'
  | 'entry-opening-false'
  | 'entry-not-in-log'
  | 'entry-of-other-fund'
  | 'entry-of-other-month'
  | 'entry-moves-otherwise'
  | 'other-digest'
  | 'other-sums'
  | 'other-number-of-entries'
  | 'other-number-of-transfers'
  | 'other-count-band'
  | 'not-checkable';

export interface StepFinding {
  step: Step;
  holds: true | false | 'not asked';
  /** One plain sentence. */
  says: string;
  /** More, in one line or several. */
  detail?: string;
  /** With `holds: false`, and only then. */
  code?: FaultCode;
}

/** Taken from the opened seal, and there only when the seal is in the log that the log's key signed. Amounts in minor units. */
export interface SealedFigures {
  fund: string;
  period: string;
  from: string;
  through: string;
  countBand: CountBand;
  sums: Record<string, SealedSums>;
  balances: Record<string, SealedBalances>;
  /** In bundles for auditors. */
  entries?: string;
  transfersPaid?: string;
}

export interface BundleFindings {
  /** Whether every step that was asked holds. */
  holds: boolean;
  /** The same in one sentence, which also says so when nobody compared the file's keys. */
  verdict: string;
  steps: StepFinding[];
  figures?: SealedFigures;
  /** How the operator calls fund and donor in the file: nothing proves these names. */
  labels?: { fundCode: string; fundName: string; donor: string };
}

/** Ends a step that does not hold. */
export class StepFault extends Error {
  constructor(
    readonly code: FaultCode,
    readonly says: string,
    readonly detail?: string,
  ) {
    super(says);
  }
}

/** Holds a key with a long name. */
const LONGEST_SHOWN = 300;

/** A text from outside, fit to be shown: cut off, and without what would act on a terminal or turn the direction of a line. */
export function shown(text: string): string {
  const plain = text.slice(0, LONGEST_SHOWN).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '\ufffd');
  return text.length > LONGEST_SHOWN ? `${plain}…` : plain;
}

/** A count in groups of three: 131072 gives "131,072". */
export function counted(count: number | bigint): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}
