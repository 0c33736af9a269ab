/** In which language a page speaks, and what its sentences are in it. The key of a sentence is the English sentence itself. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { filled, Sentence, type Values } from '../../kernel/domain/sentence.js';
import { catalogues } from './catalogues.js';
import { languages, type Language } from './languages.js';

export interface Speaking {
  language: Language;
  /** Digits of the language's own script, also in amounts. */
  ownDigits: boolean;
  /** Years of the Buddhist era, where the language's country counts them. */
  buddhistYears: boolean;
  /** Letters of the language's script are sent to this device, which has none of its own: a wish of the device and not of whoever uses it. */
  letters?: boolean;
}

/** Gregorian years and Latin digits: what everybody reads who does not ask for others. */
export const plainly = (language: Language): Speaking => ({ language, ownDigits: false, buddhistYears: false });
const ENGLISH = plainly('en');
const spoken = new AsyncLocalStorage<Speaking>();

/** What is spoken while a request is answered; English anywhere else. */
export const speaking = (): Speaking => spoken.getStore() ?? ENGLISH;

export function whileSpeaking<Result>(how: Speaking, act: () => Result): Result {
  return spoken.run(how, act);
}

/** The same in another language, as for a client's card: in the digits and years that the reader of the page chose. */
export function inLanguage<Result>(language: Language, act: () => Result): Result {
  return spoken.run({ ...speaking(), language }, act);
}

/** The sentence in the language that is spoken, with its {places} filled; in English where the catalogue lacks it. A refusal brings its values along. */
export function t(sentence: string | Sentence, values: Values = {}): string {
  if (sentence instanceof Sentence) return t(sentence.text, sentence.values);
  return filled(catalogues[speaking().language]?.messages[sentence] ?? sentence, values);
}

/** The same for a count, which fills {n}. English has two forms; the others have one, and their catalogues hold the second. */
export function tn(count: number, one: string, other: string, values: Values = {}): string {
  const isOne = speaking().language === 'en' && count === 1;
  return t(isOne ? one : other, { n: inOwnDigits(count.toLocaleString(localeOf(speaking().language))), ...values });
}

/** Marks English that is translated later, when a page is made. */
export const msg = <Sentence extends string>(sentence: Sentence): Sentence => sentence;

/** The same for every text in a table of words. */
export const msgs = <Words>(words: Words): Words => words;

/** For Intl: Gregorian and in Latin digits, whatever the language's country is used to; `inOwnDigits` follows what the user asks for. */
export function localeOf(language: Language): string {
  return `${languages[language].locale}-u-ca-gregory-nu-latn`;
}

/** "9,000" in the digits of the language's own script when the user asks for them. */
export function inOwnDigits(text: string): string {
  const { language, ownDigits } = speaking();
  const { zero } = languages[language];
  if (!ownDigits || zero === undefined) return text;
  return text.replace(/[0-9]/g, (digit) => String.fromCodePoint(zero + Number(digit)));
}
