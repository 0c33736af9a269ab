/** Rebuilds the log from the rows, epoch by epoch, and says of every leaf, tile and checkpoint whether it is what the rows make. */
import { createHash } from 'node:crypto';
import { commitInto, dummyCommitments, leafHashOfCommitments } from '../transparency-log/domain/commitments.js';
import {
  at,
  auditorText,
  donorText,
  subjectText,
  type EntryRow,
  type LoggedAccount,
} from '../transparency-log/domain/entry-leaf.js';
import { Frontier } from '../transparency-log/domain/frontier.js';
import { COMMITMENTS_BYTES, READERS } from '../transparency-log/domain/leaf-format.js';
import { TILE_WIDTH, tileRoot } from '../transparency-log/domain/merkle-hash.js';
import { HASH_BYTES } from '../transparency-log/domain/primitives.js';
import { periodOf } from './domain/books-fold.js';
import type { Check } from './domain/findings.js';
import type { LeafRows } from './leaf-rows.js';

const TILE_BYTES = TILE_WIDTH * HASH_BYTES;

export interface EpochRow {
  number: number;
  firstIndex: number;
  size: number;
  leafCount: number;
  dummyKey: Buffer;
  frontier: Buffer;
}

export interface TileRow {
  level: number;
  index: number;
  hashes: Buffer;
  root: Buffer;
}

export interface SealRow {
  id: string;
  texts: readonly [string, string, string];
}

/** What stands behind a leaf. */
export type Content = EntryRow | SealRow;

/** The epoch that has begun. */
interface Current {
  epoch: EpochRow;
  since: string;
  /** Of every place: dummies, until an entry or a seal takes it. */
  commitments: Buffer;
  owners: (Digest | undefined)[];
  taken: Uint8Array;
  changed: Map<number, { fields: string; name: string }>;
}

export interface LogChecks {
  leaves: Check;
  tree: Check;
}

export class LogRebuild {
  private readonly whole = Frontier.empty();
  /** Roots of the full tiles below each level that is not full yet. */
  private readonly upper: Buffer[][] = [];
  /** SHA-256 over the leaf hashes of a fund's quarter, in the order of the log. */
  readonly digests = new Map<string, Digest>();
  erased = 0;
  private current: Current | undefined;
  private latest: { fund: string; bookedOn: string; digest: Digest } | undefined;

  constructor(
    private readonly accounts: ReadonlyMap<string, LoggedAccount>,
    /** Transfers whose subject was erased. */
    private readonly erasures: ReadonlySet<string>,
    private readonly checks: LogChecks,
  ) {}

  /** Leaves so far. */
  get size(): number {
    return this.whole.size * TILE_WIDTH;
  }

  root(): Buffer {
    return this.whole.root();
  }

  /** Begins the next epoch. `since` names the checkpoint with which it was published. */
  begin(epoch: EpochRow, leafCount: number, since: string): void {
    if (epoch.firstIndex !== this.size)
      this.checks.tree.fault(
        `it begins at leaf ${epoch.firstIndex}, and the one before ended at ${this.size}`,
        `epoch ${epoch.number}`,
        since,
      );
    if (leafCount !== epoch.leafCount)
      this.checks.leaves.fault(
        `it had ${epoch.leafCount} leaves that were not dummies, and ${leafCount} are there`,
        `epoch ${epoch.number}`,
        since,
      );
    this.current = {
      epoch,
      since,
      commitments: dummyCommitments(epoch.dummyKey, epoch.size),
      owners: new Array<Digest | undefined>(epoch.size),
      taken: new Uint8Array(epoch.size),
      changed: new Map(),
    };
  }

  /** Takes one leaf of the epoch with what stands behind it. */
  put(leaves: LeafRows, row: number, content: Content | null): void {
    const { epoch, since, commitments, owners, taken, changed } = this.begun();
    const place = leaves.index(row) - epoch.firstIndex;
    if (place < 0 || place >= epoch.size) {
      this.checks.leaves.fault('its place is outside its epoch', `leaf ${leaves.index(row)}`, since);
      return;
    }
    taken[place] = 1;
    const at = place * COMMITMENTS_BYTES;
    leaves.bytes.copy(commitments, at, leaves.commitmentsAt(row), leaves.commitmentsAt(row) + COMMITMENTS_BYTES);
    if (!content) {
      this.checks.leaves.fault('the row that it stands for is not there', nameOf(leaves, row, content), since);
      return;
    }
    const fields = this.recommit(leaves, row, content, at);
    if (fields) changed.set(place, { fields, name: nameOf(leaves, row, content) });
    if (isEntry(content)) owners[place] = this.digestOf(content);
  }

  /** Ends the epoch: holds its tiles against those that are kept. */
  end(tiles: ReadonlyMap<string, TileRow>): void {
    const { epoch, since, commitments, owners, taken, changed } = this.begun();
    const hashes = Buffer.alloc(epoch.size * HASH_BYTES);
    for (let place = 0; place < epoch.size; place++) {
      leafHashOfCommitments(commitments, place * COMMITMENTS_BYTES, hashes, place * HASH_BYTES);
      owners[place]?.add(hashes, place * HASH_BYTES);
    }
    for (let first = 0; first < hashes.length; first += TILE_BYTES) {
      const index = epoch.firstIndex / TILE_WIDTH + first / TILE_BYTES;
      const differing = this.addTile(index, hashes.subarray(first, first + TILE_BYTES), tiles, since);
      for (const k of differing) {
        const place = first / HASH_BYTES + k;
        const leaf = `leaf ${epoch.firstIndex + place}`;
        const change = changed.get(place);
        if (change) this.checks.leaves.fault(`${change.fields} changed after it was logged`, change.name, since);
        else if (taken[place]) this.checks.tree.fault('the tree holds another hash for it', leaf, since);
        else
          this.checks.tree.fault('the tree holds neither an entry nor a dummy here: a row was taken away', leaf, since);
        changed.delete(place);
      }
    }
    for (const { fields, name } of changed.values())
      this.checks.leaves.fault(`what the leaf says of ${fields} changed; the entry is as it was logged`, name, since);
    if (!Buffer.concat(this.whole.hashes).equals(epoch.frontier))
      this.checks.tree.fault(
        'what was kept of the right edge of the tree is not what the rows make',
        `epoch ${epoch.number}`,
        since,
      );
    this.current = undefined;
  }

