/** Bytes that are too many for the memory and too private for a disk: put aside under a key that nobody else has, in a file that has no name. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const READ_AT_ONCE = 65_536;

export class SealedSpool {
  private readonly key = randomBytes(32);
  private readonly start = randomBytes(16);
  private readonly cipher = createCipheriv('aes-256-ctr', this.key, this.start);

  private constructor(private readonly file: FileHandle) {}

  static async open(): Promise<SealedSpool> {
    const path = join(tmpdir(), `uct-ledger-${randomBytes(16).toString('hex')}`);
    const file = await open(path, 'wx+', 0o600);
    await unlink(path); // whatever ends this process, nothing is left
    return new SealedSpool(file);
  }

  /** Puts aside behind what is there; one at a time. */
  async write(chunk: Uint8Array): Promise<void> {
    await this.file.writeFile(this.cipher.update(chunk));
  }

  /** All that was put aside, from the beginning; as often as wanted until it is closed. */
  async *read(): AsyncGenerator<Buffer, void, undefined> {
    const decipher = createDecipheriv('aes-256-ctr', this.key, this.start);
    for (let position = 0; ;) {
      const { bytesRead, buffer } = await this.file.read(Buffer.alloc(READ_AT_ONCE), 0, READ_AT_ONCE, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      yield decipher.update(buffer.subarray(0, bytesRead));
    }
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}
