/** Who may call what, whose data they get, and how people sign in and out. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import type { Response } from 'supertest';
import { operatorActor, roleNames, type Role } from '../src/access/domain/actor.js';
import { UsersService } from '../src/access/users.service.js';
import { RouteDeclarations } from '../src/access/route-declarations.js';
import { readConfigJson } from '../src/kernel/reference-data.js';
import { enrolClient, newId, openFund, ranks, registerClient } from './support/builders.js';
import { sql } from './support/database.js';
import { expectProblem, hire, raw, signIn, tokenOf } from './support/raw-requests.js';
import { routesOf, type Route } from './support/routes.js';
import { watchRows, withoutTrail } from './support/rows.js';
import { startTestService, TEST_PASSWORD, travel, type TestService } from './support/service.js';

const TODAY = '2026-03-02';
const { roles } = readConfigJson<{ roles: Record<Role, string[]> }>('roles.json');
/** What is not a route of ours: the description of the API, which holds nobody's data. */
const DOCUMENTATION = /^\/api\/docs/;

let service: TestService;
let fund: string;
beforeAll(async () => {
  service = await startTestService({ today: TODAY });
  fund = await openFund(service);
});
afterAll(() => service.close());

const sql1 = async <Row extends Record<string, unknown>>(
  statement: string,
  parameters: unknown[] = [],
): Promise<Row> => {
  const [row] = await sql<Row>(service.db.url, statement, parameters);
  if (!row) throw new Error('no row');
  return row;
};
const auditRows = async (act: string) =>
  (await sql1<{ n: number }>('select count(*)::int n from access.audit_event where act like $1', [act])).n;

