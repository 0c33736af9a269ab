/** Burmese typed for the Zawgyi font, which uses Unicode's code points for other letters: told by its letters, and converted. */
import myanmarTools from 'myanmar-tools';

const detector = new myanmarTools.ZawgyiDetector();
const converter = new myanmarTools.ZawgyiConverter();

/** Names are short. From here up, one in four hundred that is Unicode is taken for Zawgyi; the text as typed is kept and is looked for too. */
const SURELY = 0.999;
const SURELY_NOT = 0.01;

/** The text in Unicode when it was surely typed in Zawgyi, else null. */
export function fromZawgyi(text: string): string | null {
  return reading(text, SURELY);
}

/** The other reading of a text of which nobody can be sure whether it is Zawgyi; null when that is clear or makes no difference. */
export function alsoAsZawgyi(text: string): string | null {
  return reading(text, SURELY_NOT);
}

function reading(text: string, atLeast: number): string | null {
  if (!/[\u1000-\u109f]/u.test(text) || detector.getZawgyiProbability(text) < atLeast) return null;
  const converted = converter.zawgyiToUnicode(text);
  return converted === text ? null : converted;
}
