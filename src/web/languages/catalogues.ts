/** The sentences of the pages in every language but English, whose sentences are the keys. Read once, from `config/languages`. */
import { readConfigJson } from '../../kernel/reference-data.js';
import { languageCodes, type Language } from './languages.js';

export interface Catalogue {
  /** Who reads the language from childhood on and has read all of it, with the day; null until somebody has. */
  reviewedBy: string | null;
  /** By the English sentence; what it lacks is said in English, and a test finds it. */
  messages: Readonly<Record<string, string>>;
}

export const catalogues: Partial<Record<Language, Catalogue>> = Object.fromEntries(
  languageCodes
    .filter((code) => code !== 'en')
    .map((code) => {
      const { reviewedBy, messages } = readConfigJson<Catalogue>(`languages/${code}.json`);
      // Without a prototype: "constructor" is no sentence.
      return [code, { reviewedBy, messages: Object.assign(Object.create(null), messages) as Catalogue['messages'] }];
    }),
);
