/** Reads tiles of the log; one at the right edge, which is not full yet, is put together from the roots of the tiles below it. */
import type { EntityManager } from 'typeorm';
import { TILE_WIDTH } from './domain/merkle-hash.js';
import { tileKey, type TileId } from './domain/tile-nodes.js';

/** The tiles asked for, as far as they are filled, for `TileNodes`. */
export async function readTiles(manager: EntityManager, wanted: readonly TileId[]): Promise<Map<string, Buffer>> {
  if (wanted.length === 0) return new Map();
  const full = await manager.query<{ level: number; index: string; hashes: Buffer }[]>(
    `select t.level, t.index::text, t.hashes from ledger.tile t join unnest($1::smallint[], $2::bigint[]) w(level, index)
     on t.level = w.level and t.index = w.index`,
    [wanted.map((tile) => tile.level), wanted.map((tile) => tile.index)],
  );
  const found = new Map(full.map(({ level, index, hashes }) => [tileKey({ level, index: Number(index) }), hashes]));
  for (const tile of wanted) {
    if (found.has(tileKey(tile)) || tile.level === 0) continue;
    const below = await manager.query<{ root: Buffer }[]>(
      'select root from ledger.tile where level = $1 and index >= $2 and index < $3 order by index',
      [tile.level - 1, tile.index * TILE_WIDTH, (tile.index + 1) * TILE_WIDTH],
    );
    if (below.length > 0) found.set(tileKey(tile), Buffer.concat(below.map((row) => row.root)));
  }
  return found;
}
