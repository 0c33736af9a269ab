/** Keys are backed up apart: an old dump opens with a file of today, but for nobody who was erased, and files age. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { operatorActor } from '../src/access/domain/actor.js';
import { ClientsService } from '../src/clients/clients.service.js';
import { DataKeys } from '../src/clients/identity-vault/data-keys.js';
import { KeyBackups } from '../src/clients/identity-vault/key-backups.service.js';
import { ErasureService } from '../src/clients/rights/erasure.service.js';
import { Restoration } from '../src/clients/rights/restoration.service.js';
import { enrolClient, openFund, prepareRun, registerClient } from './support/builders.js';
import { createTestDatabase, sql, type TestDatabase } from './support/database.js';
import { copyOf } from './support/database-copies.js';
import { startTestService, travel, type TestService } from './support/service.js';

const TODAY = '2026-03-02';
const MASTER_KEY = randomBytes(32);
const operator = operatorActor('test');
const ENDED = { sessions: expect.any(Number), tokens: expect.any(Number), links: expect.any(Number) };
const folder = mkdtempSync(join(tmpdir(), 'uct-keys-'));

let db: TestDatabase;
let olderDump: TestDatabase;
let service: TestService;
/** Three clients: one stays, one is erased after the dump, one came after it. */
let stays: string;
let erased: string;
let cameLater: string;

const start = (database: TestDatabase) => startTestService({ db: database, masterKey: MASTER_KEY, today: TODAY });
const idIn = async (database: TestDatabase, code: string) =>
  (await sql<{ id: string }>(database.url, 'select id from casework.client where code = $1', [code]))[0]?.id ?? '';
/** Asked of the service itself, because a restore signs everybody out. */
const identityStatus = (from: TestService, code: string) =>
  from.app
    .get(ClientsService)
    .identity(from.actor('caseworker'), code)
    .then(
      () => 200,
      (error: { status: number }) => error.status,
    );
const backUp = async (from: TestService) => (await from.app.get(KeyBackups).backUp(operator)).text;
const restore = (to: TestService, text: string) => to.app.get(Restoration).restore(operator, text);
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'restored',
    (error: { code?: string }) => error.code,
  );
/** What a dump without the data of pii.data_key is. */
const dumpOf = async (database: TestDatabase) => {
  const copy = await copyOf(database);
  await sql(copy.url, 'delete from pii.data_key');
  return copy;
};

beforeAll(async () => {
  db = await createTestDatabase();
  service = await start(db);
  stays = await registerClient(service, { name: 'Ma Zqstays' });
  erased = await registerClient(service, { name: 'Ma Zqerased' });
  await service.close();
  olderDump = await dumpOf(db);
  service = await start(db);
  cameLater = await registerClient(service, { name: 'Ma Zqlater' });
  await sql(db.url, 'insert into pii.erased_client values ($1, $2)', [await idIn(db, erased), service.clock.now()]);
});
afterAll(async () => {
  await service.close();
  await db.drop();
  await olderDump.drop();
  rmSync(folder, { recursive: true });
});

