/** Leaves with their salts as PostgreSQL's binary COPY sends them, read where they lie: an object for each would cost more than its hashes. */
import type pg from 'pg';
import { COMMITMENTS_BYTES, SALT_BYTES } from '../transparency-log/domain/leaf-format.js';
import { BinaryRows, NOT_THERE } from './binary-rows.js';

const LEAF = { index: 0, epoch: 1, seq: 2, seal: 3, commitments: 4 } as const;
const SALT = { index: 0, ofFirstReader: 1 } as const;
/** More than are read at once. */
const MOST_ROWS = 2 ** 18;
/** Beyond it rows are still found, only not in their order. */
const FURTHEST_SEQ = 2 ** 34;

/** Rows are known by their number. */
export class LeafRows {
  /** The row of its salts, plus one, by the place of the leaf. */
  private readonly saltRows: Int32Array;

  private constructor(
    private readonly from: number,
    before: number,
    private readonly leafRows: BinaryRows,
    private readonly salted: BinaryRows,
  ) {
    this.saltRows = new Int32Array(before - from);
    for (let row = 0; row < salted.count; row++) this.saltRows[salted.int8(row, SALT.index) - from] = row + 1;
  }

  /** The leaves from one place in the log up to, and without, another. Two readings, because a join of them reads the salts of the whole log. */
  static async read(client: pg.ClientBase, from: number, before: number): Promise<LeafRows> {
    const within = `where log_index >= ${from} and log_index < ${before}`;
    const [leaves, salts] = await Promise.all([
      BinaryRows.read(client, `select log_index, epoch, entry_seq, seal_id, commitments from ledger.leaf ${within}`, 5),
      BinaryRows.read(client, `select log_index, donor, auditor, subject from ledger.leaf_salt ${within}`, 4),
    ]);
    return new LeafRows(from, before, leaves, salts);
  }

  /** In which the salts lie. */
  get salts(): Buffer {
    return this.salted.bytes;
  }

  index(row: number): number {
    return this.leafRows.int8(row, LEAF.index);
  }

  /** Of the entry that the leaf stands for; null for a seal. */
  seq(row: number): number | null {
    return this.leafRows.isThere(row, LEAF.seq) ? this.leafRows.int8(row, LEAF.seq) : null;
  }

  /** Id of the seal that the leaf stands for; null for an entry. */
  sealId(row: number): string | null {
    return this.leafRows.isThere(row, LEAF.seal) ? this.leafRows.uuid(row, LEAF.seal) : null;
  }

  /** False, and nothing copied, when they have another length. */
  copyCommitments(row: number, out: Buffer, outAt: number): boolean {
    const [from, to] = [this.leafRows.from(row, LEAF.commitments), this.leafRows.to(row, LEAF.commitments)];
    return to - from === COMMITMENTS_BYTES && this.leafRows.bytes.copy(out, outAt, from, to) === COMMITMENTS_BYTES;
  }

  /** Where in `salts` the salts of a leaf lie, in the order of `READERS`; `NOT_THERE` for what is gone, or has another length. */
  saltsAt(row: number): readonly [number, number, number] {
    const saltRow = (this.saltRows[this.index(row) - this.from] ?? 0) - 1;
    const at = (reader: number) => {
      const column = SALT.ofFirstReader + reader;
      const from = this.salted.from(saltRow, column);
      return from !== NOT_THERE && this.salted.to(saltRow, column) - from === SALT_BYTES ? from : NOT_THERE;
    };
    return [at(0), at(1), at(2)];
  }

  /** The rows of each epoch, in the order in which their entries were made, seals first. */
  byEpoch(): Map<number, Int32Array> {
    const { count } = this.leafRows;
    const counts = new Map<number, number>();
    for (let row = 0; row < count; row++) counts.set(this.epoch(row), (counts.get(this.epoch(row)) ?? 0) + 1);
    // Seq and row in one number, because numbers are sorted several times faster than by a function.
    const keys = new Map([...counts].map(([epoch, size]) => [epoch, new Float64Array(size)]));
    for (let row = 0; row < count; row++) {
      const epoch = this.epoch(row);
      const left = (counts.get(epoch) ?? 0) - 1;
      counts.set(epoch, left);
      const own = keys.get(epoch);
      if (own) own[left] = Math.max(0, Math.min(this.seq(row) ?? 0, FURTHEST_SEQ)) * MOST_ROWS + row;
    }
    return new Map([...keys].map(([epoch, own]) => [epoch, Int32Array.from(own.sort(), (key) => key % MOST_ROWS)]));
  }

  private epoch(row: number): number {
    return this.leafRows.int4(row, LEAF.epoch);
  }
}
