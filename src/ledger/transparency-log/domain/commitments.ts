/** Commitments and the leaves made of them, computed fast: the same bytes as `leaf-format.ts` says, without a new buffer for each. */
import { createCipheriv, hash } from 'node:crypto';
import { COMMITMENT_PREFIX, COMMITMENTS_BYTES, LEAF_VERSION, SALT_BYTES } from './leaf-format.js';
import { leafHashInto } from './merkle-hash.js';

/** What comes before the text in what is hashed for a commitment. */
export const SALTED_BYTES = 1 + SALT_BYTES;

// Reused: nothing here waits, so no two leaves are made at one time.
const leaf = Buffer.alloc(1 + COMMITMENTS_BYTES, LEAF_VERSION);

/** Writes the commitment to a text under the salt that `salts` holds at `saltAt`. */
export function commitInto(text: string, salts: Buffer, saltAt: number, out: Buffer, outAt: number): void {
  const input = Buffer.alloc(SALTED_BYTES + Buffer.byteLength(text, 'utf8'));
  input.write(text, beginInput(salts, saltAt, input, 0), 'utf8');
  commitToInput(input, out, outAt);
}

/** Writes what comes before the text, under the salt that `salts` holds at `saltAt`; answers where the text begins. */
export function beginInput(salts: Buffer, saltAt: number, out: Buffer, outAt: number): number {
  out[outAt] = COMMITMENT_PREFIX;
  for (let k = 0; k < SALT_BYTES; k++) out[outAt + 1 + k] = salts[saltAt + k] ?? 0;
  return outAt + SALTED_BYTES;
}

/** Writes the commitment that a whole input makes: what `beginInput` wrote, and the text. */
export function commitToInput(input: Buffer, out: Buffer, outAt: number): void {
  out.write(hash('sha256', input, 'binary'), outAt, 'latin1');
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
