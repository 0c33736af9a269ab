/**
 * Everything held of a client, in words that the client can read. Works on whatever the holders tell: a field that is not known here is shown
 * under its own name, never left out.
 */
import type { ErasureCertificate } from '../clients/domain/erasure.js';
import type { HeldExport } from '../clients/rights/export.service.js';
import { printable } from '../kernel/domain/visible-text.js';
import { LABELS, VALUES } from './held-labels.js';
import { msgs, t, tn } from './languages/language.js';
import { countText, dayText, moneyText } from './wording.js';

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
  identification: 'What you told of how you were trafficked, and what an authority said of it',
  needsAssessments: 'What you said that you need',
  unfinishedInterviews: 'An interview that is not finished',
  spendingPlans: 'What you planned to do with the money',
  transfers: 'Money that was promised and paid to you',
  whoWorkedWithYou: 'Changes of your caseworker',
  possibleDuplicates: 'Whether you may be registered twice',
  emergencies: 'Emergencies in which somebody else opened your file',
  records: 'Who looked at or changed your data, and when',
});

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
    ...deletedLines(certificate.deleted).map((line) => `  ${line}`),
    '',
    t('What stays, and why:'),
    ...certificate.kept.map(({ what, why }) => `  ${t(what)}. ${t(why)}`),
    '',
    t('Proof: {proof}. Keep this: it is shown once, and only with it can the certificate be checked.', {
      proof: certificate.proof,
    }),
  ].join('\n');
}

/** For one and for more. */
const DELETED: Readonly<Record<string, readonly [string, string]>> = msgs({
  identityVersions: ['{n} version of who the client is', '{n} versions of who the client is'],
  dataKeys: [
    '{n} key, without which nothing that was sealed opens, in no backup either',
    '{n} keys, without which nothing that was sealed opens, in no backup either',
  ],
  searchTokens: [
    '{n} entry of the index by which somebody registered twice is found',
    '{n} entries of the index by which somebody registered twice is found',
  ],
  ownWords: ['{n} text in the client’s own words', '{n} texts in the client’s own words'],
  safeContactRules: ['{n} version of the rules of safe contact', '{n} versions of the rules of safe contact'],
  contactNotes: ['{n} note on contacts and emergencies', '{n} notes on contacts and emergencies'],
  identifications: ['{n} version of the identification', '{n} versions of the identification'],
  unfinishedInterviews: ['{n} interview that was not finished', '{n} interviews that were not finished'],
  caseNotes: ['{n} note of what was said and agreed', '{n} notes of what was said and agreed'],
  transfersEnded: [
    '{n} transfer that was owed and is not paid any more',
    '{n} transfers that were owed and are not paid any more',
  ],
  logSalts: [
    '{n} secret that tied payments in the public log to the client',
    '{n} secrets that tied payments in the public log to the client',
  ],
});

/** What an erasure deleted, one line for each kind. */
export function deletedLines(deleted: Record<string, number>): string[] {
  return Object.entries(deleted).map(([kind, count]) => {
    const sentences = DELETED[kind];
    return sentences ? tn(count, ...sentences) : `${countText(count)} ${labelOf(kind)}`;
  });
}

function contentOf(field: string, value: unknown): Pick<HeldLine, 'text' | 'lines'> {
  if (Array.isArray(value)) {
    if (value.length === 0) return { text: t('nothing') };
    if (value.every((one) => typeof one === 'string'))
      return { text: value.map((one) => wordsOf(field, one)).join('\n') };
    return { lines: value.map((one, index) => ({ label: `${countText(index + 1)}.`, ...contentOf(field, one) })) };
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
