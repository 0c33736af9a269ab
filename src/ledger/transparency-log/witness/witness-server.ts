/** A witness on the network: the address to which logs send their checkpoints (C2SP tlog-witness). */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { nodePrimitives } from '../domain/node-primitives.js';
import { isKeyName, NoteError, parseVerifierKey, type VerifierKey } from '../domain/signed-note.js';
import { WitnessState } from './witness-state.js';
import { Witness, type WitnessAnswer, type WitnessOptions } from './witness.js';

const MAX_BODY_BYTES = 128 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;

export interface WitnessSettings extends Pick<WitnessOptions, 'now' | 'warn'> {
  /** Folder of its key and of what it cosigned; made when there is none. */
  dir: string;
  name: string;
  /** Verifier keys of the logs, as text. */
  logs: readonly string[];
  host: string;
  /** 0 for any that is free. */
  port: number;
}

export interface RunningWitness {
  url: string;
  vkey: string;
  /** Ends requests that are under way, then lets go of the folder. */
  close: () => Promise<void>;
}

/** Raises `NoteError` for a name or key that is none, and throws when the folder or the address cannot be used; each says which. */
export async function startWitness(settings: WitnessSettings): Promise<RunningWitness> {
  const { dir, name, now, warn, host, port } = settings;
  if (!isKeyName(name)) throw new NoteError('malformed-key', 'The name of a witness has no spaces and no plus signs.');
  const logs = await Promise.all(settings.logs.map(readLogKey));
  const state = await WitnessState.open(dir, name);
  try {
    const witness = new Witness({ state, logs, now, warn });
    const server = createServer(
      { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS, connectionsCheckingInterval: 1000 },
      (request, response) => void answer(witness, request, response, warn),
    );
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    const address = server.address() as AddressInfo;
    return {
      url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
      vkey: witness.vkey,
      close: async () => {
        await new Promise((resolve) => server.close(resolve));
        state.close();
      },
    };
  } catch (error) {
    state.close();
    throw error;
  }
}

async function readLogKey(vkey: string): Promise<VerifierKey> {
  return parseVerifierKey(vkey, nodePrimitives).catch((error: unknown) => {
    throw error instanceof NoteError ? new NoteError(error.code, `${vkey}: ${error.message}`) : error;
  });
}

async function answer(
  witness: Witness,
  request: IncomingMessage,
  response: ServerResponse,
  warn: (sentence: string) => void,
): Promise<void> {
  try {
    const { status, contentType, body } = await route(witness, request);
    response.writeHead(status, { 'content-type': contentType, 'x-content-type-options': 'nosniff' }).end(body);
  } catch (error) {
    if (request.destroyed && !request.complete) return; // the caller hung up
    warn(`A request could not be answered: ${error instanceof Error ? error.message : String(error)}`);
    response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' }).end('The witness has a fault.\n');
  }
}

async function route(witness: Witness, request: IncomingMessage): Promise<WitnessAnswer> {
  const { method, url = '' } = request;
  if (method === 'POST' && url === '/add-checkpoint') return addCheckpoint(witness, request);
  if (method === 'GET' && url === '/') return plain(200, about(witness));
  const [, originHash] = /^\/([0-9a-f]{64})\/checkpoint$/.exec(url) ?? [];
  const note = method === 'GET' && originHash !== undefined ? witness.lastNote(originHash) : undefined;
  return note === undefined ? plain(404, 'There is nothing here.\n') : plain(200, note);
}

async function addCheckpoint(witness: Witness, request: IncomingMessage): Promise<WitnessAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Also what is too much is read, or the caller would not hear why; the time for a request bounds it.
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (bytes > MAX_BODY_BYTES) return plain(413, `A request has at most ${MAX_BODY_BYTES} bytes.\n`);
  const text = decoded(Buffer.concat(chunks));
  return text === undefined ? plain(400, 'The request is not in UTF-8.\n') : witness.addCheckpoint(text);
}

function decoded(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function about(witness: Witness): string {
  const logs = witness.sizes.map(({ origin, size }) => `${origin}: ${size} leaves cosigned\n`);
  return `Witness ${witness.name}\n${witness.vkey}\n\n${logs.join('')}`;
}

function plain(status: number, body: string): WitnessAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}
