/** Who wraps data keys: the same rules for the master key, for Vault and for AWS KMS, and what happens when the last two are away. */
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { DataKeys, type StoredKey } from '../src/clients/identity-vault/data-keys.js';
import { AwsKmsKeyProvider } from '../src/clients/identity-vault/key-provider-aws-kms.js';
import { LocalKeyProvider } from '../src/clients/identity-vault/key-provider-local.js';
import { VaultKeyProvider } from '../src/clients/identity-vault/key-provider-vault.js';
import type { KeyProvider } from '../src/clients/identity-vault/key-provider.js';
import { TravellingClock } from '../src/kernel/clock.js';
import { Problem } from '../src/kernel/domain/problem.js';
import { MasterKeys, seal } from '../src/kernel/secrets.js';
import { Settings, type KeySettings } from '../src/kernel/settings.js';
import { listening } from './support/key-servers.js';
import { startKmsServer, type KmsServer } from './support/kms-server.js';
import { startVaultServer, type VaultServer } from './support/vault-server.js';

const CLIENT = '3f0c2a5e-5f1c-4f5e-9d1a-0a1b2c3d4e5f';
const OTHER_CLIENT = '3f0c2a5e-5f1c-4f5e-9d1a-0a1b2c3d4e60';
const DATA_KEY = randomBytes(32);
const [FIRST, SECOND] = [randomBytes(32), randomBytes(32)];

let vault: VaultServer;
let kms: KmsServer;
let kmsAlias: string;
let logged: string[] = [];

beforeAll(async () => {
  process.env.AWS_ACCESS_KEY_ID = 'AKIDEXAMPLE';
  process.env.AWS_SECRET_ACCESS_KEY = 'not-a-secret';
  vault = await startVaultServer();
  vault.makeKey('uct-ledger');
  kms = await startKmsServer();
  kmsAlias = kms.setAlias('uct-ledger', kms.makeKey());
  jest.spyOn(Logger.prototype, 'error').mockImplementation((line: unknown) => void logged.push(String(line)));
});
afterAll(async () => {
  jest.restoreAllMocks();
  await vault.close();
  await kms.close();
});
afterEach(() => {
  Object.assign(vault, { sealed: false, hanging: false, token: 'hvs.test-token-of-the-service' });
  kms.refusing = undefined;
  logged = [];
});

const vaultSettings = () => ({
  address: vault.url,
  token: { value: 'hvs.test-token-of-the-service' },
  mount: 'transit',
  key: 'uct-ledger',
});
const kmsSettings = () => ({ key: kmsAlias, region: 'ap-southeast-1', endpoint: kms.url });

/** Each provider, and how its operator changes the key that it wraps under; answers the provider as it is then. */
const providers: Record<string, { make: () => KeyProvider; rotate: () => KeyProvider }> = {
  local: {
    make: () => new LocalKeyProvider(new MasterKeys(FIRST)),
    rotate: () => new LocalKeyProvider(new MasterKeys(SECOND, [FIRST])),
  },
  vault: {
    make: () => new VaultKeyProvider(vaultSettings()),
    rotate: () => {
      vault.rotateKey('uct-ledger');
      return new VaultKeyProvider(vaultSettings());
    },
  },
  'aws-kms': {
    make: () => new AwsKmsKeyProvider(kmsSettings()),
    rotate: () => {
      kms.setAlias('uct-ledger', kms.makeKey());
      return new AwsKmsKeyProvider(kmsSettings());
    },
  },
};
const remote = ['vault', 'aws-kms'];

const unavailable = async (work: Promise<unknown>) => {
  const problem = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(problem).toBeInstanceOf(Problem);
  expect(problem).toMatchObject({ status: 503, code: 'keys-unavailable', retryAfterSeconds: 60 });
  expect(String((problem as Problem).detail) + logged.join()).not.toContain(CLIENT);
};
const doesNotOpen = (work: Promise<unknown>) => expect(work).rejects.toThrow('a data key does not open');

