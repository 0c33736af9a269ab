/** Whose clients somebody sees: their own, their team's, and in an emergency one of somebody else's for some hours. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { roleNames, type Role } from '../src/access/domain/actor.js';
import { ClientsService } from '../src/clients/clients.service.js';
import { readConfigJson } from '../src/kernel/reference-data.js';
import { clientBody, enrolClient, newId, openFund, ranks, registerClient } from './support/builders.js';
import { sql } from './support/database.js';
import { outcomesAs } from './support/outcomes.js';
import { expectProblem, hire, raw } from './support/raw-requests.js';
import { refusal } from './support/runs.js';
import { startTestService, travel, type TestService } from './support/service.js';

const TODAY = '2026-03-02';
const OTHER_TEAM = '00000000-0000-7000-8000-0000000000b2';

interface Person {
  id: string;
  token: string;
}

let service: TestService;
let fund: string;
/** Of the other team. */
let theirSupervisor: Person;
let theirCaseworker: Person;
let theirClient: string;

beforeAll(async () => {
  service = await startTestService({ today: TODAY });
  fund = await openFund(service);
  theirSupervisor = await hire(service, 'their-supervisor@test.example', ['supervisor']);
  theirCaseworker = await hire(service, 'their-caseworker@test.example', ['caseworker']);
  await sql(service.db.url, `insert into access.team values ('${OTHER_TEAM}', 'Other')`);
  await sql(service.db.url, 'update access.app_user set team_id = $1 where id = any ($2)', [
    OTHER_TEAM,
    [theirSupervisor.id, theirCaseworker.id],
  ]);
  const answer = await as(theirCaseworker).post('/api/v1/clients', clientBody({ name: 'Their Client' }));
  theirClient = (answer.body as { code: string }).code;
});
afterAll(() => service.close());

const as = ({ token }: Person) => ({
  get: (path: string) => raw(service, token, 'GET', path),
  post: (path: string, body: object = {}) => raw(service, token, 'POST', path, JSON.stringify(body)),
});

const idOf = async (code: string) =>
  (await sql<{ id: string }>(service.db.url, 'select id from casework.client where code = $1', [code]))[0]?.id ?? '';
const acts = (act: string) =>
  sql<{ actor_id: string; subject_kind: string; subject_id: string; detail: Record<string, unknown> }>(
    service.db.url,
    'select actor_id, subject_kind, subject_id, detail from access.audit_event where act = $1 order by seq',
    [act],
  );
const lastAct = async (act: string) => (await acts(act)).at(-1);

