/** Rebuilds the log from the rows, epoch by epoch, and says of every leaf, tile and checkpoint whether it is what the rows make. */
import { createHash, type Hash } from 'node:crypto';
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
import { COMMITMENTS_BYTES, READERS, SALT_BYTES } from '../transparency-log/domain/leaf-format.js';
import { TILE_WIDTH, tileRoot } from '../transparency-log/domain/merkle-hash.js';
import { HASH_BYTES } from '../transparency-log/domain/primitives.js';
import { periodOf } from './domain/books-fold.js';
import type { Check } from './domain/findings.js';

const TILE_BYTES = TILE_WIDTH * HASH_BYTES;

/** A leaf as the database holds it. Commitments and salts in hex. */
export interface LeafRow {
  index: number;
  entrySeq: string | null;
  sealId: string | null;
  commitments: string;
  /** Donor, auditor, subject; null for a subject that was erased, all null when the row of salts is gone. */
  salts: readonly (string | null)[];
}

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
export type Content = { entry: EntryRow } | { seal: SealRow };

export interface LogChecks {
  leaves: Check;
  tree: Check;
}

export class LogRebuild {
  private readonly whole = Frontier.empty();
  /** Roots of the full tiles below each level that is not full yet. */
  private readonly upper: Buffer[][] = [];
  /** SHA-256 over the leaf hashes of a fund's quarter, in the order of the log. */
  readonly digests = new Map<string, { digest: Hash; count: number }>();
  erased = 0;

  constructor(
    private readonly accounts: ReadonlyMap<string, LoggedAccount>,
    private readonly checks: LogChecks,
  ) {}

  /** Leaves so far. */
  get size(): number {
    return this.whole.size * TILE_WIDTH;
  }

  root(): Buffer {
    return this.whole.root();
  }

  /**
   * Takes the next epoch: its leaves with what stands behind each, and every tile that it made full. `since` names the checkpoint with
   * which it was published.
   */
  add(
    epoch: EpochRow,
    leaves: readonly { leaf: LeafRow; content: Content | null }[],
    tiles: ReadonlyMap<string, TileRow>,
    since: string,
  ): void {
    if (epoch.firstIndex !== this.size)
      this.checks.tree.fault(
        `it begins at leaf ${epoch.firstIndex}, and the one before ended at ${this.size}`,
        `epoch ${epoch.number}`,
        since,
      );
    if (leaves.length !== epoch.leafCount)
      this.checks.leaves.fault(
        `it had ${epoch.leafCount} leaves that were not dummies, and ${leaves.length} are there`,
        `epoch ${epoch.number}`,
        since,
      );
    const commitments = dummyCommitments(epoch.dummyKey, epoch.size);
    const owners: (string | undefined)[] = [];
    const names = new Map<number, string>();
    const changed = new Map<number, string>();
    for (const { leaf, content } of leaves) {
      const place = leaf.index - epoch.firstIndex;
      if (place < 0 || place >= epoch.size) {
        this.checks.leaves.fault('its place is outside its epoch', `leaf ${leaf.index}`, since);
        continue;
      }
      const name = nameOf(leaf, content);
      names.set(place, name);
      const fields = this.recommit(leaf, content, commitments, place * COMMITMENTS_BYTES, name, since);
      if (fields) changed.set(place, fields);
      if (content && 'entry' in content) {
        const fund = this.accounts.get(content.entry[at.debit] ?? '')?.fund ?? '';
        owners[place] = `${fund}/${periodOf(content.entry[at.bookedOn] ?? '')}`;
      }
    }
    const hashes = Buffer.alloc(epoch.size * HASH_BYTES);
    for (let place = 0; place < epoch.size; place++) {
      leafHashOfCommitments(commitments, place * COMMITMENTS_BYTES, hashes, place * HASH_BYTES);
      const owner = owners[place];
      if (owner !== undefined) this.digest(owner, hashes.subarray(place * HASH_BYTES, (place + 1) * HASH_BYTES));
    }
    for (let first = 0; first < hashes.length; first += TILE_BYTES) {
      const index = epoch.firstIndex / TILE_WIDTH + first / TILE_BYTES;
      const differing = this.addTile(index, hashes.subarray(first, first + TILE_BYTES), tiles, since);
      for (const k of differing) {
        const place = first / HASH_BYTES + k;
        const name = names.get(place);
        if (changed.has(place))
          this.checks.leaves.fault(`${changed.get(place)} changed after it was logged`, name ?? '', since);
        else if (name) this.checks.tree.fault('the tree holds another hash for it', name, since);
        else
          this.checks.tree.fault(
            'the tree holds neither an entry nor a dummy here: a row was taken away',
            `leaf ${epoch.firstIndex + place}`,
            since,
          );
        changed.delete(place);
      }
    }
    for (const [place, fields] of changed)
      this.checks.leaves.fault(
        `what the leaf says of ${fields} changed; the entry is as it was logged`,
        names.get(place) ?? '',
        since,
      );
    if (!Buffer.concat(this.edge()).equals(epoch.frontier))
      this.checks.tree.fault(
        'what was kept of the right edge of the tree is not what the rows make',
        `epoch ${epoch.number}`,
        since,
      );
  }

