/** Rebuilds the log from the rows, epoch by epoch, and says of every leaf and tile whether it is what the rows make. */
import { createHash } from 'node:crypto';
import { at, type EntryRow } from '../transparency-log/domain/entry-row.js';
import { Frontier } from '../transparency-log/domain/frontier.js';
import { TILE_WIDTH, tileRoot } from '../transparency-log/domain/merkle-hash.js';
import { HASH_BYTES } from '../transparency-log/domain/primitives.js';
import { periodOf } from './domain/books-fold.js';
import type { LoggedAccount } from '../transparency-log/domain/entry-leaf.js';
import type { Check } from './domain/findings.js';
import { EpochRebuild, isEntry, type Content, type EpochRow, type LogContext } from './epoch-rebuild.js';
import type { LeafRows } from './leaf-rows.js';

const TILE_BYTES = TILE_WIDTH * HASH_BYTES;

export interface TileRow {
  level: number;
  index: number;
  /** Null only where somebody took a constraint away. */
  hashes: Buffer | null;
  root: Buffer | null;
}

export class LogRebuild {
  private readonly whole = Frontier.empty();
  /** Roots of the full tiles below each level that is not full yet. */
  private readonly upper: Buffer[][] = [];
  /** SHA-256 over the leaf hashes of a fund's quarter, in the order of the log. */
  readonly digests = new Map<string, Digest>();
  erased = 0;
  private begun = 0;
  /** The digests by number, from one. */
  private readonly owners: Digest[] = [];
  private latest: { fund: string; bookedOn: string; owner: number } | undefined;

  constructor(
    private readonly accounts: ReadonlyMap<number, LoggedAccount>,
    private readonly context: LogContext,
    private readonly treeCheck: Check,
  ) {}

  /** Leaves of the epochs that have ended. */
  get size(): number {
    return this.whole.size * TILE_WIDTH;
  }

  root(): Buffer {
    return this.whole.root();
  }

  /** Begins the next epoch, of which `count` leaves are there. The one before need not have ended. */
  begin(epoch: EpochRow, leaves: LeafRows | undefined, count: number, since: string): EpochRebuild {
    if (epoch.firstIndex !== this.begun)
      this.treeCheck.fault(
        `it begins at leaf ${epoch.firstIndex}, and the one before ended at ${this.begun}`,
        `epoch ${epoch.number}`,
        since,
      );
    if (count !== epoch.leafCount)
      this.context.leavesCheck.fault(
        `it had ${epoch.leafCount} leaves that were not dummies, and ${count} are there`,
        `epoch ${epoch.number}`,
        since,
      );
    this.begun += epoch.size;
    return new EpochRebuild(epoch, since, leaves, this.context);
  }

  put(into: EpochRebuild, leaves: LeafRows, row: number, content: Content | null): void {
    into.put(leaves, row, content, content && isEntry(content) ? this.ownerOf(content) : 0);
  }

  /** Ends an epoch, in their order: holds its tiles against those that are kept. */
  async end(rebuilt: EpochRebuild, tiles: ReadonlyMap<string, TileRow>): Promise<void> {
    const { epoch, since } = rebuilt;
    const { leavesCheck } = this.context;
    const { hashes, roots } = await rebuilt.hashed();
    this.erased += rebuilt.erased;
    for (let place = 0; place < epoch.size; place++) {
      const owner = rebuilt.ownerOf(place);
      if (owner > 0) this.owners[owner - 1]?.add(hashes, place * HASH_BYTES);
    }
    const changes = new Map(rebuilt.changes());
    for (let first = 0; first < hashes.length; first += TILE_BYTES) {
      const number = first / TILE_BYTES;
      const tile = hashes.subarray(first, first + TILE_BYTES);
      const root = roots.subarray(number * HASH_BYTES, (number + 1) * HASH_BYTES);
      for (const k of this.addTile(epoch.firstIndex / TILE_WIDTH + number, tile, root, tiles, since)) {
        const place = first / HASH_BYTES + k;
        const leaf = `leaf ${epoch.firstIndex + place}`;
        const fields = changes.get(place);
        if (fields) leavesCheck.fault(`${fields} changed after it was logged`, rebuilt.nameOf(place), since);
        else if (rebuilt.isTaken(place)) this.treeCheck.fault('the tree holds another hash for it', leaf, since);
        else
          this.treeCheck.fault('the tree holds neither an entry nor a dummy here: a row was taken away', leaf, since);
        changes.delete(place);
      }
    }
    for (const [place, fields] of changes)
      leavesCheck.fault(
        `what the leaf says of ${fields} changed; the entry is as it was logged`,
        rebuilt.nameOf(place),
        since,
      );
    if (!Buffer.concat(this.whole.hashes).equals(epoch.frontier))
      this.treeCheck.fault(
        'what was kept of the right edge of the tree is not what the rows make',
        `epoch ${epoch.number}`,
        since,
      );
  }

