import { describe, expect, it } from '@jest/globals';
import { chanceFor } from '../../../../test/support/chance.js';
import { numberedLeaves, ReferenceTree } from '../../../../test/support/reference-tree.js';
import { nodePrimitives } from './node-primitives.js';
import {
  checkConsistency,
  checkInclusion,
  leafHashOf,
  type ConsistencyClaim,
  type InclusionClaim,
} from './proof-check.js';

const MOST = 300;
const leaves = numberedLeaves(MOST);
const tree = new ReferenceTree(leaves);
const other = new ReferenceTree(leaves.map((leaf) => Buffer.concat([leaf, Buffer.from('!')])));

const inclusionOf = (index: number, treeSize: number): InclusionClaim => ({
  leafHash: tree.root(index + 1, index),
  index,
  treeSize,
  proof: tree.path(index, treeSize),
  root: tree.root(treeSize),
});
const consistencyOf = (oldSize: number, newSize: number): ConsistencyClaim => ({
  oldSize,
  oldRoot: tree.root(oldSize),
  newSize,
  newRoot: tree.root(newSize),
  proof: oldSize === 0 ? [] : tree.proof(oldSize, newSize),
});
const isIncluded = (claim: InclusionClaim) => checkInclusion(nodePrimitives, claim);
const isConsistent = (claim: ConsistencyClaim) => checkConsistency(nodePrimitives, claim);

/** Every copy of the hash with one byte changed. */
function spoiled(hash: Uint8Array, by = 0x01): Uint8Array[] {
  return Array.from(hash, (byte, at) => Buffer.from(hash).fill(byte ^ by, at, at + 1));
}

const replaced = (proof: readonly Uint8Array[], at: number, hash: Uint8Array) =>
  proof.map((one, index) => (index === at ? hash : one));

/** The proof with something left out, added or out of place. */
function misshapen(proof: readonly Uint8Array[]): Uint8Array[][] {
  const stray = Buffer.alloc(32, 7);
  return [
    [stray, ...proof],
    [...proof, stray],
    ...(proof.length > 0 ? [[], proof.slice(1), proof.slice(0, -1), [...proof, proof[0] as Uint8Array]] : []),
    ...(proof.length > 1 ? [[...proof].reverse()] : []),
    ...proof.flatMap((hash, at) => [
      replaced(proof, at, hash.slice(0, 31)),
      replaced(proof, at, Buffer.concat([hash, Buffer.of(0)])),
    ]),
  ];
}

function inclusionMutants(claim: InclusionClaim): InclusionClaim[] {
  return [
    ...spoiled(claim.leafHash).map((leafHash) => ({ ...claim, leafHash })),
    ...spoiled(claim.root).map((root) => ({ ...claim, root })),
    ...claim.proof.flatMap((hash, at) =>
      spoiled(hash).map((changed) => ({ ...claim, proof: replaced(claim.proof, at, changed) })),
    ),
    ...misshapen(claim.proof).map((proof) => ({ ...claim, proof })),
  ];
}

function consistencyMutants(claim: ConsistencyClaim): ConsistencyClaim[] {
  return [
    ...spoiled(claim.oldRoot).map((oldRoot) => ({ ...claim, oldRoot })),
    // What continues nothing may be anything.
    ...(claim.oldSize === 0 ? [] : spoiled(claim.newRoot).map((newRoot) => ({ ...claim, newRoot }))),
    ...claim.proof.flatMap((hash, at) =>
      spoiled(hash).map((changed) => ({ ...claim, proof: replaced(claim.proof, at, changed) })),
    ),
    ...misshapen(claim.proof).map((proof) => ({ ...claim, proof })),
  ];
}

const notSizes = [-1, 0.5, NaN, Infinity, 2 ** 53];