describe('every route', () => {
  it('declares who may call it', () => {
    const declared = service.app.get(RouteDeclarations).all();
    expect(declared.length).toBeGreaterThan(35);
    expect(declared.filter(({ declaration }) => !declaration)).toEqual([]);
    expect(declared.map(({ handler }) => handler).sort()).toEqual(
      [...new Set(routesOf(service.app).map(({ handler }) => handler))].sort(),
    );
  });

  it('that the server answers is one that declares it, except the description of the API', () => {
    const declared = new Set(routesOf(service.app).map(({ method, path }) => `${method} ${path}`));
    const answered = answeredRoutes();
    expect(answered.length).toBeGreaterThan(35);
    expect(answered.filter((route) => !declared.has(route) && !DOCUMENTATION.test(route.split(' ')[1] ?? ''))).toEqual(
      [],
    );
  });

  it('asks for a permission that somebody has', () => {
    const held = new Set(Object.values(roles).flat());
    const unheld = routesOf(service.app).filter(
      ({ declaration }) =>
        declaration && 'anyOf' in declaration && !declaration.anyOf.some((permission) => held.has(permission)),
    );
    expect(unheld).toEqual([]);
  });

  it('is closed to whoever is not signed in, unless it is public', async () => {
    const wrong: unknown[] = [];
    for (const route of routesOf(service.app)) {
      const answer = await call(route, undefined);
      const expected = isPublic(route) ? 'open' : route.method === 'GET' || route.path.startsWith('/api/') ? 401 : 403;
      if (expected === 'open' ? [401].includes(answer.status) : answer.status !== expected)
        wrong.push({ ...route, status: answer.status });
    }
    expect(wrong).toEqual([]);
  });

  it('sends a person who is not signed in to the sign-in page', async () => {
    const answer = await service.anybody().get('/clients').set('accept', 'text/html');
    expect([answer.status, answer.headers.location]).toEqual([303, '/sign-in']);
  });

  it.each(roleNames)('is open to a %s exactly when config/roles.json says so', async (role) => {
    const wrong: unknown[] = [];
    const kept = await tokenOf(service, role);
    for (const route of routesOf(service.app)) {
      // What ends sessions is called by somebody of whom no other test has a session.
      const token = /sign-out|sessions|^\/exit$/.test(route.path)
        ? (await hire(service, `${newId()}@test.example`, [role])).token
        : kept;
      const answer = await call(route, token);
      const isOpen = isPublic(route) || allowedRoles(route).includes(role);
      const isRight = isOpen
        ? ![401, 403].includes(answer.status) && answer.status < 500
        : answer.status === 403 && answer.body.code === 'forbidden';
      if (!isRight) wrong.push({ ...route, isOpen, status: answer.status, code: answer.body.code });
    }
    expect(wrong).toEqual([]);
  });

  it.each(['donor', 'administrator'] as const)('of clients, transfers, runs and books is closed to a %s', (role) => {
    const open = routesOf(service.app).filter((route) => allowedRoles(route).includes(role));
    expect(
      open.filter(({ path }) => /client|transfer|runs|enrolment|ledger|books|\/funds|priorities|needs\//.test(path)),
    ).toEqual([]);
  });

  it('that moves money is closed to a caseworker, and signing a run to whoever does not have that very part', () => {
    const rolesOf = (handler: string) =>
      allowedRoles(routesOf(service.app).find((route) => route.handler === handler)!);
    expect(rolesOf('RunsApiController.prepare')).toEqual(['finance-preparer']);
    expect(rolesOf('RunsApiController.approve')).toEqual(['finance-approver']);
    expect(rolesOf('RunsApiController.release')).toEqual(['finance-releaser']);
    expect(rolesOf('ClientsApiController.identity')).toEqual(['caseworker', 'supervisor']);
  });

  function call({ method, path }: Route, token: string | undefined): Promise<Response> {
    const address = path.replace(':code', 'C-00000000').replace(':id', '00000000-0000-4000-8000-000000000000');
    return raw(service, token, method, address, method === 'GET' ? undefined : '{}').then((answer) => answer);
  }

  function isPublic({ declaration }: Route): boolean {
    return declaration !== undefined && 'public' in declaration;
  }

  function allowedRoles({ declaration }: Route): Role[] {
    if (!declaration || 'public' in declaration) return [];
    return roleNames.filter((role) => declaration.anyOf.some((permission) => roles[role].includes(permission)));
  }

  /** As Express has them, which is what is really answered. */
  function answeredRoutes(): string[] {
    interface Layer {
      route?: { path: string; methods: Record<string, boolean> };
    }
    const { router } = service.app.getHttpAdapter().getInstance() as unknown as { router: { stack: Layer[] } };
    return router.stack.flatMap(({ route }) =>
      route ? Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${route.path}`) : [],
    );
  }
});

describe("a caseworker's clients", () => {
  let code: string;
  let transfer: string;
  let planId: string;

  beforeAll(async () => {
    const enrolled = await enrolClient(service, fund, '2026-09-01', { name: 'Ko Htet' });
    code = enrolled.client;
    transfer = enrolled.transfers[0]?.id ?? '';
    const assessment = {
      id: newId(),
      assessedOn: TODAY,
      ranks: ranks('food'),
      interpretations: { food: 'Rice for all of us' },
    };
    await service.as('caseworker').post(`/api/v1/clients/${code}/needs-assessments`, assessment).expect(201);
    planId = newId();
    const plan = { id: planId, items: [{ need: 'debt', description: 'The boat', amount: '500.00', currency: 'THB' }] };
    await service.as('caseworker').post(`/api/v1/clients/${code}/spending-plans`, plan).expect(201);
    const told = { id: newId(), replaces: null, acts: ['receipt'] };
    await service.as('caseworker').post(`/api/v1/clients/${code}/identification`, told).expect(201);
  });

  const reads = ['', '/identity', '/needs-assessments/latest', '/spending-plans', '/case-notes', '/transfers'];

  it.each(reads)(
    'are read by themselves and by supervisors, and are not there for another caseworker: GET .../{code}%s',
    async (path) => {
      await service.as('caseworker').get(`/api/v1/clients/${code}${path}`).expect(200);
      await service.as('supervisor').get(`/api/v1/clients/${code}${path}`).expect(200);
      const before = { read: await auditRows('%.read'), refused: await auditRows('client.refuse') };
      const answer = await service.as('caseworker', 2).get(`/api/v1/clients/${code}${path}`);
      expectProblem(answer, { status: 404, code: 'not-found', field: 'code' });
      // Nothing was read, and that somebody tried is known.
      expect({ read: await auditRows('%.read'), refused: await auditRows('client.refuse') }).toEqual({
        ...before,
        refused: before.refused + 1,
      });
      const nobody = await service.as('caseworker', 2).get(`/api/v1/clients/C-00000000${path}`);
      expect({ ...nobody.body, requestId: '' }).toEqual({ ...answer.body, requestId: '' });
    },
  );

  it('are written to by nobody else', async () => {
    const other = service.as('caseworker', 2);
    const clients = `/api/v1/clients/${code}`;
    const item = { need: 'debt', description: 'A boat', amount: '1', currency: 'THB' };
    const rows = await watchRows(service.db.url);
    const before = withoutTrail(await rows.now());
    const refused = await auditRows('%.refuse');
    for (const attempt of [
      other.post(`${clients}/needs-assessments`, { id: newId(), assessedOn: TODAY, ranks: ranks() }),
      other.post(`${clients}/spending-plans`, { id: newId(), items: [item] }),
      other.post(`${clients}/spending-plans/${planId}/tracking`, {
        id: newId(),
        items: [{ item: 1, spent: '1', currency: 'THB' }],
      }),
      other.post(`${clients}/consents`, { purpose: 'be-paid', given: false, language: 'my' }),
      other.post('/api/v1/enrolments', { id: newId(), client: code, fund, anchorOn: '2026-09-01' }),
      other.post(`/api/v1/transfers/${transfer}/hold`, { reason: 'client-wish' }),
      other.post(`/api/v1/transfers/${transfer}/end-hold`),
    ]) {
      const answer = await attempt;
      expect({
        path: answer.request.url.replace(/^.*\/api/, ''),
        status: answer.status,
        code: answer.body.code,
      }).toMatchObject({ status: 404, code: 'not-found' });
    }
    expect(withoutTrail(await rows.now())).toEqual(before);
    expect(await auditRows('%.refuse')).toBe(refused + 7);
    await rows.stop();
  });

  it("cannot be reached by way of another client's plan", async () => {
    const mine = await registerClient(service);
    const tracking = { id: newId(), items: [{ item: 1, spent: '1', currency: 'THB' }] };
    const answer = await service
      .as('caseworker')
      .post(`/api/v1/clients/${mine}/spending-plans/${planId}/tracking`, tracking);
    expectProblem(answer, { status: 404, code: 'not-found', field: 'id' });
  });

  it('are on no list of another caseworker, on every list of a supervisor, and on no page of either that is not theirs', async () => {
    const codes = async (role: Role, number: 1 | 2) => {
      const { body } = await service.as(role, number).get('/api/v1/clients?limit=1000').expect(200);
      return (body.items as { code: string }[]).map((item) => item.code);
    };
    expect(await codes('caseworker', 1)).toContain(code);
    expect(await codes('supervisor', 1)).toContain(code);
    expect(await codes('caseworker', 2)).not.toContain(code);
    await service.as('caseworker').get(`/clients/${code}`).set('accept', 'text/html').expect(200);
    await service.as('caseworker', 2).get(`/clients/${code}`).set('accept', 'text/html').expect(404);
  });

  it('are held by themselves, and the hold is ended by a supervisor', async () => {
    await service.as('caseworker').post(`/api/v1/transfers/${transfer}/hold`, { reason: 'client-wish' }).expect(204);
    await service.as('supervisor').post(`/api/v1/transfers/${transfer}/end-hold`).expect(204);
  });

  it('leave a trace with who, whom and why whenever their identity is read', async () => {
    const before = await auditRows('identity.read');
    const answer = await service.as('supervisor').get(`/api/v1/clients/${code}/identity`).expect(200);
    expect(answer.body.names[0].text).toBe('Ko Htet');
    expect(await auditRows('identity.read')).toBe(before + 1);
    const trace = await sql1(
      `select e.actor_id, e.subject_id = c.id::text right_client, e.request_id, e.detail from access.audit_event e, casework.client c
       where e.act = 'identity.read' and c.code = $1 order by e.seq desc limit 1`,
      [code],
    );
    expect(trace).toEqual({
      actor_id: service.actor('supervisor').userId,
      right_client: true,
      request_id: answer.headers['x-request-id'],
      detail: { reason: 'case-file' },
    });
  });

  it.each([
    ['needs-assessments/latest', 'assessment.read'],
    ['spending-plans', 'plan.read'],
    ['identification', 'identification.read'],
  ])('leave a trace when their own words are read: %s', async (path, act) => {
    const before = await auditRows(act);
    await service.as('caseworker').get(`/api/v1/clients/${code}/${path}`).expect(200);
    expect(await auditRows(act)).toBe(before + 1);
  });

  it('leave no trace of a reading that failed, because reading and trace are one transaction', async () => {
    const broken = await registerClient(service);
    await sql(
      service.db.url,
      `do $$ begin set local session_replication_role = replica;
       update pii.identity set sealed = sealed || '\\x00'::bytea where client_id = (select id from casework.client where code = '${broken}'); end $$`,
    );
    const before = await auditRows('identity.read');
    const answer = await service.as('caseworker').get(`/api/v1/clients/${broken}/identity`);
    expectProblem(answer, { status: 409, code: 'identity-does-not-open' });
    expect(await auditRows('identity.read')).toBe(before);
  });
});

describe('signing in', () => {
  const attempt = (email: string, password: string) =>
    service.anybody().post('/api/v1/sessions').send({ email, password });

  it('fails in the same words for an unknown address, a wrong password and somebody who was disabled', async () => {
    const { id } = await hire(service, 'gone@test.example', ['caseworker']);
    await sql(service.db.url, 'update access.app_user set disabled_at = now() where id = $1', [id]);
    const answers = await Promise.all([
      attempt('nobody@test.example', TEST_PASSWORD),
      attempt('caseworker-1@test.example', 'not the password'),
      attempt('gone@test.example', TEST_PASSWORD),
      attempt('schedule@uct-ledger.invalid', ''),
      attempt('schedule@uct-ledger.invalid', 'nobody has this password'),
      attempt('nobody@test.example', 'nobody has this password'),
      attempt('caseworker-1@test.example', `${TEST_PASSWORD} `),
    ]);
    for (const answer of answers) {
      expectProblem(answer, { status: 401, code: 'sign-in-failed' });
      expect({ ...answer.body, requestId: '' }).toEqual({ ...answers[0]?.body, requestId: '' });
    }
  });

  it('does not depend on how the address is written', async () => {
    await attempt(' Caseworker-1@TEST.example ', TEST_PASSWORD).expect(201);
  });

  it('answers a token that is nowhere in the database, only its SHA-256', async () => {
    const token = await tokenOf(service, 'donor');
    const rows = await watchRows(service.db.url);
    const everything = Object.values(await rows.dump()).join('\n');
    await rows.stop();
    const bytes = Buffer.from(token, 'base64url');
    for (const form of [token, Buffer.from(token).toString('hex'), bytes.toString('hex'), bytes.toString('base64')])
      expect(everything).not.toContain(form);
    expect(everything).toContain(createHash('sha256').update(token).digest('hex'));
  });

  it('keeps passwords as argon2id, with 19 MiB and 2 passes at least, each with a salt of its own', async () => {
    const people = ['one', 'another'].map((name) => ({
      email: `hashed-${name}@test.example`,
      displayName: name,
      password: TEST_PASSWORD,
      roles: ['caseworker' as const],
    }));
    for (const person of people) await service.app.get(UsersService).create(operatorActor('test'), person);
    const users = await sql<{ password_hash: string }>(
      service.db.url,
      'select password_hash from access.app_user where email = any ($1)',
      [people.map(({ email }) => email)],
    );
    expect(new Set(users.map((user) => user.password_hash)).size).toBe(people.length);
    for (const { password_hash: hash } of users) {
      const [, memoryKib, passes] = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$[\w+/]{22}\$[\w+/]{43}$/.exec(hash) ?? [];
      expect(Number(memoryKib)).toBeGreaterThanOrEqual(19_456);
      expect(Number(passes)).toBeGreaterThanOrEqual(2);
    }
  });

  it.each([
    ['nothing', ''],
    ['a word', 'x'],
    ['a scheme alone', 'Bearer '],
    ['another scheme', 'Basic Y2FzZXdvcmtlcg=='],
    ['a token that is too short', 'Bearer x'],
    ['a token that nobody got', `Bearer ${'a'.repeat(43)}`],
    ['a token of 5,000 letters', `Bearer ${'a'.repeat(5_000)}`],
    ['SQL', "Bearer ' or 1=1 --"],
  ])('cannot be done without by sending %s', async (_, authorization) => {
    const answer = await service.anybody().get('/api/v1/clients').set('authorization', authorization);
    expectProblem(answer, { status: 401, code: 'not-signed-in' });
  });
});

describe('a session', () => {
  const isOpen = async (token: string) => (await raw(service, token, 'get', '/api/v1/clients')).status;

  it('ends after 12 hours', async () => {
    const token = await tokenOf(service, 'caseworker');
    travel(service, TODAY, '21:59');
    expect(await isOpen(token)).toBe(200);
    travel(service, TODAY, '22:00');
    expect(await isOpen(token)).toBe(401);
    travel(service, TODAY);
  });

  it('ends with signing out, and only that one', async () => {
    const [token, other] = [await tokenOf(service, 'caseworker'), await tokenOf(service, 'caseworker')];
    await raw(service, token, 'delete', '/api/v1/sessions/current').expect(204);
    expect([await isOpen(token), await isOpen(other)]).toEqual([401, 200]);
    await raw(service, token, 'delete', '/api/v1/sessions/current').expect(401);
  });

  it('ends at once when its owner is disabled or loses the role', async () => {
    const { id, token } = await hire(service, 'leaving@test.example', ['supervisor']);
    expect(await isOpen(token)).toBe(200);
    await sql(service.db.url, 'delete from access.user_role where user_id = $1', [id]);
    expect(await isOpen(token)).toBe(403);
    await sql(service.db.url, 'update access.app_user set disabled_at = now() where id = $1', [id]);
    expect(await isOpen(token)).toBe(401);
  });

  it('of a caseworker does not become more by roles sent along', async () => {
    const token = await tokenOf(service, 'caseworker');
    const headers = {
      'x-role': 'administrator',
      'x-user-id': service.actor('finance-preparer').userId,
      'x-http-method-override': 'GET',
    };
    expectProblem(await raw(service, token, 'get', '/api/v1/funds?roles=finance-preparer', undefined, headers), {
      status: 403,
      code: 'forbidden',
    });
  });
});

describe('a session in a cookie', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const enrolment = () => JSON.stringify({ id: newId(), client: 'C-00000000', fund, anchorOn: TODAY });
  const withCookie = (
    cookie: string,
    method: string,
    path: string,
    body?: string,
    headers: Record<string, string> = { 'content-type': 'application/json' },
  ) => raw(service, undefined, method, path, body, { ...headers, cookie });

  it('reads', async () => {
    const token = await tokenOf(service, 'supervisor');
    expect((await withCookie(`uct_session=${token}`, 'get', '/api/v1/clients')).status).toBe(200);
  });

  it('writes nothing without proof that a page of ours asked for it; a bearer needs no such proof', async () => {
    const token = await tokenOf(service, 'supervisor');
    const cookie = `uct_session=${token}`;
    for (const [headers, body] of [
      [{ 'content-type': 'application/json' }, enrolment()],
      [{ 'content-type': 'application/json' }, JSON.stringify({ _csrf: 'a'.repeat(64) })],
      [{ 'content-type': 'application/json', 'x-csrf-token': 'made-up' }, enrolment()],
      [{ 'content-type': 'application/json', authorization: 'Bearer short' }, enrolment()],
      [{ 'content-type': 'application/json', 'x-http-method-override': 'GET' }, enrolment()],
    ] as const) {
      expectProblem(await withCookie(cookie, 'post', '/api/v1/enrolments', body, headers), {
        status: 403,
        code: 'form-expired',
      });
    }
    for (const [headers, body] of [
      [{ 'content-type': 'text/plain' }, enrolment()],
      [form, `_csrf=${'a'.repeat(64)}`],
    ] as const) {
      expect((await withCookie(cookie, 'post', '/api/v1/enrolments', body, headers)).status).toBe(415);
    }
    expectProblem(await withCookie(cookie, 'delete', '/api/v1/sessions/current'), {
      status: 403,
      code: 'form-expired',
    });
    expectProblem(await raw(service, token, 'post', '/api/v1/enrolments', enrolment()), {
      status: 404,
      code: 'not-found',
      field: 'code',
    });
  });

  it("is made by the sign-in page only with its own token, and another session's token is worth nothing in it", async () => {
    const page = await service.anybody().get('/sign-in').set('accept', 'text/html').expect(200);
    const csrfCookie = cookieIn(page, 'uct_csrf');
    const csrf = csrfIn(page);
    const sent = (token: string) =>
      new URLSearchParams({
        email: 'finance-approver-1@test.example',
        password: TEST_PASSWORD,
        _csrf: token,
      }).toString();
    expect((await withCookie(csrfCookie, 'post', '/sign-in', sent('made-up'), form)).status).toBe(403);
    expect((await withCookie('', 'post', '/sign-in', sent(csrf), form)).status).toBe(403);

    const signedIn = await withCookie(csrfCookie, 'post', '/sign-in', sent(csrf), form);
    expect(signedIn.status).toBe(303);
    const session = cookieIn(signedIn, 'uct_session');
    const attributes = [signedIn.headers['set-cookie'] ?? []].flat().find((line) => line.startsWith('uct_session='));
    expect(attributes).toMatch(/HttpOnly/i);
    expect(attributes).toMatch(/SameSite=(Lax|Strict)/i);

    const run = `/runs/${newId()}/approve`;
    const stranger = `uct_session=${await signIn(service, 'finance-approver-2@test.example')}`;
    expect(
      (await withCookie(`${stranger}; ${csrfCookie}`, 'post', run, `_csrf=${encodeURIComponent(csrf)}`, form)).status,
    ).toBe(403);
    expect(
      (await withCookie(`${session}; ${csrfCookie}`, 'post', run, `_csrf=${encodeURIComponent(csrf)}`, form)).status,
    ).toBe(403);

    const own = await withCookie(session, 'get', '/runs', undefined, { accept: 'text/html' });
    const ownCsrf = `${session}; ${cookieIn(own, 'uct_csrf')}`;
    const answer = await withCookie(
      ownCsrf,
      'post',
      run,
      `_csrf=${encodeURIComponent(csrfIn(own))}&digest=${'a'.repeat(64)}`,
      form,
    );
    expectProblem(answer, { status: 404, code: 'not-found' });
    expect(
      (await withCookie(ownCsrf, 'post', '/sign-out', `_csrf=${encodeURIComponent(csrfIn(own))}`, form)).status,
    ).toBe(303);
    expect((await withCookie(session, 'get', '/api/v1/runs')).status).toBe(401);
  });

  function cookieIn(answer: Response, name: string): string {
    const line = [answer.headers['set-cookie'] ?? []].flat().find((cookie) => cookie.startsWith(`${name}=`));
    if (!line) throw new Error(`no cookie ${name}`);
    return line.split(';')[0] ?? '';
  }

  function csrfIn(answer: Response): string {
    const [, token] = /name="_csrf" value="([^"]+)"/.exec(answer.text) ?? [];
    if (!token) throw new Error('no form with a token');
    return token;
  }
});