  /** Writes the commitments that the row and its salts make, and says which fields are not those that the leaf commits to. */
  private recommit(
    leaf: LeafRow,
    content: Content | null,
    out: Buffer,
    outAt: number,
    name: string,
    since: string,
  ): string | null {
    const logged = Buffer.from(leaf.commitments, 'hex');
    logged.copy(out, outAt);
    if (!content) {
      this.checks.leaves.fault('the row that it stands for is not there', name, since);
      return null;
    }
    const texts = 'seal' in content ? content.seal.texts : this.textsOf(content.entry);
    const changed = READERS.filter((reader, k) => {
      const salt = leaf.salts[k];
      if (salt == null) {
        if (reader === 'subject') this.erased += 1;
        else this.checks.leaves.fault(`the salt of its ${reader}'s fields is gone`, name, since);
        return false;
      }
      const place = outAt + k * HASH_BYTES;
      commitInto(texts[k] ?? '', saltBytes(salt), 0, out, place);
      return logged.compare(out, place, place + HASH_BYTES, k * HASH_BYTES, (k + 1) * HASH_BYTES) !== 0;
    });
    return changed.length > 0 ? changed.map((reader) => FIELDS[reader]).join(' and ') : null;
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

  private digest(owner: string, leafHash: Buffer): void {
    let digest = this.digests.get(owner);
    if (!digest) this.digests.set(owner, (digest = { digest: createHash('sha256'), count: 0 }));
    digest.digest.update(leafHash);
    digest.count += 1;
  }

  /** The right edge of the whole tree: the subtrees over full tiles are all there is, because an epoch is made of full tiles. */
  private edge(): Buffer[] {
    return this.whole.hashes;
  }
}

const FIELDS: Record<(typeof READERS)[number], string> = {
  donor: 'fund, currency, amount, month or state',
  auditor: 'accounts, rail, evidence, days or phase',
  subject: 'the transfer or the cause',
};

const NO_ACCOUNT: LoggedAccount = { fund: '?', currency: '?', name: '?' };

const salt = Buffer.alloc(SALT_BYTES);
function saltBytes(hex: string): Buffer {
  salt.write(hex, 'hex');
  return salt;
}

function nameOf(leaf: LeafRow, content: Content | null): string {
  if (content && 'entry' in content)
    return `entry ${content.entry[at.id]} (seq ${content.entry[at.seq]}, leaf ${leaf.index})`;
  if (leaf.entrySeq) return `entry with seq ${leaf.entrySeq} (leaf ${leaf.index})`;
  return `seal ${leaf.sealId} (leaf ${leaf.index})`;
}