describe('a supervisor', () => {
  it("sees their team's clients and nobody else's, on lists and by code", async () => {
    const ours = await registerClient(service);
    const codes = async (who: { get(path: string): PromiseLike<{ body: unknown }> }) =>
      ((await who.get('/api/v1/clients?limit=1000')).body as { items: { code: string }[] }).items.map(
        ({ code }) => code,
      );
    expect(await codes(as(theirSupervisor))).toEqual([theirClient]);
    expect(await codes(service.as('supervisor'))).toEqual(expect.arrayContaining([ours]));
    expect(await codes(service.as('supervisor'))).not.toContain(theirClient);
    for (const path of [
      '',
      '/identity',
      '/safe-contact',
      '/contacts',
      '/assignments',
      '/spending-plans',
      '/case-notes',
      '/transfers',
    ]) {
      const answer = await service.as('supervisor').get(`/api/v1/clients/${theirClient}${path}`);
      expectProblem(answer, { status: 404, code: 'not-found', field: 'code' });
      const nobody = await service.as('supervisor').get(`/api/v1/clients/C-00000000${path}`);
      expect({ ...nobody.body, requestId: '' }).toEqual({ ...answer.body, requestId: '' });
    }
  });

  it("approves and cancels the enrolments of their team's clients only, and only those wait for them", async () => {
    const client = await registerClient(service);
    const id = newId();
    await service.as('caseworker').post('/api/v1/enrolments', { id, client, fund, anchorOn: '2026-09-01' }).expect(201);
    const page = (who: Person | null) =>
      who === null
        ? service.as('supervisor').get('/').set('accept', 'text/html')
        : as(who).get('/').set('accept', 'text/html');
    expect((await page(null).expect(200)).text).toContain(client);
    expect((await page(theirSupervisor).expect(200)).text).not.toContain(client);
    for (const act of ['approval', 'cancellation']) {
      const answer = await as(theirSupervisor).post(`/api/v1/enrolments/${id}/${act}`);
      expectProblem(answer, { status: 404, code: 'not-found' });
      const nobody = await as(theirSupervisor).post(`/api/v1/enrolments/${newId()}/${act}`);
      expect({ ...nobody.body, requestId: '' }).toEqual({ ...answer.body, requestId: '' });
    }
    await service.as('supervisor').post(`/api/v1/enrolments/${id}/approval`).expect(200);
    await service.as('supervisor').post(`/api/v1/enrolments/${id}/cancellation`).expect(204);
  });

  it('asks many times at once without a request that waits for a second connection', async () => {
    const client = await registerClient(service);
    const id = newId();
    await service.as('caseworker').post('/api/v1/enrolments', { id, client, fund, anchorOn: '2026-09-01' }).expect(201);
    const atOnce = async (ask: () => PromiseLike<{ status: number }>) =>
      new Set((await Promise.all(Array.from({ length: 30 }, ask))).map(({ status }) => status));
    const approval = `/api/v1/enrolments/${id}/approval`;
    const { body } = await service.as('supervisor').post(approval).expect(200);
    expect(await atOnce(() => service.as('supervisor').post(approval))).toEqual(new Set([200]));
    expect(await atOnce(() => as(theirSupervisor).post(approval))).toEqual(new Set([404]));
    expect(await atOnce(() => as(theirSupervisor).post(`/api/v1/enrolments/${id}/cancellation`))).toEqual(
      new Set([404]),
    );
    const hold = `/api/v1/transfers/${(body as { transfers: { id: string }[] }).transfers[0]?.id}/hold`;
    expect(await atOnce(() => as(theirSupervisor).post(hold, { reason: 'safety' }))).toEqual(new Set([404]));
    expect(service.secondConnections()).toEqual([]);
  });

  it("holds no transfer of another team's client", async () => {
    const enrolled = await enrolClient(service, fund, '2026-09-01');
    const transfer = enrolled.transfers[0]?.id ?? '';
    const hold = { reason: 'safety' };
    expect(refusal(await as(theirSupervisor).post(`/api/v1/transfers/${transfer}/hold`, hold))).toEqual({
      status: 404,
      code: 'not-found',
    });
  });
});

describe('assigning a client', () => {
  const second = () => service.actor('caseworker', 2).userId;

  it('hands them on: the one sees them no more, the other does, and both stand in the history', async () => {
    const code = await registerClient(service);
    await service.as('supervisor').post(`/api/v1/clients/${code}/assignments`, { caseworker: second() }).expect(204);
    await service.as('caseworker').get(`/api/v1/clients/${code}`).expect(404);
    await service.as('caseworker', 2).get(`/api/v1/clients/${code}`).expect(200);
    await service.as('supervisor').post(`/api/v1/clients/${code}/assignments`, { caseworker: second() }).expect(204);
    const { body } = await service.as('supervisor').get(`/api/v1/clients/${code}/assignments`).expect(200);
    expect(body.items).toMatchObject([
      { caseworker: 'caseworker 2', previous: 'caseworker 1', assignedBy: 'supervisor 1' },
    ]);
    expect(await lastAct('client.assign')).toEqual({
      actor_id: service.actor('supervisor').userId,
      subject_kind: 'client',
      subject_id: await idOf(code),
      detail: { caseworker: second(), previous: service.actor('caseworker').userId },
    });
  });

  it('is for supervisors, of their own team’s clients, to caseworkers and supervisors of the team who work here', async () => {
    const code = await registerClient(service);
    const path = `/api/v1/clients/${code}/assignments`;
    expect((await service.as('caseworker').post(path, { caseworker: second() })).status).toBe(403);
    expect((await as(theirSupervisor).post(path, { caseworker: theirCaseworker.id })).status).toBe(404);
    const gone = await hire(service, 'gone@test.example', ['caseworker']);
    await sql(service.db.url, 'update access.app_user set disabled_at = now() where id = $1', [gone.id]);
    for (const caseworker of [theirCaseworker.id, gone.id, service.actor('auditor').userId, newId()]) {
      const answer = await service.as('supervisor').post(path, { caseworker });
      expectProblem(answer, { status: 422, code: 'not-assignable', field: 'caseworker' });
    }
    await service
      .as('supervisor')
      .post(path, { caseworker: service.actor('supervisor', 2).userId })
      .expect(204);
  });

  it('is the only way in which a client changes hands, and is never rewritten', async () => {
    const code = await registerClient(service);
    await service.as('supervisor').post(`/api/v1/clients/${code}/assignments`, { caseworker: second() }).expect(204);
    const id = await idOf(code);
    const byHand = `update casework.client set caseworker_id = '${second()}' where id = '${id}'`;
    const toAnAuditor = `insert into casework.assignment (id, client_id, caseworker_id, assigned_by, assigned_at)
      values (gen_random_uuid(), '${id}', '${service.actor('auditor').userId}', '${second()}', now())`;
    const untrue = `insert into casework.assignment (id, client_id, caseworker_id, previous_id, assigned_by, assigned_at)
      values (gen_random_uuid(), '${id}', '${service.actor('caseworker').userId}', '${service.actor('auditor').userId}', '${second()}', now())`;
    expect(await outcomesAs(service.db.url, 'uct_service', [byHand, toAnAuditor, untrue])).toEqual({
      [byHand]: '42501',
      [toAnAuditor]: 'UCT45',
      [untrue]: 'done', // and what it says of the one before is put right:
    });
    const [row] = await sql<{ previous: string }>(service.db.url, `${untrue} returning previous_id previous`);
    expect(row?.previous).toBe(second());
  });
});

