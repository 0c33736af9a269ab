/** Chance that can be repeated: says its seed, and takes the one in UCT_TEST_SEED instead when that is set. */
import { randomInt } from 'node:crypto';

export interface Chance {
  readonly seed: number;
  /** A whole number between the two, both included. */
  integer(from: number, to: number): number;
  /** True so many times out of a hundred. */
  percent(share: number): boolean;
  pick<T>(items: readonly T[]): T;
  shuffled<T>(items: readonly T[]): T[];
  /** An id that the same seed gives again. */
  id(): string;
}

/** The seed of this run, printed so that a failure can be played again. */
export function seedFor(what: string): number {
  const seed = Number.parseInt(process.env.UCT_TEST_SEED ?? String(randomInt(2 ** 31)), 10);
  process.stdout.write(`${what}: seed ${seed} (again with UCT_TEST_SEED=${seed})\n`);
  return seed;
}

/** Where fast-check found a counterexample, from UCT_TEST_SEED=seed/path/replayPath. */
export function replayOf(): { path?: string; replayPath?: string } {
  const [, path, ...replay] = (process.env.UCT_TEST_SEED ?? '').split('/');
  return { path: path || undefined, replayPath: replay.join('/') || undefined };
}

interface Found {
  seed: number;
  counterexamplePath: string | null;
  counterexample: unknown;
}

/** What UCT_TEST_SEED must be for fast-check to find this counterexample at once. */
export function replaySeed({ seed, counterexamplePath, counterexample }: Found): string {
  const [, replayPath = ''] = /replayPath="([^"]*)"/.exec(String(counterexample)) ?? [];
  return [seed, counterexamplePath, replayPath].join('/');
}

export function chanceFor(what: string): Chance {
  return chanceOf(seedFor(what));
}

/** FNV-1a, 32 bits: any text as a seed. */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  // Tommy Ettinger's mulberry32.
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (from: number, to: number): number => from + Math.floor(fraction() * (to - from + 1));
  const hex = (digits: number): string => Array.from({ length: digits }, () => integer(0, 15).toString(16)).join('');
  return {
    seed,
    integer,
    percent: (share) => fraction() * 100 < share,
    pick: <T>(items: readonly T[]): T => {
      if (items.length === 0) throw new RangeError('nothing to pick from');
      return items[integer(0, items.length - 1)] as T;
    },
    shuffled: <T>(items: readonly T[]): T[] =>
      items
        .map((item) => ({ item, place: fraction() }))
        .sort((one, other) => one.place - other.place)
        .map(({ item }) => item),
    id: () => `${hex(8)}-${hex(4)}-7${hex(3)}-8${hex(3)}-${hex(12)}`,
  };
}
