/** Rows as PostgreSQL's binary COPY sends them, each column found once and read where it lies. */
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { reading } from './rows.js';

/** Where there is nothing: null, or no such row. */
export const NOT_THERE = -1;

/** Signature, flags and the length of an extension, which there is none of. */
const HEADER_BYTES = 19;
/** After the last row. */
const END = -1;
const TWO_TO_32 = 2 ** 32;

/** Rows are known by their number, columns by theirs. */
export class BinaryRows {
  readonly count: number;
  /** Of each column of each row: where it begins, and where it ends. */
  private readonly places: Int32Array;

  private constructor(
    readonly bytes: Buffer,
    private readonly columns: number,
  ) {
    this.count = this.countRows();
    this.places = new Int32Array(2 * columns * this.count);
    for (let at = HEADER_BYTES, cell = 0; cell < this.count * columns; cell++) {
      if (cell % columns === 0) at += 2;
      const length = bytes.readInt32BE(at);
      at += 4;
      this.places[2 * cell] = length < 0 ? NOT_THERE : at;
      at += Math.max(0, length);
      this.places[2 * cell + 1] = at;
    }
  }

  static async read(client: pg.ClientBase, query: string, columns: number): Promise<BinaryRows> {
    return new BinaryRows(await reading(copied(client, query)), columns);
  }

  isThere(row: number, column: number): boolean {
    return this.from(row, column) !== NOT_THERE;
  }

  from(row: number, column: number): number {
    return row < 0 ? NOT_THERE : (this.places[2 * (row * this.columns + column)] ?? NOT_THERE);
  }

  to(row: number, column: number): number {
    return this.places[2 * (row * this.columns + column) + 1] ?? 0;
  }

  int4(row: number, column: number): number {
    return this.bytes.readInt32BE(this.from(row, column));
  }

  int8(row: number, column: number): number {
    const at = this.from(row, column);
    return this.bytes.readInt32BE(at) * TWO_TO_32 + this.bytes.readUInt32BE(at + 4);
  }

  uuid(row: number, column: number): string {
    const hex = this.bytes.toString('hex', this.from(row, column), this.to(row, column));
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }

  private countRows(): number {
    let count = 0;
    for (let at = HEADER_BYTES; this.bytes.readInt16BE(at) !== END; count++) {
      at += 2;
      for (let column = 0; column < this.columns; column++) at += 4 + Math.max(0, this.bytes.readInt32BE(at));
    }
    return count;
  }
}

async function copied(client: pg.ClientBase, query: string): Promise<Buffer> {
  const stream = client.query(copyTo(`copy (${query}) to stdout (format binary)`));
  stream.on('error', () => undefined); // the reading hears of it, unless nobody reads any more
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
