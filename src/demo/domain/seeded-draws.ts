/** Chance that can be repeated: the same seed and topic always draw the same things in the same order. */

export interface Draws {
  /** A whole number between the two, both included. */
  integer(from: number, to: number): number;
  /** One of the items; raises an error when there are none. */
  pick<T>(items: readonly T[]): T;
  /** A new array with the same items in another order. */
  shuffled<T>(items: readonly T[]): T[];
}

/** Each topic has a stream of its own, so that a new word in one list moves nothing in the others. */
export function seededDraws(seed: number, topic: string): Draws {
  const fraction = mulberry32(seed ^ fnv1a(topic));
  const integer = (from: number, to: number): number => from + Math.floor(fraction() * (to - from + 1));
  return {
    integer,
    pick: <T>(items: readonly T[]): T => {
      if (items.length === 0) throw new RangeError(`Nothing to draw from for ${topic}`);
      return items[integer(0, items.length - 1)] as T;
    },
    shuffled: <T>(items: readonly T[]): T[] =>
      items
        .map((item) => ({ item, place: fraction() }))
        .sort((one, other) => one.place - other.place)
        .map(({ item }) => item),
  };
}

/** Tommy Ettinger's mulberry32: 32 bits of state are plenty for a hundred clients. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function fnv1a(topic: string): number {
  let hash = 0x811c9dc5;
  for (const character of topic) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}
