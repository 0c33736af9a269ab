/** The path of a tile under the log's address (C2SP tlog-tiles): `tile/0/x001/x234/067.p/12`. */
import { TILE_WIDTH } from './merkle-hash.js';
import type { TileId } from './tile-nodes.js';

export interface TilePath extends TileId {
  /** How many hashes: 256, or less in a tile at the right edge. */
  width: number;
}

const MAX_LEVEL = 63;

export function formatTilePath({ level, index, width }: TilePath): string {
  const groups = [String(index % 1000).padStart(3, '0')];
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000))
    groups.unshift(`x${String(rest % 1000).padStart(3, '0')}`);
  return `tile/${level}/${groups.join('/')}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/** Undefined unless the path is the one path of a tile: no other spelling, nothing out of range. */
export function parseTilePath(path: string): TilePath | undefined {
  const [, level, groups, width] = /^tile\/(\d{1,2})\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path) ?? [];
  if (level === undefined || groups === undefined) return undefined;
  const tile = {
    level: Number(level),
    index: Number(groups.replaceAll(/\D/g, '')),
    width: width === undefined ? TILE_WIDTH : Number(width),
  };
  const inRange = tile.level <= MAX_LEVEL && Number.isSafeInteger(tile.index) && tile.width >= 1;
  if (!inRange || tile.width > TILE_WIDTH) return undefined;
  return formatTilePath(tile) === path ? tile : undefined;
}