describe('an older dump', () => {
  it('opens nothing by itself', async () => {
    const restored = await start(olderDump);
    for (const code of [stays, erased]) expect(await identityStatus(restored, code)).toBe(404);
    await restored.close();
  });

  it("with today's key file opens for those who stay, and never again for who was erased since", async () => {
    const file = await backUp(service);
    const id = await idIn(olderDump, erased);
    const restored = await start(olderDump);
    expect(await identityStatus(restored, erased)).toBe(404);
    expect(await restore(restored, file)).toEqual({
      keys: 1,
      newlyErased: 1,
      withoutKey: 0,
      underWay: 0,
      ended: ENDED,
    });
    expect(await identityStatus(restored, stays)).toBe(200);
    expect(await identityStatus(restored, erased)).toBe(404);
    for (const table of ['pii.identity', 'pii.data_key'])
      expect(await sql(olderDump.url, `select from ${table} where client_id = $1`, [id])).toEqual([]);
    // Again changes nothing, and who came after the dump is not there to be restored.
    expect(await restore(restored, file)).toEqual({
      keys: 0,
      newlyErased: 0,
      withoutKey: 0,
      underWay: 0,
      ended: ENDED,
    });
    expect(await identityStatus(restored, cameLater)).toBe(404);
    const acts = await sql(
      olderDump.url,
      "select detail from access.audit_event where act = 'keys.restore' order by seq",
    );
    expect(acts).toEqual([
      { detail: { keys: 1, newlyErased: 1, withoutKey: 0, underWay: 0, ended: ENDED } },
      { detail: { keys: 0, newlyErased: 0, withoutKey: 0, underWay: 0, ended: ENDED } },
    ]);
    await restored.close();
  });

  it('with a key file from before an erasure that the database knows does not bring anybody back', async () => {
    const now = await registerClient(service, { name: 'Ma Zqnow' });
    const fileFromBefore = await backUp(service);
    const id = await idIn(db, now);
    await sql(db.url, 'insert into pii.erased_client values ($1, now())', [id]);
    expect(await restore(service, fileFromBefore)).toMatchObject({ keys: 0, newlyErased: 0 });
    expect(await identityStatus(service, now)).toBe(404);
  });

  it('that has clients whose key is nowhere says how many', async () => {
    const id = await idIn(db, cameLater);
    const file = await backUp(service);
    const [row] = await sql<{ row: string }>(db.url, 'select k::text as row from pii.data_key k where client_id = $1', [
      id,
    ]);
    await sql(db.url, 'delete from pii.data_key where client_id = $1', [id]);
    const without = await backUp(service);
    expect(await restore(service, without)).toMatchObject({ keys: 0, withoutKey: 1 });
    expect(await restore(service, file)).toMatchObject({ keys: 1, withoutKey: 0 });
    expect(await sql(db.url, 'select k::text as row from pii.data_key k where client_id = $1', [id])).toEqual([row]);
    expect(await identityStatus(service, cameLater)).toBe(200);
  });
});

