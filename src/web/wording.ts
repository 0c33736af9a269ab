/** How the pages say things: amounts, days, and plain words for what the code calls states. */
import type { Match } from '../clients/matching/domain/evidence.js';
import type { AwaitedBecause } from '../access/users/confirmations.service.js';
import type { ListedUser, SecondFactorState } from '../access/users/user-directory.service.js';
import type { PayeeKind } from '../clients/domain/identity.js';
import type { ConsentPurpose } from '../clients/domain/consent.js';
import type { LineStanding } from '../transfers/payment-list.service.js';
import type { RunWarning } from '../transfers/run-contents.js';
import type { LeftOut, RunSignature, RunState } from '../transfers/run-view.js';
import type { LeftOutReason } from '../transfers/rails/bank-file/domain/creditor.js';
import type { TransferState } from '../transfers/obligation.entity.js';
import type { AccountKind } from '../ledger/domain/entry.js';
import { countries } from '../kernel/reference-data.js';
import type { ReviewAct } from '../transfers/value/value-reviews.service.js';
import type { Confidence } from '../wage-index/domain/transfer-value.js';
import { inOwnDigits, localeOf, msg, msgs, speaking, t, tn } from './languages/language.js';
import { languages } from './languages/languages.js';
import { withMarks, type AmountMarks } from './written-amount.js';

const NO_BREAK_SPACE = '\u00a0';

/** A decimal string in groups of three, with its currency: "1053000.00" and "THB" give "1,053,000.00 THB". Never a number on the way. */
export function moneyText(amount: string, currency?: string): string {
  return withMarks(amount, amountMarks(), currency);
}

/** A count in groups of three: 131072 gives "131,072". */
export function countText(count: number): string {
  return moneyText(String(count));
}

/** A day of the calendar, whichever language the server speaks: "2016-01-31" gives "31 January 2016". */
export function dayText(day: string | null | undefined): string {
  const [, year = '', month = '', date = ''] = /^(\d{4})-(\d{2})-(\d{2})/.exec(day ?? '') ?? [];
  if (!isMonth(month)) return '';
  const at = new Date(Date.UTC(Number(year), Number(month) - 1, Number(date)));
  return inOwnDigits(dateFormat({ day: 'numeric', month: 'long', year: 'numeric' }).format(at)).replace(
    ' ',
    NO_BREAK_SPACE,
  );
}

/** A moment on the organisation's clock: "31 January 2016, 06:00". */
export function momentText(moment: string | Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB-u-ca-gregory-nu-latn', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(new Date(moment));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((candidate) => candidate.type === type)?.value ?? '';
  const time = inOwnDigits(`${part('hour')}:${part('minute')}`);
  return `${dayText(`${part('year')}-${part('month')}-${part('day')}`)}, ${time}`;
}

/** "2015-Q3" gives "July to September 2015". */
export function quarterText(period: string): string {
  const [, year = '', quarter = ''] = /^(\d{4})-Q([1-4])$/.exec(period) ?? [];
  if (year === '') return period;
  const [first, last] = [0, 2].map((after) => new Date(Date.UTC(Number(year), (Number(quarter) - 1) * 3 + after, 1)));
  return t('{first} to {last}', {
    first: dateFormat({ month: 'long' }).format(first),
    last: inOwnDigits(dateFormat({ month: 'long', year: 'numeric' }).format(last)),
  });
}

const isMonth = (month: string) => Number(month) >= 1 && Number(month) <= 12;

/** Of the calendar that the user asked for. */
function dateFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const { language, buddhistYears } = speaking();
  const locale = localeOf(language).replace('gregory', buddhistYears ? 'buddhist' : 'gregory');
  return kept(
    `${locale} ${Object.keys(options).join()}`,
    () => new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }),
  );
}

/** The marks and digits of amounts in the language that is spoken; what is typed on its pages is read by the same. */
export function amountMarks(): AmountMarks {
  const { language, ownDigits } = speaking();
  const locale = localeOf(language);
  const marks = kept(`marks ${locale}`, () => {
    const parts = new Intl.NumberFormat(locale, { minimumFractionDigits: 1 }).formatToParts(1_234_567);
    const partOf = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
    return { group: partOf('group'), decimal: partOf('decimal') === ',' ? (',' as const) : ('.' as const) };
  });
  return { ...marks, zero: (ownDigits && languages[language].zero) || null };
}

/** Making a format takes longer than a whole page; there are a few for each language. */
const formats = new Map<string, unknown>();
function kept<Format>(name: string, make: () => Format): Format {
  if (!formats.has(name)) formats.set(name, make());
  return formats.get(name) as Format;
}

