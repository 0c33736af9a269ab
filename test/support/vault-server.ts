/**
 * A small Vault for tests: the transit engine's encrypt, decrypt, rewrap and key reading as HashiCorp documents them (API docs of the transit
 * engine), with real AES-256-GCM under keys derived from the context by HKDF, versions, refusals, and the ways in which it can be away.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listening, type FakeServer } from './key-servers.js';

export interface VaultServer extends FakeServer {
  token: string;
  /** What it was asked, as "POST transit/encrypt/uct-ledger". */
  readonly asked: string[];
  sealed: boolean;
  /** Takes requests and never answers. */
  hanging: boolean;
  /** Answers that many of `asked`, and then never again. */
  answers: number;
  /** How long each answer takes. */
  delayMs: number;
  makeKey(name: string, options?: { derived?: boolean }): void;
  rotateKey(name: string): void;
  /** Versions below it do not decrypt any more. */
  setMinDecryptionVersion(name: string, version: number): void;
}

interface TransitKey {
  derived: boolean;
  versions: Buffer[];
  minDecryptionVersion: number;
}

interface Input {
  plaintext?: string;
  ciphertext?: string;
  context?: string;
}

/** Refused with this status and this sentence, as Vault words it. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export async function startVaultServer(): Promise<VaultServer> {
  const keys = new Map<string, TransitKey>();
  const state = {
    token: 'hvs.test-token-of-the-service',
    sealed: false,
    hanging: false,
    answers: Infinity,
    delayMs: 0,
  };
  const asked: string[] = [];
  const keyOf = (name: string) => {
    const key = keys.get(name);
    if (!key) throw new Refusal(400, 'encryption key not found');
    return key;
  };

  const answer = (method: string, path: string, token: string | undefined, input: Input): unknown => {
    if (state.sealed) throw new Refusal(503, 'Vault is sealed');
    if (token !== state.token) throw new Refusal(403, '1 error occurred:\n\t* permission denied\n\n');
    const [, act, name = ''] = /^\/v1\/transit\/(keys|encrypt|decrypt|rewrap)\/([\w.-]+)$/.exec(path) ?? [];
    if (act === 'keys' && method === 'GET') return described(name, keys.get(name));
    if (act === 'encrypt' && method === 'POST') return encrypted(keyOf(name), input, input.plaintext ?? '');
    if (act === 'decrypt' && method === 'POST') return { plaintext: decrypted(keyOf(name), input) };
    if (act === 'rewrap' && method === 'POST') return encrypted(keyOf(name), input, decrypted(keyOf(name), input));
    throw new Refusal(404, `no handler for route "${path.slice(4)}". route entry not found.`);
  };

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '';
    asked.push(`${request.method} ${path.slice(4)}`);
    if (state.hanging || asked.length > state.answers) return;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    if (state.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, state.delayMs));
    try {
      const token = request.headers['x-vault-token']?.toString();
      const data = answer(request.method ?? '', path, token, (body ? JSON.parse(body) : {}) as Input);
      send(response, 200, { request_id: 'r', lease_id: '', renewable: false, lease_duration: 0, data });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      send(response, error.status, { errors: error.message ? [error.message] : [] });
    }
  };

  const server = await listening(createServer((request, response) => void handle(request, response)));
  return Object.assign(state, server, {
    asked,
    makeKey: (name: string, { derived = true } = {}) =>
      void keys.set(name, { derived, versions: [randomBytes(32)], minDecryptionVersion: 1 }),
    rotateKey: (name: string) => void keyOf(name).versions.push(randomBytes(32)),
    setMinDecryptionVersion: (name: string, version: number) => void (keyOf(name).minDecryptionVersion = version),
  });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function described(name: string, key: TransitKey | undefined): unknown {
  if (!key) throw new Refusal(404, '');
  return {
    name,
    type: 'aes256-gcm96',
    derived: key.derived,
    ...(key.derived ? { kdf: 'hkdf_sha256' } : {}),
    latest_version: key.versions.length,
    min_decryption_version: key.minDecryptionVersion,
    min_encryption_version: 0,
    deletion_allowed: false,
    exportable: false,
  };
}

/** A key that is not derived does not heed the context, as in Vault. */
function keyFor(key: TransitKey, version: number, context: string | undefined): Buffer {
  const secret = key.versions[version - 1];
  if (!secret) throw new Refusal(400, 'invalid ciphertext: version is too new');
  if (!key.derived) return secret;
  if (!context)
    throw new Refusal(
      400,
      "missing 'context' for key derivation; the key was created using a derived key, which means additional, per-request information must be included in order to perform operations with the key",
    );
  return Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), Buffer.from(context, 'base64'), 32));
}

function encrypted(key: TransitKey, { context }: Input, plaintext: string): unknown {
  const version = key.versions.length;
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keyFor(key, version, context), nonce);
  const sealed = [nonce, cipher.update(Buffer.from(plaintext, 'base64')), cipher.final(), cipher.getAuthTag()];
  return { ciphertext: `vault:v${version}:${Buffer.concat(sealed).toString('base64')}`, key_version: version };
}

function decrypted(key: TransitKey, { ciphertext = '', context }: Input): string {
  const [, given, text = ''] = /^vault:v(\d+):(.*)$/.exec(ciphertext) ?? [];
  if (!given) throw new Refusal(400, 'invalid ciphertext: no prefix');
  const version = Number(given) || 1; // the first version was once called 0, and still is understood
  if (version < key.minDecryptionVersion)
    throw new Refusal(400, 'ciphertext or signature version is disallowed by policy (too old)');
  const sealed = Buffer.from(text, 'base64');
  try {
    const nonce = sealed.subarray(0, 12);
    const options = { authTagLength: 16 };
    const decipher = createDecipheriv('aes-256-gcm', keyFor(key, version, context), nonce, options);
    decipher.setAuthTag(sealed.subarray(-16));
    return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).toString('base64');
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(400, 'cipher: message authentication failed');
  }
}
