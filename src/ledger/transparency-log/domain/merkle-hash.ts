/** The hashes of the log's tree (RFC 6962 section 2.1): of a leaf, of a node, of a complete subtree. */
import { createHash, hash } from 'node:crypto';
import { HASH_BYTES } from './primitives.js';

/** How many hashes a tile holds, and how many levels of the tree it covers (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;
export const TILE_HEIGHT = 8;

/** The root of a tree without leaves. */
export const EMPTY_ROOT = createHash('sha256').digest();

// The prefixes keep a node from being passed off as a leaf.
const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

// Reused, and the digests travel as latin1 text, because that costs a third of what making a Buffer for each would.
// Nothing here waits, so no two hashes share them at one time.
let leafInput = Buffer.of(LEAF_PREFIX);
const nodeInput = Buffer.alloc(1 + 2 * HASH_BYTES, NODE_PREFIX);
const tile = Buffer.alloc(TILE_WIDTH * HASH_BYTES);

export function leafHash(data: Uint8Array): Buffer {
  const digest = Buffer.allocUnsafe(HASH_BYTES);
  leafHashInto(data, digest, 0);
  return digest;
}

export function leafHashInto(data: Uint8Array, out: Buffer, outAt: number): void {
  if (leafInput.length !== 1 + data.length) leafInput = Buffer.alloc(1 + data.length, LEAF_PREFIX);
  leafInput.set(data, 1);
  out.write(hash('sha256', leafInput, 'binary'), outAt, 'latin1');
}

export function nodeHash(left: Buffer, right: Buffer): Buffer {
  const digest = Buffer.allocUnsafe(HASH_BYTES);
  nodeHashInto(left, 0, right, 0, digest, 0);
  return digest;
}

/** Hashes that `left` and `right` hold at these places; the result may take the place of one of them. */
export function nodeHashInto(
  left: Buffer,
  leftAt: number,
  right: Buffer,
  rightAt: number,
  out: Buffer,
  outAt: number,
): void {
  left.copy(nodeInput, 1, leftAt, leftAt + HASH_BYTES);
  right.copy(nodeInput, 1 + HASH_BYTES, rightAt, rightAt + HASH_BYTES);
  out.write(hash('sha256', nodeInput, 'binary'), outAt, 'latin1');
}

/** The root over `count` neighbouring hashes in a tile's bytes, starting with number `first`; `count` is a power of two. */
export function subtreeRoot(hashes: Buffer, first: number, count: number): Buffer {
  hashes.copy(tile, 0, first * HASH_BYTES, (first + count) * HASH_BYTES);
  for (let width = count; width > 1; width /= 2)
    for (let pair = 0; pair < width / 2; pair++) {
      // The two lie side by side already.
      tile.copy(nodeInput, 1, 2 * pair * HASH_BYTES, 2 * (pair + 1) * HASH_BYTES);
      tile.write(hash('sha256', nodeInput, 'binary'), pair * HASH_BYTES, 'latin1');
    }
  return Buffer.from(tile.subarray(0, HASH_BYTES));
}

/** The root of a full tile, which is its hash in the tile above. */
export function tileRoot(hashes: Buffer): Buffer {
  if (hashes.length !== TILE_WIDTH * HASH_BYTES)
    throw new RangeError(`A full tile has ${TILE_WIDTH * HASH_BYTES} bytes, not ${hashes.length}.`);
  return subtreeRoot(hashes, 0, TILE_WIDTH);
}
