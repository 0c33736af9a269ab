/** Letters of other alphabets that look like Latin ones (the common ones of UTS 39), and Latin letters that have no decomposition. */
const PAIRS: readonly [alphabet: string, latin: string][] = [
  ['авекмнорстухісјһԁԛԝѕгӏё', 'abekmhopctyxicjhdqwsrle'],
  ['αβεζηικμνορτυχωγ', 'abeznikmvoptuxwy'],
  ['ասեհոուցքօգղ', 'wuehnnigpoqn'],
  ['øłđıħŧðɡɩɑʟɪ', 'oldihtdgialı'],
];

const LATIN = new Map(
  PAIRS.flatMap(([alphabet, latin]) => {
    const letters = [...latin];
    return [...alphabet].map((letter, index) => [letter, letters[index] ?? letter] as const);
  }),
);
const LIGATURES = new Map([
  ['æ', 'ae'],
  ['œ', 'oe'],
  ['þ', 'th'],
]);

/** The Latin letter that a small letter may be taken for; the letter itself when there is none. */
export function latinLookAlike(letter: string): string {
  return LATIN.get(letter) ?? LIGATURES.get(letter) ?? letter;
}
