/**
 * By what a name is found again. Two names share a form when they are the same or one slip apart: leaving one letter out of each makes them equal
 * after one letter was added, left out, mistaken or swapped with its neighbour (deletion neighbourhoods, as SymSpell has them).
 */
import { alsoAsZawgyi } from '../../../kernel/domain/zawgyi.js';
import type { ClientName } from '../../domain/identity.js';
import { withoutHonorific } from './honorifics.js';
import { skeleton } from './skeleton.js';

export interface NameForms {
  /** The names themselves, in every reading and with their words in alphabetical order. */
  whole: string[];
  /** The names with one letter left out. */
  slipped: string[];
}

/** In a shorter name one slip makes another name of it. */
const SHORTEST_WITH_SLIPS = 5;
const LONGEST = 60;

export function nameForms(names: readonly ClientName[]): NameForms {
  const spellings = unique(names.flatMap(({ text, romanised }) => [text, romanised ?? '']));
  const plain = spellings.map((spelling) => withoutHonorific(spelling) ?? spelling);
  const typed = unique([...spellings, ...plain, ...names.map(({ original }) => original ?? '')]);
  const readings = [...typed, ...typed.map((text) => alsoAsZawgyi(text) ?? '')];
  const sure = unique(plain.map(inBounds));
  const whole = unique([...sure, ...readings.map(inBounds), ...readings.map(inOrder)]);
  const slipped = unique(sure.flatMap(withOneLeftOut)).filter((form) => !whole.includes(form));
  return { whole, slipped };
}

/** Given name first or family name first: where the words are apart, their order is not looked at. */
function inOrder(name: string): string {
  const words = name.split(/[\s,]+/u);
  return words.length > 1 ? inBounds(words.map(skeleton).sort().join('')) : '';
}

function withOneLeftOut(name: string): string[] {
  const letters = [...name];
  if (letters.length < SHORTEST_WITH_SLIPS) return [];
  return letters.map((_, index) => letters.toSpliced(index, 1).join(''));
}

function inBounds(name: string): string {
  return skeleton(name).slice(0, LONGEST);
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)].filter((text) => text.length > 1);
