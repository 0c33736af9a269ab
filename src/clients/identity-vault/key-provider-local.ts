/** Wraps data keys with a key derived from the master key; opens also what is under an earlier master key. */
import { open, seal, type MasterKeys } from '../../kernel/secrets.js';
import { doesNotOpen, keysUnavailable, type KeyProvider, type WrappedKey } from './key-provider.js';

/** The id of data keys from before wrapping keys had one: any of the master keys may open them. */
export const ID_BEFORE_IDS = 'first';
const ID_BYTES = 8;

export class LocalKeyProvider implements KeyProvider {
  readonly name = 'local';
  private readonly keys: readonly { id: string; key: Buffer }[];

  constructor(masterKeys: MasterKeys) {
    const ids = masterKeys.keysFor('wrap-data-keys/id').map((id) => id.toString('hex').slice(0, 2 * ID_BYTES));
    this.keys = masterKeys.keysFor('wrap-data-keys').map((key, at) => ({ id: ids[at] as string, key }));
  }

  currentKeyId(): Promise<string> {
    return Promise.resolve(this.current().id);
  }

  wrap(clientId: string, dataKey: Buffer): Promise<WrappedKey> {
    const { id, key } = this.current();
    return Promise.resolve({ wrapped: seal(key, place(clientId), dataKey), keyId: id });
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a fault is a rejection, as with the other providers
  async unwrap(clientId: string, { wrapped, keyId }: WrappedKey): Promise<Buffer> {
    const keys = this.keys.filter(({ id }) => keyId === ID_BEFORE_IDS || id === keyId);
    if (keys.length === 0) throw keysUnavailable(this.name, `no master key given is ${keyId}`);
    for (const { key } of keys) {
      try {
        return open(key, place(clientId), wrapped);
      } catch {
        // perhaps the next
      }
    }
    throw doesNotOpen(this.name);
  }

  async rewrap(clientId: string, key: WrappedKey): Promise<WrappedKey> {
    return this.wrap(clientId, await this.unwrap(clientId, key));
  }

  private current(): { id: string; key: Buffer } {
    return this.keys[0] as { id: string; key: Buffer };
  }
}

const place = (clientId: string) => `pii.data_key/${clientId}`;
