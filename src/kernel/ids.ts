/** Where ids come from: UUID version 7 (RFC 9562), so that rows made one after another lie beside each other in an index. */
import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from './clock.js';

/** Whether it is an id as the service writes them. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

/** The same id for the same text (UUID version 8 over its SHA-256), so that what is said twice is known again. */
export function idOfText(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

@Injectable()
export class Ids {
  private lastMs = 0;
  private counter = 0;

  constructor(private readonly clock: Clock) {}

  /** A new id; within one process each is greater than the one before while the clock does not go back. */
  newId(): string {
    const nowMs = this.clock.now().getTime();
    // While the clock is within what was borrowed from it, the counting goes on.
    if (nowMs >= this.lastMs && nowMs <= this.lastMs + (this.counter >> 12)) {
      this.counter += 1;
    } else {
      this.lastMs = nowMs;
      this.counter = randomBytes(2).readUInt16BE() & 0x3ff;
    }
    // 12 bits of rand_a count within the millisecond; what overflows them borrows from the next millisecond.
    const bytes = randomBytes(16);
    bytes.writeUIntBE(this.lastMs + (this.counter >> 12), 0, 6);
    bytes.writeUInt16BE(0x7000 | (this.counter & 0xfff), 6);
    bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
    const hex = bytes.toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }
}