describe('an emergency access', () => {
  /** A new caseworker, who has nothing open. */
  const someone = async () => {
    const name = `someone-${newId().slice(0, 8)}`;
    return hire(service, `${name}@test.example`, ['caseworker']);
  };
  const open = (who: Person, code: string, body: object = { reason: 'client-in-danger' }) =>
    as(who).post(`/api/v1/clients/${code}/emergency-access`, body);
  const listed = async (who: 'supervisor' | 'auditor' | Person, path = '/api/v1/emergency-access?limit=1000') => {
    const { body } = await (typeof who === 'string' ? service.as(who).get(path) : as(who).get(path)).expect(200);
    return (body as { items: Record<string, unknown>[] }).items;
  };

  it('opens one client of somebody else for reading, for four hours, and every reading says so', async () => {
    const code = await registerClient(service, { name: 'Ma Hla' });
    const rules = { channels: ['call'], language: 'my', never: 'his brother' };
    await service.as('caseworker').post(`/api/v1/clients/${code}/safe-contact`, { replaces: 0, rules }).expect(201);
    const id = await idOf(code);
    const path = `/api/v1/clients/${code}`;
    const who = await someone();
    await as(who).get(path).expect(404);
    const opened = await open(who, code).expect(201);
    expect(opened.body).toMatchObject({ client: code, endsAt: '2026-03-02T07:00:00.000Z' });

    // That one of their own clients may be the same person is for those who work with this one.
    expect((await as(who).get(path).expect(200)).body).not.toHaveProperty('possibleDuplicate');
    expect((await as(who).get(`${path}/identity`).expect(200)).body.names[0].text).toBe('Ma Hla');
    expect((await as(who).get(`${path}/safe-contact`).expect(200)).body.rules.never).toBe('his brother');
    const contact = { id: newId(), rulesVersion: 1, direction: 'incoming', channel: 'visit', outcome: 'reached' };
    await as(who).post(`${path}/contacts`, contact).expect(201);
    await as(who).get(`${path}/contacts`).expect(200);
    for (const act of ['client.read', 'identity.read', 'safe-contact.read', 'contact.read', 'contact.record'])
      expect({ act, ...(await lastAct(act)) }).toMatchObject({
        act,
        actor_id: who.id,
        subject_id: id,
        detail: { reason: 'emergency' },
      });

    travel(service, TODAY, '14:00');
    await as(who).get(path).expect(404);
    travel(service, TODAY);
  });

  it('opens nothing to be written, nor what was said of needs and plans, nor any list', async () => {
    const code = await registerClient(service);
    const path = `/api/v1/clients/${code}`;
    const who = await someone();
    await open(who, code).expect(201);
    for (const attempt of [
      as(who).get(`${path}/needs-assessments/latest`),
      as(who).get(`${path}/spending-plans`),
      as(who).get(`${path}/case-notes`),
      as(who).post(`${path}/case-notes`, { id: newId(), kind: 'call', words: 'He called' }),
      as(who).get(`${path}/transfers`),
      as(who).post(`${path}/consents`, { purpose: 'be-paid', given: false, language: 'my' }),
      as(who).post(`${path}/consents/withdrawals`, { purpose: 'be-paid', language: 'my' }),
      as(who).post(`${path}/safe-contact`, { replaces: 0, rules: { channels: ['call'], language: 'my', never: '-' } }),
      as(who).post('/api/v1/enrolments', { id: newId(), client: code, fund, anchorOn: TODAY }),
    ]) {
      expect(refusal(await attempt)).toEqual({ status: 404, code: 'not-found' });
    }
    expect((await as(who).get('/api/v1/clients')).body.items).toEqual([]);
    await as(await someone())
      .get(path)
      .expect(404);
  });

  it('of a code that is nobody’s is not found, and leaves a trace without the code', async () => {
    const who = await someone();
    expectProblem(await open(who, 'C-00000000'), { status: 404, code: 'not-found', field: 'code' });
    expectProblem(await open(who, 'anything'), { status: 404, code: 'not-found', field: 'code' });
    expect((await acts('emergency.wrong-code')).slice(-2)).toEqual(
      [1, 2].map(() => ({
        actor_id: who.id,
        subject_kind: 'user',
        subject_id: who.id,
        detail: { reason: 'client-in-danger' },
      })),
    );
  });

  it('is not needed for one’s own clients, not opened twice, and asks for a reason of the list', async () => {
    const code = await registerClient(service);
    const path = `/api/v1/clients/${code}/emergency-access`;
    const own = await service.as('caseworker').post(path, { reason: 'medical' });
    expectProblem(own, { status: 409, code: 'within-reach', field: 'code' });
    const team = await service.as('supervisor').post(path, { reason: 'medical' });
    expectProblem(team, { status: 409, code: 'within-reach', field: 'code' });
    const who = await someone();
    expectProblem(await open(who, code, { reason: 'curiosity' }), {
      status: 422,
      code: 'unknown-reason',
      field: 'reason',
    });
    expectProblem(await open(who, code, {}), { status: 422, code: 'missing', field: 'reason' });
    await open(who, code).expect(201);
    expectProblem(await open(who, code), { status: 409, code: 'emergency-already-open', field: 'code' });
  });

  it('is open to casework only', async () => {
    const code = await registerClient(service);
    for (const role of ['finance-preparer', 'auditor', 'administrator', 'donor'] as const) {
      const answer = await service.as(role).post(`/api/v1/clients/${code}/emergency-access`, { reason: 'medical' });
      expect(answer.status).toBe(403);
    }
  });

  it('is one of at most five at a time, also when asked for all at once or by SQL', async () => {
    const codes = await Promise.all(Array.from({ length: 7 }, () => registerClient(service)));
    const who = await someone();
    const answers = await Promise.all(codes.map((code) => open(who, code)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 201, 201, 409, 409]);
    for (const answer of answers.filter(({ status }) => status === 409))
      expectProblem(answer, { status: 409, code: 'too-many-emergencies' });
    const byHand = `insert into casework.emergency_access select gen_random_uuid(), c.id, u.id, u.team_id, 'medical', null,
        '2026-03-02T03:30:00Z', '2026-03-02T04:00:00Z' from access.app_user u, casework.client c where u.id = '${who.id}' and c.code = '${codes[6]}'`;
    const tooLong = byHand.replace('T04:00', 'T07:31').replace(who.id, theirSupervisor.id);
    expect(await outcomesAs(service.db.url, 'uct_service', [byHand, tooLong])).toEqual({
      [byHand]: 'UCT46',
      [tooLong]: '23514',
    });
    travel(service, TODAY, '14:01');
    await open(who, codes[6] ?? '').expect(201);
    travel(service, TODAY);
  });

  it('is told to the supervisors of the client and of who opened it, until one of them has seen it', async () => {
    const code = await registerClient(service);
    const opened = await open(theirCaseworker, code, { reason: 'medical', words: 'At the border hospital' }).expect(
      201,
    );
    const { id } = opened.body as { id: string };
    const ours = (await listed('supervisor')).find((one) => one.id === id);
    expect(ours).toMatchObject({
      id,
      client: code,
      openedBy: 'their-caseworker',
      reason: 'medical',
      words: 'At the border hospital',
      isOpen: true,
      seenBy: null,
      waitsForActor: true,
    });
    expect(await lastAct('emergency.read')).toMatchObject({ subject_id: await idOf(code), detail: { emergency: id } });
    // Who leads the one who opened it is told, but the client is not theirs: no words.
    expect((await listed(theirSupervisor)).find((one) => one.id === id)).toMatchObject({ client: code, words: null });
    // An auditor sees all, and never words.
    const audited = await listed('auditor');
    expect(audited.find((one) => one.id === id)).toMatchObject({
      reason: 'medical',
      words: null,
      waitsForActor: false,
    });
    const start = (who: 'first' | 'other') =>
      (who === 'first' ? service.as('supervisor').get('/') : as(theirSupervisor).get('/')).set('accept', 'text/html');
    expect((await start('other').expect(200)).text).toContain('href="/emergency-access"');
    expect((await start('first').expect(200)).text).toContain('href="/emergency-access"');

    await service.as('supervisor').post(`/api/v1/emergency-access/${id}/seen`).expect(204);
    await service.as('supervisor', 2).post(`/api/v1/emergency-access/${id}/seen`).expect(204);
    expect((await listed('supervisor')).find((one) => one.id === id)).toMatchObject({ seenBy: 'supervisor 1' });
    expect((await start('other').expect(200)).text).not.toContain('emergency access that nobody');
  });

  it('is not on the list of a supervisor whom it does not concern', async () => {
    const code = await registerClient(service);
    const who = await someone();
    const { id } = (await open(who, code).expect(201)).body as { id: string };
    expect((await listed(theirSupervisor)).map((one) => one.id)).not.toContain(id);
    const answer = await as(theirSupervisor).post(`/api/v1/emergency-access/${id}/seen`);
    expectProblem(answer, { status: 404, code: 'not-found', field: 'id' });
    expect((await service.as('auditor').post(`/api/v1/emergency-access/${id}/seen`)).status).toBe(403);
  });

  it('that a supervisor opened is seen by another one, by the database too', async () => {
    const { id } = (await open(theirSupervisor, await registerClient(service)).expect(201)).body as { id: string };
    const own = await as(theirSupervisor).post(`/api/v1/emergency-access/${id}/seen`);
    expectProblem(own, { status: 422, code: 'own-emergency', field: 'id' });
    const seen = (opener: string, by: string) =>
      `insert into casework.emergency_seen values ('${id}', '${opener}', '${by}', now())`;
    const bySelf = seen(theirSupervisor.id, theirSupervisor.id);
    const underAnotherName = seen(theirCaseworker.id, theirSupervisor.id);
    expect(await outcomesAs(service.db.url, 'uct_service', [bySelf, underAnotherName])).toEqual({
      [bySelf]: '23514',
      [underAnotherName]: '23503',
    });
    await service.as('supervisor').post(`/api/v1/emergency-access/${id}/seen`).expect(204);
  });

  it('keeps what was said to it sealed, and out of the audit trail', async () => {
    const code = await registerClient(service);
    const who = await someone();
    const { id } = (await open(who, code, { reason: 'law', words: 'Daw Nilar asked' }).expect(201)).body as {
      id: string;
    };
    const [row] = await sql<{ sealed: Buffer }>(
      service.db.url,
      'select words_sealed sealed from casework.emergency_access where id = $1',
      [id],
    );
    expect(row?.sealed.length).toBeGreaterThan(29);
    expect(row?.sealed.toString('latin1')).not.toContain('Nilar');
    expect(await lastAct('emergency.open')).toMatchObject({
      actor_id: who.id,
      subject_id: await idOf(code),
      detail: { emergency: id, reason: 'law' },
    });
  });
});

