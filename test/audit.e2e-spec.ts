/** The audit trail: its chain, what is found when somebody with all rights has been at it, who reads it, and what it refuses to hold. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { AuditChain } from '../src/access/audit/audit-chain.js';
import { AuditVerification } from '../src/access/audit/audit-verification.js';
import { HASHED_COLUMNS, headText, parseHead } from '../src/access/audit/domain/audit-chain.js';
import type { AuditFindings } from '../src/access/audit/domain/audit-findings.js';
import { AuditTrail } from '../src/access/audit-trail.js';
import { BURMESE_PARTS } from '../src/demo/domain/name-parts.js';
import { clientBody, enrolClient, newId, openFund, ranks, registerClient } from './support/builders.js';
import { sql } from './support/database.js';
import { hire, raw } from './support/raw-requests.js';
import { startTestService, travel, type TestService } from './support/service.js';

const TODAY = '2026-03-02';
const EVENTS = '/api/v1/audit-events';

let service: TestService;
let client: string;
let url: string;

beforeAll(async () => {
  service = await startTestService({ today: TODAY });
  ({ url } = service.db);
  client = await registerClient(service);
  await service.as('caseworker').get(`/api/v1/clients/${client}/identity`).expect(200);
  await registerClient(service); // so that the reading is not the last of all
  await service.app.get(AuditChain).chainAll();
});
afterAll(() => service.close());

const verify = (...kept: string[]): Promise<AuditFindings> =>
  service.app.get(AuditVerification).run(service.actor('auditor'), { kept: kept.map(parseHead) });
const headNow = async () => headText(await service.app.get(AuditChain).head());
const one = async <Row extends object>(statement: string, parameters: unknown[] = []) =>
  (await sql<Row & pg.QueryResultRow>(url, statement, parameters))[0] as Row;
const whatIn = ({ faults }: AuditFindings) => faults.map(({ no, what }) => `${no}: ${what}`);

/** A superuser with ill will: every trigger off, and on again. */
async function pastTheTriggers(...statements: string[]): Promise<void> {
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  const tables = ['access.audit_event', 'access.audit_link'];
  try {
    await db.query('begin');
    for (const table of tables) await db.query(`alter table ${table} disable trigger all`);
    for (const statement of statements) await db.query(statement);
    for (const table of tables) await db.query(`alter table ${table} enable trigger all`);
    await db.query('alter table access.audit_event enable always trigger every_event_is_chained');
    await db.query('commit');
  } finally {
    await db.end();
  }
}

/** Tampers, verifies, and puts everything back as it was. */
async function foundAfter(statements: string[], ...kept: string[]): Promise<string[]> {
  await service.app.get(AuditChain).chainAll();
  await sql(url, 'create table event_before as select * from access.audit_event');
  await sql(url, 'create table link_before as select * from access.audit_link');
  await pastTheTriggers(...statements);
  const findings = await verify(...kept);
  expect(findings.holds).toBe(false);
  await pastTheTriggers(
    'delete from access.audit_event where id in (select id from event_before)',
    'delete from access.audit_link where event_id in (select event_id from link_before)',
    'insert into access.audit_event overriding system value select * from event_before',
    'insert into access.audit_link select * from link_before',
  );
  await sql(url, 'drop table event_before, link_before');
  return whatIn(findings);
}

