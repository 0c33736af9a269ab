/** Burmese typed for the Zawgyi font, which uses Unicode's code points for other letters: told by its letters, and converted. */
import myanmarTools from 'myanmar-tools';

const detector = new myanmarTools.ZawgyiDetector();
const converter = new myanmarTools.ZawgyiConverter();

/** Names are short. From here up, one in four hundred that is Unicode is taken for Zawgyi; the text as typed is kept and is looked for too. */
const SURELY = 0.999;
const SURELY_NOT = 0.01;

/**
 * What no keyboard for Zawgyi writes: letters that its font does not have, and the tones of S'gaw Karen under their asat, which stand for
 * stacked letters there. Without this the detector, which knows Burmese, takes most of what is written in Karen for Zawgyi.
 */
const ONLY_IN_UNICODE = /[\u103e\u103f\u1050-\u1059\u105b-\u105f\u1098-\u109f]|[\u1062\u1063]\u103a/u;

/** Words as they are kept: in Unicode, and as they were typed where that was Zawgyi, else null. */
export interface Words {
  text: string;
  original: string | null;
}

/**
 * What somebody wrote, of any length and in any script, in Unicode's composed form (NFC). Zawgyi is looked for line by line, as a letter
 * that was pasted in may be in the other encoding; of a line that is too short to be sure, all lines together decide.
 */
export function wordsInUnicode(typed: string): Words {
  const decide = fromZawgyi(typed) === null ? fromZawgyi : alsoAsZawgyi;
  const text = typed
    .split('\n')
    .map((line) => decide(line) ?? line)
    .join('\n');
  return { text: text.normalize('NFC'), original: text === typed ? null : typed };
}

/** The text in Unicode when it was surely typed in Zawgyi, else null. */
export function fromZawgyi(text: string): string | null {
  return reading(text, SURELY);
}

/** The other reading of a text of which nobody can be sure whether it is Zawgyi; null when that is clear or makes no difference. */
export function alsoAsZawgyi(text: string): string | null {
  return reading(text, SURELY_NOT);
}

function reading(text: string, atLeast: number): string | null {
  if (!/[\u1000-\u109f]/u.test(text) || ONLY_IN_UNICODE.test(text)) return null;
  if (detector.getZawgyiProbability(text) < atLeast) return null;
  const converted = converter.zawgyiToUnicode(text);
  return converted === text ? null : converted;
}