describe('a child', () => {
  it('who came of age is an adult once their identity is opened, and a child until then', async () => {
    const code = await registerClient(service, { dateOfBirth: '2008-03-03' });
    // A session does not last till tomorrow; the caseworker does.
    const clients = service.app.get(ClientsService);
    const actor = service.actor('caseworker');
    const band = async () => (await clients.find(actor, code)).ageBand;
    await clients.identity(actor, code);
    expect(await band()).toBe('child');
    travel(service, '2026-03-03', '08:00');
    expect(await band()).toBe('child');
    await clients.identity(actor, code);
    expect(await band()).toBe('adult');
    expect(await lastAct('client.refresh-age')).toMatchObject({
      subject_id: await idOf(code),
      detail: { ageBand: 'adult' },
    });
    travel(service, TODAY);
  });

  it('without a guardian is enrolled by nobody, by SQL neither', async () => {
    const { id } = await enrolClient(service, fund, '2026-09-01');
    const child = await registerClient(service, { dateOfBirth: null });
    const statement = `insert into payments.enrolment
        select gen_random_uuid(), '${await idOf(child)}', fund_id, country, time_zone, anchor_on, rail, payee_ref, currency, amount_minor,
               wage_rate_id, decided_amount_id, derivation, proposed_by, proposed_at, approved_by, approved_at, cancelled_at, content_sha256
        from payments.enrolment where id = '${id}'`;
    expect(await outcomesAs(service.db.url, 'uct_service', [statement])).toEqual({ [statement]: 'UCT44' });
  });
});

