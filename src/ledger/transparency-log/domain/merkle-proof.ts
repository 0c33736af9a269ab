/** Proofs that a leaf is in a tree, and that a tree continues an older one (RFC 6962 sections 2.1.1 and 2.1.2). */
import { nodeHash } from './merkle-hash.js';
import { isSize, splitOf, subtreesOf, type LeafRange, type TreeNode } from './subtrees.js';

/** Where the hash of a complete subtree comes from. */
export interface NodeSource {
  node(level: number, index: number): Buffer;
}

/** The hashes that lead from leaf number `index` to the root of a tree of `treeSize` leaves, from the leaf upwards. */
export function inclusionProof(source: NodeSource, index: number, treeSize: number): Buffer[] {
  return inclusionRanges(index, treeSize).map((range) => rootOf(source, range));
}

/** The hashes that make both roots, of the first `oldSize` and of the first `newSize` leaves. Empty when one of them is trivial. */
export function consistencyProof(source: NodeSource, oldSize: number, newSize: number): Buffer[] {
  return consistencyRanges(oldSize, newSize).map((range) => rootOf(source, range));
}

/** What `inclusionProof` will ask its source for. */
export function nodesForInclusion(index: number, treeSize: number): TreeNode[] {
  return inclusionRanges(index, treeSize).flatMap(subtreesOf);
}

/** What `consistencyProof` will ask its source for. */
export function nodesForConsistency(oldSize: number, newSize: number): TreeNode[] {
  return consistencyRanges(oldSize, newSize).flatMap(subtreesOf);
}

function rootOf(source: NodeSource, range: LeafRange): Buffer {
  return subtreesOf(range)
    .map(({ level, index }) => source.node(level, index))
    .reduceRight((right, left) => nodeHash(left, right));
}

function inclusionRanges(index: number, treeSize: number): LeafRange[] {
  if (!isSize(index) || !isSize(treeSize) || index >= treeSize)
    throw new RangeError(`A tree of ${treeSize} leaves has no leaf number ${index}.`);
  return path(index, { start: 0, end: treeSize });
}

function consistencyRanges(oldSize: number, newSize: number): LeafRange[] {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize)
    throw new RangeError(`A tree of ${newSize} leaves cannot continue one of ${oldSize}.`);
  return oldSize === 0 ? [] : subproof(oldSize, { start: 0, end: newSize }, true);
}

/** PATH(m, D[n]) of RFC 6962 section 2.1.1, as the ranges whose roots it lists. */
function path(index: number, { start, end }: LeafRange): LeafRange[] {
  if (end - start === 1) return [];
  const middle = start + splitOf(end - start);
  const [left, right] = [
    { start, end: middle },
    { start: middle, end },
  ];
  return index < middle ? [...path(index, left), right] : [...path(index, right), left];
}

/** SUBPROOF(m, D[n], b) of RFC 6962 section 2.1.2: `isOldRoot` is its b, and `oldEnd` says where the old tree ends. */
function subproof(oldEnd: number, { start, end }: LeafRange, isOldRoot: boolean): LeafRange[] {
  if (oldEnd === end) return isOldRoot ? [] : [{ start, end }];
  const middle = start + splitOf(end - start);
  const [left, right] = [
    { start, end: middle },
    { start: middle, end },
  ];
  return oldEnd <= middle ? [...subproof(oldEnd, left, isOldRoot), right] : [...subproof(oldEnd, right, false), left];
}
