/** Whether a text says something that can be seen: a space, a joiner or a filler is no name. The last four are letters of Hangul that are drawn as nothing. */
export const LETTER = /[^\P{L}\u115f\u1160\u3164\uffa0]/u;
export const LETTER_OR_DIGIT = /[^\P{L}\u115f\u1160\u3164\uffa0]|\p{N}/u;

/** What changes how the text around it is shown, or makes a terminal do something: control characters but line break and tab, and what turns the direction. */
export const UNPRINTABLE = /[^\P{Cc}\n\t]|[\p{Cs}\u202a-\u202e\u2066-\u2069]/u;
const EVERY_UNPRINTABLE = new RegExp(UNPRINTABLE, 'gu');

/** The same for a terminal, where what is left of such characters is seen and does nothing. */
export const printable = (text: string) => text.replaceAll('\r\n', '\n').replaceAll(EVERY_UNPRINTABLE, '\ufffd');
