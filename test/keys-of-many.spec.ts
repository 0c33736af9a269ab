/** Opening the data keys of many clients at once: whoever wrapped some of them and is away holds up those, and nobody else. */
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { DataKeys, type StoredKey } from '../src/clients/identity-vault/data-keys.js';
import { TravellingClock } from '../src/kernel/clock.js';
import { MasterKeys } from '../src/kernel/secrets.js';
import { Settings, type KeySettings } from '../src/kernel/settings.js';
import { startKmsServer, type KmsServer } from './support/kms-server.js';
import { startVaultServer, type VaultServer } from './support/vault-server.js';

const CLIENT = '3f0c2a5e-5f1c-4f5e-9d1a-0a1b2c3d4e5f';
const OTHER_CLIENT = '3f0c2a5e-5f1c-4f5e-9d1a-0a1b2c3d4e60';
const MASTER_KEY = randomBytes(32);

let vault: VaultServer;
let kms: KmsServer;
let kmsAlias: string;

beforeAll(async () => {
  process.env.AWS_ACCESS_KEY_ID = 'AKIDEXAMPLE';
  process.env.AWS_SECRET_ACCESS_KEY = 'not-a-secret';
  vault = await startVaultServer();
  vault.makeKey('uct-ledger');
  kms = await startKmsServer();
  kmsAlias = kms.setAlias('uct-ledger', kms.makeKey());
  jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
});
afterAll(async () => {
  jest.restoreAllMocks();
  await vault.close();
  await kms.close();
});
afterEach(() => {
  vault.sealed = false;
});

/** As a process that has asked for nothing yet. */
const dataKeys = (provider: KeySettings['provider'], key = kmsAlias) =>
  new DataKeys(
    new Settings({
      timeZone: 'Asia/Bangkok',
      keys: {
        provider,
        vault: { address: vault.url, token: { value: vault.token }, mount: 'transit', key: 'uct-ledger' },
        awsKms: { key, region: 'ap-southeast-1', endpoint: kms.url },
      },
    }),
    new MasterKeys(MASTER_KEY),
    new TravellingClock(),
  );

describe('the data keys of many clients', () => {
  const of = (clientId: string, stored: StoredKey) => ({ clientId, stored });

  it('open while a provider of earlier days is away, but its own', async () => {
    const old = (await dataKeys('vault').make(CLIENT)).stored;
    const { stored, dataKey } = await dataKeys('aws-kms').make(OTHER_CLIENT);
    vault.sealed = true;
    const keys = dataKeys('aws-kms');
    expect(await keys.openEach([of(CLIENT, old), of(OTHER_CLIENT, stored)])).toEqual(['key-unavailable', dataKey]);
    const many = Array.from({ length: 20 }, () => of(CLIENT, old));
    expect(await keys.openEach([...many, of(OTHER_CLIENT, stored)])).toEqual([
      ...many.map(() => 'key-unavailable'),
      dataKey,
    ]);
    expect(await keys.openEach([of(CLIENT, old)])).toEqual(['key-unavailable']);
  });

  it('are told from a key that nobody has any more, without a right that opening and wrapping do not take', async () => {
    const gone = kms.makeKey();
    const lost = (await dataKeys('aws-kms', gone).make(CLIENT)).stored;
    kms.disableKey(gone);
    kms.asked.length = 0;
    expect(await dataKeys('aws-kms').openEach([of(CLIENT, lost)])).toEqual(['key-unavailable']);
    expect(kms.asked).not.toContain('DescribeKey');
  });

  it('are all out of reach when whoever wraps is away and none opens, and none is asked of nobody', async () => {
    const { stored } = await dataKeys('vault').make(CLIENT);
    vault.sealed = true;
    await expect(dataKeys('vault').openEach([of(CLIENT, stored), of(CLIENT, stored)])).rejects.toMatchObject({
      status: 503,
      code: 'keys-unavailable',
    });
    expect(await dataKeys('vault').openEach([])).toEqual([]);
  });
});
