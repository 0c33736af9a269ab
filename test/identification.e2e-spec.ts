/** Identification by the elements of trafficking: recorded in parts and again, sealed whole, and nothing hangs on it. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClientsService } from '../src/clients/clients.service.js';
import { IdentificationService } from '../src/clients/identification/identification.service.js';
import { enrolClient, newId, openFund, registerClient, releaseRun } from './support/builders.js';
import { sightings } from './support/canaries.js';
import { damageWords } from './support/damaged.js';
import { sql } from './support/database.js';
import { outcomesAs } from './support/outcomes.js';
import { expectProblem } from './support/raw-requests.js';
import { watchRows } from './support/rows.js';
import { startTestService, travel, type TestService } from './support/service.js';

const TODAY = '2026-03-02';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ today: TODAY });
});
afterAll(() => service.close());

const told = (changes: object = {}) => ({ id: newId(), replaces: null, acts: ['recruitment'], ...changes });
const address = (client: string) => `/api/v1/clients/${client}/identification`;
const record = (client: string, body: object) => service.as('caseworker').post(address(client), body);
const read = async (client: string) =>
  (await service.as('caseworker').get(address(client)).expect(200)).body as {
    latest: Record<string, unknown> | null;
    earlier: Record<string, unknown>[];
  };
const idOf = async (code: string) =>
  (await sql<{ id: string }>(service.db.url, 'select id from casework.client where code = $1', [code]))[0]?.id ?? '';

describe('An identification', () => {
  it('is none at first, then what was told of acts, means and purposes, with what an authority said', async () => {
    const client = await registerClient(service);
    expect(await read(client)).toEqual({ client, latest: null, earlier: [] });
    const body = told({
      acts: ['transfer', 'recruitment'],
      means: ['deception'],
      purposes: ['forced-labour', 'other'],
      ageThen: 'adult',
      words: { acts: 'A man came to the village', purposes: 'nets, all night' },
      formal: { status: 'identified', decidedOn: '2026-02-27', authority: 'Team of the province' },
      reflection: { from: '2026-03-01', to: '2026-04-14' },
    });
    const { body: answer } = await record(client, body).expect(201);
    const elements = { act: 'told', means: 'told', purpose: 'told', outcome: 'all-elements' };
    expect(answer).toEqual({ id: body.id, client, recordedOn: TODAY, elements });
    const { latest, earlier } = await read(client);
    expect(earlier).toEqual([]);
    const { replaces: _replaces, ...kept } = body;
    expect(latest).toEqual({
      ...kept,
      acts: ['recruitment', 'transfer'],
      age: 'adult',
      recordedOn: TODAY,
      recordedAt: '2026-03-02T03:00:00.000Z',
      by: 'caseworker 1',
      elements,
    });
  });

  it('is told in parts: each version is whole, the latest counts, and the earlier ones stay', async () => {
    const client = await registerClient(service);
    const first = told();
    await record(client, first).expect(201);
    const second = told({ replaces: first.id, means: ['fraud'], purposes: ['slavery'] });
    expect((await record(client, second).expect(201)).body.elements.outcome).toBe('all-elements');
    // What was told can be taken back, as a version too.
    const third = told({ replaces: second.id, acts: [] });
    expect((await record(client, third).expect(201)).body.elements.outcome).toBe('presumed');
    const { latest, earlier } = await read(client);
    expect([latest, ...earlier].map((one) => one?.id)).toEqual([third.id, second.id, first.id]);
  });

  it('asks no means of a child, nor of somebody of unknown age, nor of an adult who was a child then', async () => {
    const outcomeFor = async (dateOfBirth: string | null, changes: object = {}) => {
      const client = await registerClient(service, { dateOfBirth, name: `Somebody ${newId()}` });
      const { body } = await record(client, told({ purposes: ['servitude'], ...changes })).expect(201);
      return body.elements as object;
    };
    const notNeeded = { means: 'not-needed', outcome: 'means-not-needed' };
    expect(await outcomeFor('2012-05-06')).toMatchObject(notNeeded);
    expect(await outcomeFor(null)).toMatchObject(notNeeded);
    expect(await outcomeFor('1988-04-12', { ageThen: 'child' })).toMatchObject(notNeeded);
    expect(await outcomeFor('1988-04-12', { ageThen: 'unknown' })).toMatchObject(notNeeded);
    expect(await outcomeFor('1988-04-12')).toMatchObject({ means: 'not-told', outcome: 'presumed' });
  });

  it('stays what it was when a child has come of age since', async () => {
    const client = await registerClient(service, { dateOfBirth: '2008-03-10' });
    await record(client, told({ purposes: ['servitude'] })).expect(201);
    const caseworker = service.actor('caseworker');
    travel(service, '2026-03-11');
    await service.app.get(ClientsService).identity(caseworker, client);
    const { latest } = await service.app.get(IdentificationService).ofClient(caseworker, client);
    travel(service, TODAY);
    expect(latest?.elements.outcome).toBe('means-not-needed');
    const [row] = await sql(service.db.url, 'select age_band from casework.client where code = $1', [client]);
    expect(row).toEqual({ age_band: 'adult' });
  });

  it('sent again is the same, however often and even at once; with other content it is refused', async () => {
    const client = await registerClient(service);
    const body = told({ words: { means: 'my papers in his safe' } });
    const answers = await Promise.all([1, 2, 3].map(() => record(client, body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const later = told({ replaces: body.id, means: ['coercion'] });
    await record(client, later).expect(201);
    await record(client, body).expect(200);
    expectProblem(await record(client, { ...body, acts: ['receipt'] }), {
      status: 409,
      code: 'id-conflict',
      field: 'id',
    });
    expect((await read(client)).earlier).toHaveLength(1);
  });

  it('is not hidden by somebody who has not read it, also at the same moment', async () => {
    const client = await registerClient(service);
    const changed = { status: 409, code: 'identification-changed', field: 'replaces' };
    expectProblem(await record(client, told({ replaces: newId() })), changed);
    const first = told();
    await record(client, first).expect(201);
    expectProblem(await record(client, told()), changed);
    const other = await registerClient(service, { name: 'Somebody Else' });
    expectProblem(await record(other, told({ replaces: first.id })), changed);
    const answers = await Promise.all([1, 2, 3].map(() => record(client, told({ replaces: first.id }))));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });

  it.each<[string, object, string, string]>([
    ['nothing at all', { acts: [] }, 'nothing-recorded', 'acts'],
    ['an act that the protocol does not know', { acts: ['invitation'] }, 'unknown-act', 'acts'],
    ['means that it does not know', { means: ['luck'] }, 'unknown-means', 'means'],
    ['a purpose that it does not know', { purposes: ['fun'] }, 'unknown-purpose', 'purposes'],
    ['an act twice', { acts: ['receipt', 'receipt'] }, 'array-unique', 'acts'],
    ['an age that is none', { ageThen: '17' }, 'unknown-age', 'ageThen'],
    ['a day to come', { recordedOn: '2026-03-03' }, 'date-in-the-future', 'recordedOn'],
    ['a status that is none', { formal: { status: 'victim' } }, 'unknown-status', 'formal.status'],
    [
      'a decision that nobody was asked for',
      { formal: { status: 'not-asked', authority: 'x' } },
      'not-asked-and-answered',
      'formal.status',
    ],
    [
      'a decision to come',
      { formal: { status: 'presumed', decidedOn: '2026-03-03' } },
      'date-in-the-future',
      'formal.decidedOn',
    ],
    ['words that clear the screen', { words: { acts: 'x\u001b[2J' } }, 'text-malformed', 'words.acts'],
    [
      'a reflection of a fortnight',
      { reflection: { from: TODAY, to: '2026-03-16' } },
      'period-length',
      'reflection.to',
    ],
    ['a reflection without an end', { reflection: { from: TODAY } }, 'missing', 'reflection.to'],
    ['no word on what it replaces', { replaces: undefined }, 'missing', 'replaces'],
    ['a field of its own', { trafficked: true }, 'unknown-field', 'trafficked'],
  ])('is not taken with %s', async (_, changes, code, field) => {
    const client = await registerClient(service, { name: `Somebody ${newId()}` });
    expectProblem(await record(client, told(changes)), { status: 422, code, field });
    expect((await read(client)).latest).toBeNull();
  });

  it('that was damaged is refused with what to do about it, in the API and on its page, and so is a damaged note', async () => {
    const client = await registerClient(service);
    await record(client, told()).expect(201);
    const notes = `/api/v1/clients/${client}/case-notes`;
    await service.as('caseworker').post(notes, { id: newId(), kind: 'call', words: 'She found work.' }).expect(201);
    await damageWords(service, client, 'identification', 'content_sealed');
    await damageWords(service, client, 'case_note', 'words_sealed');
    for (const damaged of [address(client), notes])
      expectProblem(await service.as('caseworker').get(damaged), { status: 409, code: 'words-do-not-open' });
    const page = await service.as('caseworker').get(`/clients/${client}/identification`).set('accept', 'text/html');
    expect([page.status, page.text]).toEqual([409, expect.stringContaining('was damaged and cannot be read')]);
  });

  it('is for those who work with the client while they consent, and no emergency opens it', async () => {
    const client = await registerClient(service);
    const first = told();
    await record(client, first).expect(201);
    await service.as('supervisor').get(address(client)).expect(200);
    const stranger = service.as('caseworker', 2);
    await stranger.post(`/api/v1/clients/${client}/emergency-access`, { reason: 'medical' }).expect(201);
    const nowhere = { status: 404, code: 'not-found', field: 'code' };
    expectProblem(await stranger.get(address(client)), nowhere);
    expectProblem(await stranger.post(address(client), told({ replaces: first.id })), nowhere);
    for (const role of ['finance-preparer', 'donor', 'auditor', 'administrator'] as const)
      expect((await service.as(role).get(address(client))).status).toBe(403);
    await service
      .as('caseworker')
      .post(`/api/v1/clients/${client}/consents`, { purpose: 'hold-data', given: false, language: 'my' })
      .expect(204);
    const withdrawn = { status: 409, code: 'consent-withdrawn', field: 'code' };
    expectProblem(await service.as('caseworker').get(address(client)), withdrawn);
    expectProblem(await record(client, told({ replaces: first.id })), withdrawn);
  });
});

describe('What is held of an identification', () => {
  it('stands in clear nowhere: neither what was told nor how much, nor in the audit trail', async () => {
    const client = await registerClient(service);
    const whole = {
      acts: ['recruitment', 'transportation', 'transfer', 'harbouring', 'receipt'],
      means: ['abduction', 'fraud'],
      purposes: ['removal-of-organs'],
      words: { acts: 'Zqword one', means: 'Zqword two', purposes: 'Zqword three' },
      formal: { status: 'not-identified', decidedOn: '2025-11-07', authority: 'Zqword four' },
      reflection: { from: '2025-09-17', to: '2025-11-01' },
    };
    const first = told();
    const second = told({ replaces: first.id, ...whole });
    await record(client, first).expect(201);
    await record(client, second).expect(201);
    await read(client);
    const rows = await watchRows(service.db.url);
    const tables = await rows.dump();
    await rows.stop();
    const secrets = ['removal-of-organs', 'not-identified', 'harbouring', '2025-11-07', '2025-09-17', 'Zqword'];
    for (const [table, text] of Object.entries(tables))
      expect({ table, seen: secrets.flatMap((secret) => sightings(text, secret)) }).toEqual({ table, seen: [] });
    const lengths = await sql(
      service.db.url,
      'select distinct length(content_sealed) bytes from casework.identification where id = any ($1)',
      [[first.id, second.id]],
    );
    expect(lengths).toHaveLength(1);
    const events = await sql(
      service.db.url,
      "select act, detail from access.audit_event where act like 'identification.%' and subject_id = $1 order by seq",
      [await idOf(client)],
    );
    expect(events).toEqual([
      { act: 'identification.record', detail: {} },
      { act: 'identification.record', detail: {} },
      { act: 'identification.read', detail: { versions: 2 } },
    ]);
  });

  it.each(['of somebody else', 'of the version before'])('does not open in the place %s', async (whose) => {
    const client = await registerClient(service);
    const other = await registerClient(service, { name: 'Somebody Else' });
    const [before, theirs] = [told(), told()];
    await record(client, before).expect(201);
    await record(other, theirs).expect(201);
    const latest = told({ replaces: before.id, means: ['fraud'] });
    await record(client, latest).expect(201);
    await sql(
      service.db.url,
      `do $$ begin set local session_replication_role = replica;
       update casework.identification set content_sealed = (select content_sealed from casework.identification
         where id = '${whose === 'of somebody else' ? theirs.id : before.id}') where id = '${latest.id}'; end $$`,
    );
    expectProblem(await service.as('caseworker').get(address(client)), { status: 409, code: 'words-do-not-open' });
  });

  it('changes by nothing and for nobody, and the database asks for consent and the latest version itself', async () => {
    const client = await registerClient(service);
    const first = told();
    await record(client, first).expect(201);
    const id = await idOf(client);
    const user = service.actor('caseworker').userId;
    const insert = (replaces: string) =>
      `insert into casework.identification (id, client_id, replaces, recorded_on, content_sealed, recorded_by, recorded_at, content_sha256)
       values (gen_random_uuid(), '${id}', ${replaces}, current_date, '\\x${'00'.repeat(40)}', '${user}', now(), decode(repeat('00', 32), 'hex'))`;
    const change = [
      `update casework.identification set recorded_on = recorded_on where client_id = '${id}'`,
      `delete from casework.identification where client_id = '${id}'`,
    ];
    for (const statement of change)
      expect(await outcomesAs(service.db.url, null, [statement])).toEqual({ [statement]: 'UCT01' });
    expect(await outcomesAs(service.db.url, 'uct_service', change)).toEqual(
      Object.fromEntries(change.map((statement) => [statement, '42501'])),
    );
    const outcomes = {
      [insert('null')]: 'UCT13',
      [insert('gen_random_uuid()')]: 'UCT13',
      [insert(`'${first.id}'`)]: 'done',
    };
    expect(await outcomesAs(service.db.url, 'uct_service', Object.keys(outcomes))).toEqual(outcomes);
    await service
      .as('caseworker')
      .post(`/api/v1/clients/${client}/consents`, { purpose: 'hold-data', given: false, language: 'my' })
      .expect(204);
    expect(await outcomesAs(service.db.url, 'uct_service', [insert(`'${first.id}'`)])).toEqual({
      [insert(`'${first.id}'`)]: 'UCT41',
    });
  });
});

describe('Nothing hangs on an identification', () => {
  it('and what is owed and paid is the same with one, without one, and with one that says no', async () => {
    const fund = await openFund(service);
    const paidFor = async (identification?: object) => {
      const { client, transfers } = await enrolClient(service, fund, TODAY, { name: `Somebody ${newId()}` });
      if (identification) await record(client, told(identification)).expect(201);
      return transfers.map(({ instalment, dueOn, amount, state }) => ({ instalment, dueOn, amount, state }));
    };
    const without = await paidFor();
    expect(await paidFor({ formal: { status: 'identified' } })).toEqual(without);
    expect(await paidFor({ acts: [], formal: { status: 'not-identified' } })).toEqual(without);
    expect((await releaseRun(service, TODAY)).count).toBeGreaterThanOrEqual(3);
  });

  it('because no function and no view that pays looks at it', async () => {
    const looking = await sql<{ name: string }>(
      service.db.url,
      `select p.oid::regprocedure::text name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where n.nspname in ('casework', 'payments', 'ledger', 'reports', 'pii') and p.prosrc ~ '\\midentification\\M'
       union all
       select v.schemaname || '.' || v.viewname from pg_views v where v.definition ~ '\\midentification\\M' order by 1`,
    );
    expect(looking.map(({ name }) => name)).toEqual([
      'casework.follow_identification()',
      'casework.forget_identification()',
      'casework.keep_identification_unless_erased()',
    ]);
  });
});