describe('the chain', () => {
  it('holds every event in one row of numbers, and verifies', async () => {
    const findings = await verify();
    expect(findings).toMatchObject({ holds: true, faultCount: 0 });
    const counted = await one<{ links: number; last: number; events: number }>(
      `select (select count(*)::int from access.audit_link) links, (select max(no)::int from access.audit_link) last,
              (select count(*)::int from access.audit_event e where not exists (select from access.audit_unchained u where u.event_id = e.id)) events`,
    );
    expect(counted).toEqual({
      links: counted.events,
      last: counted.events,
      events: Number(findings.head.split(':')[0]),
    });
  });

  it('covers every column that an event has', async () => {
    const columns = await sql<{ name: string }>(
      url,
      "select column_name as name from information_schema.columns where table_schema = 'access' and table_name = 'audit_event'",
    );
    expect(columns.map(({ name }) => name).sort()).toEqual([...HASHED_COLUMNS].sort());
  });

  it('has its verification in the trail', async () => {
    const { head } = await verify();
    expect(
      await one("select detail from access.audit_event where act = 'audit.verify' order by seq desc limit 1"),
    ).toEqual({
      detail: { holds: true, head },
    });
  });

  it('passes over nobody and takes nobody twice while 30 write at once', async () => {
    const trail = service.app.get(AuditTrail);
    const chain = service.app.get(AuditChain);
    const actor = service.actor('caseworker');
    const writers = Array.from({ length: 30 }, async (_, writer) => {
      const db = new pg.Client({ connectionString: url });
      await db.connect();
      for (let turn = 0; turn < 10; turn += 1) {
        await db.query('begin');
        await trail.record(db as never, actor, 'client.test', { kind: 'client', id: `writer-${writer}` }, { turn });
        // Some commit later than others that began after them, and some never.
        await db.query('select pg_sleep($1)', [((writer * 7 + turn * 3) % 11) / 200]);
        await db.query((writer + turn) % 5 === 0 ? 'rollback' : 'commit');
      }
      await db.end();
    });
    let writing = true;
    const chaining = [1, 2, 3].map(async () => {
      while (writing) await chain.chainSome();
    });
    await Promise.all(writers);
    writing = false;
    await Promise.all(chaining);
    await chain.chainAll();
    const counted = await one(
      `select count(*)::int events, count(distinct l.no)::int links, (select max(no) - count(*) from access.audit_link)::int gaps
       from access.audit_event e join access.audit_link l on l.event_id = e.id where e.act = 'client.test'`,
    );
    expect(counted).toEqual({ events: 240, links: 240, gaps: 0 });
    expect((await verify()).holds).toBe(true);
  }, 60_000);

  it('is written to by its function only', async () => {
    for (const statement of [
      'insert into access.audit_link values (1, gen_random_uuid(), sha256($$a$$), sha256($$a$$))',
      'delete from access.audit_unchained',
      'insert into access.audit_unchained values (gen_random_uuid(), 1)',
    ])
      await expect(sql(url, statement, [], 'uct_service')).rejects.toThrow(/permission denied/);
    await expect(sql(url, 'update access.audit_link set no = no')).rejects.toThrow(/append-only/);
  });
});