  /** Holds a tile against the one that is kept; which of its hashes differ. */
  private addTile(
    index: number,
    hashes: Buffer,
    tileRootMade: Buffer,
    tiles: ReadonlyMap<string, TileRow>,
    since: string,
  ): number[] {
    let kept = tiles.get(`0/${index}`);
    if (!kept) this.treeCheck.fault('it is not there', `tile 0/${index}`, since);
    if (kept && (kept.hashes?.length !== TILE_BYTES || !kept.root)) {
      this.treeCheck.fault('it has not the length of a tile', `tile 0/${index}`, since);
      kept = undefined;
    }
    const differing: number[] = [];
    for (let at = 0; kept?.hashes && !kept.hashes.equals(hashes) && at < TILE_BYTES; at += HASH_BYTES)
      if (hashes.compare(kept.hashes, at, at + HASH_BYTES, at, at + HASH_BYTES) !== 0) differing.push(at / HASH_BYTES);
    let root = tileRootMade;
    this.whole.append(root);
    if (kept?.hashes?.equals(hashes) && !kept.root?.equals(root))
      this.treeCheck.fault('its root is not that of its hashes', `tile 0/${index}`, since);
    for (let level = 0, at = index; ; level++) {
      const row = (this.upper[level] ??= []);
      row.push(root);
      if (row.length < TILE_WIDTH) return differing;
      const above = Buffer.concat(row);
      this.upper[level] = [];
      root = tileRoot(above);
      at = (at + 1) / TILE_WIDTH - 1;
      const full = tiles.get(`${level + 1}/${at}`);
      if (!full?.hashes?.equals(above) || !full.root?.equals(root))
        this.treeCheck.fault('it is not what the tiles below it make', `tile ${level + 1}/${at}`, since);
    }
  }

  /** Numbers the fund and quarter of an entry. */
  private ownerOf(row: EntryRow): number {
    const fund = this.accounts.get(row.number(at.debit))?.fund ?? '';
    const bookedOn = row.word(at.bookedOn);
    // Most entries are of the fund and the day of the one before.
    if (this.latest?.fund === fund && this.latest.bookedOn === bookedOn) return this.latest.owner;
    const key = `${fund}/${periodOf(bookedOn)}`;
    let digest = this.digests.get(key);
    if (!digest) {
      this.digests.set(key, (digest = new Digest(this.owners.length + 1)));
      this.owners.push(digest);
    }
    const owner = digest.number;
    this.latest = { fund, bookedOn, owner };
    return owner;
  }
}

/** SHA-256 over leaf hashes, many at a time. */
export class Digest {
  private readonly hash = createHash('sha256');
  private readonly waiting = Buffer.alloc(TILE_BYTES);
  private filled = 0;
  count = 0;

  constructor(readonly number: number) {}

  add(hashes: Buffer, from: number): void {
    hashes.copy(this.waiting, this.filled, from, from + HASH_BYTES);
    this.filled += HASH_BYTES;
    this.count += 1;
    if (this.filled === TILE_BYTES) this.flush();
  }

  bytes(): Buffer {
    this.flush();
    return this.hash.copy().digest();
  }

  private flush(): void {
    this.hash.update(this.waiting.subarray(0, this.filled));
    this.filled = 0;
  }
}
