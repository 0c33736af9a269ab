/** The keys of the identity vault: changed while people work, kept by somebody else, away, and never back for whoever was erased. */
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { DataSource } from 'typeorm';
import { operatorActor } from '../src/access/domain/actor.js';
import { KeyRotation, type Rotation } from '../src/clients/identity-vault/key-rotation.service.js';
import { DataKeys } from '../src/clients/identity-vault/data-keys.js';
import { MasterKeys, seal, Secrets } from '../src/kernel/secrets.js';
import type { KeySettings } from '../src/kernel/settings.js';
import { LogSigner } from '../src/ledger/transparency-log/log-signer.js';
import { clientBody, newId, registerClient } from './support/builders.js';
import { connect } from './support/connection.js';
import { createTestDatabase, sql, type TestDatabase } from './support/database.js';
import { expectProblem } from './support/raw-requests.js';
import { watchRows } from './support/rows.js';
import { startTestService, type TestService } from './support/service.js';
import { startVaultServer, type VaultServer } from './support/vault-server.js';

const [FIRST, SECOND, THIRD] = [randomBytes(32), randomBytes(32), randomBytes(32)] as [Buffer, Buffer, Buffer];
const operator = operatorActor('test');

let db: TestDatabase;
let vault: VaultServer;
let running: TestService | undefined;
beforeAll(async () => {
  db = await createTestDatabase();
  vault = await startVaultServer();
  vault.makeKey('uct-ledger');
});
afterEach(async () => {
  Object.assign(vault, { sealed: false, hanging: false, answers: Infinity, delayMs: 0 });
  await stop();
});
afterAll(async () => {
  await vault.close();
  await db.drop();
});

const vaultKeys = (): KeySettings => ({
  provider: 'vault',
  vault: { address: vault.url, token: { value: vault.token }, mount: 'transit', key: 'uct-ledger' },
});

/** The service on the suite's database with these master keys; the one before it is stopped. */
async function start(
  masterKey: Buffer,
  options: { earlierMasterKeys?: Buffer[]; keys?: KeySettings } = {},
): Promise<TestService> {
  await stop();
  running = await startTestService({ db, masterKey, ...options });
  return running;
}
async function stop(): Promise<void> {
  await running?.close();
  running = undefined;
}

const rotate = (service: TestService) => service.app.get(KeyRotation).run(operator);
const identityOf = (service: TestService, code: string) =>
  service.as('caseworker').get(`/api/v1/clients/${code}/identity`);
const idOf = async (code: string) =>
  (await sql<{ id: string }>(db.url, 'select id from casework.client where code = $1', [code]))[0]?.id ?? '';
const audited = (act: string) =>
  sql<{ detail: Record<string, number> }>(db.url, 'select detail from access.audit_event where act = $1 order by seq', [
    act,
  ]).then((rows) => rows.map(({ detail }) => detail));
const quietly = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    return await work();
  } finally {
    jest.restoreAllMocks();
  }
};