describe.each(Object.keys(providers))('a data key wrapped by %s', (name) => {
  const { make, rotate } = providers[name] as (typeof providers)[string];

  it('opens for its client, is wrapped otherwise each time, and does not hold the plain key', async () => {
    const provider = make();
    const [one, two] = [await provider.wrap(CLIENT, DATA_KEY), await provider.wrap(CLIENT, DATA_KEY)];
    expect(await provider.unwrap(CLIENT, one)).toEqual(DATA_KEY);
    expect(one.wrapped).not.toEqual(two.wrapped);
    expect(one.wrapped.includes(DATA_KEY)).toBe(false);
    expect(one.wrapped.toString('latin1')).not.toContain(DATA_KEY.toString('base64').slice(0, 40));
    expect(one.keyId).toBe(await provider.currentKeyId());
    expect(one.wrapped.length).toBeLessThanOrEqual(1024); // what the table takes
  });

  it('opens for no other client', async () => {
    await doesNotOpen(make().unwrap(OTHER_CLIENT, await make().wrap(CLIENT, DATA_KEY)));
  });

  it('does not open once a bit of any byte was flipped, or once it was cut short', async () => {
    const provider = make();
    const key = await provider.wrap(CLIENT, DATA_KEY);
    for (let at = 0; at < key.wrapped.length; at += 1) {
      const changed = Buffer.from(key.wrapped);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      await doesNotOpen(provider.unwrap(CLIENT, { ...key, wrapped: changed }));
    }
    for (const cut of [1, 4, 12, 16])
      await doesNotOpen(provider.unwrap(CLIENT, { ...key, wrapped: key.wrapped.subarray(0, -cut) }));
  });

  it('opens after the wrapping key was changed, and is rewrapped under the new one as the same data key', async () => {
    const before = await make().wrap(CLIENT, DATA_KEY);
    const provider = rotate();
    expect(await provider.currentKeyId()).not.toBe(before.keyId);
    expect(await provider.unwrap(CLIENT, before)).toEqual(DATA_KEY);
    const after = await provider.rewrap(CLIENT, before);
    expect(after.keyId).toBe(await provider.currentKeyId());
    expect(after.wrapped).not.toEqual(before.wrapped);
    expect(await provider.unwrap(CLIENT, after)).toEqual(DATA_KEY);
    await doesNotOpen(provider.rewrap(OTHER_CLIENT, before));
  });
});

describe('the master key as provider', () => {
  it('opens nothing under a key that was not given, and not with another key than the one named', async () => {
    const under = await new LocalKeyProvider(new MasterKeys(FIRST)).wrap(CLIENT, DATA_KEY);
    await unavailable(new LocalKeyProvider(new MasterKeys(SECOND)).unwrap(CLIENT, under));
    const both = new LocalKeyProvider(new MasterKeys(SECOND, [FIRST]));
    await doesNotOpen(both.unwrap(CLIENT, { ...under, keyId: await both.currentKeyId() }));
  });

  it('opens what was wrapped before keys had ids, also after the master key was changed', async () => {
    const [key] = new MasterKeys(FIRST).keysFor('wrap-data-keys');
    const old = { wrapped: seal(key, `pii.data_key/${CLIENT}`, DATA_KEY), keyId: 'first' };
    const provider = new LocalKeyProvider(new MasterKeys(SECOND, [FIRST]));
    expect(await provider.unwrap(CLIENT, old)).toEqual(DATA_KEY);
    await doesNotOpen(provider.unwrap(OTHER_CLIENT, old));
    expect((await provider.rewrap(CLIENT, old)).keyId).toBe(await provider.currentKeyId());
  });

  it('has an id that is the same for the same key and says nothing of it', async () => {
    const id = await new LocalKeyProvider(new MasterKeys(FIRST)).currentKeyId();
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(await new LocalKeyProvider(new MasterKeys(FIRST, [SECOND])).currentKeyId()).toBe(id);
    expect(FIRST.toString('hex')).not.toContain(id);
  });
});

