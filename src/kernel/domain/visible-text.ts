/** Whether a text says something that can be seen: a space, a joiner or a filler is no name. The last four are letters of Hangul that are drawn as nothing. */
export const LETTER = /[^\P{L}\u115f\u1160\u3164\uffa0]/u;
export const LETTER_OR_DIGIT = /[^\P{L}\u115f\u1160\u3164\uffa0]|\p{N}/u;
