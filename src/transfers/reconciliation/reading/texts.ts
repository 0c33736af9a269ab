/** Bytes of a file as pieces of text: UTF-8 and nothing else, up to a limit, no more than one piece at a time in memory. */
import { isUtf8 } from 'node:buffer';
import type { FaultCode } from '../domain/report-items.js';

/** Why a file is not read any further. */
export class ReadFault extends Error {
  constructor(
    readonly code: FaultCode,
    readonly byte: number,
  ) {
    super(`${code} at byte ${byte}`);
  }
}

export interface Piece {
  text: string;
  /** Bytes of the file up to the end of this piece. */
  endByte: number;
}

/** Small, so that whoever counts what a reader has swallowed without a result notices soon. */
export const PIECE_BYTES = 16 * 1024;

/** Gives what can be read before a fault, then throws `ReadFault`: `too-large`, `encoding`, `not-utf-8`. */
export async function* textsOf(bytes: AsyncIterable<Buffer>, limitBytes: number): AsyncGenerator<Piece> {
  let read = 0;
  let rest: Buffer = Buffer.alloc(0);
  let isFirst = true;
  for await (const chunk of bytes) {
    for (let from = 0; from < chunk.length; from += PIECE_BYTES) {
      const fresh = chunk.subarray(from, from + PIECE_BYTES);
      let piece = rest.length > 0 ? Buffer.concat([rest, fresh]) : fresh;
      if (read + piece.length > limitBytes) throw new ReadFault('too-large', limitBytes);
      if (isFirst && piece.length < 4) {
        rest = piece;
        continue;
      }
      if (isFirst) {
        refuseOtherEncodings(piece);
        if (startsWith(piece, 0xef, 0xbb, 0xbf)) {
          piece = piece.subarray(3);
          read += 3;
        }
        isFirst = false;
      }
      const whole = piece.length - unfinishedAt(piece);
      yield* validated(piece.subarray(0, whole), read);
      read += whole;
      rest = Buffer.from(piece.subarray(whole));
    }
  }
  if (isFirst && rest.length > 0) refuseOtherEncodings(rest);
  if (rest.length > 0) yield* validated(rest, read);
}

function* validated(piece: Buffer, from: number): Generator<Piece> {
  const valid = isUtf8(piece) ? piece.length : validBytes(piece);
  if (valid > 0) yield { text: piece.toString('utf8', 0, valid), endByte: from + valid };
  if (valid < piece.length) throw new ReadFault('not-utf-8', from + valid);
}

/** UTF-16 and UTF-32 begin with a mark, or with a zero beside the first letter. */
function refuseOtherEncodings(start: Buffer): void {
  if (startsWith(start, 0xfe, 0xff) || startsWith(start, 0xff, 0xfe) || start[0] === 0 || start[1] === 0)
    throw new ReadFault('encoding', 0);
}

function startsWith(bytes: Buffer, ...expected: number[]): boolean {
  return expected.every((byte, index) => bytes[index] === byte);
}

/** How many bytes at the end begin a letter that is not finished there. */
function unfinishedAt(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0b1100_0000) === 0b1000_0000) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

/** The longest beginning that is UTF-8, found by halving. */
function validBytes(bytes: Buffer): number {
  let [low, high] = [0, bytes.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const start = bytes.subarray(0, middle);
    if (isUtf8(start.subarray(0, middle - unfinishedAt(start)))) low = middle;
    else high = middle - 1;
  }
  return low - unfinishedAt(bytes.subarray(0, low));
}
