/**
 * Everything held of a client, in words that the client can read. Works on whatever the holders tell: a field that is not known here is shown
 * under its own name, never left out.
 */
import type { ErasureCertificate } from '../clients/domain/erasure.js';
import type { HeldExport } from '../clients/rights/export.service.js';
import { printable } from '../kernel/domain/visible-text.js';
import { noteKindWords } from './case-wording.js';
import { msgs, t } from './languages/language.js';
import {
  ageWords,
  consentWords,
  countryName,
  dayText,
  holdWords,
  moneyText,
  nameOfSlug,
  railWords,
  roleWords,
  scriptWords,
  transferState,
} from './wording.js';

/** One thing that is held: a text under a label, or a list of more. */
export interface HeldLine {
  label: string;
  text?: string;
  lines?: HeldLine[];
}

/** The parts in the order in which they are read; one that is not named here comes after these. */
const PARTS: Readonly<Record<string, string>> = msgs({
  caseFile: 'Your case file',
  identity: 'Who you are',
  consents: 'What you agreed to, and what you did not',
  safeContact: 'How you can be contacted safely',
  contacts: 'When you were contacted',
  caseNotes: 'What was written down after talking with you, or about you',
  needsAssessments: 'What you said that you need',
  unfinishedInterviews: 'An interview that is not finished',
  spendingPlans: 'What you planned to do with the money',
  transfers: 'Money that was promised and paid to you',
  whoWorkedWithYou: 'Changes of your caseworker',
  possibleDuplicates: 'Whether you may be registered twice',
  emergencies: 'Emergencies in which somebody else opened your file',
  records: 'Who looked at or changed your data, and when',
});

const LABELS: Readonly<Record<string, string>> = msgs({
  now: 'As it stands now',
  earlier: 'Earlier versions',
  what: 'What',
  at: 'When',
  act: 'What was done',
  actedAs: 'By somebody who is',
  item: 'Number',
  text: 'Name',
  since: 'Kept since',
  dateOfBirth: 'Born',
  payee: 'Paid to',
  kin: 'Family',
  mayKnow: 'May know that you are in a programme',
  safety: 'Notes on your safety',
  inYourWords: 'In your words',
  cameOf: 'What came of it',
  changedFromPlan: 'Changed from plan',
  standsAsItIs: 'It is the plan as it stands now',
  stopped: 'Stopped on its way',
  askedBack: 'Times that the operator was asked to take it back',
  until: 'Until',
  notesAreGivenBy: 'What was said is given to you by',
  case: 'Case',
  rank: 'How important, from 1 to 4',
  fund: 'From',
  addedTo: 'Added to',
  raised: 'Became worth more',
  because: 'How that came about',
  noteKind: 'What it is about',
  talkAgainOn: 'When to talk again',
  writtenDown: 'What was written down',
  asTyped: 'As it was typed',
  correctedSince: 'Corrected since',
});

/** Why an operator was asked to take a payment back, where that is not why a payment is held too. */
const ASKED_BACK: Readonly<Record<string, string>> = msgs({
  'paid-twice': 'it was paid twice',
  'wrong-account': 'it went to the wrong account',
});

/** Of fields whose values are codes. */
const VALUES: Readonly<Record<string, (code: string) => string>> = {
  purpose: consentWords,
  country: countryName,
  age: ageWords,
  script: scriptWords,
  paidBy: railWords,
  party: railWords,
  heldBecause: holdWords,
  because: (code) => (ASKED_BACK[code] ? t(ASKED_BACK[code]) : holdWords(code)),
  state: (state) => t(transferState(state).words),
  cohort: nameOfSlug,
  case: nameOfSlug,
  actedAs: roleWords,
  act: actWords,
  noteKind: noteKindWords,
};

export function heldParts(held: HeldExport): HeldLine[] {
  const names = [...Object.keys(PARTS), ...Object.keys(held.held).filter((name) => !(name in PARTS))];
  return names
    .filter((name) => name in held.held)
    .map((name) => ({ label: PARTS[name] ? t(PARTS[name]) : labelOf(name), ...contentOf(name, held.held[name]) }));
}