describe('Vault', () => {
  it('rewraps without giving the data key away', async () => {
    const provider = new VaultKeyProvider(vaultSettings());
    const key = await provider.wrap(CLIENT, DATA_KEY);
    vault.rotateKey('uct-ledger');
    vault.asked.length = 0;
    await provider.rewrap(CLIENT, key);
    expect(vault.asked).toEqual(['POST transit/rewrap/uct-ledger']);
  });

  it('opens what is under another of its keys, and rewraps that under the one of today', async () => {
    vault.makeKey('another');
    const before = await new VaultKeyProvider({ ...vaultSettings(), key: 'another' }).wrap(CLIENT, DATA_KEY);
    const after = await new VaultKeyProvider(vaultSettings()).rewrap(CLIENT, before);
    expect([before.keyId, after.keyId]).toEqual([
      'transit/another:v1',
      expect.stringMatching(/^transit\/uct-ledger:v\d+$/),
    ]);
    expect(await new VaultKeyProvider(vaultSettings()).unwrap(CLIENT, after)).toEqual(DATA_KEY);
  });

  it('wraps nothing under a key that would not heed whose data key it is', async () => {
    vault.makeKey('plain', { derived: false });
    const provider = new VaultKeyProvider({ ...vaultSettings(), key: 'plain' });
    vault.asked.length = 0;
    await unavailable(provider.wrap(CLIENT, DATA_KEY));
    expect(vault.asked).toEqual(['GET transit/keys/plain']);
    expect(logged.join()).toContain('derived=true');
  });

  it('is told the token that the file holds now, not the one from the start', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'uct-token-'));
    const file = join(folder, 'token');
    writeFileSync(file, `${vault.token}\n`);
    const provider = new VaultKeyProvider({ ...vaultSettings(), token: { file } });
    const key = await provider.wrap(CLIENT, DATA_KEY);
    vault.token = 'hvs.the-next-one';
    await unavailable(provider.unwrap(CLIENT, key));
    writeFileSync(file, vault.token);
    expect(await provider.unwrap(CLIENT, key)).toEqual(DATA_KEY);
    rmSync(folder, { recursive: true });
    await unavailable(provider.unwrap(CLIENT, key));
  });

  it('is not followed elsewhere, where the token would be read', async () => {
    const seen: string[] = [];
    const elsewhere = await listening(
      createServer((request, response) => {
        seen.push(request.url ?? '');
        response.end('{}');
      }),
    );
    const redirecting = await listening(
      createServer((_, response) => response.writeHead(307, { location: `${elsewhere.url}/taken` }).end()),
    );
    await unavailable(new VaultKeyProvider({ ...vaultSettings(), address: redirecting.url }).wrap(CLIENT, DATA_KEY));
    expect(seen).toEqual([]);
    await redirecting.close();
    await elsewhere.close();
  });

  it('is away when it is sealed, refuses, knows no such key, forgot the version, speaks no JSON or says nothing', async () => {
    const provider = new VaultKeyProvider(vaultSettings());
    const key = await provider.wrap(CLIENT, DATA_KEY);
    vault.sealed = true;
    await unavailable(provider.unwrap(CLIENT, key));
    expect(logged.join()).toContain('503 Vault is sealed');
    vault.sealed = false;
    vault.token = 'hvs.another';
    await unavailable(provider.unwrap(CLIENT, key));
    expect(logged.join()).toContain('403 1 error occurred: * permission denied');
    vault.token = 'hvs.test-token-of-the-service';
    await unavailable(provider.unwrap(CLIENT, { ...key, keyId: key.keyId.replace('uct-ledger', 'nobody') }));
    vault.rotateKey('uct-ledger');
    vault.setMinDecryptionVersion('uct-ledger', 99);
    await unavailable(provider.unwrap(CLIENT, key));
    vault.setMinDecryptionVersion('uct-ledger', 1);
    const page = await listening(createServer((_, response) => response.end('<html>a proxy</html>')));
    await unavailable(new VaultKeyProvider({ ...vaultSettings(), address: page.url }).wrap(CLIENT, DATA_KEY));
    await page.close();
    logged = [];
    await unavailable(new VaultKeyProvider({ ...vaultSettings(), address: page.url }).wrap(CLIENT, DATA_KEY));
    expect(logged.join()).toBe('vault: no answer (ECONNREFUSED)');
    vault.hanging = true;
    const began = performance.now();
    await unavailable(provider.unwrap(CLIENT, key));
    expect(logged.at(-1)).toBe('vault: no answer (TimeoutError)');
    expect(performance.now() - began).toBeLessThan(4500);
  });

  it('is sent nowhere by a row that was changed', async () => {
    const provider = new VaultKeyProvider(vaultSettings());
    const key = await provider.wrap(CLIENT, DATA_KEY);
    vault.asked.length = 0;
    for (const keyId of ['transit/../sys/seal:v1', 'sys/seal', '', 'transit/uct-ledger?x=:v1', '/uct-ledger:v1'])
      await doesNotOpen(provider.unwrap(CLIENT, { ...key, keyId }));
    expect(vault.asked).toEqual([]);
  });
});

describe('AWS KMS', () => {
  it('is told whose data key it is, and for what', async () => {
    kms.contexts.length = 0;
    await new AwsKmsKeyProvider(kmsSettings()).wrap(CLIENT, DATA_KEY);
    expect(kms.contexts).toEqual([{ client: CLIENT, purpose: 'uct-ledger/pii.data_key' }]);
  });

  it('rewraps without giving the data key away', async () => {
    const provider = new AwsKmsKeyProvider(kmsSettings());
    const key = await provider.wrap(CLIENT, DATA_KEY);
    kms.asked.length = 0;
    await provider.rewrap(CLIENT, key);
    expect(kms.asked).toEqual(['ReEncrypt']);
  });

  it('does not open under another key than the one that the row names', async () => {
    const provider = new AwsKmsKeyProvider(kmsSettings());
    const key = await provider.wrap(CLIENT, DATA_KEY);
    await doesNotOpen(provider.unwrap(CLIENT, { ...key, keyId: kms.makeKey() }));
  });

  it('is away when it refuses, when the key is disabled or not there, and when nothing answers', async () => {
    const provider = new AwsKmsKeyProvider(kmsSettings());
    const key = await provider.wrap(CLIENT, DATA_KEY);
    for (const refusing of ['AccessDeniedException', 'ThrottlingException', 'KMSInternalException']) {
      kms.refusing = refusing;
      await unavailable(provider.unwrap(CLIENT, key));
      expect(logged.join()).toContain(refusing);
    }
    kms.refusing = undefined;
    const disabled = kms.makeKey();
    const other = new AwsKmsKeyProvider({ ...kmsSettings(), key: disabled });
    const under = await other.wrap(CLIENT, DATA_KEY);
    kms.disableKey(disabled);
    await unavailable(other.unwrap(CLIENT, under));
    await unavailable(new AwsKmsKeyProvider({ ...kmsSettings(), key: `${disabled}x` }).currentKeyId());
    const away = await listening(createServer());
    const began = performance.now();
    await unavailable(new AwsKmsKeyProvider({ ...kmsSettings(), endpoint: away.url }).wrap(CLIENT, DATA_KEY));
    expect(performance.now() - began).toBeLessThan(4500);
    await away.close();
    await unavailable(new AwsKmsKeyProvider({ ...kmsSettings(), endpoint: away.url }).wrap(CLIENT, DATA_KEY));
  });
});

