/** Tokens for machines: never more than their owner may, never for what people alone do, and not for longer than was said. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { operatorActor, permissionNames } from '../src/access/domain/actor.js';
import { machineScopes } from '../src/access/domain/machine-scope.js';
import { UserAdministrationService } from '../src/access/users/user-administration.service.js';
import { Browser, faultsOf, textAt } from './support/browser.js';
import { clientBody, newId } from './support/builders.js';
import { sql } from './support/database.js';
import { takeUp } from './support/links.js';
import { expectProblem, hire, raw } from './support/raw-requests.js';
import { startTestService, TEST_PASSWORD, travel, type TestService } from './support/service.js';

const TODAY = '2026-03-02';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ today: TODAY });
});
afterAll(() => service.close());
afterEach(() => travel(service, TODAY));

const make = (token: string, scope: string[], days = 30) =>
  raw(service, token, 'post', '/api/v1/tokens', JSON.stringify({ name: 'nightly', scope, days }));
const made = async (token: string, scope: string[], days = 30) =>
  (await make(token, scope, days).expect(201)).body as { id: string; token: string };
const statusOf = async (token: string, path: string) => (await raw(service, token, 'get', path)).status;
const newAuditor = () => hire(service, `${newId()}@test.example`, ['auditor']);

describe('a token for a machine', () => {
  it('does what it was made for and nothing else of what its owner may do', async () => {
    const { id, token } = await newAuditor();
    const machine = await made(token, ['books:read']);
    expect(machine.token).toMatch(/^uctm_[\w-]{43}$/);
    expect(await statusOf(machine.token, '/api/v1/ledger/trial-balance')).toBe(200);
    expect(await statusOf(token, '/api/v1/funds')).toBe(200);
    expect(await statusOf(machine.token, '/api/v1/funds')).toBe(403);
    const [kept] = await sql<{ row: string }>(
      service.db.url,
      'select t::text as row from access.machine_token t where user_id = $1',
      [id],
    );
    expect(kept?.row).not.toContain(machine.token);
  });

  it('of a caseworker registers clients and lists them, and neither reads their words nor decides for them', async () => {
    const { token } = await hire(service, `${newId()}@test.example`, ['caseworker']);
    const machine = await made(token, ['clients:register', 'clients:read', 'needs:record', 'plans:record']);
    const registered = await raw(service, machine.token, 'post', '/api/v1/clients', JSON.stringify(clientBody()));
    expect(registered.status).toBe(201);
    const client = `/api/v1/clients/${registered.body.code as string}`;
    expect(await statusOf(machine.token, client)).toBe(200);
    for (const path of [
      '/needs-assessments/latest',
      '/spending-plans',
      '/case-notes',
      '/identity',
      '/contacts',
      '/export',
    ])
      expect([path, await statusOf(machine.token, client + path)]).toEqual([path, 403]);
    for (const path of [
      '/consents',
      '/consents/withdrawals',
      '/safe-contact',
      '/contacts',
      '/case-notes',
      '/corrections',
      '/identity',
    ])
      expect([path, (await raw(service, machine.token, 'post', client + path, '{}')).status]).toEqual([path, 403]);
  });

  it('is named in the audit trail beside its owner, who may have several', async () => {
    const { id, token } = await newAuditor();
    const machine = await made(token, ['books:read']);
    const answer = await raw(service, machine.token, 'get', '/api/v1/funds').expect(403);
    const events = await sql(
      service.db.url,
      'select act, actor_id, detail from access.audit_event where request_id = $1',
      [answer.headers['x-request-id']],
    );
    expect(events).toEqual([
      { act: 'access.refuse', actor_id: id, detail: { code: 'forbidden', byToken: machine.id } },
    ]);
  });

  it('makes, lists and revokes no tokens, and sees no sessions', async () => {
    const { token } = await newAuditor();
    const machine = await made(token, ['books:read', 'catalogue:read']);
    expectProblem(await make(machine.token, ['books:read']), { status: 403, code: 'forbidden' });
    expect(await statusOf(machine.token, '/api/v1/tokens')).toBe(403);
    expect(await statusOf(machine.token, '/api/v1/sessions')).toBe(403);
    expect(await statusOf(machine.token, '/account')).toBe(403);
  });

  it('works no more as a cookie, where a page could be made to send it', async () => {
    const { token } = await newAuditor();
    const machine = await made(token, ['books:read']);
    const answer = await service
      .anybody()
      .get('/api/v1/ledger/trial-balance')
      .set('cookie', `uct_session=${machine.token}`);
    expect(answer.status).toBe(401);
  });

  it('ends on its day, which is within a year', async () => {
    const { token } = await newAuditor();
    const machine = await made(token, ['books:read'], 2);
    travel(service, '2026-03-04', '09:59');
    expect(await statusOf(machine.token, '/api/v1/ledger/trial-balance')).toBe(200);
    travel(service, '2026-03-04', '10:00');
    expect(await statusOf(machine.token, '/api/v1/ledger/trial-balance')).toBe(401);
    travel(service, TODAY);
    expect((await make(token, ['books:read'], 366)).status).toBe(422);
    expect((await make(token, ['books:read'], 365)).status).toBe(201);
  });

  it('loses with its owner’s role what came of it, and all of it when it is revoked by owner or administrator', async () => {
    const { id, token } = await newAuditor();
    const machine = await made(token, ['books:read', 'catalogue:read']);
    await service.app.get(UserAdministrationService).setRoles(operatorActor('test'), id, ['caseworker']);
    expect(await statusOf(machine.token, '/api/v1/ledger/trial-balance')).toBe(403);
    expect(await statusOf(machine.token, '/api/v1/needs-catalogue')).toBe(200);
    const other = await made(token, ['catalogue:read']);
    await raw(service, token, 'delete', `/api/v1/tokens/${machine.id}`).expect(204);
    await service.as('administrator').delete(`/api/v1/users/${id}/tokens/${other.id}`).expect(204);
    expect(await statusOf(machine.token, '/api/v1/needs-catalogue')).toBe(401);
    expect(await statusOf(other.token, '/api/v1/needs-catalogue')).toBe(401);
    await raw(service, token, 'delete', `/api/v1/tokens/${machine.id}`).expect(404);
  });

  it('is revoked by nobody else', async () => {
    const [{ token }, other] = [await newAuditor(), await newAuditor()];
    const machine = await made(token, ['books:read']);
    await raw(service, other.token, 'delete', `/api/v1/tokens/${machine.id}`).expect(404);
    expect(await statusOf(machine.token, '/api/v1/ledger/trial-balance')).toBe(200);
  });

  it('is made on the page of one’s account, shown once, and listed without its text', async () => {
    const browser = new Browser(service);
    await browser.giveEmailAndPassword('auditor-1@test.example');
    const nothing = await browser.send('/account/tokens', '/account/tokens', { name: 'mine', days: '30' });
    expect([nothing.status, faultsOf(nothing)[0]?.[0]]).toEqual([422, '#scope']);
    const shown = await browser.send('/account/tokens', '/account/tokens', {
      name: 'mine',
      days: '30',
      scope: 'books:read',
    });
    const token = textAt(shown, 'token');
    expect(await statusOf(token, '/api/v1/ledger/trial-balance')).toBe(200);
    const page = await browser.open('/account');
    expect(page.text).toContain('mine');
    expect(page.text).not.toContain(token);
  });
});

describe('what a token can be made for', () => {
  it('is less than what its owner may do', async () => {
    const { token } = await newAuditor();
    for (const scope of [['clients:read'], ['books:read', 'clients:read'], ['account:own'], ['nonsense'], []])
      expect((await make(token, scope)).status).toBe(422);
  });

  it.each(permissionNames.filter((name) => !(machineScopes as readonly string[]).includes(name)))(
    'is never %s, whoever writes it',
    async (permission) => {
      const insert = `insert into access.machine_token (id, user_id, name, token_sha256, scope, created_at, expires_at)
        select gen_random_uuid(), id, 'x', sha256(gen_random_uuid()::text::bytea), array['${permission}'], now(), now() + interval '1 day'
        from access.app_user limit 1`;
      await expect(sql(service.db.url, insert)).rejects.toMatchObject({ code: '23514' });
    },
  );

  it('names in the database what the service names', async () => {
    const insert = `insert into access.machine_token (id, user_id, name, token_sha256, scope, created_at, expires_at)
      select gen_random_uuid(), id, 'x', sha256(gen_random_uuid()::text::bytea), $1, now(), now() + interval '1 day'
      from access.app_user limit 1`;
    await sql(service.db.url, insert, [machineScopes]);
    for (const never of [
      'identity:read',
      'payees:read',
      'runs:approve',
      'runs:release',
      'runs:prepare',
      'users:manage',
      'words:read',
      'casework:record',
      'account:own',
    ])
      expect(machineScopes).not.toContain(never);
  });
});

describe('tokens end with the sessions', () => {
  const CHOSEN = 'four words that differ';
  const administration = () => service.app.get(UserAdministrationService);

  it.each<[string, (person: { id: string; email: string }) => Promise<unknown>]>([
    [
      'when a link for a new password is used',
      async ({ id }) => takeUp(service, (await administration().makeResetLink(operatorActor('test'), id)).link, CHOSEN),
    ],
    [
      'when the password is changed',
      async ({ email }) => {
        const browser = new Browser(service);
        await browser.giveEmailAndPassword(email);
        const passwords = { present: TEST_PASSWORD, password: CHOSEN, again: CHOSEN };
        expect((await browser.send('/account/password', '/account/password', passwords)).status).toBe(303);
      },
    ],
    [
      'when the second factor is taken away',
      ({ id }) => service.as('administrator').post(`/api/v1/users/${id}/reset-second-factor`).expect(204),
    ],
    [
      'when somebody is signed out everywhere',
      ({ id }) => service.as('administrator').post(`/api/v1/users/${id}/revoke-sessions`).expect(204),
    ],
  ])('%s', async (_, act) => {
    const email = `${newId()}@test.example`;
    const { id, token } = await hire(service, email, ['auditor']);
    const machine = await made(token, ['books:read']);
    expect(await statusOf(machine.token, '/api/v1/ledger/trial-balance')).toBe(200);
    await act({ id, email });
    expect(await statusOf(machine.token, '/api/v1/ledger/trial-balance')).toBe(401);
    const ended = await sql(
      service.db.url,
      "select detail from access.audit_event where act = 'user.revoke-token' and subject_id = $1",
      [id],
    );
    expect(ended).toEqual([{ detail: { token: machine.id } }]);
  });
});