describe('an older dump in which somebody who is erased was still to be paid', () => {
  it('pays them nothing, whatever it has of them, and ends what can be ended', async () => {
    const live = await createTestDatabase();
    const before = await start(live);
    const fund = await openFund(before);
    const planned = await enrolClient(before, fund, '2026-03-02', { country: 'TH' });
    const inRun = await enrolClient(before, fund, '2026-03-02');
    const run = await prepareRun(before, TODAY, 'MM');
    await before.close();
    const dump = await dumpOf(live);

    const now = await start(live);
    await now.as('finance-preparer').post(`/api/v1/runs/${run.id}/send-back`, { reason: 'Not yet' }).expect(200);
    for (const { client } of [planned, inRun]) await now.app.get(ErasureService).erase(now.actor('supervisor'), client);
    const file = await backUp(now);
    await now.close();

    let restored = await start(dump);
    const states = async (code: string) =>
      (
        await sql<{ state: string }>(
          dump.url,
          'select o.state from payments.obligation o join casework.client c on c.id = o.client_id where c.id = $1 order by instalment',
          [ids.get(code)],
        )
      ).map(({ state }) => state);
    const ids = new Map(
      await Promise.all(
        [planned, inRun].map(async ({ client }) => [client, await idIn(dump, client)] as [string, string]),
      ),
    );
    expect(await states(planned.client)).toEqual(['scheduled', 'scheduled', 'scheduled']);
    expect(await restore(restored, file)).toMatchObject({
      newlyErased: 2,
      underWay: 1,
      ended: { sessions: expect.any(Number) },
    });
    expect(await states(planned.client)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(await states(inRun.client)).toEqual(['in_run', 'scheduled', 'scheduled']);
    // Whoever was signed in when the dump was made is not any more.
    await restored.as('finance-approver').get('/api/v1/runs').expect(401);
    await restored.close();
    restored = await start(dump);
    // The run that the older copy had is not paid: whom it would pay is nobody.
    await restored.as('finance-approver').post(`/api/v1/runs/${run.id}/approvals`, { digest: run.digest }).expect(409);
    await restored.as('finance-preparer').post(`/api/v1/runs/${run.id}/send-back`, { reason: 'Erased' }).expect(200);
    expect(
      await prepareRun(restored, TODAY, 'MM').then(
        (made) => made.count,
        () => 'none',
      ),
    ).toBe('none');
    expect(await restore(restored, file)).toMatchObject({ newlyErased: 0, underWay: 0 });
    expect(await states(inRun.client)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    await restored.close();
    await dump.drop();
    await live.drop();
  });
});

describe('a key file', () => {
  it('holds keys as they are wrapped, never plain, and nobody', async () => {
    const file = await backUp(service);
    const { keys } = JSON.parse(file) as {
      keys: { client: string; provider: 'local'; keyId: string; wrapped: string }[];
    };
    expect(keys.map(({ client }) => client)).toContain(await idIn(db, stays));
    expect(keys.map(({ client }) => client)).not.toContain(await idIn(db, erased));
    for (const { client, provider, keyId, wrapped } of keys) {
      const stored = { provider, keyId, wrapped: Buffer.from(wrapped, 'base64') };
      const plain = await service.app.get(DataKeys).open(client, stored);
      expect(file).not.toContain(plain.toString('base64').slice(0, 42));
      expect(file).not.toContain(plain.toString('hex'));
    }
    expect(file).not.toMatch(/Zqstays|Zqlater|C-[0-9A-Z]{8}/);
  });

  it('restores for 30 days and no longer', async () => {
    const file = await backUp(service);
    travel(service, '2026-04-01', '09:59');
    expect(await codeOf(restore(service, file))).toBe('restored');
    travel(service, '2026-04-01', '10:01');
    expect(await codeOf(restore(service, file))).toBe('key-file-too-old');
    travel(service, '2026-03-01');
    expect(await codeOf(restore(service, file))).toBe('key-file-of-the-future');
    travel(service, TODAY);
  });

  it('that was changed anywhere, cut, or is of another database is refused', async () => {
    const file = await backUp(service);
    const other = await startTestService({ masterKey: MASTER_KEY, today: TODAY });
    expect(await codeOf(restore(other, file))).toBe('key-file-changed');
    await other.close();
    const kept = JSON.parse(file) as Record<string, unknown>;
    const changes: Record<string, unknown>[] = [
      { madeAt: '2026-03-02T03:00:01.000Z' },
      { erased: [] },
      { keys: [] },
      { mac: 'AAAA' },
      { mac: undefined },
      { another: 'field' },
    ];
    for (const change of changes)
      expect([change, await codeOf(restore(service, JSON.stringify({ ...kept, ...change })))]).toEqual([
        change,
        'key-file-changed',
      ]);
    for (const text of ['', 'null', '[]', '{}', file.slice(0, -10), '"uct-ledger key file 1"'])
      expect(await codeOf(restore(service, text))).toBe('key-file-unreadable');
  });

  it('is made and restored by the operator alone', async () => {
    const backups = service.app.get(KeyBackups);
    const file = await backUp(service);
    for (const role of ['supervisor', 'administrator', 'auditor'] as const) {
      expect(await codeOf(backups.backUp(service.actor(role)))).toBe('forbidden');
      expect(await codeOf(service.app.get(Restoration).restore(service.actor(role), file))).toBe('forbidden');
    }
  });
});

describe('the operator', () => {
  const run = promisify(execFile);
  const uct = async (...args: string[]) => {
    const env = { ...process.env, DATABASE_URL: db.url, UCT_MASTER_KEY: MASTER_KEY.toString('base64') };
    try {
      return { code: 0, ...(await run(process.execPath, ['dist/cli.js', ...args], { env })) };
    } catch (error) {
      return error as { code: number; stdout: string; stderr: string };
    }
  };

  it('backs up to a file that only they can read, never over another, and restores from it', async () => {
    const file = join(folder, 'keys.json');
    expect(await uct('back-up-keys', file, '--json')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^{"keys":/),
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const before = readFileSync(file);
    expect((await uct('back-up-keys', file)).stderr).toMatch(/^file-is-there: /);
    expect(readFileSync(file)).toEqual(before);
    await sql(db.url, 'delete from pii.data_key');
    expect(await uct('restore-keys', file)).toMatchObject({ code: 0, stdout: expect.stringMatching(/keys came back/) });
    expect(await identityStatus(service, stays)).toBe(200);
    expect(await uct('restore-keys')).toMatchObject({ code: 2, stderr: 'missing: Name one file.\n' });
  }, 240_000);
});