export function countryName(code: string | null): string {
  if (code === null) return t('All countries');
  const { language } = speaking();
  const known = countries.find((country) => country.code === code);
  if (language === 'en' || !known) return known?.name ?? code;
  const names = kept(`countries ${language}`, () => new Intl.DisplayNames([localeOf(language)], { type: 'region' }));
  return names.of(code) ?? known.name;
}

/** A slug as a name: "benjina" gives "Benjina". */
export function nameOfSlug(slug: string): string {
  const spaced = slug.replaceAll('-', ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

export interface Worded {
  words: string;
  /** Colour class of the tag; the words alone carry the meaning. */
  colour: 'grey' | 'green' | 'teal' | 'blue' | 'orange' | 'red' | 'yellow';
}

const TRANSFER_STATES: Record<TransferState, Worded> = msgs({
  planned: { words: 'planned', colour: 'grey' },
  scheduled: { words: 'scheduled', colour: 'grey' },
  on_hold: { words: 'on hold', colour: 'yellow' },
  in_run: { words: 'in a run', colour: 'blue' },
  approved: { words: 'approved', colour: 'blue' },
  instructed: { words: 'sent', colour: 'teal' },
  accepted: { words: 'accepted', colour: 'teal' },
  settled: { words: 'paid', colour: 'green' },
  failed: { words: 'failed', colour: 'red' },
  unknown: { words: 'being checked', colour: 'orange' },
  returned: { words: 'came back', colour: 'red' },
  reversed: { words: 'reversed', colour: 'red' },
  cancelled: { words: 'cancelled', colour: 'grey' },
});

const RUN_STATES: Record<RunState, Worded> = msgs({
  prepared: { words: 'waits for approval', colour: 'yellow' },
  approved: { words: 'waits for release', colour: 'blue' },
  released: { words: 'released', colour: 'green' },
  'sent-back': { words: 'sent back', colour: 'grey' },
});

/** States in the order in which a transfer passes through them, as the pages list them. */
export const statesInOrder = Object.keys(TRANSFER_STATES) as TransferState[];

export function transferState(state: string): Worded {
  return TRANSFER_STATES[state as TransferState] ?? { words: state, colour: 'grey' };
}

export function runState(state: string): Worded {
  return RUN_STATES[state as RunState] ?? { words: state, colour: 'grey' };
}

const SIGNED: Record<RunSignature['act'], string> = msgs({
  prepare: 'Prepared',
  approve: 'Approved',
  release: 'Released',
  'send-back': 'Sent back',
});

const LEFT_OUT: Record<LeftOut['reason'], string> = msgs({
  unfunded: 'the fund does not hold enough for them',
  'second-in-month': 'it would be a second instalment in one month: that is paid in a catch-up run',
  'no-consent': 'there is no consent to be paid, or no guardian on record',
});

const LEFT_OUT_OF_FILE: Record<LeftOutReason, string> = msgs({
  'may-not-be-paid': 'there is no consent to be paid by a bank any more, or no guardian on record',
  stopped: 'it was stopped, by the client’s wish or for safety',
  'no-payee': 'there is no account on record',
  'payee-not-at-a-bank': 'what is on record is a number with a mobile money operator',
  'bank-code-missing': 'the account’s bank has no BIC or clearing number on record',
  'account-not-writable': 'the account number is too long, or has other than Latin letters and digits',
  'iban-wrong': 'the check digits of the IBAN are wrong',
  'name-not-latin': 'the name cannot be written in Latin letters: record it romanised, or the account holder’s',
  'name-reveals': 'the account holder’s name would say what the payment is for',
  'cell-like-a-formula': 'a spreadsheet would take the account number for a formula, which this bank’s layout refuses',
});

const ACCOUNTS: Record<AccountKind, string> = msgs({
  bank: 'At the bank',
  clearing: 'In clearing',
  float: 'Cash float',
  paid: 'Paid to clients',
  fund: 'In the fund, not promised',
  committed: 'Committed to clients',
  returned: 'Came back of what was paid',
  exchange: 'Left over by exchange',
});

const RAILS: Record<string, string> = msgs({
  cash: 'cash',
  'bank-file': 'bank transfer by file',
  'mobile-money': 'mobile money',
  manual: 'bank transfer',
});

/** What a value review makes of a transfer. */
const REVIEW_ACTS: Record<ReviewAct, string> = msgs({
  raise: 'is worth more',
  'top-up': 'is in a run, sent or paid: the difference is paid beside it',
  keep: 'stays as it was approved',
  none: 'ended, so nothing is added',
});

const CONFIDENCES: Record<Confidence, string> = msgs({
  official: 'read in the instrument itself',
  reported: 'as others report it',
  unconfirmed: 'to be looked at again',
});

const CONSENTS: Record<ConsentPurpose, string> = msgs({
  'hold-data': 'To hold data',
  'be-paid': 'To be paid',
  share: 'To share named data',
  'be-quoted': 'To be quoted without name',
  'be-contacted': 'To be contacted',
});

const MATCHES: Record<Match, string> = msgs({
  'same-document': 'The number of a document is the same',
  'same-account': 'The account is the same',
  'same-phone': 'A phone number is the same',
  'same-name': 'A name is the same, or written another way',
  'near-name': 'A name differs in one letter',
  'birth-date-agrees': 'The date of birth is the same',
  'birth-date-near': 'The date of birth is nearly the same',
});

const LINE_STANDINGS: Record<LineStanding, string> = msgs({
  'not-yet': 'Not yet: the run is not released, or not instructed',
  'to-pay': 'Pay',
  'by-file': 'Do not pay by hand: it goes by a file for the bank',
  'by-operator': 'Do not pay by hand: it goes through the mobile money operator',
  'by-voucher': 'Do not pay from this list: a voucher stands for it, and its envelope is handed out under “Cash”',
  stopped: 'Do not pay: it was stopped, by the client’s wish or for safety. If it was paid before, record that',
  unreadable: 'Do not pay: whom it goes to cannot be read at the moment. Tell whoever runs the service',
  unknown: 'Do not pay again: nobody knows yet whether it arrived',
  'may-not-be-paid': 'Do not pay: consent was withdrawn or a guardian is missing. If it was paid before, record that',
  paid: 'Paid',
  'did-not-arrive': 'Do not pay: it failed or came back',
  'left-run': 'Do not pay: it left this run',
});

const RUN_WARNINGS: Record<RunWarning['code'], string> = msgs({
  'payee-changed': 'Whom they are paid to was changed in the last seven days: {count}.',
  'account-of-another-client': 'Paid to an account that another client has too: {count}. Families share; make sure.',
  'account-of-staff': 'Paid to an account that belongs to somebody who works here: {count}.',
  'new-value': 'By a value that nobody in the country was paid by before: {count}.',
  'fund-short': 'What is left then does not cover the next five weeks: {count}.',
  'too-few-approvers': 'Fewer people can approve than it needs: {count} missing.',
  'calendar-missing':
    'There is no calendar of holidays, so ask whether banks and offices are open on the day: {count}.',
});

/** What to look at twice in a run, with how many it is about. */
export function runWarningWords({ code, count, fund, country, year }: RunWarning): string {
  const counted = code === 'too-few-approvers' ? countText(count) : tn(count, '{n} transfer', '{n} transfers');
  const about = t(RUN_WARNINGS[code], { count: counted });
  if (fund) return t('Fund {fund}. {about}', { fund, about });
  return country
    ? t('{country} in {year}. {about}', { country: countryName(country), year: year ?? '', about })
    : about;
}

const TOLD: Record<string, string> = msgs({
  accepted: 'Taken on',
  silence: 'Nothing was heard',
  unclear: 'Not clear',
  settled: 'Paid',
  failed: 'Not paid',
  returned: 'Came back',
  reversed: 'Taken back',
  'resolved-paid': 'Found out: it arrived',
  'resolved-not-paid': 'Found out: it did not arrive',
});

const HOLD_REASONS: Record<string, string> = msgs({
  'client-wish': 'the client wishes it',
  safety: 'paying now could endanger the client',
});

const AGE_BANDS: Record<string, string> = msgs({
  adult: 'Adult',
  child: 'Child',
  unknown: 'Age not certain: presumed a child',
});

/** "Firefox on Linux", as a session keeps it of a browser. */
export function deviceText(agent: string): string {
  const [, browser, system] = /^(.+) on (.+)$/.exec(agent) ?? [];
  if (browser && system) return t('{browser} on {system}', { browser, system });
  return agent === A_PROGRAM ? t(A_PROGRAM) : agent;
}
const A_PROGRAM = msg('A program');

/** Scripts that names are written in here, by their ISO 15924 codes. */
export const scriptNames: Record<string, string> = msgs({
  Mymr: 'Burmese, Mon, Shan or Karen',
  Thai: 'Thai',
  Laoo: 'Lao',
  Khmr: 'Khmer',
  Latn: 'Latin',
  Beng: 'Bengali',
  Deva: 'Devanagari',
  Arab: 'Arabic or Rohingya',
  Hani: 'Chinese',
});

const PAYEE_KINDS: Record<PayeeKind, string> = msgs({
  iban: 'IBAN',
  'mobile-proxy': 'account found by mobile number',
  'national-id-proxy': 'account found by national identity number',
  'e-wallet-proxy': 'account found by e-wallet number',
  wallet: 'mobile money number',
});

/** What a payee's number is. */
export const payeeKindWords = (kind?: PayeeKind) => t(kind ? PAYEE_KINDS[kind] : 'account');

const ROLES: Record<string, string> = msgs({
  caseworker: 'caseworker',
  supervisor: 'supervisor',
  'finance-preparer': 'finance, prepares',
  'finance-approver': 'finance, approves',
  'finance-releaser': 'finance, releases',
  donor: 'donor',
  auditor: 'auditor',
  administrator: 'administrator',
});

const SECOND_FACTORS: Record<SecondFactorState, string> = msgs({
  'set-up': 'set up',
  missing: 'not set up yet: asked for at the next sign-in',
  'not-asked': 'not set up',
  waived: 'excused, as in a demonstration',
});

/** What the list of users says of one: the first of these that is so. */
export function userState(user: Pick<ListedUser, 'disabledAt' | 'lockedUntil' | 'hasPassword' | 'awaited'>): Worded {
  if (user.disabledAt) return { words: msg('disabled'), colour: 'grey' };
  if (user.lockedUntil) return { words: msg('locked out'), colour: 'red' };
  if (user.awaited.length > 0) return { words: msg('to be confirmed'), colour: 'orange' };
  if (!user.hasPassword) return { words: msg('no password yet'), colour: 'yellow' };
  return { words: msg('can sign in'), colour: 'green' };
}

/** Said to who administers and to whom it was done. */
const AWAITED: Record<AwaitedBecause, string> = msgs({
  invitation: 'Came in by an invitation',
  'reset-link': 'Came in by a link for a new password',
  'external-identity': 'Came in invited, with the organisation’s own sign-in',
  'external-identity-unbound': 'Was unbound from an account of the organisation’s own sign-in',
  'second-factor-reset': 'Lost the second factor',
  roles: 'Was given roles',
  enabled: 'Was let in again',
  team: 'Supervises another team',
});

const WITHHELD: Record<string, string> = msgs({
  'fewer-than-11-clients':
    'Fewer than 11 people stand behind these numbers. With so few, somebody could be recognised.',
  'fewer-than-3-case-groups':
    'The people come from fewer than three cases. Whoever knows one of those cases could recognise them.',
  'one-case-group-dominates':
    'More than two thirds of the people come from one case. The numbers would describe that case.',
  'fewer-than-33-clients':
    'Fewer than 33 people have been reached. With so few, a table of their priorities could let somebody be recognised.',
});

export const worded = (words: Record<string, string>) => (code: string) => (words[code] ? t(words[code]) : code);

export const signedWords = worded(SIGNED);
export const leftOutWords = worded(LEFT_OUT);
export const leftOutOfFileWords = worded(LEFT_OUT_OF_FILE);
export const railWords = worded(RAILS);
export const toldWords = worded(TOLD);
export const reviewActWords = worded(REVIEW_ACTS);
export const confidenceWords = worded(CONFIDENCES);
export const consentWords = worded(CONSENTS);
export const matchWords = worded(MATCHES);
export const holdWords = worded(HOLD_REASONS);
export const lineStandingWords = worded(LINE_STANDINGS);
export const ageWords = worded(AGE_BANDS);
export const roleWords = worded(ROLES);
export const secondFactorWords = worded(SECOND_FACTORS);
export const awaitedWords = worded(AWAITED);
export const scriptWords = worded(scriptNames);
export const withheldWords = worded(WITHHELD);

/** The trial balance's name of an account in words: "clearing:cash" gives "In clearing (cash)". */
export function accountWords(account: string): string {
  const [kind = '', rail] = account.split(':');
  const words = t(ACCOUNTS[kind as AccountKind] ?? account);
  return rail ? `${words} (${railWords(rail)})` : words;
}

/** A rail or a country, whichever a change of an enrolment is about. */
export const railOrCountry = (code: string): string => (RAILS[code] ? railWords(code) : countryName(code));
