/**
 * Dates of birth as the index of persons keeps them. One block of AES-256 each, of the date and the client's id: the same date is another block for
 * every client, a block that is moved to another client does not open, and all that a search found are opened in one call.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { PlainDate } from '../../kernel/domain/plain-date.js';

const BLOCK_BYTES = 16;
const DATE_BYTES = 4;

export class BirthBlocks {
  constructor(private readonly key: Buffer) {}

  seal(clientId: string, date: PlainDate): Buffer {
    const block = Buffer.alloc(BLOCK_BYTES);
    block.writeUInt32BE(Number(date.replaceAll('-', '')));
    idPart(clientId).copy(block, DATE_BYTES);
    return createCipheriv('aes-256-ecb', this.key, null).setAutoPadding(false).update(block);
  }

  /** The dates in the same order; throws when a block is another client's, or was changed. */
  open(sealed: readonly { clientId: string; block: Buffer }[]): PlainDate[] {
    const decipher = createDecipheriv('aes-256-ecb', this.key, null).setAutoPadding(false);
    const opened = decipher.update(Buffer.concat(sealed.map(({ block }) => block)));
    return sealed.map(({ clientId }, index) => {
      const block = opened.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES);
      if (!block.subarray(DATE_BYTES).equals(idPart(clientId)))
        throw new Error('a date of birth is not of this client');
      const digits = String(block.readUInt32BE()).padStart(8, '0');
      return `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
    });
  }
}

/** All of the id that fits beside a date. */
const idPart = (clientId: string) =>
  Buffer.from(clientId.replaceAll('-', ''), 'hex').subarray(0, BLOCK_BYTES - DATE_BYTES);
