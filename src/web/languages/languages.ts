/** The languages that pages and cards speak. */

export const languageCodes = ['en', 'th', 'my', 'lo', 'km', 'vi'] as const;
export type Language = (typeof languageCodes)[number];

interface LanguageFacts {
  /** In itself: whoever looks for it need not read another. */
  name: string;
  /** For Intl. */
  locale: string;
  /** Code point of the script's own zero, where it has digits of its own. */
  zero?: number;
  /** Whether the country where it is spoken counts years of the Buddhist era. */
  hasBuddhistYears?: true;
  /** ISO 15924, where a phone may lack letters of the script. */
  script?: 'Thai' | 'Mymr' | 'Laoo' | 'Khmr';
}

export const languages: Record<Language, LanguageFacts> = {
  en: { name: 'English', locale: 'en-GB' },
  th: { name: 'ไทย', locale: 'th-TH', zero: 0x0e50, hasBuddhistYears: true, script: 'Thai' },
  my: { name: 'မြန်မာ', locale: 'my-MM', zero: 0x1040, script: 'Mymr' },
  lo: { name: 'ລາວ', locale: 'lo-LA', zero: 0x0ed0, script: 'Laoo' },
  km: { name: 'ខ្មែរ', locale: 'km-KH', zero: 0x17e0, script: 'Khmr' },
  vi: { name: 'Tiếng Việt', locale: 'vi-VN' },
};

export function isLanguage(code: unknown): code is Language {
  return (languageCodes as readonly unknown[]).includes(code);
}
