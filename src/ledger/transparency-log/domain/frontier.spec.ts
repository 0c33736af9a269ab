import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { numberedLeaves, ReferenceTree } from '../../../../test/support/reference-tree.js';
import { Frontier } from './frontier.js';
import { EMPTY_ROOT, leafHash, nodeHash, subtreeRoot, tileRoot } from './merkle-hash.js';
import { CT_LEAVES, CT_ROOTS } from '../../../../test/support/certificate-transparency-vectors.js';

const leaves = numberedLeaves(1100);
const hashes = Buffer.concat(leaves.map(leafHash));
const reference = new ReferenceTree(leaves);
const hashesUpTo = (to: number, from = 0) => hashes.subarray(from * 32, to * 32);

describe('hashes of the tree', () => {
  it('keep leaves and nodes apart, and hold the published hash of an empty leaf', () => {
    const [left, right] = [leafHash(Buffer.from('left')), leafHash(Buffer.from('right'))];
    expect(leafHash(Buffer.concat([left, right]))).not.toEqual(nodeHash(left, right));
    expect(leafHash(Buffer.alloc(0)).toString('hex')).toBe(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    );
    expect(nodeHash(left, right)).toEqual(
      createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest(),
    );
  });

  it('of leaves do not depend on the length of the leaf hashed before', () => {
    const data = Buffer.from('a leaf of its own length');
    const expected = createHash('sha256').update(Buffer.of(0)).update(data).digest();
    for (const length of [0, 24, 97, 500]) {
      leafHash(Buffer.alloc(length, 0xff));
      expect(leafHash(data)).toEqual(expected);
    }
  });

  it('of complete subtrees and full tiles are those of the plain tree', () => {
    expect(tileRoot(hashesUpTo(256))).toEqual(reference.root(256));
    expect(tileRoot(hashesUpTo(512, 256))).toEqual(reference.root(512, 256));
    expect(subtreeRoot(hashesUpTo(256), 8, 4)).toEqual(reference.root(12, 8));
    expect(() => tileRoot(hashesUpTo(255))).toThrow(RangeError);
  });

  it('change no hash they were made from', () => {
    const before = Buffer.from(hashesUpTo(256));
    tileRoot(hashesUpTo(256));
    expect(hashesUpTo(256)).toEqual(before);
  });
});

describe('the frontier', () => {
  it('has the roots published for Certificate Transparency', () => {
    const frontier = Frontier.empty();
    expect(frontier.root().toString('hex')).toBe(CT_ROOTS[0]);
    CT_LEAVES.forEach((leaf, index) => {
      frontier.append(leafHash(Buffer.from(leaf, 'hex')));
      expect(frontier.root().toString('hex')).toBe(CT_ROOTS[index + 1]);
    });
  });

  it('has the root of the plain tree at every size, and the least number of hashes', () => {
    const frontier = Frontier.empty();
    expect(frontier.root()).toEqual(EMPTY_ROOT);
    for (let size = 1; size <= 600; size++) {
      frontier.append(hashesUpTo(size, size - 1));
      expect(frontier.size).toBe(size);
      expect(frontier.root()).toEqual(reference.root(size));
      expect(frontier.hashes).toHaveLength(size.toString(2).replaceAll('0', '').length);
    }
  });

  it('is continued from what was kept of it, with leaves in pieces of any length', () => {
    for (const [kept, added] of [
      [0, 1],
      [1, 255],
      [255, 2],
      [256, 256],
      [300, 800],
    ] as const) {
      const first = Frontier.empty();
      first.append(hashesUpTo(kept));
      const second = Frontier.from(kept, first.hashes);
      second.append(hashesUpTo(kept + added, kept));
      expect(second.root()).toEqual(reference.root(kept + added));
      expect(first.root()).toEqual(reference.root(kept)); // they share nothing
    }
  });

  it('of the roots of full tiles has the root of all their leaves', () => {
    const frontier = Frontier.empty();
    for (const tile of [0, 1, 2, 3]) {
      frontier.append(tileRoot(hashesUpTo(256 * (tile + 1), 256 * tile)));
      expect(frontier.root()).toEqual(reference.root(256 * (tile + 1)));
    }
  });

  it('is not made from what cannot be the edge of such a tree', () => {
    const hash = Buffer.alloc(32);
    expect(() => Frontier.from(3, [hash])).toThrow(RangeError);
    expect(() => Frontier.from(0, [hash])).toThrow(RangeError);
    expect(() => Frontier.from(1, [Buffer.alloc(31)])).toThrow(RangeError);
    for (const size of [-1, 1.5, NaN, 2 ** 53]) expect(() => Frontier.from(size, [hash])).toThrow(RangeError);
    expect(() => Frontier.empty().append(Buffer.alloc(33))).toThrow(RangeError);
  });

  it('counts past 2^31 leaves', () => {
    const size = 2 ** 40 + 1;
    const [large, small] = [leafHash(Buffer.of(1)), leafHash(Buffer.of(2))];
    const frontier = Frontier.from(size, [large, small]);
    expect(frontier.root()).toEqual(nodeHash(large, small));
    frontier.append(leafHash(Buffer.of(3)));
    expect(frontier.hashes).toEqual([large, nodeHash(small, leafHash(Buffer.of(3)))]);
  });
});
