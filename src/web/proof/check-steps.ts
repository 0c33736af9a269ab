/** The steps of checking a report, as the page lists them before anything is checked. */
import { STEP_TITLES, type Step } from '../../ledger/transparency-log/domain/bundle-findings.js';
import { msg, msgs, t } from '../languages/language.js';

/** The steps of a bundle's check, and whether the report itself says what the log holds. */
export type CheckedStep = Step | 'report';

const LOOKS_AT: Record<CheckedStep, string> = msgs({
  file: 'Nothing in the file is missing, written twice, or written so that two readers could read two things.',
  'log-signature': 'The state of the log that the file shows was signed by the log’s own key.',
  witnesses: 'Two or more who watch the log signed the same state, so that no other one can be shown to somebody else.',
  history: 'All that the log held at the time of the report before is still in it, unchanged.',
  seal: 'What the file says of this quarter is in the log, word for word.',
  sums: 'What came in, what was paid and what is left are the same money, and go on from the quarter before.',
  entries: 'Single entries are in the files of auditors only: they could tell who was paid.',
  report: 'The amounts in the file are those of the report as it is shown here.',
});

const REPORT_TITLE = msg('The report says what the log holds');

export function checkSteps(): { step: CheckedStep; title: string; looksAt: string }[] {
  const steps = [...(Object.keys(STEP_TITLES) as Step[]), 'report' as const];
  return steps.map((step) => ({
    step,
    title: t(step === 'report' ? REPORT_TITLE : STEP_TITLES[step]),
    looksAt: t(LOOKS_AT[step]),
  }));
}

/** What the script says on the page, in the language of the page. */
export function checkWords() {
  return {
    checking: t('Checking …'),
    passed: t('Passed'),
    failed: t('Failed'),
    notInIt: t('Not in this file'),
    notLookedAt: t('Not looked at'),
    failedStep: t('This step failed: {step}'),
    holds: t('Everything holds.'),
    holdsByItsOwnKeys: t(
      'Everything holds if the keys in this file are the right ones: compare them with those that you were given.',
    ),
    doesNotHold: t('This report does not hold: do not rely on it.'),
    otherReport: t('The file holds, and it is of another fund or quarter than this report.'),
    sameFigures: t('What was received, paid, changed and is left in the fund’s own currency is the same.'),
    differentFigures: t('At least one amount is not the one that is in the log.'),
    notCompared: t('The amounts were not compared, because the file is not proven to be in the log.'),
    otherFigures: t('The file is of another fund or quarter, so its amounts were not compared.'),
    chooseFile: t('Choose the file of a report first.'),
    tooLarge: t('This file is larger than any report can be.'),
    notSealed: t('The quarter is not sealed yet. It is sealed within two days of its end: try again then.'),
    signedOut: t('You are not signed in any more. Sign in again, or choose the file that you kept.'),
    notFetched: t('The file could not be fetched. Try again, or choose the file that you kept.'),
    notChecked: t('The file could not be checked here. Use one of the other ways below.'),
    checked: t('Checked: {file}'),
    code: t('Code: {code}'),
    entries: t('{done} of {total} entries'),
  };
}

export type CheckWords = ReturnType<typeof checkWords>;
