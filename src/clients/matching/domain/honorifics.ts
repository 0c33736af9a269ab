/** Words of respect before a name. They may be part of the name (Ma Aye, Ko Ko, U in the end), so a name is always kept with them too. */
const BEFORE_A_SPACE = new Set(
  (
    'u daw ko ma maung mg ashin nai nang mi sai nan saw naw sa salai mai khun sao thao nang lok neak oknha bong nong phi pa ' +
    'mr mrs ms miss mister dr ong ba anh chi'
  ).split(' '),
);

/** Written without a space after them; the longest first. */
const JOINED = [
  'ဒေါ်',
  'မောင်',
  'ဦး',
  'ကို',
  'မ',
  'นางสาว',
  'นาง',
  'นาย',
  'น.ส.',
  'ด.ช.',
  'ด.ญ.',
  'ທ້າວ',
  'ນາງ',
  'លោក',
  'អ្នកស្រី',
  'កញ្ញា',
];

/** A syllable of its own: not a vowel or mark, nor a letter that only closes the syllable before. */
const BEGINS_A_SYLLABLE = /^\s*\p{L}(?!\u1037?[\u1039\u103a])/u;

/** The name without the word of respect at its beginning; null when it has none, or nothing would be left. */
export function withoutHonorific(name: string): string | null {
  const text = name.trim();
  const [, word = '', rest = ''] = /^([\p{L}\p{M}]+)[.\s]+(.+)$/su.exec(text) ?? [];
  if (rest && BEFORE_A_SPACE.has(word.toLowerCase())) return rest;
  const honorific = JOINED.find((candidate) => text.startsWith(candidate));
  const left = honorific ? text.slice(honorific.length) : '';
  return BEGINS_A_SYLLABLE.test(left) ? left : null;
}