  private begun(): Current {
    if (!this.current) throw new Error('no epoch has begun');
    return this.current;
  }

  /** Writes the commitments that the row and its salts make, and says which fields are not those that the leaf commits to. */
  private recommit(leaves: LeafRows, row: number, content: Content, outAt: number): string | null {
    const { commitments, since } = this.begun();
    const loggedAt = leaves.commitmentsAt(row);
    const texts = isEntry(content) ? this.textsOf(content) : content.texts;
    let changed: string | null = null;
    for (let k = 0; k < READERS.length; k++) {
      const reader = READERS[k] as (typeof READERS)[number];
      const saltAt = leaves.saltAt(row, k);
      const isErased = reader === 'subject' && isEntry(content) && this.erasures.has(content[at.obligation] ?? '');
      if (saltAt < 0) {
        if (isErased) this.erased += 1;
        else
          this.checks.leaves.fault(`the salt of its ${reader}'s fields is gone`, nameOf(leaves, row, content), since);
        continue;
      }
      if (isErased)
        this.checks.leaves.fault(
          'its subject was erased, and its salt is still there',
          nameOf(leaves, row, content),
          since,
        );
      const place = outAt + k * HASH_BYTES;
      const logged = loggedAt + k * HASH_BYTES;
      commitInto(texts[k] ?? '', leaves.bytes, saltAt, commitments, place);
      if (leaves.bytes.compare(commitments, place, place + HASH_BYTES, logged, logged + HASH_BYTES) !== 0)
        changed = changed ? `${changed} and ${FIELDS[reader]}` : FIELDS[reader];
    }
    return changed;
  }

  private textsOf(row: EntryRow): readonly string[] {
    const debit = this.accounts.get(row[at.debit] ?? '') ?? NO_ACCOUNT;
    const credit = this.accounts.get(row[at.credit] ?? '') ?? NO_ACCOUNT;
    return [donorText(row, debit), auditorText(row, debit, credit), subjectText(row)];
  }

  /** Holds a tile against the one that is kept; which of its hashes differ. */
  private addTile(index: number, hashes: Buffer, tiles: ReadonlyMap<string, TileRow>, since: string): number[] {
    const kept = tiles.get(`0/${index}`);
    if (!kept) this.checks.tree.fault('it is not there', `tile 0/${index}`, since);
    const differing: number[] = [];
    for (let at = 0; kept && !kept.hashes.equals(hashes) && at < TILE_BYTES; at += HASH_BYTES)
      if (hashes.compare(kept.hashes, at, at + HASH_BYTES, at, at + HASH_BYTES) !== 0) differing.push(at / HASH_BYTES);
    let root = tileRoot(hashes);
    this.whole.append(root);
    if (kept?.hashes.equals(hashes) && !kept.root.equals(root))
      this.checks.tree.fault('its root is not that of its hashes', `tile 0/${index}`, since);
    for (let level = 0, at = index; ; level++) {
      const row = (this.upper[level] ??= []);
      row.push(root);
      if (row.length < TILE_WIDTH) return differing;
      const above = Buffer.concat(row);
      this.upper[level] = [];
      root = tileRoot(above);
      at = (at + 1) / TILE_WIDTH - 1;
      const full = tiles.get(`${level + 1}/${at}`);
      if (!full?.hashes.equals(above) || !full.root.equals(root))
        this.checks.tree.fault('it is not what the tiles below it make', `tile ${level + 1}/${at}`, since);
    }
  }

  private digestOf(row: EntryRow): Digest {
    const fund = this.accounts.get(row[at.debit] ?? '')?.fund ?? '';
    const bookedOn = row[at.bookedOn] ?? '';
    // Most entries are of the fund and the day of the one before.
    if (this.latest?.fund === fund && this.latest.bookedOn === bookedOn) return this.latest.digest;
    const owner = `${fund}/${periodOf(bookedOn)}`;
    let digest = this.digests.get(owner);
    if (!digest) this.digests.set(owner, (digest = new Digest()));
    this.latest = { fund, bookedOn, digest };
    return digest;
  }
}

/** SHA-256 over leaf hashes, many at a time. */
export class Digest {
  private readonly hash = createHash('sha256');
  private readonly waiting = Buffer.alloc(TILE_BYTES);
  private filled = 0;
  count = 0;

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

const FIELDS: Record<(typeof READERS)[number], string> = {
  donor: 'fund, currency, amount, month or state',
  auditor: 'accounts, rail, evidence, days or phase',
  subject: 'the transfer or the cause',
};

const NO_ACCOUNT: LoggedAccount = { fund: '?', currency: '?', name: '?' };

function isEntry(content: Content): content is EntryRow {
  return Array.isArray(content);
}

function nameOf(leaves: LeafRows, row: number, content: Content | null): string {
  const index = leaves.index(row);
  if (content && isEntry(content)) return `entry ${content[at.id]} (seq ${content[at.seq]}, leaf ${index})`;
  const seq = leaves.seq(row);
  return seq === null ? `seal ${leaves.sealId(row)} (leaf ${index})` : `entry with seq ${seq} (leaf ${index})`;
}
