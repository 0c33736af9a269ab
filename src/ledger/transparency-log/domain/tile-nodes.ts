/** The nodes of a tree that is kept as tiles (C2SP tlog-tiles), and which tiles a proof needs. */
import { subtreeRoot, TILE_HEIGHT, TILE_WIDTH } from './merkle-hash.js';
import { nodesForConsistency, nodesForInclusion, type NodeSource } from './merkle-proof.js';
import { HASH_BYTES } from './primitives.js';
import type { TreeNode } from './subtrees.js';

/** Tile number `index` at tile level `level`: of hashes of subtrees of 256^level leaves. */
export interface TileId {
  level: number;
  index: number;
}

/** The key under which `TileNodes` looks for a tile. */
export function tileKey({ level, index }: TileId): string {
  return `${level}/${index}`;
}

/** Tells nodes from tiles that were read beforehand; these may hold more hashes than the tree in question has. */
export class TileNodes implements NodeSource {
  constructor(private readonly tiles: ReadonlyMap<string, Buffer>) {}

  node(level: number, index: number): Buffer {
    const { tile, first, count } = placeOf({ level, index });
    const hashes = this.tiles.get(tileKey(tile));
    if (!hashes || hashes.length < (first + count) * HASH_BYTES)
      throw new RangeError(`Tile ${tileKey(tile)} was not given as far as hash ${first + count}.`);
    return subtreeRoot(hashes, first, count);
  }
}

export function tilesForInclusion(index: number, treeSize: number): TileId[] {
  return tilesOf(nodesForInclusion(index, treeSize));
}

export function tilesForConsistency(oldSize: number, newSize: number): TileId[] {
  return tilesOf(nodesForConsistency(oldSize, newSize));
}

function tilesOf(nodes: readonly TreeNode[]): TileId[] {
  const tiles = nodes.map((node) => placeOf(node).tile);
  return [...new Map(tiles.map((tile) => [tileKey(tile), tile])).values()];
}

/** The tile that covers a node's level, and which of its hashes lie below the node. */
function placeOf({ level, index }: TreeNode): { tile: TileId; first: number; count: number } {
  const tileLevel = Math.floor(level / TILE_HEIGHT);
  const count = 2 ** (level % TILE_HEIGHT);
  const position = index * count;
  return {
    tile: { level: tileLevel, index: Math.floor(position / TILE_WIDTH) },
    first: position % TILE_WIDTH,
    count,
  };
}
