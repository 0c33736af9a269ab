/** Commitments and the leaves made of them, computed fast: the same bytes as `leaf-format.ts` says, without a new buffer for each. */
import { createCipheriv, hash } from 'node:crypto';
import { COMMITMENT_PREFIX, COMMITMENTS_BYTES, LEAF_VERSION, SALT_BYTES } from './leaf-format.js';
import { leafHashInto } from './merkle-hash.js';

const LONGEST_TEXT_BYTES = 64 * 1024;

// Reused: nothing here waits, so no two commitments are made at one time. One buffer for each length, because cutting one to size for every
// commitment costs a tenth of a verification.
const inputs = new Map<number, Buffer>();
const leaf = Buffer.alloc(1 + COMMITMENTS_BYTES, LEAF_VERSION);

/** Writes the commitment to a text under the salt that `salts` holds at `saltAt`. Throws RangeError when the text is longer than 64 KB. */
export function commitInto(text: string, salts: Buffer, saltAt: number, out: Buffer, outAt: number): void {
  const input = inputFor(Buffer.byteLength(text, 'utf8'));
  input.write(text, 1 + SALT_BYTES, 'utf8');
  salts.copy(input, 1, saltAt, saltAt + SALT_BYTES);
  out.write(hash('sha256', input, 'binary'), outAt, 'latin1');
}

function inputFor(textBytes: number): Buffer {
  if (textBytes > LONGEST_TEXT_BYTES) throw new RangeError('A committed text is too long.');
  let input = inputs.get(textBytes);
  if (!input) inputs.set(textBytes, (input = Buffer.alloc(1 + SALT_BYTES + textBytes, COMMITMENT_PREFIX)));
  return input;
}

/** Writes the hash of the leaf whose commitments stand at `at`. */
export function leafHashOfCommitments(commitments: Buffer, at: number, out: Buffer, outAt: number): void {
  commitments.copy(leaf, 1, at, at + COMMITMENTS_BYTES);
  leafHashInto(leaf, out, outAt);
}

/** Commitments for every place of an epoch, from its key: what stands where there is no entry, and cannot be told from one without the key. */
export function dummyCommitments(key: Buffer, size: number): Buffer {
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  return cipher.update(Buffer.alloc(size * COMMITMENTS_BYTES));
}
