/** What the bundle of a report says of its place in the log, for the page that explains the proof. The donor's browser checks it, not this. */
import { toBase64 } from '../ledger/transparency-log/domain/bytes.js';
import { readBundle, type ReadBundle } from '../ledger/transparency-log/domain/bundle-reading.js';
import type { Bundle } from '../ledger/transparency-log/domain/bundle.js';
import { nodePrimitives } from '../ledger/transparency-log/domain/node-primitives.js';
import type { DonorSeal } from '../ledger/transparency-log/domain/seal-text.js';
import { NoteError, verifyNote } from '../ledger/transparency-log/domain/signed-note.js';

export interface ReportProof {
  /** Place of the report in the log, from 1. */
  line: number;
  /** Lines of the log when it was signed, and the root of their tree in base64, as the file writes it. */
  size: number;
  root: string;
  seal: DonorSeal;
  /** Names of the witnesses who signed that state of the log. */
  witnesses: string[];
  /** The period of the report before, which the log is shown to continue; null for a fund's first. */
  before: string | null;
}

/** Throws what a reader of a malformed bundle throws: the service made it, so none is. */
export async function proofIn(text: string): Promise<ReportProof> {
  const read = await readBundle(nodePrimitives, text);
  const { size, root } = read.checkpoint.checkpoint;
  const { seal, previous }: Bundle = read.bundle;
  return {
    line: seal.index + 1,
    size,
    root: toBase64(root),
    seal: read.seal,
    witnesses: await witnessesOf(read),
    before: previous?.period ?? null,
  };
}

async function witnessesOf({ checkpoint, witnessKeys }: ReadBundle): Promise<string[]> {
  try {
    const signed = await verifyNote(nodePrimitives, checkpoint.note, witnessKeys);
    return [...new Set(signed.map(({ key }) => key.name))];
  } catch (error) {
    if (error instanceof NoteError && error.code === 'not-signed-by-known-key') return [];
    throw error;
  }
}
