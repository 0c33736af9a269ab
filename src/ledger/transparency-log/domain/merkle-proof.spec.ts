import { describe, expect, it } from '@jest/globals';
import { RFC9162 } from '@transmute/rfc9162';
import { CT_CONSISTENCY, CT_INCLUSION, CT_LEAVES } from '../../../../test/support/certificate-transparency-vectors.js';
import { chanceFor } from '../../../../test/support/chance.js';
import { numberedLeaves, ReferenceTree } from '../../../../test/support/reference-tree.js';
import { leafHash, tileRoot } from './merkle-hash.js';
import {
  consistencyProof,
  inclusionProof,
  nodesForConsistency,
  nodesForInclusion,
  type NodeSource,
} from './merkle-proof.js';
import { nodePrimitives } from './node-primitives.js';
import { checkConsistency, checkInclusion } from './proof-check.js';
import { TileNodes, tileKey, tilesForConsistency, tilesForInclusion, type TileId } from './tile-nodes.js';

const LIMIT = 300;
const leaves = numberedLeaves(LIMIT);
const reference = new ReferenceTree(leaves);
const nodesOf = (tree: ReferenceTree): NodeSource => ({
  node: (level, index) => tree.root((index + 1) * 2 ** level, index * 2 ** level),
});
const hex = (hashes: readonly Uint8Array[]) => hashes.map((hash) => Buffer.from(hash).toString('hex'));

/** All tiles of a tree, from its leaves' hashes. */
function tilesOf(leafHashes: Buffer): Map<string, Buffer> {
  const tiles = new Map<string, Buffer>();
  for (let level = 0, row = leafHashes; row.length > 0; level++) {
    const above: Buffer[] = [];
    for (let index = 0; index * 8192 < row.length; index++) {
      const hashes = row.subarray(index * 8192, (index + 1) * 8192);
      tiles.set(tileKey({ level, index }), hashes);
      if (hashes.length === 8192) above.push(tileRoot(hashes));
    }
    row = Buffer.concat(above);
  }
  return tiles;
}

describe('proofs', () => {
  const published = nodesOf(new ReferenceTree(CT_LEAVES.map((leaf) => Buffer.from(leaf, 'hex'))));

  it.each(CT_INCLUSION)('are those published for leaf $index of $size', ({ index, size, proof }) =>
    expect(hex(inclusionProof(published, index, size))).toEqual(proof),
  );

  it.each(CT_CONSISTENCY)('are those published for $old leaves that grew to $size', ({ old, size, proof }) =>
    expect(hex(consistencyProof(published, old, size))).toEqual(proof),
  );

  it(`of every leaf in every tree of up to ${LIMIT} are those of the plain tree, and hold`, async () => {
    const source = nodesOf(reference);
    for (let treeSize = 1; treeSize <= LIMIT; treeSize++) {
      const root = reference.root(treeSize);
      for (let index = 0; index < treeSize; index++) {
        const proof = inclusionProof(source, index, treeSize);
        if (hex(proof).join() !== hex(reference.path(index, treeSize)).join())
          throw new Error(`Leaf ${index} of ${treeSize} has another proof in the plain tree.`);
        const leaf = reference.root(index + 1, index);
        if (!(await checkInclusion(nodePrimitives, { leafHash: leaf, index, treeSize, proof, root })))
          throw new Error(`The proof of leaf ${index} of ${treeSize} does not hold.`);
      }
    }
  });

  it(`between any two trees of up to ${LIMIT} leaves are those of the plain tree, and hold`, async () => {
    const source = nodesOf(reference);
    for (let newSize = 0; newSize <= LIMIT; newSize++)
      for (let oldSize = 0; oldSize <= newSize; oldSize++) {
        const proof = consistencyProof(source, oldSize, newSize);
        const expected = oldSize === 0 ? [] : reference.proof(oldSize, newSize);
        if (hex(proof).join() !== hex(expected).join())
          throw new Error(`From ${oldSize} to ${newSize} leaves the plain tree has another proof.`);
        const roots = { oldRoot: reference.root(oldSize), newRoot: reference.root(newSize) };
        if (!(await checkConsistency(nodePrimitives, { oldSize, newSize, ...roots, proof })))
          throw new Error(`The proof from ${oldSize} to ${newSize} leaves does not hold.`);
      }
  });

  it("are those of another's implementation", async () => {
    const chance = chanceFor('proofs of another implementation');
    const source = nodesOf(reference);
    const sizes = [...Array.from({ length: 33 }, (_, index) => index + 1), 100, 256, 257, LIMIT];
    for (const size of sizes) {
      const entries = leaves.slice(0, size);
      expect(Buffer.from(await RFC9162.treeHead(entries))).toEqual(reference.root(size));
      const one = chance.integer(0, size - 1);
      expect(hex(inclusionProof(source, one, size))).toEqual(hex(await RFC9162.PATH(one, entries)));
      if (one === 0) continue;
      // It does not heed the b of SUBPROOF, so it tells the old root also where RFC 6962 leaves it out.
      const told = Number.isInteger(Math.log2(one)) ? [reference.root(one)] : [];
      expect(hex([...told, ...consistencyProof(source, one, size)])).toEqual(hex(await RFC9162.PROOF(one, entries)));
    }
  });

  it('are not made for a leaf that is not there, or backwards', () => {
    const source = nodesOf(reference);
    for (const [index, size] of [
      [0, 0],
      [5, 5],
      [-1, 5],
      [0.5, 5],
      [0, 2 ** 53],
    ] as const)
      expect(() => inclusionProof(source, index, size)).toThrow(RangeError);
    for (const [oldSize, newSize] of [
      [6, 5],
      [-1, 5],
      [1, NaN],
    ] as const)
      expect(() => consistencyProof(source, oldSize, newSize)).toThrow(RangeError);
  });
});

