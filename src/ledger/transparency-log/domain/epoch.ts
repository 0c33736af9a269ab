/** Builds an epoch of the log: leaves in random places, dummies in all the others, so that its size and order tell nothing. */
import { randomBytes, randomInt } from 'node:crypto';
import { dummyCommitments, leafHashOfCommitments } from './commitments.js';
import type { Frontier } from './frontier.js';
import { COMMITMENTS_BYTES } from './leaf-format.js';
import { TILE_WIDTH, tileRoot } from './merkle-hash.js';
import { HASH_BYTES } from './primitives.js';

/** An epoch has one of these sizes. It never shrinks, so that all its size tells is how busy the busiest time so far was, within four times. */
export const EPOCH_SIZES = [256, 1_024, 4_096, 16_384, 65_536] as const;
export type EpochSize = (typeof EPOCH_SIZES)[number];
export const LARGEST_EPOCH: EpochSize = 65_536;

/** The size of the next epoch: at least that of the last one, and enough for what waits (or the largest there is). */
export function nextEpochSize(waiting: number, last: EpochSize): EpochSize {
  return EPOCH_SIZES.find((size) => size >= last && size >= waiting) ?? LARGEST_EPOCH;
}

export interface NewTile {
  level: number;
  index: number;
  hashes: Buffer;
  root: Buffer;
}

export interface BuiltEpoch {
  size: EpochSize;
  dummyKey: Buffer;
  /** Place in the log of each leaf, in the order given. */
  indexes: number[];
  /** Tiles that this epoch makes full, lower levels first. */
  tiles: NewTile[];
}

/**
 * Places leaves (their commitments, 96 bytes each) in an epoch at the end of the tree and appends it to `frontier`. `rootsOf` answers the
 * roots of full tiles that are there already, for tiles of the next level.
 */
export async function buildEpoch(
  commitments: Buffer,
  size: EpochSize,
  frontier: Frontier,
  rootsOf: (level: number, from: number, through: number) => Promise<Buffer[]>,
): Promise<BuiltEpoch> {
  const firstIndex = frontier.size;
  const dummyKey = randomBytes(32);
  const places = randomPlaces(commitments.length / COMMITMENTS_BYTES, size);
  const all = dummyCommitments(dummyKey, size);
  places.forEach((place, leaf) =>
    commitments.copy(all, place * COMMITMENTS_BYTES, leaf * COMMITMENTS_BYTES, (leaf + 1) * COMMITMENTS_BYTES),
  );
  const hashes = Buffer.alloc(size * HASH_BYTES);
  for (let place = 0; place < size; place++)
    leafHashOfCommitments(all, place * COMMITMENTS_BYTES, hashes, place * HASH_BYTES);
  frontier.append(hashes);
  return {
    size,
    dummyKey,
    indexes: places.map((place) => firstIndex + place),
    tiles: await newTiles(hashes, firstIndex, rootsOf),
  };
}

/** So many different places below `size`, each as likely as any other (Fisher-Yates). */
function randomPlaces(count: number, size: number): number[] {
  const places = Array.from({ length: size }, (_, place) => place);
  for (let k = 0; k < count; k++) {
    const other = randomInt(k, size);
    [places[k], places[other]] = [places[other] ?? 0, places[k] ?? 0];
  }
  // The order of the leaves is that of the books; which places they got is what is random.
  return places.slice(0, count);
}

async function newTiles(
  hashes: Buffer,
  firstIndex: number,
  rootsOf: (level: number, from: number, through: number) => Promise<Buffer[]>,
): Promise<NewTile[]> {
  const tileBytes = TILE_WIDTH * HASH_BYTES;
  let fresh: NewTile[] = Array.from({ length: hashes.length / tileBytes }, (_, k) =>
    tileOf(0, firstIndex / TILE_WIDTH + k, hashes.subarray(k * tileBytes, (k + 1) * tileBytes)),
  );
  const tiles: NewTile[] = [...fresh];
  while (fresh.length > 0) {
    const level = (fresh[0] as NewTile).level;
    const full = fresh.filter((tile) => (tile.index + 1) % TILE_WIDTH === 0);
    const above: NewTile[] = [];
    for (const last of full) {
      const from = last.index - TILE_WIDTH + 1;
      const known = fresh.filter((tile) => tile.index >= from && tile.index <= last.index);
      const earlier = known.length < TILE_WIDTH ? await rootsOf(level, from, last.index - known.length) : [];
      above.push(
        tileOf(
          level + 1,
          (last.index + 1) / TILE_WIDTH - 1,
          Buffer.concat([...earlier, ...known.map((tile) => tile.root)]),
        ),
      );
    }
    tiles.push(...above);
    fresh = above;
  }
  return tiles;
}

function tileOf(level: number, index: number, hashes: Buffer): NewTile {
  return { level, index, hashes, root: tileRoot(hashes) };
}
