/** How a stretch of leaves divides into complete subtrees, as RFC 6962 section 2.1 divides a tree. */

/** The complete subtree of 2^level leaves that is number `index` of its kind, counted from the left. */
export interface TreeNode {
  level: number;
  index: number;
}

/** The leaves from `start` up to, and without, `end`. */
export interface LeafRange {
  start: number;
  end: number;
}

/** The largest power of two smaller than `size`: where RFC 6962 splits a tree of that size. Sizes pass 2^31, so no bit operators. */
export function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/** The levels of the complete subtrees that make up a tree, largest first: the binary digits of its size. */
export function subtreeLevels(size: number): number[] {
  const levels: number[] = [];
  for (let level = 0, rest = size; rest > 0; level++, rest = Math.floor(rest / 2))
    if (rest % 2 === 1) levels.unshift(level);
  return levels;
}

/** The complete subtrees of a range that begins where a subtree of its size may begin, from the left. */
export function subtreesOf({ start, end }: LeafRange): TreeNode[] {
  let from = start;
  return subtreeLevels(end - start).map((level) => {
    const node = { level, index: from / 2 ** level };
    from += 2 ** level;
    return node;
  });
}

export function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
