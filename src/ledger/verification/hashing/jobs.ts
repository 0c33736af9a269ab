/** What the hashing thread does: bytes in, bytes out. It judges nothing; that is done in one place. */
import { beginInput, commitToInput, leafHashOfCommitments } from '../../transparency-log/domain/commitments.js';
import { entryTextWriters, type LoggedAccount } from '../../transparency-log/domain/entry-leaf.js';
import { at, EntryRow } from '../../transparency-log/domain/entry-row.js';
import { COMMITMENTS_BYTES, SALT_BYTES } from '../../transparency-log/domain/leaf-format.js';
import { TILE_WIDTH, tileRoot } from '../../transparency-log/domain/merkle-hash.js';
import { HASH_BYTES } from '../../transparency-log/domain/primitives.js';

/** Rows of entries, one after the other as COPY writes them, and the salts of each, in the order of `READERS`. */
export interface CommitJob {
  job: 'commit';
  rows: Uint8Array<ArrayBuffer>;
  salts: Uint8Array<ArrayBuffer>;
  count: number;
}

/** The commitments of neighbouring leaves, as many as fill whole tiles. */
export interface LeavesJob {
  job: 'leaves';
  commitments: Uint8Array<ArrayBuffer>;
}

/** Three commitments for each row. What the rows came in goes back, to be used again. */
export interface Committed {
  commitments: Uint8Array<ArrayBuffer>;
  rows: Uint8Array<ArrayBuffer>;
  salts: Uint8Array<ArrayBuffer>;
}

/** The hashes of the leaves, and the root of each tile of them. */
export interface HashedLeaves {
  hashes: Uint8Array<ArrayBuffer>;
  roots: Uint8Array<ArrayBuffer>;
}

const input = Buffer.alloc(64 * 1024);
const row = new EntryRow();
/** By length, because cutting one to size for every commitment costs a tenth of the hashing. */
const inputs: (Buffer | undefined)[] = new Array<undefined>(input.length + 1);

function inputUntil(end: number): Buffer {
  return (inputs[end] ??= input.subarray(0, end));
}

export function commit(
  { rows, salts, count }: Omit<CommitJob, 'job'>,
  accounts: ReadonlyMap<number, LoggedAccount>,
): Committed {
  const [bytes, saltBytes] = [asBuffer(rows), asBuffer(salts)];
  const commitments = Buffer.alloc(count * COMMITMENTS_BYTES);
  let next = 0;
  for (let k = 0, place = 0; k < count; k++) {
    next = row.read(bytes, next);
    const debit = accounts.get(row.number(at.debit)) ?? NO_ACCOUNT;
    const credit = accounts.get(row.number(at.credit)) ?? NO_ACCOUNT;
    for (const write of entryTextWriters) {
      const end = write(row, debit, credit, input, beginInput(saltBytes, (place / HASH_BYTES) * SALT_BYTES, input, 0));
      commitToInput(inputUntil(end), commitments, place);
      place += HASH_BYTES;
    }
  }
  return { commitments, rows, salts };
}

export function hashLeaves({ commitments }: Omit<LeavesJob, 'job'>): HashedLeaves {
  const bytes = asBuffer(commitments);
  const count = bytes.length / COMMITMENTS_BYTES;
  const hashes = Buffer.alloc(count * HASH_BYTES);
  const roots = Buffer.alloc((count / TILE_WIDTH) * HASH_BYTES);
  for (let k = 0; k < count; k++) leafHashOfCommitments(bytes, k * COMMITMENTS_BYTES, hashes, k * HASH_BYTES);
  for (let place = 0; place < roots.length; place += HASH_BYTES)
    tileRoot(hashes.subarray(place * TILE_WIDTH, (place + HASH_BYTES) * TILE_WIDTH)).copy(roots, place);
  return { hashes, roots };
}

/** The same bytes: between threads a Buffer becomes a plain array. */
export function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>): Buffer<ArrayBuffer> {
  return Buffer.from(buffer, byteOffset, byteLength);
}

const NO_ACCOUNT: LoggedAccount = { fund: '?', currency: '?', name: '?' };
