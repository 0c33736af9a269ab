/** Names in the character set that every bank takes: SWIFT's X, Latin letters, digits and a few signs. What is not Latin is refused, never guessed. */

/** SWIFT character set X without line breaks. */
export const SWIFT_X = /^[a-zA-Z0-9/\-?:().,'+ ]*$/;

/** As banks print it: twice 35 characters, although the schema would take 140. */
export const LONGEST_NAME = 70;

/** Latin letters and signs that Unicode does not take apart into a plain letter and a mark. */
const WRITTEN_AS: Readonly<Record<string, string>> = {
  đ: 'd',
  Đ: 'D',
  ð: 'd',
  Ð: 'D',
  ø: 'o',
  Ø: 'O',
  ł: 'l',
  Ł: 'L',
  ħ: 'h',
  Ħ: 'H',
  ŧ: 't',
  Ŧ: 'T',
  ı: 'i',
  ŋ: 'ng',
  Ŋ: 'Ng',
  æ: 'ae',
  Æ: 'Ae',
  œ: 'oe',
  Œ: 'Oe',
  ß: 'ss',
  ẞ: 'Ss',
  þ: 'th',
  Þ: 'Th',
  '‘': "'",
  '’': "'",
  '`': "'",
  '´': "'",
  ʻ: "'",
  ʼ: "'",
  ʿ: "'",
  ʾ: "'",
  '‐': '-',
  '‑': '-',
  '–': '-',
  '—': '-',
  _: '-',
  '&': '+',
};

/**
 * The text in character set X, or null when any letter or digit of it has no Latin form: Thai, Burmese, Lao, Khmer, Chinese ... Other signs become
 * a space. At most `longest` characters, all of them of ASCII, so that no cut goes through one; null as well when no letter is left.
 */
export function latinText(text: string, longest = LONGEST_NAME): string | null {
  let latin = '';
  // The apostrophes and dashes first: taken apart, some of them would become a space and a mark.
  const replaced = Array.from(text, (char) => WRITTEN_AS[char] ?? char).join('');
  for (const char of replaced.normalize('NFKD')) {
    const written = WRITTEN_AS[char] ?? char;
    if (SWIFT_X.test(written)) latin += written;
    else if (/[\p{L}\p{N}]/u.test(char)) return null;
    else if (!/[\p{M}\p{Cf}]/u.test(char)) latin += ' ';
  }
  const tidy = latin
    .replace(/ +/g, ' ')
    .replace(/^[ \-:/+]+/, '')
    .slice(0, longest)
    .trim();
  return /[a-zA-Z]/.test(tidy) ? tidy : null;
}

export interface WrittenName {
  text: string;
  romanised?: string;
}

/**
 * The name that a payment is made out to: the account holder's where the account is in another spelling or in another person's name, else the
 * first of the names that can be written, as it was romanised before as it is spelt. Null when there is none.
 */
export function latinName(holder: string | undefined, names: readonly WrittenName[]): string | null {
  if (holder !== undefined) return latinText(holder);
  for (const { text, romanised } of names) {
    const latin = (romanised === undefined ? null : latinText(romanised)) ?? latinText(text);
    if (latin !== null) return latin;
  }
  return null;
}