describe('somebody whom a supervisor registered', () => {
  it('is enrolled by them as a proposal, which another supervisor approves, and by SQL nobody else', async () => {
    const { code } = (await service.as('supervisor').post('/api/v1/clients', clientBody()).expect(201)).body as {
      code: string;
    };
    const enrolment = newId();
    const proposed = await service
      .as('supervisor')
      .post('/api/v1/enrolments', { id: enrolment, client: code, fund, anchorOn: '2026-09-01' })
      .expect(201);
    expect(proposed.body).toMatchObject({ approved: false });
    const approve = (nth: 1 | 2) => service.as('supervisor', nth).post(`/api/v1/enrolments/${enrolment}/approval`);
    // Giving the client to somebody else changes nothing of who registered them.
    await service
      .as('supervisor')
      .post(`/api/v1/clients/${code}/assignments`, { caseworker: service.actor('caseworker').userId })
      .expect(204);
    expectProblem(await approve(1), { status: 409, code: 'approver-registered-client' });
    const byHand = `update payments.enrolment set approved_by = '${service.actor('supervisor').userId}', approved_at = now() where id = '${enrolment}'`;
    expect(await outcomesAs(service.db.url, 'uct_service', [byHand])).toEqual({ [byHand]: 'UCT47' });
    await approve(2).expect(200);
  });
});

