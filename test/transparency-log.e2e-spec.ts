/** The transparency log of the real service: what gets into it and when, what it shows outsiders, and what erasing leaves of it. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCheckpoint } from '../src/ledger/transparency-log/domain/checkpoint.js';
import { leafData } from '../src/ledger/transparency-log/domain/leaf-format.js';
import { leafHash } from '../src/ledger/transparency-log/domain/merkle-hash.js';
import { nodePrimitives } from '../src/ledger/transparency-log/domain/node-primitives.js';
import { checkConsistency, checkInclusion } from '../src/ledger/transparency-log/domain/proof-check.js';
import { parseNote, parseVerifierKey, verifyNote } from '../src/ledger/transparency-log/domain/signed-note.js';
import { startWitness, type RunningWitness } from '../src/ledger/transparency-log/witness/witness-server.js';
import { connect } from './support/connection.js';
import { createTestDatabase, sql, type TestDatabase } from './support/database.js';
import { openLog, type TestLog } from './support/log.js';

let log: TestLog;
beforeAll(async () => {
  log = await openLog();
}, 60_000);
afterAll(() => log.close());

const placesOf = async (entries: readonly string[]) =>
  (
    await sql<{ log_index: string | null }>(
      log.db.url,
      'select l.log_index::text from ledger.entry e left join ledger.leaf l on l.entry_seq = e.seq where e.id = any ($1::uuid[]) order by e.seq',
      [entries],
    )
  ).map((row) => row.log_index);

describe('an entry', () => {
  it('gets its place in the log with the next checkpoint, once, and its proof holds for an outsider', async () => {
    const [entry = ''] = await log.grants(1);
    await log.service.as('auditor').get(`/api/v1/ledger/proofs/${entry}`).expect(409);
    await log.publishNextDay();
    const { body: proof } = await log.service.as('auditor').get(`/api/v1/ledger/proofs/${entry}`).expect(200);
    const checkpoint = parseCheckpoint(parseNote(proof.checkpoint).text);
    const commitments = Buffer.from(proof.commitments.join(''), 'hex');
    await expect(
      checkInclusion(nodePrimitives, {
        leafHash: leafHash(leafData(commitments)),
        index: proof.index,
        treeSize: checkpoint.size,
        proof: proof.proof.map((hash: string) => Buffer.from(hash, 'base64')),
        root: checkpoint.root,
      }),
    ).resolves.toBe(true);
    for (const [reader, place] of [
      ['donor', 0],
      ['auditor', 1],
    ] as const) {
      const { text, salt } = proof[reader] as { text: string; salt: string };
      const opened = createHash('sha256')
        .update(Buffer.of(2))
        .update(Buffer.from(salt, 'hex'))
        .update(text)
        .digest('hex');
      expect(opened).toBe(proof.commitments[place]);
    }
    expect(JSON.parse(proof.donor.text)).toMatchObject({ type: 'entry', state: 'grant', currency: 'THB' });
  });

  it('is opened for auditors only', async () => {
    const [entry = ''] = await log.grants(1);
    await log.publishNextDay();
    for (const role of ['caseworker', 'donor', 'administrator', 'finance-preparer'] as const)
      await log.service.as(role).get(`/api/v1/ledger/proofs/${entry}`).expect(403);
    await log.service.anybody().get(`/api/v1/ledger/proofs/${entry}`).expect(401);
    await log.service.as('auditor').get(`/api/v1/ledger/proofs/${randomUUID()}`).expect(404);
  });
});

describe('the sequencer', () => {
  it('waits for a transaction that is open, logs what others commit meanwhile, and loses nothing', async () => {
    const open = await connect(log.db.url);
    await open.query('begin');
    const late = randomUUID();
    await log.grantIn(open, late);
    const [meanwhile = ''] = await log.grants(1);
    // The open transaction drew its seq first and commits last.
    const publishing = log.publishNextDay();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await open.query('commit');
    await open.end();
    await publishing;
    await log.publishNextDay();
    const places = await placesOf([late, meanwhile]);
    expect(places).toHaveLength(2);
    expect(places).not.toContain(null);
    expect((await log.verify()).holds).toBe(true);
  });

  it('logs what a transaction posts that stays open beyond its patience, as soon as it ends', async () => {
    const open = await connect(log.db.url);
    await open.query('begin');
    const late = randomUUID();
    await log.grantIn(open, late);
    const [meanwhile = ''] = await log.grants(1);
    await log.publishNextDay(); // gives up waiting after some seconds
    expect(await placesOf([late, meanwhile])).toEqual([null]); // the open one is not visible yet, the other one is younger than it
    await open.query('commit');
    await open.end();
    await log.publishNextDay();
    expect(await placesOf([late, meanwhile])).not.toContain(null);
    expect((await log.verify()).holds).toBe(true);
  }, 60_000);

  it('logs what the newest transaction of all posts, although nothing that began later has ended when it is published', async () => {
    for (let round = 0; round < 3; round += 1) {
      const open = await connect(log.db.url);
      await open.query('begin');
      const late = randomUUID();
      await log.grantIn(open, late);
      // Nothing is written meanwhile, so the snapshot's upper end is this very transaction.
      const publishing = log.publishNextDay();
      await new Promise((resolve) => setTimeout(resolve, 500));
      await open.query('commit');
      await open.end();
      await publishing;
      await log.publishNextDay();
      expect(await placesOf([late])).not.toContain(null);
    }
    expect((await log.verify()).holds).toBe(true);
  });

  it('leaves nothing out when rows are committed in another order than they were numbered, round after round', async () => {
    for (let round = 0; round < 5; round++) {
      const sessions = await Promise.all(Array.from({ length: 4 }, () => connect(log.db.url)));
      for (const session of sessions) {
        await session.query('begin');
        await log.grantIn(session, randomUUID());
      }
      const publishing = log.publishNextDay();
      for (const session of sessions.reverse()) {
        await session.query(round % 2 ? 'commit' : round === 2 ? 'rollback' : 'commit');
        await session.end();
      }
      await publishing;
    }
    await log.publishNextDay();
    expect(await log.unlogged()).toBe(0);
    const [gaps] = await sql<{ gaps: number }>(
      log.db.url,
      `select count(*)::int gaps from (select first_index, lag(first_index + size, 1, 0::bigint) over (order by number) as expected from ledger.epoch) e
       where first_index <> expected`,
    );
    expect(gaps?.gaps).toBe(0);
  }, 60_000);

  it('asked by four at once publishes a slot once', async () => {
    await log.grants(3);
    log.nextDay();
    const results = await Promise.all(Array.from({ length: 4 }, () => log.publish()));
    expect(results.filter((published) => published !== null)).toHaveLength(1);
    await expect(log.publish()).resolves.toBeNull();
    expect((await log.verify()).holds).toBe(true);
  });

  it('logs all of it after a backup was restored into a cluster whose transaction numbers are lower', async () => {
    await log.grants(2);
    // As a restore leaves them: rows and epochs of transactions that this cluster has yet to reach.
    await sql(
      log.db.url,
      `set session_replication_role = replica;
       update ledger.entry set xact = (xact::text::bigint + 1000000000)::text::xid8;
       update ledger.epoch set xact_ceiling = (xact_ceiling::text::bigint + 1000000000)::text::xid8;`,
    );
    await log.publishNextDay();
    await log.grants(2);
    await log.publishNextDay();
    await log.publishNextDay();
    expect(await log.unlogged()).toBe(0);
    expect((await log.verify()).holds).toBe(true);
  });
});

describe('a quarter', () => {
  it('is not closed while an epoch is being made, which could not know of the closing', async () => {
    await log.grants(1, '2025-12-20'); // its fund was opened in January
    const another = await connect(log.db.url);
    await another.query('begin');
    await another.query("select pg_advisory_xact_lock(hashtext('uct-ledger sequencer'))");
    const publishing = log.publishNextDay();
    await another.waitUntilSomebodyWaits();
    const closed = await sql(log.db.url, 'select 1 from ledger.period_closing');
    await another.query('commit');
    await another.end();
    await publishing;
    expect((await sql(log.db.url, 'select 1 from ledger.period_closing')).length).toBeGreaterThan(closed.length);
  });

  it('is closed from the first day on which anything was booked, also when its fund was opened later', async () => {
    const [first] = await sql<{ through: string }>(
      log.db.url,
      'select min(through)::text through from ledger.period_closing where fund_id = $1',
      [log.fund.fundId],
    );
    expect(first?.through).toBe('2025-12-31');
  });
});

describe('what is published', () => {
  it('is as large on a day with one entry as on a day with two hundred, or with none', async () => {
    const grown: number[] = [];
    let size = (await log.latest()).size;
    for (const entries of [1, 200, 0, 37]) {
      if (entries > 0) await log.grants(entries);
      await log.publishNextDay();
      const now = (await log.latest()).size;
      grown.push(now - size);
      size = now;
    }
    expect(new Set(grown).size).toBe(1);
  });

  it('grows by four when a day has more than fits, and stays so large', async () => {
    await log.grants(300);
    await log.publishNextDay();
    await log.publishNextDay();
    const sizes = await sql<{ size: number }>(log.db.url, 'select size from ledger.epoch order by number desc limit 2');
    expect(sizes.map((row) => row.size)).toEqual([1024, 1024]);
  });

  it('comes at the hours of the schedule and at no other time', async () => {
    const slots = await sql<{ slot: Date }>(log.db.url, 'select slot from ledger.checkpoint');
    expect(slots.length).toBeGreaterThan(5);
    for (const { slot } of slots) expect(slot.toISOString()).toMatch(/T00:00:00\.000Z$/);
  });

  it('puts entries in places that say nothing of their order', async () => {
    const entries = await log.grants(120);
    await log.publishNextDay();
    const places = (await placesOf(entries)).map(Number);
    const rising = places.filter((place, k) => k > 0 && place > (places[k - 1] ?? 0)).length;
    expect(new Set(places).size).toBe(120);
    expect(rising).toBeGreaterThan(25); // 59.5 expected of 119, with a deviation of 3.2
    expect(rising).toBeLessThan(95);
  });

  it('can be read by anybody: checkpoint and tiles, and they make each other', async () => {
    const { text } = await log.service.anybody().get('/api/v1/ledger/checkpoint').expect(200);
    const checkpoint = parseCheckpoint(parseNote(text).text);
    const tile = await log.service.anybody().get('/api/v1/ledger/tile/0/000').expect(200);
    expect((tile.body as Buffer).length).toBe(8192);
    expect(tile.headers['cache-control']).toContain('immutable');
    const width = checkpoint.size / 256;
    const above = await log.service.anybody().get(`/api/v1/ledger/tile/1/000.p/${width}`).expect(200);
    expect((above.body as Buffer).length).toBe(width * 32);
    for (const path of [
      'tile/0/999',
      'tile/0/0',
      'tile/0/000.p/256',
      'tile/0/..%2f000',
      'tile/-1/000',
      'tile/0/x000/000',
      `tile/1/000.p/${width + 1}`,
    ])
      await log.service.anybody().get(`/api/v1/ledger/${path}`).expect(404);
  });

  it('tells nobody who knows every amount and month which leaf is which payment', async () => {
    const [entry] = await sql<{ commitments: Buffer; donor: Buffer }>(
      log.db.url,
      'select l.commitments, s.donor from ledger.leaf l join ledger.leaf_salt s using (log_index) where l.entry_seq is not null limit 1',
    );
    const { rows } = await log.donorTexts();
    // With the salt one of the texts opens it; without, none does, tried with the salts one could think of.
    const opens = (salt: Buffer) =>
      rows.some((text) =>
        createHash('sha256')
          .update(Buffer.of(2))
          .update(salt)
          .update(text)
          .digest()
          .equals(entry?.commitments.subarray(0, 32) ?? Buffer.alloc(0)),
      );
    expect(opens(entry?.donor ?? Buffer.alloc(32))).toBe(true);
    expect([Buffer.alloc(0), Buffer.alloc(32), Buffer.alloc(32, 255)].some(opens)).toBe(false);
    const salts = await sql<{ n: number; different: number }>(
      log.db.url,
      'select count(*)::int n, count(distinct s)::int different from ledger.leaf_salt, unnest(array[donor, auditor, subject]) s',
    );
    expect(salts[0]?.different).toBe(salts[0]?.n);
  });
});

describe('erasing a client’s subject', () => {
  it('leaves every proof and the verification whole, and nothing that opens', async () => {
    const { client, transfer, entries } = await log.paidTransfer();
    await log.publishNextDay();
    const before = await log.service.as('auditor').get(`/api/v1/ledger/proofs/${entries[0]}`).expect(200);
    const salts = () =>
      sql<{ subject: Buffer | null }>(
        log.db.url,
        `select s.subject from ledger.entry e join ledger.leaf l on l.entry_seq = e.seq join ledger.leaf_salt s using (log_index) where e.obligation_id = $1`,
        [transfer],
      );
    expect((await salts()).every(({ subject }) => subject?.length === 32)).toBe(true);
    await expect(log.erase(client)).resolves.toBe(entries.length);
    expect((await salts()).every(({ subject }) => subject === null)).toBe(true);
    const after = await log.service.as('auditor').get(`/api/v1/ledger/proofs/${entries[0]}`).expect(200);
    expect(after.body).toEqual(before.body);
    expect((await log.verify()).holds).toBe(true);
    await expect(log.erase(client)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('holds for what comes later of the same transfer too', async () => {
    const { client, transfer, comesBack } = await log.paidTransfer();
    await log.erase(client);
    await comesBack();
    await log.publishNextDay();
    const rows = await sql<{ subject: Buffer | null }>(
      log.db.url,
      `select s.subject from ledger.entry e join ledger.leaf l on l.entry_seq = e.seq join ledger.leaf_salt s using (log_index) where e.obligation_id = $1`,
      [transfer],
    );
    expect(rows.length).toBeGreaterThanOrEqual(3);
    expect(rows.every(({ subject }) => subject === null)).toBe(true);
    expect((await log.verify()).holds).toBe(true);
  });
});

describe('witnesses', () => {
  let folder: string;
  let db: TestDatabase;
  let witnesses: RunningWitness[] = [];
  const startWitnesses = (vkey: string) =>
    Promise.all(
      ['one', 'two'].map((name) =>
        startWitness({
          dir: join(folder, name),
          name: `witness.${name}`,
          logs: [vkey],
          host: '127.0.0.1',
          port: 0,
          now: () => 1_770_000_000,
          warn: () => undefined,
        }),
      ),
    );
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'uct-witness-'));
    db = await createTestDatabase();
  });
  afterAll(async () => {
    await Promise.all(witnesses.map((witness) => witness.close()));
    await db.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('cosign each checkpoint, also one that was published while they were away, and refuse another history', async () => {
    // Its key is derived from the master key and its origin is given, so the witnesses can be told of it beforehand.
    const origin = 'log.test.example';
    const probe = await openLog({ db, log: { origin } });
    const vkey = await probe.vkey();
    await probe.close();
    witnesses = await startWitnesses(vkey);
    const keys = witnesses.map(({ vkey: key, url }) => ({ vkey: key, url }));
    const own = await openLog({ db, log: { origin, witnesses: keys } });
    await own.grants(3);
    expect((await own.publishNextDay())?.cosignatures).toBe(2);
    const first = await own.latest();

    await witnesses[1]?.close();
    await own.grants(3);
    expect((await own.publishNextDay())?.cosignatures).toBe(1);
    witnesses = [witnesses[0] as RunningWitness, ...(await startAgain())];
    await own.close();

    const again = await openLog({
      db,
      log: { origin, witnesses: witnesses.map(({ vkey: key, url }) => ({ vkey: key, url })) },
    });
    again.sameDayAs(own);
    await expect(again.publish()).resolves.toBeNull(); // the slot is published; it asks who has not signed
    const latest = await again.latest();
    expect(latest.witnesses).toEqual(['witness.one', 'witness.two']);
    const known = await Promise.all(
      [vkey, ...keys.map((key) => key.vkey)].map((key) => parseVerifierKey(key, nodePrimitives)),
    );
    await expect(verifyNote(nodePrimitives, parseNote(latest.note), known)).resolves.toHaveLength(3);
    const [from, to] = [first, latest].map(({ note }) => parseCheckpoint(parseNote(note).text));
    expect(to?.size).toBeGreaterThan(from?.size ?? 0);
    await expect(
      checkConsistency(nodePrimitives, {
        oldSize: from?.size ?? 0,
        oldRoot: from?.root ?? Buffer.alloc(0),
        newSize: to?.size ?? 0,
        newRoot: to?.root ?? Buffer.alloc(0),
        proof: [],
      }),
    ).resolves.toBe(false);

    // The operator rewrites the past, tree and all, and asks for a signature under it.
    await again.rewritePast();
    expect((await again.publishNextDay())?.cosignatures).toBe(0);
    await again.close();

    async function startAgain() {
      return [
        await startWitness({
          dir: join(folder, 'two'),
          name: 'witness.two',
          logs: [vkey],
          host: '127.0.0.1',
          port: 0,
          now: () => 1_770_000_000,
          warn: () => undefined,
        }),
      ];
    }
  }, 120_000);
});
