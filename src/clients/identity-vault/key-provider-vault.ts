/**
 * Wraps data keys with the transit engine of HashiCorp Vault (or OpenBao), over its HTTP interface. The client's id is the context from which
 * the engine derives the wrapping key, so the engine's key must be a derived one: of any other the engine would not heed the context.
 * Context and not associated data, because the engine cannot rewrap what has associated data.
 */
import { readFileSync } from 'node:fs';
import type { VaultSettings } from '../../kernel/settings.js';
import { doesNotOpen, keysUnavailable, type KeyProvider, type WrappedKey } from './key-provider.js';

/** A connection of the database may be waiting for the answer. */
const TIMEOUT_MS = 3000;
/** Mount, key and version, like transit/uct-ledger:v3. Nothing that leads elsewhere in Vault. */
const KEY_ID = /^([A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)*)\/([A-Za-z0-9_][A-Za-z0-9_.-]*):v(\d{1,9})$/;
/** What the engine says of a ciphertext that is not what it made, for that context. */
const DOES_NOT_OPEN = /message authentication failed|invalid ciphertext|could not decode/i;

interface Answer {
  plaintext?: string;
  ciphertext?: string;
  latest_version?: number;
  derived?: boolean;
}

export class VaultKeyProvider implements KeyProvider {
  readonly name = 'vault';
  private hasBeenChecked = false;

  constructor(private readonly settings: VaultSettings) {}

  async currentKeyId(): Promise<string> {
    const { latest_version: version, derived } = await this.call(
      'GET',
      `${this.settings.mount}/keys/${this.settings.key}`,
    );
    if (derived !== true)
      throw keysUnavailable(this.name, `key ${this.settings.key} is not derived; make another with derived=true`);
    if (!Number.isInteger(version)) throw keysUnavailable(this.name, 'the answer has no version of the key');
    this.hasBeenChecked = true;
    return this.keyId(version as number);
  }

  async wrap(clientId: string, dataKey: Buffer): Promise<WrappedKey> {
    if (!this.hasBeenChecked) await this.currentKeyId();
    const { ciphertext } = await this.call('POST', `${this.settings.mount}/encrypt/${this.settings.key}`, {
      plaintext: dataKey.toString('base64'),
      context: context(clientId),
    });
    return this.wrappedIn(ciphertext);
  }

  async unwrap(clientId: string, key: WrappedKey): Promise<Buffer> {
    const { plaintext } = await this.call('POST', this.path('decrypt', key), {
      ciphertext: key.wrapped.toString('latin1'),
      context: context(clientId),
    });
    return Buffer.from(plaintext ?? '', 'base64');
  }

  /** Within one key of the engine the data key does not leave it. */
  async rewrap(clientId: string, key: WrappedKey): Promise<WrappedKey> {
    const path = this.path('rewrap', key);
    if (path !== `${this.settings.mount}/rewrap/${this.settings.key}`)
      return this.wrap(clientId, await this.unwrap(clientId, key));
    const { ciphertext } = await this.call('POST', path, {
      ciphertext: key.wrapped.toString('latin1'),
      context: context(clientId),
    });
    return this.wrappedIn(ciphertext);
  }

  private wrappedIn(ciphertext: string | undefined): WrappedKey {
    const version = /^vault:v(\d{1,9}):[A-Za-z0-9+/]{40,}=*$/.exec(ciphertext ?? '')?.[1];
    if (!ciphertext || !version) throw keysUnavailable(this.name, 'the answer is no ciphertext');
    return { wrapped: Buffer.from(ciphertext, 'latin1'), keyId: this.keyId(Number(version)) };
  }

  private keyId(version: number): string {
    return `${this.settings.mount}/${this.settings.key}:v${version}`;
  }

  /** Rows outlive settings: what was wrapped under another key of the engine is opened with that one. */
  private path(act: 'decrypt' | 'rewrap', { keyId, wrapped }: WrappedKey): string {
    const [, mount, key, version] = KEY_ID.exec(keyId) ?? [];
    if (!mount || !key || !version || !wrapped.toString('latin1').startsWith(`vault:v${version}:`))
      throw doesNotOpen(this.name);
    return `${mount}/${act}/${key}`;
  }

  private async call(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
    const answer = await fetch(`${this.settings.address.replace(/\/+$/, '')}/v1/${path}`, {
      method,
      headers: { 'x-vault-token': this.token(), 'x-vault-request': 'true', 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
      redirect: 'error', // the token goes to the address that was given, and nowhere else
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
      .then(async (response) => ({ status: response.status, body: await readJson(response) }))
      .catch((error: unknown) => {
        throw keysUnavailable(this.name, `no answer (${causeOf(error)})`);
      });
    if (answer.status === 200 && answer.body.data) return answer.body.data;
    const said = (answer.body.errors ?? []).join(' ').replace(/\s+/g, ' ').slice(0, 200);
    if (answer.status === 400 && DOES_NOT_OPEN.test(said)) throw doesNotOpen(this.name);
    throw keysUnavailable(this.name, `answered ${answer.status} ${said}`);
  }

  /** Read for each request: an agent beside the service writes a new one before the old one ends. */
  private token(): string {
    const { token } = this.settings;
    if ('value' in token) return token.value;
    try {
      return readFileSync(token.file, 'utf8').trim();
    } catch {
      throw keysUnavailable(this.name, 'the file with the token cannot be read');
    }
  }
}

const context = (clientId: string) => Buffer.from(`uct-ledger/pii.data_key/${clientId}`).toString('base64');

async function readJson(response: Response): Promise<{ data?: Answer; errors?: string[] }> {
  try {
    return (await response.json()) as { data?: Answer; errors?: string[] };
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function causeOf(error: unknown): string {
  const { code, name } = ((error as Error).cause ?? error) as { code?: unknown; name?: string };
  return typeof code === 'string' ? code : (name ?? 'unknown');
}