describe('a superuser who has been at the trail is found out', () => {
  /** The number of an event in the middle. */
  const middle = async () =>
    (
      await one<{ no: number }>(
        "select no::int from access.audit_link l join access.audit_event e on e.id = l.event_id where e.act = 'identity.read'",
      )
    ).no;
  const target =
    "(select event_id from access.audit_link join access.audit_event on id = event_id where act = 'identity.read' limit 1)";

  it.each([
    ['seq', 'seq + 1000000'],
    ['at', "at + interval '1 microsecond'"],
    ['actor_id', "'00000000-0000-7000-8000-000000000001'"],
    ['act', "'identity.road'"],
    ['subject_kind', "'clients'"],
    ['subject_id', "'somebody-else'"],
    ['request_id', "'another'"],
    ['detail', "'{}'"],
  ])('when they changed an event: %s', async (column, value) => {
    const set = column === 'seq' ? 'alter table access.audit_event alter seq drop identity' : 'select 1';
    const back =
      column === 'seq'
        ? 'alter table access.audit_event alter seq add generated always as identity (start 1000)'
        : 'select 1';
    const no = await middle();
    expect(
      await foundAfter([set, `update access.audit_event set ${column} = ${value} where id = ${target}`, back]),
    ).toEqual([`${no}: the event was changed, or its link was`]);
  });

  it('when they gave an event another id', async () => {
    const no = await middle();
    const found = await foundAfter([`update access.audit_event set id = gen_random_uuid() where id = ${target}`]);
    expect(found).toEqual([`${no}: the event was removed`, expect.stringMatching(/no place in the chain/)]);
    await pastTheTriggers(
      'delete from access.audit_event where id not in (select event_id from access.audit_link) and id not in (select event_id from access.audit_unchained)',
    );
  });

  it('when they removed an event', async () => {
    const no = await middle();
    expect(await foundAfter([`delete from access.audit_event where id = ${target}`])).toEqual([
      `${no}: the event was removed`,
    ]);
  });

  it('when they removed an event and its link', async () => {
    const no = await middle();
    const found = await foundAfter([
      `create temp table gone as select ${target} id`,
      'delete from access.audit_event where id in (select id from gone)',
      'delete from access.audit_link where event_id in (select id from gone)',
    ]);
    expect(found).toEqual([`${no}: the link is missing`]);
  });

  it('when they swapped what two events say', async () => {
    const no = await middle();
    const found = await foundAfter([
      `create temp table pair as select e.* from access.audit_event e join access.audit_link l on l.event_id = e.id where l.no in (${no}, ${no - 1})`,
      `update access.audit_event e set act = o.act, detail = o.detail, subject_id = o.subject_id
       from pair p join pair o on o.id <> p.id where e.id = p.id`,
    ]);
    expect(found).toEqual([no - 1, no].map((one) => `${one}: the event was changed, or its link was`));
  });

  it('when they swapped two links', async () => {
    const no = await middle();
    const found = await foundAfter([
      `update access.audit_link set no = -1 where no = ${no}`.replace('-1', '900000001'),
      `update access.audit_link set no = ${no} where no = ${no - 1}`,
      `update access.audit_link set no = ${no - 1} where no = 900000001`,
    ]);
    expect(found).toEqual([no - 1, no, no + 1].map((one) => `${one}: the link does not continue the one before`));
  });

  it('when they made a link anew to suit the event that they changed', async () => {
    const no = await middle();
    const found = await foundAfter([
      `update access.audit_event set detail = '{}' where id = ${target}`,
      `update access.audit_link l set leaf_sha256 = access.audit_leaf(e), chain_sha256 = sha256('\\x01'::bytea || b.chain_sha256 || access.audit_leaf(e))
       from access.audit_event e, access.audit_link b where e.id = l.event_id and l.event_id = ${target} and b.no = l.no - 1`,
    ]);
    expect(found).toEqual([`${no + 1}: the link does not continue the one before`]);
  });

  it('when they put in an event with the triggers off', async () => {
    const found = await foundAfter([
      `insert into access.audit_event (id, at, actor_id, act, subject_kind, subject_id, request_id)
       select gen_random_uuid(), at, actor_id, act, subject_kind, subject_id, request_id from access.audit_event where id = ${target}`,
    ]);
    expect(found).toEqual([expect.stringMatching(/no place in the chain: it was put in past the trail/)]);
    await pastTheTriggers(
      'delete from access.audit_event where id not in (select event_id from access.audit_link) and id not in (select event_id from access.audit_unchained)',
    );
  });

  it('when they cut off the end, by a head that was noted, and by the one that the last verification saw', async () => {
    await service.app.get(AuditChain).chainAll();
    const head = await headNow();
    const end = parseHead(head).no;
    const cut = [
      `delete from access.audit_event where id in (select event_id from access.audit_link where no > ${end - 3})`,
      `delete from access.audit_link where no > ${end - 3}`,
    ];
    // What earlier verifications saw is cut off with it.
    const forget = [
      'alter table access.audit_verification disable trigger all',
      'delete from access.audit_verification',
      'alter table access.audit_verification enable trigger all',
    ];
    expect(await foundAfter([...cut, ...forget], head)).toEqual([
      `${end}: a head was kept, and the chain ends at ${end - 3}: its end was cut off`,
    ]);
    const noted = await verify();
    expect(
      await foundAfter([
        `delete from access.audit_event where id in (select event_id from access.audit_link where no > ${end - 3})`,
        `delete from access.audit_link where no > ${end - 3}`,
      ]),
    ).toContain(`${parseHead(noted.head).no}: a head was kept, and the chain ends at ${end - 3}: its end was cut off`);
  });

  it('when they made the whole chain anew, by a head that was noted', async () => {
    const head = await headNow();
    const found = await foundAfter(
      [
        'alter table access.audit_verification disable trigger all',
        'delete from access.audit_verification',
        'alter table access.audit_verification enable trigger all',
        `update access.audit_event set detail = '{}' where id = ${target}`,
        'delete from access.audit_link',
        'delete from access.audit_unchained',
        'insert into access.audit_unchained select id, seq from access.audit_event',
      ],
      head,
    );
    expect(found).toContainEqual(`${parseHead(head).no}: the head that was kept is another: the chain was made anew`);
  });

  it('when they removed an event before it had its place', async () => {
    await service.as('caseworker').get(`/api/v1/clients/${client}/identity`).expect(200);
    const gone = await one<{ id: string; seq: number }>(
      "select id, seq::int from access.audit_event where act = 'identity.read' order by seq desc limit 1",
    );
    await pastTheTriggers(`delete from access.audit_event where id = '${gone.id}'`);
    const findings = await verify();
    expect(findings.faults).toContainEqual({
      no: gone.seq,
      event: gone.id,
      what: 'the event was removed before it had its place in the chain',
    });
    await sql(url, 'delete from access.audit_unchained where event_id = $1', [gone.id]);
    expect((await verify()).holds).toBe(true);
  });
});