/** The same for a terminal or a file. */
export function heldText(held: HeldExport): string {
  const written = (lines: readonly HeldLine[], depth: number): string[] =>
    lines.flatMap(({ label, text, lines: more }) => [
      `${'  '.repeat(depth)}${label}${text === undefined ? '' : `: ${printable(text).replaceAll('\n', `\n${'  '.repeat(depth + 1)}`)}`}`,
      ...written(more ?? [], depth + 1),
    ]);
  const head = t('Everything held of client {client}, {day}', { client: held.client, day: dayText(held.madeAt) });
  return [head, ...heldParts(held).flatMap((part) => ['', ...written([part], 0)])].join('\n');
}

export function certificateText(certificate: ErasureCertificate): string {
  return [
    t('Certificate of erasure {number}', { number: certificate.number }),
    t('Client {code} was erased on {erased}. Backups are clear by {clear}.', {
      code: certificate.formerCode,
      erased: dayText(certificate.erasedAt),
      clear: dayText(certificate.backupsClearOn),
    }),
    '',
    t('Deleted:'),
    ...deletedLines(certificate.deleted).map(({ label, count }) => `  ${count}  ${label}`),
    '',
    t('What stays, and why:'),
    ...certificate.kept.map(({ what, why }) => `  ${t(what)}. ${t(why)}`),
    '',
    t('Proof: {proof}. Keep this: it is shown once, and only with it can the certificate be checked.', {
      proof: certificate.proof,
    }),
  ].join('\n');
}

const DELETED: Readonly<Record<string, string>> = msgs({
  identityVersions: 'versions of who the client is',
  dataKeys: 'keys, without which nothing that was sealed opens, in no backup either',
  searchTokens: 'entries of the index by which somebody registered twice is found',
  ownWords: 'texts in the client’s own words',
  safeContactRules: 'versions of the rules of safe contact',
  contactNotes: 'notes on contacts and emergencies',
  unfinishedInterviews: 'interviews that were not finished',
  caseNotes: 'notes of what was said and agreed',
  transfersEnded: 'transfers that were owed and are not paid any more',
  logSalts: 'secrets that tied payments in the public log to the client',
});

export function deletedLines(deleted: Record<string, number>): { label: string; count: number }[] {
  return Object.entries(deleted).map(([kind, count]) => ({
    label: DELETED[kind] ? t(DELETED[kind]) : labelOf(kind),
    count,
  }));
}

function contentOf(field: string, value: unknown): Pick<HeldLine, 'text' | 'lines'> {
  if (Array.isArray(value)) {
    if (value.length === 0) return { text: t('nothing') };
    if (value.every((one) => typeof one === 'string'))
      return { text: value.map((one) => wordsOf(field, one)).join('\n') };
    return { lines: value.map((one, index) => ({ label: `${index + 1}.`, ...contentOf(field, one) })) };
  }
  if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
    const record = value as Record<string, unknown>;
    const told = Object.entries(record).filter(
      ([name, one]) => one !== null && one !== undefined && name !== 'currency',
    );
    return {
      lines: told.map(([name, one]) => ({ label: labelOf(name), ...contentOf(name, withCurrency(record, name, one)) })),
    };
  }
  return { text: wordsOf(field, value) };
}

/** An amount stands beside its currency; together they are one thing to read. */
function withCurrency(record: Record<string, unknown>, name: string, value: unknown): unknown {
  const { currency } = record;
  const isAmount = ['amount', 'amountOfEach', 'spent'].includes(name) && typeof value === 'string';
  return isAmount && typeof currency === 'string' ? moneyText(value, currency) : value;
}