describe('the check of an inclusion', () => {
  it.each([1, 2, 3, 7, 8, 13, 64])('fails in a tree of %i when any byte or the shape was changed', async (treeSize) => {
    for (let index = 0; index < treeSize; index++) {
      const claim = inclusionOf(index, treeSize);
      expect(await isIncluded(claim)).toBe(true);
      for (const mutant of inclusionMutants(claim)) expect(await isIncluded(mutant)).toBe(false);
    }
  });

  it('fails for the same leaf at any other place', async () => {
    for (const treeSize of [2, 3, 7, 8, 13, 64])
      for (let index = 0; index < treeSize; index++)
        for (let place = 0; place <= treeSize; place++)
          expect(await isIncluded({ ...inclusionOf(index, treeSize), index: place })).toBe(place === index);
  });

  it('fails for a node shown as a leaf', async () => {
    const [index, treeSize] = [0, 4];
    const claim = { leafHash: tree.root(2), index, treeSize: 2, proof: [tree.root(4, 2)], root: tree.root(treeSize) };
    expect(await isIncluded(claim)).toBe(true); // of two leaves that are nodes: hence the prefix, which the content passes
    const content = Buffer.concat([tree.root(1), tree.root(2, 1)]);
    expect(await isIncluded({ ...claim, leafHash: await leafHashOf(nodePrimitives, content) })).toBe(false);
  });

  it('fails for the last leaf of a tree shown as the last of a smaller one, and the other way round', async () => {
    for (const [real, claimed] of [
      [8, 1],
      [8, 4],
      [16, 2],
      [4, 8],
      [1, 2],
    ] as const)
      expect(await isIncluded({ ...inclusionOf(real - 1, real), index: claimed - 1, treeSize: claimed })).toBe(false);
  });

  it('fails when a hash lends a byte to its neighbour', async () => {
    const { leafHash, proof, ...claim } = inclusionOf(0, 2);
    const both = Buffer.concat([leafHash, ...proof]);
    expect(await isIncluded({ ...claim, leafHash: both.subarray(0, 33), proof: [both.subarray(33)] })).toBe(false);
    const short = leafHash.slice(0, 31);
    expect(await isIncluded({ leafHash: short, index: 0, treeSize: 1, proof: [], root: short })).toBe(false);
  });

  it('fails for numbers that are no size', async () => {
    for (const number of notSizes) {
      expect(await isIncluded({ ...inclusionOf(0, 1), index: number })).toBe(false);
      expect(await isIncluded({ ...inclusionOf(0, 1), treeSize: number })).toBe(false);
    }
    expect(await isIncluded({ ...inclusionOf(0, 1), index: 1 })).toBe(false);
    expect(await isIncluded({ ...inclusionOf(0, 1), treeSize: 0 })).toBe(false);
  });

  it('takes the hash of the content that the tree took', async () => {
    expect(await leafHashOf(nodePrimitives, leaves[7] as Buffer)).toEqual(tree.root(8, 7));
  });
});

describe('the check of a consistency', () => {
  it.each([1, 2, 3, 7, 8, 13, 64])(
    'fails up to a tree of %i when any byte or the shape was changed',
    async (newSize) => {
      for (let oldSize = 0; oldSize <= newSize; oldSize++) {
        const claim = consistencyOf(oldSize, newSize);
        expect(await isConsistent(claim)).toBe(true);
        for (const mutant of consistencyMutants(claim)) expect(await isConsistent(mutant)).toBe(false);
      }
    },
  );

  it('fails for another history of the same length, whichever proof is given', async () => {
    for (const [oldSize, newSize] of [
      [1, 2],
      [4, 8],
      [5, 8],
      [8, 8],
      [100, 256],
    ] as const)
      for (const proof of [tree.proof(oldSize, newSize), other.proof(oldSize, newSize), []])
        expect(await isConsistent({ ...consistencyOf(oldSize, newSize), newRoot: other.root(newSize), proof })).toBe(
          false,
        );
  });

  it('fails for two trees shown with the sizes of two others', async () => {
    for (const [oldSize, newSize, oldClaimed, newClaimed] of [
      [7, 8, 3, 4],
      [7, 8, 1, 2],
      [3, 4, 3, 8],
      [3, 4, 7, 8],
      [4, 8, 4, 16],
    ] as const)
      expect(await isConsistent({ ...consistencyOf(oldSize, newSize), oldSize: oldClaimed, newSize: newClaimed })).toBe(
        false,
      );
  });

  it('fails when a hash lends a byte to its neighbour', async () => {
    const { oldRoot, proof, ...claim } = consistencyOf(1, 2);
    const both = Buffer.concat([oldRoot, ...proof]);
    expect(await isConsistent({ ...claim, oldRoot: both.subarray(0, 33), proof: [both.subarray(33)] })).toBe(false);
    const short = oldRoot.slice(0, 31);
    const same = { oldSize: 1, newSize: 1, oldRoot: short, newRoot: short, proof: [] };
    expect(await isConsistent(same)).toBe(false);
  });

  it('lets anything continue an empty tree, if it is called by its own root', async () => {
    expect(await isConsistent({ ...consistencyOf(0, 9), newRoot: other.root(9) })).toBe(true);
    expect(await isConsistent({ ...consistencyOf(0, 9), oldRoot: tree.root(1) })).toBe(false);
    expect(await isConsistent({ ...consistencyOf(0, 0), oldRoot: tree.root(1), newRoot: tree.root(1) })).toBe(false);
  });

  it('fails backwards and for numbers that are no size', async () => {
    expect(await isConsistent({ ...consistencyOf(3, 8), oldSize: 8, newSize: 3 })).toBe(false);
    for (const number of notSizes) {
      expect(await isConsistent({ ...consistencyOf(1, 1), oldSize: number })).toBe(false);
      expect(await isConsistent({ ...consistencyOf(1, 1), newSize: number })).toBe(false);
    }
  });
});

it('both checks fail for chance changes in trees of chance sizes', async () => {
  const chance = chanceFor('changes to proofs');
  for (let round = 0; round < 300; round++) {
    const size = chance.integer(1, MOST);
    const inclusion = inclusionOf(chance.integer(0, size - 1), size);
    const consistency = consistencyOf(chance.integer(1, size), size);
    expect(await isIncluded(inclusion)).toBe(true);
    expect(await isConsistent(consistency)).toBe(true);
    expect(await isIncluded(chance.pick(inclusionMutants(inclusion)))).toBe(false);
    expect(await isConsistent(chance.pick(consistencyMutants(consistency)))).toBe(false);
  }
});
