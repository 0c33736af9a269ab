/** Whether a proof of the log holds (RFC 9162 sections 2.1.3.2 and 2.1.4.2), with nothing that only one runtime has. */
import { concatBytes, equalBytes } from './bytes.js';
import { HASH_BYTES, type Primitives } from './primitives.js';
import { isSize } from './subtrees.js';

export interface InclusionClaim {
  leafHash: Uint8Array;
  index: number;
  treeSize: number;
  proof: readonly Uint8Array[];
  root: Uint8Array;
}

export interface ConsistencyClaim {
  oldSize: number;
  oldRoot: Uint8Array;
  newSize: number;
  newRoot: Uint8Array;
  proof: readonly Uint8Array[];
}

/** The hash under which the tree has a leaf with this content. */
export async function leafHashOf({ sha256 }: Primitives, data: Uint8Array): Promise<Uint8Array> {
  return sha256(concatBytes(Uint8Array.of(0x00), data));
}

/** Whether the leaf is number `index` of the tree with that size and root. */
export async function checkInclusion(primitives: Primitives, claim: InclusionClaim): Promise<boolean> {
  const { leafHash, index, treeSize, proof, root } = claim;
  if (!isSize(index) || !isSize(treeSize) || index >= treeSize) return false;
  if (![leafHash, root, ...proof].every(isHash)) return false;

  let [position, last, hash] = [index, treeSize - 1, leafHash];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (isRightChild(position) || position === last) {
      hash = await nodeHashOf(primitives, sibling, hash);
      // A last node without a sibling stands for itself on the levels above, until it is a right child.
      while (!isRightChild(position) && position !== 0) [position, last] = [half(position), half(last)];
    } else {
      hash = await nodeHashOf(primitives, hash, sibling);
    }
    [position, last] = [half(position), half(last)];
  }
  return last === 0 && equalBytes(hash, root);
}

/** Whether the new tree begins with all leaves of the old one, in their order. */
export async function checkConsistency(primitives: Primitives, claim: ConsistencyClaim): Promise<boolean> {
  const { oldSize, oldRoot, newSize, newRoot, proof } = claim;
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize) return false;
  if (![oldRoot, newRoot, ...proof].every(isHash)) return false;
  if (oldSize === 0 && !equalBytes(oldRoot, await primitives.sha256(new Uint8Array()))) return false;
  if (oldSize === newSize) return proof.length === 0 && equalBytes(oldRoot, newRoot);
  if (oldSize === 0) return proof.length === 0; // anything continues nothing
  if (proof.length === 0) return false;

  let [position, last] = [oldSize - 1, newSize - 1];
  while (isRightChild(position)) [position, last] = [half(position), half(last)];
  // The old tree is one complete subtree, so its root is where both walks begin, and the proof leaves it out.
  const [first, ...rest] = position === 0 ? [oldRoot, ...proof] : proof;
  if (!first) return false;

  let [oldHash, newHash] = [first, first];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (isRightChild(position) || position === last) {
      oldHash = await nodeHashOf(primitives, sibling, oldHash);
      newHash = await nodeHashOf(primitives, sibling, newHash);
      while (!isRightChild(position) && position !== 0) [position, last] = [half(position), half(last)];
    } else {
      newHash = await nodeHashOf(primitives, newHash, sibling);
    }
    [position, last] = [half(position), half(last)];
  }
  return last === 0 && equalBytes(oldHash, oldRoot) && equalBytes(newHash, newRoot);
}

async function nodeHashOf({ sha256 }: Primitives, left: Uint8Array, right: Uint8Array): Promise<Uint8Array> {
  return sha256(concatBytes(Uint8Array.of(0x01), left, right));
}

function isHash(bytes: Uint8Array): boolean {
  return bytes.length === HASH_BYTES;
}

function isRightChild(position: number): boolean {
  return position % 2 === 1;
}

// Positions pass 2^31, where >> would cut them off.
function half(position: number): number {
  return Math.floor(position / 2);
}
