/** The text by which the log says how large its tree is and with which root (C2SP tlog-checkpoint). */
import { fromBase64, toBase64 } from './bytes.js';
import { HASH_BYTES } from './primitives.js';
import { isSize } from './subtrees.js';

export interface Checkpoint {
  /** Which log says so. */
  origin: string;
  /** How many leaves. */
  size: number;
  root: Uint8Array;
  extensions: string[];
}

export class CheckpointError extends Error {
  readonly code = 'malformed-checkpoint';
}

/** The text that is signed. Raises `CheckpointError`. */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const { origin, size, root, extensions } = checked(checkpoint);
  return [origin, String(size), toBase64(root), ...extensions].map((line) => `${line}\n`).join('');
}

/** Reads the text of a note, without its signatures. Raises `CheckpointError`. */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new CheckpointError('A checkpoint ends with a new line.');
  const [origin, size, root, ...extensions] = lines;
  if (origin === undefined || size === undefined || root === undefined)
    throw new CheckpointError('A checkpoint has a line each for origin, size and root.');
  if (!/^(0|[1-9]\d*)$/.test(size)) throw new CheckpointError('The size is a whole number without leading zeros.');
  const rootBytes = fromBase64(root);
  if (!rootBytes) throw new CheckpointError('The root is not in base64.');
  return checked({ origin, size: Number(size), root: rootBytes, extensions });
}

function checked(checkpoint: Checkpoint): Checkpoint {
  const { origin, size, root, extensions } = checkpoint;
  if (!isSize(size)) throw new CheckpointError('The size is no number of leaves.');
  if (root.length !== HASH_BYTES) throw new CheckpointError(`The root has ${HASH_BYTES} bytes.`);
  if (![origin, ...extensions].every(isLine))
    throw new CheckpointError('Origin and extension lines are not empty and have no control characters.');
  return checkpoint;
}

function isLine(text: string): boolean {
  return text !== '' && [...text].every((character) => character >= ' ');
}