describe('proofs from tiles', () => {
  const size = 70_000; // three levels of tiles, all with a partial one at the edge
  const hashes = Buffer.concat(numberedLeaves(size).map(leafHash));
  const all = tilesOf(hashes);
  const tree = new ReferenceTree(numberedLeaves(size));
  const only = (tiles: TileId[]) =>
    new TileNodes(new Map(tiles.map((tile) => [tileKey(tile), all.get(tileKey(tile)) ?? Buffer.alloc(0)])));

  it('are those of the plain tree, and ask for no tile but those named', () => {
    const chance = chanceFor('proofs from tiles');
    for (let round = 0; round < 200; round++) {
      const treeSize = chance.percent(50) ? 256 * chance.integer(1, 273) : chance.integer(1, size);
      const index = chance.integer(0, treeSize - 1);
      expect(inclusionProof(only(tilesForInclusion(index, treeSize)), index, treeSize)).toEqual(
        tree.path(index, treeSize),
      );
      const oldSize = chance.integer(1, treeSize);
      expect(consistencyProof(only(tilesForConsistency(oldSize, treeSize)), oldSize, treeSize)).toEqual(
        tree.proof(oldSize, treeSize),
      );
    }
  });

  it('name each tile and each node once', () => {
    for (const nodes of [nodesForInclusion(12_345, size), nodesForConsistency(12_345, size)]) {
      expect(new Set(nodes.map(({ level, index }) => `${level}/${index}`)).size).toBe(nodes.length);
    }
    const tiles = tilesForInclusion(12_345, size).map(tileKey);
    expect(new Set(tiles).size).toBe(tiles.length);
    expect(tiles).toContain('0/48'); // the leaf's own
  });

  it('are not made up when a tile is missing or too short', () => {
    const tiles = tilesForInclusion(3, 512);
    const nodes = (change: (key: string, hashes: Buffer) => Buffer | undefined) =>
      new TileNodes(
        new Map(
          tiles.flatMap((tile): [string, Buffer][] => {
            const changed = change(tileKey(tile), all.get(tileKey(tile)) ?? Buffer.alloc(0));
            return changed ? [[tileKey(tile), changed]] : [];
          }),
        ),
      );
    expect(
      inclusionProof(
        nodes((_, kept) => kept),
        3,
        512,
      ),
    ).toEqual(tree.path(3, 512));
    for (const { level, index } of tiles) {
      const key = tileKey({ level, index });
      expect(() =>
        inclusionProof(
          nodes((one, kept) => (one === key ? undefined : kept)),
          3,
          512,
        ),
      ).toThrow(RangeError);
      expect(() =>
        inclusionProof(
          nodes((one, kept) => (one === key ? kept.subarray(0, 32) : kept)),
          3,
          512,
        ),
      ).toThrow(RangeError);
    }
  });

  it('have at most 20 hashes for a leaf among a million', () => {
    const nodes = { node: () => Buffer.alloc(32) };
    for (const index of [0, 1, 499_999, 524_288, 999_999])
      expect(inclusionProof(nodes, index, 1_000_000).length).toBeLessThanOrEqual(20);
  });
});
