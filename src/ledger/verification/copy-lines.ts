/** Reads what PostgreSQL's COPY sends as lines, a piece at a time, so that a million rows are read without holding them or waiting for each. */
import { StringDecoder } from 'node:string_decoder';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';

export class CopyLines {
  private readonly chunks: AsyncIterator<Buffer, undefined>;
  private lines: string[] = [];
  private next = 0;
  private rest = '';
  private readonly decoder = new StringDecoder('utf8');
  private hasEnded = false;

  constructor(client: pg.ClientBase, query: string) {
    this.chunks = client.query(copyTo(`copy (${query}) to stdout`))[Symbol.asyncIterator]() as AsyncIterator<
      Buffer,
      undefined
    >;
  }

  /** The line that comes next, or undefined when `fill` has to be called first. */
  peek(): string | undefined {
    return this.lines[this.next];
  }

  skip(): void {
    this.next += 1;
  }

  /** Gets more lines; false when there are none. */
  async fill(): Promise<boolean> {
    while (this.next >= this.lines.length) {
      if (this.hasEnded) return false;
      const chunk: IteratorResult<Buffer, undefined> = await this.chunks.next();
      if (chunk.done) {
        this.hasEnded = true;
        return false;
      }
      const parts = (this.rest + this.decoder.write(chunk.value)).split('\n');
      this.rest = parts.pop() ?? '';
      this.lines = parts;
      this.next = 0;
    }
    return true;
  }
}