describe('the trail is read', () => {
  const events = (query: string, role: 'auditor' | 'caseworker' = 'auditor') =>
    service.as(role).get(`${EVENTS}?${query}`);
  interface Read {
    no: number | null;
    act: string;
    at: string;
    actor: { id: string; name: string };
    subject: { kind: string; id: string; code?: string };
    detail: Record<string, unknown>;
  }
  const itemsOf = async (query: string) => (await events(query).expect(200)).body.items as Read[];

  it('by auditors and nobody else', async () => {
    await events('').expect(200);
    for (const role of ['caseworker', 'supervisor', 'finance-preparer', 'donor', 'administrator'] as const)
      await service.as(role).get(EVENTS).expect(403);
  });

  it('with who, what, on which record and its place in the chain, newest first', async () => {
    const registered = await itemsOf('act=client.register');
    expect(registered.at(-1)).toMatchObject({
      no: expect.any(Number),
      act: 'client.register',
      actor: { id: service.actor('caseworker').userId, name: 'caseworker 1' },
      subject: { kind: 'client', code: client },
      detail: { country: 'MM' },
    });
    const all = await itemsOf('limit=1000');
    expect(all.map(({ at }) => at)).toEqual(
      all
        .map(({ at }) => at)
        .sort()
        .reverse(),
    );
  });

  it('by who acted, by act, by kind and id of the record, and by both at once', async () => {
    const me = service.actor('caseworker').userId;
    const mine = await itemsOf(`actor=${me}&limit=1000`);
    expect(new Set(mine.map(({ actor }) => actor.id))).toEqual(new Set([me]));
    expect(new Set((await itemsOf('act=session.sign-in')).map(({ act }) => act))).toEqual(new Set(['session.sign-in']));
    expect(new Set((await itemsOf('subjectKind=user')).map(({ subject }) => subject.kind))).toEqual(new Set(['user']));
    const registered = (await itemsOf('act=client.register'))[0]?.subject.id ?? '';
    expect((await itemsOf(`subject=${registered}&act=client.register`)).length).toBe(1);
    expect(await itemsOf(`actor=${service.actor('donor').userId}&act=client.register`)).toEqual([]);
  });

  it('by a client’s code: all that was done to them, wherever it was written', async () => {
    const other = await registerClient(service, { name: 'Saw Eh Doh', dateOfBirth: '1971-05-06' });
    const fund = await openFund(service);
    const { client: code, transfers } = await enrolClient(service, fund, TODAY, {
      name: 'Naw Paw Wah',
      dateOfBirth: '1966-10-30',
    });
    const assessment = newId();
    await service
      .as('caseworker')
      .post(`/api/v1/clients/${code}/needs-assessments`, { id: assessment, assessedOn: TODAY, ranks: ranks('food') })
      .expect(201);
    await service.as('caseworker').get(`/api/v1/clients/${code}/needs-assessments/latest`).expect(200);
    await service.as('caseworker').post(`/api/v1/transfers/${transfers[0]?.id}/hold`, { reason: 'safety' }).expect(204);
    expect((await itemsOf(`client=${code.toLowerCase()}`)).map(({ act }) => act)).toEqual([
      'transfer.hold',
      'assessment.read',
      'assessment.record',
      'enrolment.approve',
      'enrolment.propose',
      'client.register',
    ]);
    expect((await itemsOf(`client=${other}`)).map(({ act }) => act)).toEqual(['client.register']);
    expect(await itemsOf('client=C-00000000')).toEqual([]);
  });

  it('by a client’s code: also that they may be registered twice', async () => {
    const identity = { names: [{ text: 'Thiri Wut Yi Aung' }], dateOfBirth: '1990-11-23' };
    const register = async () =>
      (
        await service
          .as('caseworker')
          .post('/api/v1/clients', { ...clientBody(), identity })
          .expect(201)
      ).body.code as string;
    for (const code of [await register(), await register()])
      expect((await itemsOf(`client=${code}`)).map(({ act }) => act)).toContain('duplicate.find');
  });

  it('by day in the organisation’s time zone', async () => {
    travel(service, '2026-03-03', '00:30');
    await service.app
      .get(AuditTrail)
      .record(service.app.get(DataSource).manager, service.actor('caseworker'), 'client.register', {
        kind: 'client',
        id: newId(),
      });
    travel(service, TODAY);
    const registered = async (query: string) => (await itemsOf(`act=client.register&${query}`)).map(({ at }) => at);
    expect(await registered('from=2026-03-03')).toEqual(['2026-03-02T17:30:00.000Z']);
    expect(await registered('from=2026-03-03&to=2026-03-03')).toEqual(['2026-03-02T17:30:00.000Z']);
    expect(await registered('to=2026-03-02')).not.toContain('2026-03-02T17:30:00.000Z');
    expect(await registered('to=2026-03-01')).toEqual([]);
  });

  it('page by page, each event once', async () => {
    const paged: string[] = [];
    let after = '';
    do {
      const { body } = await events(`act=session.sign-in&limit=3${after}`).expect(200);
      paged.push(...(body.items as { id: string }[]).map(({ id }) => id));
      after = body.next ? `&after=${encodeURIComponent(body.next as string)}` : '';
    } while (after);
    const all = (await events('act=session.sign-in&limit=1000').expect(200)).body.items as { id: string }[];
    expect(paged).toEqual(all.map(({ id }) => id));
    expect(paged.length).toBeGreaterThan(15);
  });

  it.each([
    ['after=x', 400, 'cursor-malformed'],
    ['after=2026-13-45T00:00:00.000000Z/1', 400, 'cursor-malformed'],
    ['after=2026-02-30T10:00:00.000000Z/1', 400, 'cursor-malformed'],
    ['after=2026-02-28T24:00:00.000000Z/1', 400, 'cursor-malformed'],
    ['after=0000-01-01T00:00:00.000000Z/1', 400, 'cursor-malformed'],
    ['after=9999-12-31T00:00:00.000000Z/1', 400, 'cursor-malformed'],
    ['from=0000-01-01', 422, 'date-malformed'],
    ['from=2026-02-31', 422, 'date-malformed'],
    ['act=drop%20table', 422, 'act-malformed'],
    ['actor=me', 422, 'id-malformed'],
    ['limit=0', 422, 'min'],
    ['who=me', 422, 'unknown-field'],
  ])('not with %s', async (query, status, code) => {
    const answer = await events(query);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('which is itself recorded: the filters that were used, not what was put into them', async () => {
    await events(`client=${client}&from=${TODAY}`).expect(200);
    const recorded = await one(
      "select actor_id, detail from access.audit_event where act = 'audit.read' order by seq desc limit 1",
    );
    expect(recorded).toEqual({
      actor_id: service.actor('auditor').userId,
      detail: { filters: ['client', 'from'], items: expect.any(Number) },
    });
  });

  it('with the head to be noted, which later verifications find on the chain', async () => {
    const { head } = (await events('limit=1').expect(200)).body as { head: string };
    await registerClient(service);
    expect((await verify(head)).holds).toBe(true);
    const forged = head.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    expect((await verify(forged)).holds).toBe(false);
  });

  it('through an index, whatever is asked', async () => {
    const nobody = newId();
    const db = new pg.Client({ connectionString: url });
    await db.connect();
    // What few rows have, as in a trail of years: of what most of a short one has, its order is the better way.
    await db.query('analyze access.audit_event; set enable_seqscan = off; set enable_sort = off');
    for (const [where, index] of [
      ['true', 'audit_event_time'],
      [`actor_id = '${nobody}'`, 'audit_event_actor'],
      ["act = 'no such act'", 'audit_event_act'],
      ["subject_kind = 'no such kind'", 'audit_event_kind'],
      [`subject_id = '${nobody}'`, 'audit_event_subject'],
    ]) {
      const { rows } = await db.query<{ 'QUERY PLAN': string }>(
        `explain select * from access.audit_event where ${where} and (at, seq) < (now(), 9) order by at desc, seq desc limit 101`,
      );
      expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain(`Index Scan Backward using ${index}`);
    }
    await db.end();
  });
});

describe('a refusal leaves a trace', () => {
  const refusals = (kind: string) =>
    sql<{ act: string; actor_id: string; subject_id: string; detail: object }>(
      url,
      'select act, actor_id, subject_id, detail from access.audit_event where act like $1 order by seq desc limit 1',
      [`${kind}.refuse`],
    );

  it('when the route is not for that role', async () => {
    await service.as('donor').get('/api/v1/clients').expect(403);
    expect(await refusals('access')).toEqual([
      {
        act: 'access.refuse',
        actor_id: service.actor('donor').userId,
        subject_id: 'ClientsApiController.list',
        detail: { code: 'forbidden' },
      },
    ]);
  });

  it('when the service says no after the route said yes', async () => {
    const before = await refusals('access');
    const report = newId();
    await service.as('donor').get(`/api/v1/donor-reports/${report}/bundle?for=auditor`).expect(403);
    const [refused] = await refusals('access');
    expect(refused).toMatchObject({ subject_id: 'DonorReportsApiController.bundle', detail: { code: 'forbidden' } });
    expect(refused).not.toEqual(before[0]);
  });

  it('when a page is not for that role, and never with the address that was asked for', async () => {
    await service.as('administrator').get(`/clients/${client}?q=Aung+Myint`).set('accept', 'text/html').expect(403);
    const [refused] = await refusals('access');
    expect(refused).toMatchObject({ subject_id: 'ClientsPagesController.show', detail: { code: 'forbidden' } });
  });

  it('when a client is somebody else’s, under the client; of one who is not there there is nothing to tell', async () => {
    await service.as('caseworker', 2).get(`/api/v1/clients/${client}`).expect(404);
    const [{ id }] = (await sql<{ id: string }>(url, 'select id from casework.client where code = $1', [client])) as [
      { id: string },
    ];
    const expected = [
      {
        act: 'client.refuse',
        actor_id: service.actor('caseworker', 2).userId,
        subject_id: id,
        detail: { code: 'not-found' },
      },
    ];
    expect(await refusals('client')).toEqual(expected);
    const counted = () => one("select count(*)::int n from access.audit_event where act = 'client.refuse'");
    const before = await counted();
    await service.as('caseworker', 2).get('/api/v1/clients/C-00000000').expect(404);
    expect(await counted()).toEqual(before);
  });

  it('and is a fault of ours when it cannot be recorded, never an open door', async () => {
    await sql(url, 'revoke insert on access.audit_event from uct_service');
    try {
      await service.as('auditor').get('/api/v1/clients').expect(500);
      await service.as('caseworker', 2).get(`/api/v1/clients/${client}`).expect(500);
    } finally {
      await sql(url, 'grant insert on access.audit_event to uct_service');
    }
  });

  it('without filling the disk when somebody tries 250 times', async () => {
    for (let attempt = 0; attempt < 250; attempt += 1)
      await service.as('finance-releaser', 2).get('/api/v1/clients').expect(403);
    const rows = await sql<{ count: number | null }>(
      url,
      "select (detail->>'count')::int count from access.audit_event where act = 'access.refuse' and actor_id = $1 order by seq",
      [service.actor('finance-releaser', 2).userId],
    );
    expect(rows.map(({ count }) => count)).toEqual([
      null,
      ...Array.from({ length: 19 }, (_, index) => index + 2),
      100,
      200,
    ]);
  }, 60_000);
});

it('a refusal of a client leaves a trace however much noise somebody made before', async () => {
  const noisy = await hire(service, 'noisy@test.example', ['caseworker']);
  const others = await Promise.all(Array.from({ length: 5 }, () => registerClient(service)));
  for (let batch = 0; batch < 21; batch += 1)
    await Promise.all(Array.from({ length: 25 }, () => raw(service, noisy.token, 'GET', '/api/v1/runs')));
  for (const code of others)
    expect((await raw(service, noisy.token, 'GET', `/api/v1/clients/${code}/identity`)).status).toBe(404);
  const recorded = await sql<{ code: string }>(
    url,
    `select c.code from access.audit_event e join casework.client c on c.id::text = e.subject_id
     where e.act = 'client.refuse' and e.actor_id = $1 order by e.seq`,
    [noisy.id],
  );
  expect(recorded.map(({ code }) => code)).toEqual(others);
}, 60_000);

describe('what an event may say', () => {
  const put = (column: string, value: string) =>
    sql(
      url,
      `insert into access.audit_event (id, at, actor_id, act, subject_kind, subject_id, request_id, detail)
       select gen_random_uuid(), now(), '00000000-0000-7000-8000-000000000001', 'client.test', 'client',
              case when $1 = 'subject_id' then $2 else 'x' end, case when $1 = 'request_id' then $2 else 'x' end,
              case when $1 = 'detail' then $2 else '{}' end::jsonb`,
      [column, value],
    ).then(
      () => 'held',
      (error: { code: string; constraint: string }) => (error.code === '23514' ? 'refused' : error.constraint),
    );
  const detail = (value: unknown) => put('detail', JSON.stringify(value));

  it.each([
    { count: 3, holds: true, nothing: null },
    { purpose: 'be-paid', country: 'MM', currency: 'THB', period: '2026-Q1', day: '2026-03-02' },
    { client: 'C-7K2M9QXW', run: '0195f0a0-0000-7000-8000-000000000001', digest: 'ab'.repeat(32) },
    { roles: ['caseworker', 'supervisor'], states: { settled: 3, on_hold: 1 } },
    { until: '2026-03-02T10:00:00.000Z', head: `12:${'0f'.repeat(32)}` },
    { run: '01950000-0000-7000-8000-000000000001' },
  ])('is a code, an id, a day, a count: %j', async (value) => {
    expect(await detail(value)).toBe('held');
  });

  const names = [
    ...BURMESE_PARTS.men.slice(0, 3).flatMap(({ text, romanised, thai }) => [text, romanised, thai]),
    'Aung Myint Oo',
    'aung myint oo',
    'AUNG MYINT OO',
    'สมชาย ใจดี',
    'ເຈົ້າ ບຸນ',
    'សុខា',
    'Nguyễn Thị Hoa',
    'nguyễn',
    'राम',
    '陈伟',
    'Мария',
    'محمد',
  ];
  it.each(names)('is no name: %s', async (name) => {
    expect(await detail({ reason: name })).toBe('refused');
    expect(await detail({ reasons: ['ok', name] })).toBe('refused');
    expect(await detail({ reasons: { code: name } })).toBe('refused');
    expect(await detail({ [name]: 1 })).toBe('refused');
    expect(await put('subject_id', name)).toBe('refused');
  });

  it.each([
    '0812345678',
    '081-234-5678',
    '+66812345678',
    'she says she is hungry',
    'somebody@example.org',
    '',
    'a\nb',
    812345678,
    1e30,
    { deeper: { still: 1 } },
  ])('is no number to call, no address and no words: %j', async (value) => {
    expect(await detail({ reason: value })).toBe('refused');
  });

  it('is an object of little, and comes from a request that has a code', async () => {
    for (const value of [[], 'x', 3, null]) expect(await detail(value)).toBe('refused');
    expect(await detail(Object.fromEntries(ranksOf(200)))).toBe('refused');
    expect(await put('request_id', 'အောင်')).toBe('refused');
  });
  const ranksOf = (count: number) =>
    Array.from({ length: count }, (_, index): [string, string] => [`key${index}`, 'some-code']);
});
