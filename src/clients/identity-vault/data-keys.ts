/** Makes and opens the clients' data keys, each with the provider that it is wrapped by. */
import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../kernel/clock.js';
import { Problem } from '../../kernel/domain/problem.js';
import { MasterKeys } from '../../kernel/secrets.js';
import { Settings, type KeyProviderName } from '../../kernel/settings.js';
import { doesNotOpen, keysUnavailable, type KeyProvider, type WrappedKey } from './key-provider.js';
import { AwsKmsKeyProvider } from './key-provider-aws-kms.js';
import { LocalKeyProvider } from './key-provider-local.js';
import { VaultKeyProvider } from './key-provider-vault.js';

const DATA_KEY_BYTES = 32;
/** One case file needs the key several times within a second; a revoked right at the provider takes hold after this. */
const REMEMBERED_MS = 30_000;
const REMEMBERED_KEYS = 64;
/** Whose data key is made to see whether any can be, and thrown away. */
const NOBODY = '00000000-0000-0000-0000-000000000000';
/** How many questions to a provider are open at the same time. */
export const ASKED_AT_ONCE = 8;

/** As it stands in the database. */
export interface StoredKey extends WrappedKey {
  provider: KeyProviderName;
}

/** Why one cannot be read while others can: it, or what it seals, was changed; or whoever wrapped it does not unwrap this one. */
export type Unreadable = 'does-not-open' | 'key-unavailable';

@Injectable()
export class DataKeys {
  /** Whoever wraps from now on. */
  readonly current: KeyProvider;
  private readonly providers: ReadonlyMap<KeyProviderName, KeyProvider>;
  /** By the wrapped bytes, which are read from the database each time: a key that was deleted there is found here no more. */
  private readonly remembered = new Map<string, { dataKey: Buffer; since: number }>();

  constructor(
    settings: Settings,
    masterKeys: MasterKeys,
    private readonly clock: Clock,
  ) {
    const { provider, vault, awsKms } = settings.keys;
    const all: KeyProvider[] = [
      new LocalKeyProvider(masterKeys),
      ...(vault ? [new VaultKeyProvider(vault)] : []),
      ...(awsKms ? [new AwsKmsKeyProvider(awsKms)] : []),
    ];
    this.providers = new Map(all.map((one) => [one.name, one]));
    this.current = this.provider(provider);
  }

  /** A new data key for a client, plain and wrapped. Throws `keys-unavailable` (503). */
  async make(clientId: string): Promise<{ dataKey: Buffer; stored: StoredKey }> {
    const dataKey = randomBytes(DATA_KEY_BYTES);
    const wrapped = await this.current.wrap(clientId, dataKey);
    return { dataKey, stored: { provider: this.current.name, ...wrapped } };
  }

  /** Throws `keys-unavailable` (503), and an Error when the key was changed or is another client's. */
  async open(clientId: string, stored: StoredKey): Promise<Buffer> {
    if (stored.provider === 'local') return this.unwrap(clientId, stored);
    const name = createHash('sha256')
      .update(JSON.stringify([clientId, stored.provider, stored.keyId]))
      .update(stored.wrapped)
      .digest('hex');
    const now = this.clock.now().getTime();
    const known = this.remembered.get(name);
    if (known && now >= known.since && now < known.since + REMEMBERED_MS) return known.dataKey;
    const dataKey = await this.unwrap(clientId, stored);
    this.remember(name, dataKey, now);
    return dataKey;
  }

  /**
   * Opens many, in their order, and says of one that does not open why not: a key that nobody has, or a provider of earlier days that is away, holds
   * up its own clients only. Throws `keys-unavailable` (503) when none of them can be had, nor is anything wrapped: then it is no matter of some.
   */
  async openEach(keys: readonly { clientId: string; stored: StoredKey }[]): Promise<(Buffer | Unreadable)[]> {
    const opened: (Buffer | Unreadable)[] = [];
    for (let from = 0; from < keys.length; from += ASKED_AT_ONCE) {
      const some = keys.slice(from, from + ASKED_AT_ONCE);
      const each = await Promise.all(
        some.map(({ clientId, stored }) => this.open(clientId, stored).catch(unreadableBecause)),
      );
      // Asked for what it does at each registration, so that it takes no other right.
      if (from === 0 && each.every((one) => one === 'key-unavailable')) await this.make(NOBODY);
      opened.push(...each);
    }
    return opened;
  }

  /** The same data key under the current provider's current key. Throws what `open` throws. */
  async rewrap(clientId: string, stored: StoredKey): Promise<StoredKey> {
    if (stored.provider === this.current.name)
      return { provider: this.current.name, ...(await this.current.rewrap(clientId, stored)) };
    const dataKey = await this.unwrap(clientId, stored);
    const moved: StoredKey = { provider: this.current.name, ...(await this.current.wrap(clientId, dataKey)) };
    // Before the only other copy is overwritten.
    if (!(await this.unwrap(clientId, moved)).equals(dataKey)) throw doesNotOpen(moved.provider);
    return moved;
  }

  private async unwrap(clientId: string, stored: StoredKey): Promise<Buffer> {
    const dataKey = await this.provider(stored.provider).unwrap(clientId, stored);
    if (dataKey.length !== DATA_KEY_BYTES) throw doesNotOpen(stored.provider);
    return dataKey;
  }

  private provider(name: KeyProviderName): KeyProvider {
    const found = this.providers.get(name);
    if (!found) throw keysUnavailable(name, 'a data key is wrapped by it, and its settings are not given');
    return found;
  }

  private remember(name: string, dataKey: Buffer, since: number): void {
    this.remembered.delete(name);
    this.remembered.set(name, { dataKey, since });
    for (const [other, { since: then }] of this.remembered) {
      if (this.remembered.size <= REMEMBERED_KEYS && since < then + REMEMBERED_MS) break;
      this.remembered.delete(other);
    }
  }
}

const unreadableBecause = (error: unknown): Unreadable =>
  error instanceof Problem && error.code === 'keys-unavailable' ? 'key-unavailable' : 'does-not-open';
