/** Leaves with their salts as PostgreSQL's binary COPY sends them, read where they lie: an object for each would cost more than its hashes. */
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';

/** Signature, flags and the length of an extension, which there is none of. */
const HEADER_BYTES = 19;
const COLUMNS = 8;
/** Place, epoch and commitments, and the lengths of all columns. */
const LEAST_ROW_BYTES = 2 + 4 * COLUMNS + 8 + 4 + 96;
const TWO_TO_32 = 2 ** 32;
/** Beyond it rows are still found, only not in their order. */
const FURTHEST_SEQ = 1e10;

/** Rows are known by their number. Where `at` says -1, there is nothing. */
export class LeafRows {
  private count = 0;
  private readonly at: Int32Array;

  private constructor(readonly bytes: Buffer) {
    this.at = new Int32Array(Math.ceil(bytes.length / LEAST_ROW_BYTES) * COLUMNS);
    this.locate();
  }

  /** The leaves from one place in the log up to, and without, another. */
  static async read(client: pg.ClientBase, from: number, before: number): Promise<LeafRows> {
    const chunks: Buffer[] = [];
    for await (const chunk of client.query(copyTo(`copy (${leavesBetween(from, before)}) to stdout (format binary)`)))
      chunks.push(chunk as Buffer);
    return new LeafRows(Buffer.concat(chunks));
  }

  index(row: number): number {
    return this.int8(this.at[row * COLUMNS] ?? -1);
  }

  epoch(row: number): number {
    return this.bytes.readInt32BE(this.at[row * COLUMNS + 1] ?? 0);
  }

  /** Of the entry that the leaf stands for; null for a seal. */
  seq(row: number): number | null {
    const at = this.at[row * COLUMNS + 2] ?? -1;
    return at < 0 ? null : this.int8(at);
  }

  /** Id of the seal that the leaf stands for; null for an entry. */
  sealId(row: number): string | null {
    const at = this.at[row * COLUMNS + 3] ?? -1;
    if (at < 0) return null;
    const hex = this.bytes.toString('hex', at, at + 16);
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }

  commitmentsAt(row: number): number {
    return this.at[row * COLUMNS + 4] ?? -1;
  }

  /** `reader`: 0 donor, 1 auditor, 2 subject. */
  saltAt(row: number, reader: number): number {
    return this.at[row * COLUMNS + 5 + reader] ?? -1;
  }

  /** The rows of each epoch, in the order in which their entries were made, seals first. */
  byEpoch(): Map<number, Int32Array> {
    const seqs = new Float64Array(this.count);
    const rows = new Int32Array(this.count);
    let isInOrder = true;
    for (let row = 0; row < this.count; row++) {
      rows[row] = row;
      // What belongs together first: an epoch has fewer leaves than there are seqs.
      seqs[row] = this.epoch(row) * FURTHEST_SEQ + (this.seq(row) ?? 0);
      isInOrder &&= row === 0 || (seqs[row - 1] ?? 0) <= (seqs[row] ?? 0);
    }
    if (!isInOrder) rows.sort((one, other) => (seqs[one] ?? 0) - (seqs[other] ?? 0));
    const epochs = new Map<number, Int32Array>();
    for (let from = 0, to = 0; from < this.count; from = to) {
      const epoch = this.epoch(rows[from] ?? 0);
      while (to < this.count && this.epoch(rows[to] ?? 0) === epoch) to++;
      epochs.set(epoch, rows.subarray(from, to));
    }
    return epochs;
  }

  private int8(at: number): number {
    return this.bytes.readInt32BE(at) * TWO_TO_32 + this.bytes.readUInt32BE(at + 4);
  }

  private locate(): void {
    for (let at = HEADER_BYTES; this.bytes.readInt16BE(at) !== -1; this.count++) {
      at += 2;
      for (let column = 0; column < COLUMNS; column++) {
        const length = this.bytes.readInt32BE(at);
        at += 4;
        this.at[this.count * COLUMNS + column] = length < 0 ? -1 : at;
        if (length > 0) at += length;
      }
    }
  }
}

const leavesBetween = (from: number, before: number) => `
  select l.log_index, l.epoch, l.entry_seq, l.seal_id, l.commitments, s.donor, s.auditor, s.subject
  from ledger.leaf l left join ledger.leaf_salt s on s.log_index = l.log_index
  where l.log_index >= ${from} and l.log_index < ${before}`;