describe('data keys', () => {
  const clock = new TravellingClock();
  const dataKeys = (provider: KeySettings['provider'], masterKeys = new MasterKeys(FIRST)) =>
    new DataKeys(
      new Settings({ timeZone: 'Asia/Bangkok', keys: { provider, vault: vaultSettings(), awsKms: kmsSettings() } }),
      masterKeys,
      clock,
    );
  const questions = () => [...vault.asked, ...kms.asked].length;

  it.each(['local', ...remote] as const)('are random, 32 bytes, and open again (%s)', async (provider) => {
    const keys = dataKeys(provider as KeySettings['provider']);
    const [one, two] = [await keys.make(CLIENT), await keys.make(CLIENT)];
    expect(one.dataKey).toHaveLength(32);
    expect(one.dataKey).not.toEqual(two.dataKey);
    expect(await keys.open(CLIENT, one.stored)).toEqual(one.dataKey);
  });

  it.each(remote)('from %s are asked for once within half a minute, and anew after it', async (provider) => {
    const keys = dataKeys(provider as KeySettings['provider']);
    clock.travelTo(new Date('2026-03-02T10:00:00Z'));
    const { stored, dataKey } = await keys.make(CLIENT);
    const before = questions();
    for (const second of ['00', '01', '29']) {
      clock.travelTo(new Date(`2026-03-02T10:00:${second}Z`));
      expect(await keys.open(CLIENT, stored)).toEqual(dataKey);
    }
    expect(questions()).toBe(before + 1);
    clock.travelTo(new Date('2026-03-02T10:00:31Z'));
    await keys.open(CLIENT, stored);
    expect(questions()).toBe(before + 2);
  });

  it('that are remembered open for the same client and the same bytes only', async () => {
    const keys = dataKeys('vault');
    const { stored } = await keys.make(CLIENT);
    await keys.open(CLIENT, stored);
    await doesNotOpen(keys.open(OTHER_CLIENT, stored));
    const changed = Buffer.from(stored.wrapped);
    changed.writeUInt8(changed.readUInt8(30) ^ 1, 30);
    await doesNotOpen(keys.open(CLIENT, { ...stored, wrapped: changed }));
  });

  it('are remembered in a small number', async () => {
    const keys = dataKeys('vault');
    const made: StoredKey[] = [];
    for (let n = 0; n < 70; n += 1) made.push((await keys.make(CLIENT)).stored);
    for (const stored of made) await keys.open(CLIENT, stored);
    const before = questions();
    await keys.open(CLIENT, made.at(-1) as StoredKey);
    expect(questions()).toBe(before);
    await keys.open(CLIENT, made[0] as StoredKey);
    expect(questions()).toBe(before + 1);
  });

  it.each([
    ['local', 'vault'],
    ['vault', 'aws-kms'],
    ['aws-kms', 'local'],
  ] as const)('move from %s to %s as the same data keys', async (from, to) => {
    const { stored, dataKey } = await dataKeys(from).make(CLIENT);
    const moved = await dataKeys(to).rewrap(CLIENT, stored);
    expect(moved.provider).toBe(to);
    expect(await dataKeys(to).open(CLIENT, moved)).toEqual(dataKey);
    await doesNotOpen(dataKeys(to).rewrap(OTHER_CLIENT, stored));
  });

  it('wrapped by a provider whose settings are not given are out of reach, not lost', async () => {
    const { stored } = await dataKeys('vault').make(CLIENT);
    const without = new DataKeys(new Settings({ timeZone: 'Asia/Bangkok' }), new MasterKeys(FIRST), clock);
    await unavailable(without.open(CLIENT, stored));
  });
});
