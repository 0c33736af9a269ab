/** Asking a witness for its cosignature on a checkpoint (C2SP tlog-witness), and believing nothing it does not sign. */
import { toBase64 } from '../domain/bytes.js';
import { nodePrimitives } from '../domain/node-primitives.js';
import { MAX_NOTE_BYTES, parseNote, verifyNote, type VerifierKey } from '../domain/signed-note.js';
import { isSize } from '../domain/subtrees.js';

const TIMEOUT_MS = 10_000;

export interface CosignatureRequest {
  /** Where the witness is, without /add-checkpoint. */
  url: string;
  key: VerifierKey;
  /** The checkpoint with the log's signature. */
  note: string;
  /** Size of the last checkpoint that the witness cosigned, as far as is known. */
  oldSize: number;
  /** From that size to the checkpoint's. */
  proof: readonly Uint8Array[];
  timeoutMs?: number;
  fetch?: typeof fetch;
}

export type CosignatureReply =
  /** `line` goes under the note, with its new line; `timestamp` is in Unix seconds. */
  | { kind: 'cosigned'; line: string; timestamp: number }
  /** The witness knows the log at another size: the proof has to begin there. */
  | { kind: 'conflict'; size: number }
  | { kind: 'failed'; code: 'unreachable' | 'timed-out' | 'malformed-answer' | 'bad-cosignature' }
  | { kind: 'failed'; code: 'refused'; status: number };

/** Never throws: a witness that fails is one of several, and the log goes on without it. */
export async function requestCosignature(request: CosignatureRequest): Promise<CosignatureReply> {
  const answer = await post(request);
  if ('kind' in answer) return answer;
  if (answer.status === 200) return verified(request, answer.body);
  if (answer.status !== 409) return { kind: 'failed', code: 'refused', status: answer.status };
  const size = Number(/^(0|[1-9]\d*)\n$/.exec(answer.body)?.[1] ?? NaN);
  return isSize(size) ? { kind: 'conflict', size } : { kind: 'failed', code: 'malformed-answer' };
}

async function post(request: CosignatureRequest): Promise<{ status: number; body: string } | CosignatureReply> {
  const { url, note, oldSize, proof, timeoutMs = TIMEOUT_MS } = request;
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await (request.fetch ?? fetch)(`${url.replace(/\/$/, '')}/add-checkpoint`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: `old ${oldSize}\n${proof.map((hash) => `${toBase64(hash)}\n`).join('')}\n${note}`,
      redirect: 'error', // the address is what was agreed on
      signal,
    });
    const body = await textOf(response);
    return body === undefined ? { kind: 'failed', code: 'malformed-answer' } : { status: response.status, body };
  } catch {
    return { kind: 'failed', code: signal.aborted ? 'timed-out' : 'unreachable' };
  }
}

/** Undefined when it is longer than any note. */
async function textOf(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > MAX_NOTE_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function verified({ key, note }: CosignatureRequest, lines: string): Promise<CosignatureReply> {
  try {
    const cosigned = parseNote(`${parseNote(note).text}\n${lines}`);
    const [cosignature] = await verifyNote(nodePrimitives, cosigned, [key]);
    if (!cosignature?.timestamp) return { kind: 'failed', code: 'bad-cosignature' };
    return { kind: 'cosigned', line: cosignature.signature.line, timestamp: cosignature.timestamp };
  } catch {
    return { kind: 'failed', code: 'bad-cosignature' };
  }
}