function wordsOf(field: string, value: unknown): string {
  if (value === null || value === undefined) return t('not said');
  if (typeof value === 'boolean') return value ? t('yes') : t('no');
  if (value instanceof Date) return momentWords(value.toISOString());
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return dayText(text);
  if (/^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:?\d{2})$/.test(text)) return momentWords(text);
  return VALUES[field]?.(text) ?? text;
}

/** Day and time as Greenwich has it, which is the same wherever this is read. */
const momentWords = (moment: string) => `${dayText(moment)}, ${moment.slice(11, 16)} UTC`;

/** "recordedOn" gives "Recorded on". */
function labelOf(name: string): string {
  if (LABELS[name]) return t(LABELS[name]);
  const spaced = name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

const ACTS: Readonly<Record<string, string>> = msgs({
  'client.register': 'You were registered',
  'client.read': 'Your case file was read',
  'client.correct': 'Your case file was corrected',
  'client.refresh-age': 'Your age was brought up to date',
  'client.export': 'Everything held of you was put together, as here',
  'client.assign': 'Your caseworker changed',
  'identity.read': 'Who you are was read',
  'identity.correct': 'Who you are was corrected',
  'client.refuse': 'Somebody who may not see you was turned away',
  'payee.read': 'Your name and where you are paid were read, to pay you',
  'consent.give': 'You agreed to something',
  'consent.withdraw': 'You took back an agreement',
  'safe-contact.read': 'The rules of safe contact were read',
  'safe-contact.change': 'The rules of safe contact were changed',
  'contact.record': 'A contact was written down',
  'contact.read': 'Your contacts were read',
  'emergency.open': 'Somebody opened your file in an emergency',
  'emergency.read': 'Emergencies were read',
  'emergency.see': 'A supervisor looked at an emergency',
  'assessment.keep-draft': 'An unfinished interview was kept',
  'assessment.end-draft': 'An unfinished interview was ended',
  'assessment.record': 'What you need was written down',
  'assessment.read': 'What you need was read',
  'note.write': 'What you said was written down',
  'note.correct': 'A note of what you said was corrected',
  'note.read': 'Notes of what you said were read',
  'plan.write': 'Your plan was written down',
  'plan.track': 'What came of your plan was written down',
  'plan.read': 'Your plan was read',
  'enrolment.propose': 'Three transfers were proposed for you',
  'enrolment.approve': 'Your transfers were approved',
  'enrolment.cancel': 'Your transfers were cancelled',
  'enrolment-change.propose': 'A change of how or where you are paid was proposed',
  'enrolment-change.approve': 'A change of how or where you are paid was approved',
  'enrolment-change.decline': 'A change of how or where you are paid was declined',
  'transfer.give-up': 'A transfer was given up',
  'transfer.hold': 'A transfer was held',
  'transfer.end-hold': 'A transfer was let go on',
  'transfer.reissue': 'A transfer was put back to be paid again',
  'transfer.dispatch': 'A payment was sent to the mobile money operator',
  'transfer.not-sent': 'A payment was not sent',
  'transfer.payee-unreadable': 'It could not be read whom a payment goes to',
  'transfer.rail-evidence': 'The mobile money operator told of a payment',
  'transfer.propose-reversal': 'Somebody asked that a payment be taken back',
  'transfer.ask-reversal': 'The mobile money operator was asked to take a payment back',
  'transfer.stop': 'A payment that was on its way, or did not arrive, was stopped',
  'transfer.lift-stop': 'It was ended that a payment was stopped',
  'transfer.unknown-alert': 'It was raised that a transfer had been unknown for a day',
  'transfer.unknown-owner': 'Somebody was asked to find out whether a transfer arrived',
  'transfer.unknown': 'It was not known whether a transfer arrived',
  'transfer.late-success': 'A transfer turned out to have arrived',
  'transfer.leave-run': 'A transfer was taken out before it was sent',
});

/** What is not named here is said by its parts: "form.fold" gives "form: fold". */
function actWords(act: string): string {
  return ACTS[act] ? t(ACTS[act]) : act.replaceAll('-', ' ').replace('.', ': ');
}
