/**
 * What a leaf of the log is made of, in bytes: three salted commitments, one for each reader (SHA-256, as SD-JWT does for each claim).
 * An amount is one of a handful of values, so a digest without a salt would tell it. Runs in a browser too.
 */

/** The readers of a leaf, in the order of its commitments. A donor opens the first, an auditor the first two, nobody outside the third. */
export const READERS = ['donor', 'auditor', 'subject'] as const;
export type Reader = (typeof READERS)[number];

export const SALT_BYTES = 32;
export const COMMITMENTS_BYTES = READERS.length * 32;
/** Keeps a commitment from being passed off as a leaf or a node of the tree, whose prefixes are 0 and 1 (RFC 6962). */
export const COMMITMENT_PREFIX = 0x02;
export const LEAF_VERSION = 0x01;

/** What is hashed to commit to a text (UTF-8, canonical JSON): prefix, salt, text. */
export function commitmentInput(salt: Uint8Array, text: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + SALT_BYTES + text.length);
  input[0] = COMMITMENT_PREFIX;
  input.set(salt, 1);
  input.set(text, 1 + SALT_BYTES);
  return input;
}

/** The data of a leaf: version, then the commitments to what donor, auditor and subject may open. */
export function leafData(commitments: Uint8Array): Uint8Array {
  if (commitments.length !== COMMITMENTS_BYTES) throw new RangeError(`Commitments have ${COMMITMENTS_BYTES} bytes.`);
  const data = new Uint8Array(1 + COMMITMENTS_BYTES);
  data[0] = LEAF_VERSION;
  data.set(commitments, 1);
  return data;
}
