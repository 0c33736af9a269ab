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

type Answer = { status: number; body: string } | CosignatureReply;

/** The timer ends the waiting whatever becomes of the connection: a signal alone can be lost when its answer is collected as garbage. */
async function post(request: CosignatureRequest): Promise<Answer> {
  const aborting = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Answer>((resolve) => {
    timer = setTimeout(() => {
      resolve({ kind: 'failed', code: 'timed-out' });
      aborting.abort();
    }, request.timeoutMs ?? TIMEOUT_MS);
  });
  try {
    return await Promise.race([late, send(request, aborting.signal)]);
  } finally {
    clearTimeout(timer);
  }
}

async function send(request: CosignatureRequest, signal: AbortSignal): Promise<Answer> {
  const { url, note, oldSize, proof } = request;
  try {
    const response = await (request.fetch ?? fetch)(`${url.replace(/\/$/, '')}/add-checkpoint`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: `old ${oldSize}\n${proof.map((hash) => `${toBase64(hash)}\n`).join('')}\n${note}`,
      redirect: 'error', // the address is what was agreed on
      signal,
    });
    const body = await textOf(response, signal);
    return body === undefined ? { kind: 'failed', code: 'malformed-answer' } : { status: response.status, body };
  } catch {
    return { kind: 'failed', code: signal.aborted ? 'timed-out' : 'unreachable' };
  }
}

/** Undefined when it is longer than any note. */
async function textOf(response: Response, signal: AbortSignal): Promise<string | undefined> {
  const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
  const cancel = () => void reader?.cancel().catch(() => undefined);
  signal.addEventListener('abort', cancel, { once: true });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read()) {
    bytes += chunk.value.length;
    if (bytes > MAX_NOTE_BYTES) {
      cancel();
      return undefined;
    }
    chunks.push(chunk.value);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function verified({ key, note }: CosignatureRequest, lines: string): Promise<CosignatureReply> {
  try {
    const { text } = parseNote(note);
    const cosigned = parseNote(`${text}\n${lines}`);
    // An answer with an empty line would move the end of the text, and what is signed would be another one.
    if (cosigned.text !== text) return { kind: 'failed', code: 'malformed-answer' };
    const [cosignature] = await verifyNote(nodePrimitives, cosigned, [key]);
    if (!cosignature?.timestamp) return { kind: 'failed', code: 'bad-cosignature' };
    return { kind: 'cosigned', line: cosignature.signature.line, timestamp: cosignature.timestamp };
  } catch {
    return { kind: 'failed', code: 'bad-cosignature' };
  }
}
