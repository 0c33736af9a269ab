/** Plain words for what casework notes: languages, interpreters, contacts, case notes, and the reasons of emergency access. */
import type { NoteKind } from '../case-notes/domain/case-note.js';
import type { ConsentState } from '../clients/consents.service.js';
import type { Interpreter } from '../clients/domain/consent.js';
import type { EmergencyReason } from '../clients/domain/emergency.js';
import type { ContactChannel, ContactDirection, ContactOutcome } from '../clients/domain/safe-contact.js';
import { msg, msgs, t } from './languages/language.js';
import { consentWords, railWords } from './wording.js';

/** Those that are spoken most where clients come from; any other code is shown as it is. */
export const LANGUAGES: Record<string, string> = msgs({
  my: 'Burmese',
  th: 'Thai',
  lo: 'Lao',
  km: 'Khmer',
  shn: 'Shan',
  mnw: 'Mon',
  ksw: 'S’gaw Karen',
  kac: 'Kachin',
  rki: 'Rakhine',
  vi: 'Vietnamese',
  id: 'Indonesian',
  tl: 'Filipino',
  zh: 'Chinese',
  bn: 'Bengali',
  ne: 'Nepali',
  en: 'English',
});

export const INTERPRETERS: Record<Interpreter, string> = msgs({
  none: 'Nobody: in the client’s own language',
  staff: 'Somebody of ours',
  outside: 'An interpreter from outside',
  family: 'Somebody of the family',
});

export const CHANNELS: Record<ContactChannel, string> = msgs({
  call: 'Call',
  'text-message': 'Text message',
  messenger: 'Messenger app',
  'e-mail': 'E-mail',
  letter: 'Letter',
  visit: 'Visit to them',
  'at-our-office': 'At our office',
  'through-somebody': 'Through somebody they trust',
});

export const DIRECTIONS: Record<ContactDirection, string> = msgs({
  incoming: 'The client came to us',
  outgoing: 'We contacted the client',
});

export const OUTCOMES: Record<ContactOutcome, string> = msgs({
  reached: 'We spoke',
  'no-answer': 'No answer',
  'somebody-else-answered': 'Somebody else answered',
  'message-left': 'A message was left',
  'broken-off': 'Broken off',
});

export const NOTE_KINDS: Record<NoteKind, string> = msgs({
  conversation: 'A conversation',
  visit: 'A visit to them',
  call: 'A call',
  message: 'Messages',
  'with-provider': 'A talk with a provider',
  other: 'Something else',
});

export const EMERGENCY_REASONS: Record<EmergencyReason, string> = msgs({
  'client-in-danger': 'The client is in danger',
  medical: 'Illness or injury',
  'caseworker-not-there': 'Their caseworker cannot be reached, and it cannot wait',
  'client-asked': 'The client asks for help and their caseworker is not there',
  law: 'A court or an authority has to be answered, and it cannot wait',
});

const worded = (words: Record<string, string>) => (code: string | null | undefined) => {
  if (!code) return '';
  return words[code] ? t(words[code]) : code;
};

export const languageWords = worded(LANGUAGES);
export const interpreterWords = worded(INTERPRETERS);
export const channelWords = worded(CHANNELS);
export const directionWords = worded(DIRECTIONS);
export const outcomeWords = worded(OUTCOMES);
export const noteKindWords = worded(NOTE_KINDS);
export const emergencyWords = worded(EMERGENCY_REASONS);

/** "To be paid: cash", "To share named data: Clinic". */
export function consentScopeWords({ purpose, party }: Pick<ConsentState, 'purpose' | 'party'>): string {
  if (party === null) return consentWords(purpose);
  return t('{purpose}: {party}', {
    purpose: consentWords(purpose),
    party: purpose === 'be-paid' ? railWords(party) : party,
  });
}

/** What codes are called, as choices are made of them. */
export function wordsFor<Code extends string>(codes: readonly Code[], words: (code: Code) => string) {
  return Object.fromEntries(codes.map((code) => [code, words(code)]));
}

/** Choices of a select, with the one that was sent marked; the first is empty, so that nothing is chosen by itself. */
export function options(words: Record<string, string>, chosen: unknown, first: string = msg('Choose')): object[] {
  const entries = Object.entries(words).map(([value, text]) => ({ value, text: t(text), selected: value === chosen }));
  return [{ value: '', text: t(first) }, ...entries];
}