it('what clients need is told only to those who read clients: of a cohort of one it is what that client needs', async () => {
  const { roles } = readConfigJson<{ roles: Record<Role, string[]> }>('roles.json');
  const alone = await service
    .as('caseworker')
    .post('/api/v1/clients', clientBody({ cohort: 'alone' }))
    .expect(201);
  const assessed = { id: newId(), assessedOn: TODAY, ranks: ranks('debt') };
  await service
    .as('caseworker')
    .post(`/api/v1/clients/${(alone.body as { code: string }).code}/needs-assessments`, assessed)
    .expect(201);
  for (const role of roleNames) {
    const mayKnow = roles[role].includes('clients:read');
    for (const path of ['/api/v1/needs/priorities', '/priorities']) {
      const answer = await service.as(role).get(`${path}?cohort=alone`).set('accept', 'text/html');
      expect([role, path, answer.status]).toEqual([role, path, mayKnow ? 200 : 403]);
    }
  }
});

it('roles.json gives emergency access to casework, and its list to supervisors and auditors', () => {
  const { roles } = readConfigJson<{ roles: Record<string, string[]> }>('roles.json');
  const holders = (permission: string) => Object.keys(roles).filter((role) => roles[role]?.includes(permission));
  expect(holders('clients:emergency')).toEqual(['caseworker', 'supervisor']);
  expect(holders('emergencies:read')).toEqual(['supervisor', 'auditor']);
});
