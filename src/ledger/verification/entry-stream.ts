/** Entries as PostgreSQL's COPY sends them, a piece at a time, so that a million are read without holding them or waiting for each. */
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { reading } from './rows.js';
import { at, EntryRow } from '../transparency-log/domain/entry-row.js';

const NEWLINE = 0x0a;

/** Stands on one row at a time. */
export class EntryStream {
  /** The row it stands on; moves on with `next`. */
  readonly row = new EntryRow();
  /** Seq of that row; -1 when there is none, NaN when it is no number above zero. */
  seq = -1;
  private readonly chunks: AsyncIterator<Buffer, undefined>;
  private bytes: Buffer = Buffer.alloc(0);
  private from = 0;
  /** Where the last whole row ends. */
  private end = 0;
  /** Nothing is left to read. */
  hasEnded = false;

  constructor(client: pg.ClientBase, query: string) {
    const stream = client.query(copyTo(`copy (${query}) to stdout`));
    stream.on('error', () => undefined); // `fill` hears of it, unless nobody reads any more
    this.chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  }

  /** Moves on to the next row; false when `fill` has to be called first. */
  next(): boolean {
    if (this.from >= this.end) {
      this.seq = -1;
      return false;
    }
    this.from = this.row.read(this.bytes, this.from);
    this.seq = this.row.number(at.seq);
    return true;
  }

  /** Gets more rows; false when there are none. */
  async fill(): Promise<boolean> {
    while (this.from >= this.end) {
      const chunk: IteratorResult<Buffer, undefined> = await reading(this.chunks.next());
      if (chunk.done) {
        this.hasEnded = true;
        return false;
      }
      const rest = this.bytes.subarray(this.end);
      this.bytes = rest.length > 0 ? Buffer.concat([rest, chunk.value]) : chunk.value;
      this.from = 0;
      this.end = this.bytes.lastIndexOf(NEWLINE) + 1;
    }
    return true;
  }
}