describe('a change of the master key', () => {
  it('goes through without anybody noticing, and then the earlier one is needed no more', async () => {
    const before = await start(FIRST);
    const body = clientBody({ id: newId(), name: 'Daw Zqfirst' });
    const code = ((await before.as('caseworker').post('/api/v1/clients', body).expect(201)).body as { code: string })
      .code;
    const { vkey } = await before.app.get(LogSigner).signer();
    const derived = before.app.get(Secrets).keyFor('anything');

    await expect(quietly(() => start(SECOND))).rejects.toThrow(/master key is not the one/);
    const during = await start(SECOND, { earlierMasterKeys: [FIRST] });
    expect((await identityOf(during, code).expect(200)).text).toContain('Daw Zqfirst');
    const later = await registerClient(during, { name: 'Daw Zqsecond' });
    const { rewrapped, failed, keyId, under } = await rotate(during);
    expect({ rewrapped, failed }).toEqual({ rewrapped: 1, failed: 0 });
    expect(under).toEqual([{ provider: 'local', keyId, keys: 2 }]);

    const after = await start(SECOND);
    expect((await identityOf(after, code).expect(200)).text).toContain('Daw Zqfirst');
    expect((await identityOf(after, later).expect(200)).text).toContain('Daw Zqsecond');
    // What is derived is the same: the log's key, and the digest that tells a repeated registration.
    expect((await after.app.get(LogSigner).signer()).vkey).toBe(vkey);
    expect(after.app.get(Secrets).keyFor('anything')).toEqual(derived);
    expect((await after.as('caseworker').post('/api/v1/clients', body).expect(200)).body).toMatchObject({ code });
    await expect(quietly(() => start(FIRST))).rejects.toThrow(/master key is not the one/);
    expect(await audited('keys.rotate')).toEqual([{ rewrapped: 1, failed: 0, provider: 'local' }]);
    expect(await audited('keys.reseal-root')).toHaveLength(1);
  });

  it('leaves a database from before as it was: what was derived from its first master key stays', async () => {
    const old = await createTestDatabase();
    const check = seal(new Secrets(FIRST).keyFor('master-key-check'), 'access.master_key_check', Buffer.from('x'));
    await sql(old.url, 'insert into access.master_key_check (sealed) values ($1)', [check]);
    await expect(quietly(() => startTestService({ db: old, masterKey: SECOND }))).rejects.toThrow(/master key/);
    for (const keys of [{ masterKey: FIRST }, { masterKey: SECOND, earlierMasterKeys: [FIRST] }]) {
      const service = await startTestService({ db: old, ...keys });
      expect(service.app.get(Secrets).keyFor('csrf')).toEqual(new Secrets(FIRST).keyFor('csrf'));
      await service.close();
    }
    await old.drop();
  });

  it('finds keys from before they had ids', async () => {
    const service = await start(THIRD, { earlierMasterKeys: [SECOND] });
    const code = await registerClient(service, { name: 'U Zqold' });
    const id = await idOf(code);
    const [, wrapping] = new MasterKeys(THIRD, [SECOND]).keysFor('wrap-data-keys');
    const [row] = await sql<{ wrapped: Buffer }>(db.url, 'select wrapped from pii.data_key where client_id = $1', [id]);
    const stored = { provider: 'local' as const, keyId: 'first', wrapped: row?.wrapped ?? Buffer.alloc(0) };
    const dataKey = await service.app.get(DataKeys).open(id, stored);
    const wrapped = seal(wrapping as Buffer, `pii.data_key/${id}`, dataKey);
    await sql(db.url, "update pii.data_key set key_id = 'first', wrapped = $1 where client_id = $2", [wrapped, id]);
    expect((await identityOf(service, code).expect(200)).text).toContain('U Zqold');
    await rotate(service);
    expect((await identityOf(await start(THIRD), code).expect(200)).text).toContain('U Zqold');
  });
});

