/** A witness: cosigns a log's checkpoint when it continues the last one it cosigned, and no other (C2SP tlog-witness). */
import { createHash } from 'node:crypto';
import { fromBase64, toBase64, utf8Bytes } from '../domain/bytes.js';
import { CheckpointError, parseCheckpoint, type Checkpoint } from '../domain/checkpoint.js';
import { EMPTY_ROOT } from '../domain/merkle-hash.js';
import { nodePrimitives } from '../domain/node-primitives.js';
import { HASH_BYTES } from '../domain/primitives.js';
import { checkConsistency } from '../domain/proof-check.js';
import {
  formatVerifierKey,
  NoteError,
  parseNote,
  verifyNote,
  type SignedNote,
  type VerifiedSignature,
  type VerifierKey,
} from '../domain/signed-note.js';
import { isSize } from '../domain/subtrees.js';
import type { WitnessState } from './witness-state.js';

const MAX_PROOF_HASHES = 63;
/** So much less than a note may have that it can be kept with all its signatures. */
const MAX_CHECKPOINT_BYTES = 16 * 1024;
const PLAIN_TEXT = 'text/plain; charset=utf-8';

export interface WitnessAnswer {
  status: number;
  contentType: string;
  body: string;
}

export interface WitnessOptions {
  state: WitnessState;
  /** Keys of the logs; the name of a key is the origin of its log's checkpoints. */
  logs: readonly VerifierKey[];
  /** Unix seconds. */
  now: () => number;
  /** Told when a log showed what does not fit what it showed before. */
  warn: (sentence: string) => void;
}

interface Submission {
  oldSize: number;
  proof: Uint8Array[];
  note: SignedNote;
  checkpoint: Checkpoint;
}

/** What the request is answered with, when not with a cosignature. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    sentence: string,
  ) {
    super(sentence);
  }
}

export class Witness {
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: WitnessOptions) {
    for (const key of options.logs)
      if (key.kind !== 'ed25519')
        throw new NoteError(
          'unknown-key-type',
          `${formatVerifierKey(key)} is the key of a witness, and a log signs with its own.`,
        );
  }

  get name(): string {
    return this.options.state.cosigner.key.name;
  }

  get vkey(): string {
    return this.options.state.cosigner.vkey;
  }

  /** The logs it is a witness of, and how many leaves of each it has cosigned. */
  get sizes(): { origin: string; size: number }[] {
    const origins = new Set(this.options.logs.map(({ name }) => name));
    return [...origins].map((origin) => ({ origin, size: this.options.state.last(origin)?.checkpoint.size ?? 0 }));
  }

  /** The last cosigned checkpoint of the log whose origin has this SHA-256, in hexadecimal. */
  lastNote(originHash: string): string | undefined {
    const origin = this.sizes.find(
      (log) => createHash('sha256').update(log.origin).digest('hex') === originHash,
    )?.origin;
    return origin === undefined ? undefined : this.options.state.last(origin)?.note;
  }

  /** Answers the body of an add-checkpoint request. Throws only when what was cosigned could not be kept; then nothing is answered. */
  async addCheckpoint(body: string): Promise<WitnessAnswer> {
    try {
      const submission = parseSubmission(body);
      const signatures = await this.verify(submission);
      return await this.inTurn(() => this.cosign(submission, signatures));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { status: error.status, contentType: PLAIN_TEXT, body: `${error.message}\n` };
    }
  }

  /** The signatures of the log's own keys. */
  private async verify({ note, checkpoint, oldSize }: Submission): Promise<VerifiedSignature[]> {
    const keys = this.options.logs.filter(({ name }) => name === checkpoint.origin);
    if (keys.length === 0) throw new Refusal(404, 'This is no witness of that log.');
    const signatures = await verifyNote(nodePrimitives, note, keys).catch((error: unknown) => refuse(403, error));
    if (oldSize > checkpoint.size) throw new Refusal(400, 'The old size is larger than that of the checkpoint.');
    return signatures;
  }

  private async cosign(submission: Submission, signatures: VerifiedSignature[]): Promise<WitnessAnswer> {
    const { note, checkpoint, oldSize, proof } = submission;
    const { state, now } = this.options;
    const last = state.last(checkpoint.origin)?.checkpoint ?? { size: 0, root: EMPTY_ROOT };
    if (oldSize !== last.size) return { status: 409, contentType: 'text/x.tlog.size', body: `${last.size}\n` };
    const [oldRoot, newSize, newRoot] = [last.root, checkpoint.size, checkpoint.root];
    if (!(await checkConsistency(nodePrimitives, { oldSize, oldRoot, newSize, newRoot, proof })))
      throw this.inconsistent(last, submission, signatures);
    const line = state.cosigner.cosign(note.text, now());
    const lines = [...signatures.map(({ signature }) => signature.line), line];
    // Before the answer: a cosignature that was given and forgotten could be followed by one for another history.
    await state.remember({ checkpoint, note: `${note.text}\n${lines.join('')}` });
    return { status: 200, contentType: PLAIN_TEXT, body: line };
  }

  private inconsistent(
    last: Pick<Checkpoint, 'size' | 'root'>,
    { checkpoint: { origin, size, root }, note }: Submission,
    signatures: VerifiedSignature[],
  ): Refusal {
    const shown = `${origin} showed ${size} leaves with root ${toBase64(root)}`;
    const known = `this witness cosigned ${last.size} leaves with root ${toBase64(last.root)}`;
    // Only the log can sign two roots for one size, so its signature is worth keeping; a wrong proof anybody can send.
    const evidence =
      size === last.size ? `\n${note.text}\n${signatures.map(({ signature }) => signature.line).join('')}` : '';
    this.options.warn(
      `Not cosigned: ${shown}, without proof that it continues what it showed before: ${known}.${evidence}`,
    );
    return new Refusal(422, 'There is no proof that this checkpoint continues the last one cosigned.');
  }

  /** One after the other, also when the one before failed. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }
}

function parseSubmission(body: string): Submission {
  const split = body.indexOf('\n\n');
  if (split < 0) throw new Refusal(400, 'The request has no empty line before the checkpoint.');
  const [oldLine = '', ...proofLines] = body.slice(0, split).split('\n');
  const oldSize = Number(/^old (0|[1-9]\d*)$/.exec(oldLine)?.[1] ?? NaN);
  if (!isSize(oldSize)) throw new Refusal(400, 'The first line is not old and a size.');
  if (proofLines.length > MAX_PROOF_HASHES)
    throw new Refusal(400, `The proof has more than ${MAX_PROOF_HASHES} hashes.`);
  const proof = proofLines.map((line) => {
    const hash = fromBase64(line);
    if (hash?.length !== HASH_BYTES) throw new Refusal(400, 'A line of the proof is no hash in base64.');
    return hash;
  });
  try {
    const note = parseNote(body.slice(split + 2));
    if (utf8Bytes(note.text).length > MAX_CHECKPOINT_BYTES)
      throw new Refusal(400, `A checkpoint has at most ${MAX_CHECKPOINT_BYTES} bytes.`);
    return { oldSize, proof, note, checkpoint: parseCheckpoint(note.text) };
  } catch (error) {
    return refuse(400, error);
  }
}

function refuse(status: number, error: unknown): never {
  if (error instanceof NoteError || error instanceof CheckpointError) throw new Refusal(status, error.message);
  throw error;
}
