/** The sentences of the pages in every language but English, whose sentences are the keys. Read once, from `config/languages`. */
import { readConfigJson } from '../../kernel/reference-data.js';
import { languageCodes, type Language } from './languages.js';

export interface Catalogue {
  /** Who reads the language from childhood on and has read all of it, with the day; null until somebody has. */
  reviewedBy: string | null;
  /** Whether it has every sentence; until then the rest is said in English. */
  isWhole: boolean;
  /** By the English sentence. */
  messages: Readonly<Record<string, string>>;
}

export const catalogues: Partial<Record<Language, Catalogue>> = Object.fromEntries(
  languageCodes
    .filter((code) => code !== 'en')
    .map((code) => {
      const { reviewedBy, isWhole, messages } = readConfigJson<Catalogue>(`languages/${code}.json`);
      // Without a prototype: "constructor" is no sentence.
      return [
        code,
        { reviewedBy, isWhole, messages: Object.assign(Object.create(null), messages) as Catalogue['messages'] },
      ];
    }),
);