describe('a rotation', () => {
  const addClients = async (service: TestService, count: number) => {
    const keys = service.app.get(DataKeys);
    const caseworker = service.actor('caseworker').userId;
    for (let n = 0; n < count; n += 1) {
      const id = newId();
      const { stored } = await keys.make(id);
      await service.app.get(DataSource).transaction(async (manager) => {
        await manager.query(NEW_CLIENT, [id, caseworker]);
        const { provider, keyId, wrapped } = stored;
        await manager.query('select pii.store_data_key($1, $2, $3, $4)', [id, provider, keyId, wrapped]);
      });
    }
  };
  /** In the order of the clients' ids. */
  const dataKeysOf = async (service: TestService) => {
    const rows = await sql<{ client_id: string; provider: 'local'; key_id: string; wrapped: Buffer }>(
      db.url,
      'select * from pii.data_key order by client_id',
    );
    const opened = await service.app.get(DataKeys).openEach(
      rows.map(({ client_id: clientId, provider, key_id: keyId, wrapped }) => ({
        clientId,
        stored: { provider, keyId, wrapped },
      })),
    );
    return opened.map((dataKey) => {
      if (typeof dataKey === 'string') throw new Error(dataKey);
      return dataKey.toString('hex');
    });
  };

  it('moves every key to another provider while people work, and touches nothing that is sealed', async () => {
    const local = await start(THIRD);
    const code = await registerClient(local, { name: 'Ma Zqmoves' });
    const dataKeys = await dataKeysOf(local);
    const sealed = await sql(db.url, 'select * from pii.identity order by client_id');
    const service = await start(THIRD, { keys: vaultKeys() });
    vault.delayMs = 3;
    const [rotation] = await Promise.all([
      rotate(service),
      identityOf(service, code).expect(200),
      registerClient(service, { name: 'Ma Zqnew' }),
      identityOf(service, code).expect(200),
    ]);
    expect(rotation).toMatchObject({ provider: 'vault', rewrapped: dataKeys.length, failed: 0 });
    const { rewrapped, under } = await rotate(service); // who was registered meanwhile is under the current key already
    expect(rewrapped).toBe(0);
    expect(under).toEqual([{ provider: 'vault', keyId: 'transit/uct-ledger:v1', keys: dataKeys.length + 1 }]);
    expect(await dataKeysOf(service)).toEqual(expect.arrayContaining(dataKeys));
    expect(await sql(db.url, 'select * from pii.identity order by client_id')).toEqual(expect.arrayContaining(sealed));
    vault.rotateKey('uct-ledger');
    expect(await rotate(service)).toMatchObject({ keyId: 'transit/uct-ledger:v2', rewrapped: dataKeys.length + 1 });
    expect((await identityOf(service, code).expect(200)).text).toContain('Ma Zqmoves');
  });

  it('that is killed goes on where it was when it is run again', async () => {
    const service = await start(THIRD, { keys: { ...vaultKeys(), provider: 'local' } });
    await rotate(service); // from Vault to the master key
    await addClients(service, 230);
    const dataKeys = await dataKeysOf(service);
    const acts = (await audited('keys.rotate')).length;
    const done = async () =>
      (await audited('keys.rotate')).slice(acts).reduce((sum, one) => sum + (one.rewrapped ?? 0), 0);
    vault.asked.length = 0;
    vault.answers = 410; // enough for one batch of 200: each key is wrapped, and opened again
    const killed = uct(['rotate-keys', '--json']);
    for (let tries = 0; tries < 5000 && (await done()) === 0; tries += 1) await new Promise((go) => setTimeout(go, 10));
    killed.kill();
    expect((await killed.ended).code).toBeNull();
    vault.answers = Infinity;
    const half = await done();
    expect(half).toBeGreaterThan(0);
    expect(half).toBeLessThan(dataKeys.length);
    const afterwards = await start(THIRD, { keys: vaultKeys() });
    expect(await dataKeysOf(afterwards)).toEqual(dataKeys); // every key opens meanwhile

    const { code, out } = await uct(['rotate-keys', '--json']).ended;
    expect(code).toBe(0);
    const rotation = JSON.parse(out) as Rotation;
    expect(rotation.rewrapped).toBe(dataKeys.length - half);
    expect(rotation.under).toEqual([{ provider: 'vault', keyId: rotation.keyId, keys: dataKeys.length }]);
    expect(await done()).toBe(dataKeys.length);
    expect(await dataKeysOf(afterwards)).toEqual(dataKeys);
  }, 240_000);

  it('leaves a key that does not open where it is, says so, and rewraps all others', async () => {
    const service = await start(THIRD, { keys: vaultKeys() });
    const code = await registerClient(service);
    const id = await idOf(code);
    const flip =
      'update pii.data_key set wrapped = set_byte(wrapped, 30, get_byte(wrapped, 30) # 1) where client_id = $1';
    await sql(db.url, flip, [id]);
    vault.rotateKey('uct-ledger');
    const rotation = await rotate(service);
    expect(rotation.failed).toBe(1);
    expect(rotation.under.map(({ keys }) => keys).sort((a, b) => a - b)).toEqual([1, rotation.rewrapped]);
    await sql(db.url, flip, [id]);
    expect(await rotate(service)).toMatchObject({ rewrapped: 1, failed: 0 });
    await identityOf(service, code).expect(200);
  });

  it('does not overwrite a key that somebody else rewrapped meanwhile', async () => {
    const service = await start(THIRD, { keys: vaultKeys() });
    const id = await idOf(await registerClient(service));
    const read = () => sql<{ wrapped: Buffer }>(db.url, 'select wrapped from pii.data_key where client_id = $1', [id]);
    const [now] = await read();
    const swap = (before: Buffer) =>
      sql<{ n: number }>(db.url, "select pii.rewrap_data_keys($1, $2, 'vault', $3, $4) n", [
        [id],
        [before],
        ['transit/uct-ledger:v9'],
        [Buffer.alloc(89, 1)],
      ]);
    expect(await swap(Buffer.alloc(89, 2))).toEqual([{ n: 0 }]);
    expect(await read()).toEqual([now]);
  });

  it('ends with a provider that is away, keeping what was rewrapped by then', async () => {
    const service = await start(THIRD, { keys: vaultKeys() });
    vault.rotateKey('uct-ledger');
    vault.sealed = true;
    await expect(quietly(() => rotate(service))).rejects.toMatchObject({ status: 503, code: 'keys-unavailable' });
    vault.sealed = false;
    expect(await rotate(service)).toMatchObject({ failed: 0 });
  });

  it('is for the operator alone', async () => {
    const service = await start(THIRD, { keys: vaultKeys() });
    for (const role of ['supervisor', 'administrator', 'auditor'] as const)
      await expect(service.app.get(KeyRotation).run(service.actor(role))).rejects.toMatchObject({ status: 403 });
  });

  /** The operator's command on the suite's database, as it is run. */
  function uct(args: string[]) {
    const child = spawn(process.execPath, ['dist/cli.js', ...args], {
      env: {
        ...process.env,
        DATABASE_URL: db.url,
        UCT_MASTER_KEY: THIRD.toString('base64'),
        UCT_KEY_PROVIDER: 'vault',
        UCT_VAULT_ADDRESS: vault.url,
        UCT_VAULT_TOKEN: vault.token,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    const ended = new Promise<{ code: number | null; out: string }>((resolve) =>
      child.once('close', (code) => resolve({ code, out })),
    );
    return { ended, kill: () => child.kill('SIGKILL') };
  }
});

describe('a key provider that is away', () => {
  it('is answered with 503 and when to come back, nothing is half-written, and all is well when it is back', async () => {
    const service = await start(THIRD, { keys: vaultKeys() });
    const code = await registerClient(service, { name: 'U Zqwaits' });
    const rows = await watchRows(db.url);
    const before = await rows.now();
    vault.sealed = true;
    await quietly(async () => {
      for (const call of [
        service.as('caseworker').post('/api/v1/clients', clientBody()),
        identityOf(service, code),
        service.as('caseworker').post(`/api/v1/clients/${code}/spending-plans`, {
          id: newId(),
          items: [{ need: 'debt', description: 'to pay back', amount: '500.00', currency: 'THB' }],
        }),
      ]) {
        const answer = await call;
        expectProblem(answer, { status: 503, code: 'keys-unavailable' });
        expect(answer.headers['retry-after']).toBe('60');
        expect(answer.text).not.toMatch(/vault|sealed|127\.0\.0\.1/i);
      }
    });
    expect(await rows.now()).toEqual(before);
    vault.sealed = false;
    expect((await identityOf(service, code).expect(200)).text).toContain('U Zqwaits');
    await rows.stop();
  });

  it('and never answers holds nobody up for longer than some seconds', async () => {
    const service = await start(THIRD, { keys: vaultKeys() });
    vault.hanging = true;
    const began = performance.now();
    const answer = await quietly(async () => await service.as('caseworker').post('/api/v1/clients', clientBody()));
    expectProblem(answer, { status: 503, code: 'keys-unavailable' });
    expect(performance.now() - began).toBeLessThan(6000);
  });
});

describe('whoever is erased', () => {
  const erase = (id: string) => sql(db.url, 'insert into pii.erased_client values ($1, now())', [id]);
  const held = async (id: string) =>
    (
      await sql<{ n: number }>(
        db.url,
        `select ((select count(*) from pii.data_key where client_id = $1) + (select count(*) from pii.identity where client_id = $1))::int n`,
        [id],
      )
    )[0]?.n;
  const storeKey = "select pii.store_data_key($1, 'vault', 'transit/uct-ledger:v1', $2)";

  it('has no key and no identity any more, also not in the memory of a service that just read it', async () => {
    const service = await start(THIRD, { keys: vaultKeys() });
    const code = await registerClient(service);
    const id = await idOf(code);
    await identityOf(service, code).expect(200);
    await erase(id);
    expect(await held(id)).toBe(0);
    await identityOf(service, code).expect(404);
    const again = sql(db.url, storeKey, [id, Buffer.alloc(89, 1)]);
    await expect(again).rejects.toThrow(/the client is erased and gets no row in pii.data_key/);
    const newIdentity = 'insert into pii.identity (client_id, version, sealed, sealed_at) values ($1, 1, $2, now())';
    await expect(sql(db.url, newIdentity, [id, Buffer.alloc(40)])).rejects.toThrow(/gets no row in pii.identity/);
  });

  it('stays on the list, which nobody can shorten', async () => {
    await expect(sql(db.url, 'delete from pii.erased_client')).rejects.toThrow(/append-only/);
  });

  it('gets no key from somebody who stores one at the same moment, before or after', async () => {
    const service = await start(THIRD, { keys: vaultKeys() });
    for (const first of ['erasing', 'storing'] as const) {
      const id = await idOf(await registerClient(service));
      await sql(db.url, 'delete from pii.data_key where client_id = $1', [id]);
      const acts = {
        erasing: () => one.query('insert into pii.erased_client values ($1, now())', [id]),
        storing: () => one.query(storeKey, [id, Buffer.alloc(89, 1)]),
      };
      const one = await connect(db.url);
      await one.query('begin');
      await acts[first]();
      const other = first === 'erasing' ? sql(db.url, storeKey, [id, Buffer.alloc(89, 1)]) : erase(id);
      const settled = other.then(
        () => 'done',
        (error: Error) => error.message,
      );
      await one.waitUntilSomebodyWaits();
      await one.query('commit');
      await one.end();
      expect(await settled).toBe(first === 'erasing' ? 'the client is erased and gets no row in pii.data_key' : 'done');
      expect(await held(id)).toBe(0);
    }
  });
});

const NEW_CLIENT = `
  insert into casework.client (id, code, cohort, case_group, country, age_band, guardian_on_record, caseworker_id, registered_at, content_sha256)
  values ($1::uuid, 'C-' || upper(substr(md5($1::uuid::text), 1, 8)), 'many', 'many', 'MM', 'adult', false, $2, now(), sha256('x'))`;
