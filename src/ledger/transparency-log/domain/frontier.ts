/** The right edge of a growing tree: the least that has to be kept to append leaves and to tell the root. */
import { EMPTY_ROOT, nodeHash, nodeHashInto } from './merkle-hash.js';
import { HASH_BYTES } from './primitives.js';
import { isSize, subtreeLevels } from './subtrees.js';

/** Sizes are safe integers, so no subtree is larger than this. */
const MAX_LEVEL = 53;

export class Frontier {
  private count = 0;
  /** At place `level` the root of the complete subtree of 2^level leaves, when the tree has one: when that digit of its size is 1. */
  private readonly roots = Buffer.alloc((MAX_LEVEL + 1) * HASH_BYTES);
  private readonly carried = Buffer.alloc(HASH_BYTES);

  private constructor() {}

  static empty(): Frontier {
    return new Frontier();
  }

  /** A tree of `size` leaves from what `hashes` told of it. */
  static from(size: number, hashes: readonly Buffer[]): Frontier {
    if (!isSize(size)) throw new RangeError(`${size} is not a size of a tree.`);
    const levels = subtreeLevels(size);
    if (hashes.length !== levels.length || hashes.some((hash) => hash.length !== HASH_BYTES))
      throw new RangeError(
        `The right edge of a tree of ${size} leaves has ${levels.length} hashes of ${HASH_BYTES} bytes.`,
      );
    const frontier = new Frontier();
    frontier.count = size;
    levels.forEach((level, index) => hashes[index]?.copy(frontier.roots, level * HASH_BYTES));
    return frontier;
  }

  get size(): number {
    return this.count;
  }

  /** The roots of the complete subtrees, largest first. */
  get hashes(): Buffer[] {
    return subtreeLevels(this.count).map((level) => Buffer.from(this.rootAt(level)));
  }

  /** Appends leaves by their hashes, one after the other in one buffer. */
  append(leafHashes: Buffer): void {
    if (leafHashes.length % HASH_BYTES !== 0) throw new RangeError(`Hashes have ${HASH_BYTES} bytes each.`);
    for (let at = 0; at < leafHashes.length; at += HASH_BYTES) {
      leafHashes.copy(this.carried, 0, at, at + HASH_BYTES);
      let level = 0;
      // As one is added to a binary number: two subtrees of one size make one of twice the size, which is carried on.
      for (let rest = this.count; rest % 2 === 1; rest = (rest - 1) / 2) {
        nodeHashInto(this.roots, level * HASH_BYTES, this.carried, 0, this.carried, 0);
        level++;
      }
      this.carried.copy(this.roots, level * HASH_BYTES);
      this.count++;
    }
  }

  root(): Buffer {
    const [smallest, ...larger] = subtreeLevels(this.count).reverse();
    if (smallest === undefined) return EMPTY_ROOT;
    return larger.reduce<Buffer>(
      (right, level) => nodeHash(this.rootAt(level), right),
      Buffer.from(this.rootAt(smallest)),
    );
  }

  private rootAt(level: number): Buffer {
    return this.roots.subarray(level * HASH_BYTES, (level + 1) * HASH_BYTES);
  }
}
