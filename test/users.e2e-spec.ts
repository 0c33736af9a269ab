/** Administering users: invitations and resets by links that work once, roles, teams, and that somebody who administers is always left. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { operatorActor } from '../src/access/domain/actor.js';
import { UserAdministrationService } from '../src/access/users/user-administration.service.js';
import type { ListedUser } from '../src/access/users/user-directory.service.js';
import { Browser, faultsOf, textAt, titleOf } from './support/browser.js';
import { newId } from './support/builders.js';
import { connect } from './support/connection.js';
import { sql } from './support/database.js';
import { expectProblem, hire, raw, signIn } from './support/raw-requests.js';
import { startTestService, TEST_PASSWORD, travel, type TestService } from './support/service.js';

const TODAY = '2026-03-02';
const CHOSEN = 'four words that differ';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ today: TODAY });
});
afterAll(() => service.close());
afterEach(() => travel(service, TODAY));

const admin = (number: 1 | 2 = 1) => service.as('administrator', number);
const invite = async (roles: string[] = ['caseworker']) => {
  const email = `${newId()}@test.example`;
  const { body } = await admin().post('/api/v1/users', { email, displayName: 'Somebody New', roles }).expect(201);
  const { id, link, expiresAt } = body as { id: string; link: string; expiresAt: string };
  return { id, email, expiresAt, code: link.replace('/welcome#', '') };
};
const redeem = (code: string, password = CHOSEN) =>
  new Browser(service).send('/welcome', '/welcome', { code, password, again: password });
const hours = (count: number) => service.clock.travelTo(new Date(service.clock.now().getTime() + count * 3_600_000));
const audited = async (id: string) =>
  (
    await sql<{ act: string }>(
      service.db.url,
      'select act from access.audit_event where subject_id = $1 order by seq',
      [id],
    )
  ).map(({ act }) => act);

describe('an invitation', () => {
  it('lets somebody choose a password once', async () => {
    const { id, email, code } = await invite();
    expectProblem(await service.anybody().post('/api/v1/sessions').send({ email, password: CHOSEN }), {
      status: 401,
      code: 'sign-in-failed',
    });
    expect((await redeem(code)).status).toBe(200);
    await signIn(service, email, CHOSEN);
    const again = await redeem(code, 'another four words');
    expect([again.status, faultsOf(again)]).toEqual([
      422,
      [
        [
          '#code',
          'This link was used before, has expired, or a newer one was made. Ask whoever gave it to you for another.',
        ],
      ],
    ]);
    await signIn(service, email, CHOSEN);
    expect(await audited(id)).toEqual([
      'user.create',
      'user.invite',
      'session.fail',
      'user.accept-invitation',
      'session.sign-in',
      'session.sign-in',
    ]);
  });

  it('works once when it is used twice at the same moment', async () => {
    const { code } = await invite();
    const answers = await Promise.all([redeem(code, 'the first password'), redeem(code, 'the second password')]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
  });

  it('asks again when the passwords differ or are too short, and still works after that', async () => {
    const { code } = await invite();
    const differs = await new Browser(service).send('/welcome', '/welcome', { code, password: CHOSEN, again: 'x' });
    expect([differs.status, faultsOf(differs)[0]?.[0]]).toEqual([422, '#again']);
    expect(faultsOf(await redeem(code, 'short'))[0]?.[0]).toBe('#password');
    expect((await redeem(code)).status).toBe(200);
  });

  it.each([
    [71.9, 200],
    [72, 422],
  ])('after %d hours answers %d', async (after, status) => {
    const { code } = await invite();
    hours(after);
    expect((await redeem(code)).status).toBe(status);
  });

  it('is voided by a newer one, and by disabling the user', async () => {
    const { id, code } = await invite();
    const { body } = await admin().post(`/api/v1/users/${id}/reset-link`).expect(201);
    expect((await redeem(code)).status).toBe(422);
    await admin().post(`/api/v1/users/${id}/disable`).expect(204);
    expect((await redeem((body as { link: string }).link.replace('/welcome#', ''))).status).toBe(422);
  });

  it('is kept as a digest, and its code is in no address that the server sees', async () => {
    const { id, code } = await invite();
    const [kept] = await sql<{ row: string }>(
      service.db.url,
      'select l::text as row from access.one_time_link l where user_id = $1',
      [id],
    );
    expect(kept?.row).not.toContain(code);
    expect(kept?.row).not.toContain(Buffer.from(code).toString('hex'));
    const page = await new Browser(service).open('/welcome');
    expect(page.text).toMatch(/<form action="\/welcome" method="post"/);
  });

  it('of whoever pays goes on to the second factor', async () => {
    const { email, code } = await invite(['finance-releaser']);
    await redeem(code);
    expect(await new Browser(service).giveEmailAndPassword(email, CHOSEN)).toBe('/account/second-factor');
  });

  it('is refused for an address that is taken, roles that must not meet, and a team that is not there', async () => {
    const body = { email: 'donor-1@test.example', displayName: 'X', roles: ['donor'] };
    expectProblem(await admin().post('/api/v1/users', body), { status: 409, code: 'email-taken', field: 'email' });
    const twice = { ...body, email: 'twice@test.example', roles: ['finance-approver', 'finance-releaser'] };
    expectProblem(await admin().post('/api/v1/users', twice), {
      status: 422,
      code: 'roles-must-not-meet',
      field: 'roles',
    });
    const lost = { ...body, email: 'lost@test.example', team: newId() };
    expectProblem(await admin().post('/api/v1/users', lost), { status: 404, code: 'not-found', field: 'team' });
    expect(
      await sql(
        service.db.url,
        "select 1 from access.app_user where email in ('twice@test.example', 'lost@test.example')",
      ),
    ).toEqual([]);
  });
});

describe('a link for a new password', () => {
  it('works for two hours, ends every session and forgives failed tries; until then the old password works', async () => {
    const { id, token } = await hire(service, 'forgot@test.example', ['caseworker']);
    const { body } = await admin().post(`/api/v1/users/${id}/reset-link`).expect(201);
    const code = (body as { link: string }).link.replace('/welcome#', '');
    await signIn(service, 'forgot@test.example');
    for (let tries = 0; tries < 5; tries += 1)
      await service.anybody().post('/api/v1/sessions').send({ email: 'forgot@test.example', password: 'wrong' });
    hours(1.9);
    expect((await redeem(code)).status).toBe(200);
    expect((await raw(service, token, 'get', '/api/v1/clients')).status).toBe(401);
    await signIn(service, 'forgot@test.example', CHOSEN);
    const late = await admin().post(`/api/v1/users/${id}/reset-link`).expect(201);
    hours(2);
    expect((await redeem((late.body as { link: string }).link.replace('/welcome#', ''))).status).toBe(422);
  });

  it('does not leave out the second factor', async () => {
    const { id, email, code } = await invite(['finance-approver']);
    await redeem(code);
    const { body } = await admin().post(`/api/v1/users/${id}/reset-link`).expect(201);
    await redeem((body as { link: string }).link.replace('/welcome#', ''), 'yet another password');
    expectProblem(await service.anybody().post('/api/v1/sessions').send({ email, password: 'yet another password' }), {
      status: 403,
      code: 'second-factor-required',
    });
  });
});

describe('roles', () => {
  it('are given once another administrator confirms it, taken at once, and never so that they must not meet', async () => {
    const { id, token } = await hire(service, 'moves-on@test.example', ['caseworker']);
    await admin()
      .put(`/api/v1/users/${id}/roles`, { roles: ['caseworker', 'supervisor'] })
      .expect(204);
    expectProblem(await admin().put(`/api/v1/users/${id}/roles`, { roles: ['supervisor', 'auditor'] }), {
      status: 422,
      code: 'roles-must-not-meet',
      field: 'roles',
    });
    expectProblem(await raw(service, token, 'get', '/api/v1/clients'), {
      status: 403,
      code: 'account-awaits-confirmation',
    });
    const { body } = await admin(2).get(`/api/v1/users/${id}`).expect(200);
    const awaited = (body as ListedUser).awaited.map((one) => one.id);
    await admin(2).post(`/api/v1/users/${id}/confirmation`, { awaited }).expect(204);
    expect((await raw(service, token, 'get', '/api/v1/clients')).status).toBe(200);
    await admin()
      .put(`/api/v1/users/${id}/roles`, { roles: ['donor'] })
      .expect(204);
    expect((await raw(service, token, 'get', '/api/v1/clients')).status).toBe(403);
  });

  it('of one’s own, and one’s own account, are changed by nobody', async () => {
    const { userId } = service.actor('administrator');
    const own = `/api/v1/users/${userId}`;
    for (const attempt of [
      admin().put(`${own}/roles`, { roles: ['finance-releaser'] }),
      admin().post(`${own}/disable`),
      admin().post(`${own}/reset-link`),
      admin().post(`${own}/reset-second-factor`),
    ])
      expectProblem(await attempt, { status: 422, code: 'own-account' });
    await admin().get('/api/v1/users').expect(200);
  });
});

describe('a team', () => {
  it('is opened, and somebody is moved to it', async () => {
    const team = await admin().post('/api/v1/teams', { name: 'North' }).expect(201);
    expectProblem(await admin().post('/api/v1/teams', { name: 'North' }), {
      status: 409,
      code: 'team-name-taken',
      field: 'name',
    });
    const { id } = await hire(service, 'northerner@test.example', ['caseworker']);
    await admin().put(`/api/v1/users/${id}/team`, { team: team.body.id }).expect(204);
    const { body } = await admin().get(`/api/v1/users/${id}`).expect(200);
    expect(body.team).toEqual({ id: team.body.id, name: 'North' });
  });
});

describe('somebody who left', () => {
  it('is signed out at once and lets no machine in; let in again, they sign in anew', async () => {
    const { id, token } = await hire(service, 'left@test.example', ['auditor']);
    const made = await raw(
      service,
      token,
      'post',
      '/api/v1/tokens',
      '{"name":"x","scope":["books:read"],"days":1}',
    ).expect(201);
    const machine = (made.body as { token: string }).token;
    expect((await raw(service, machine, 'get', '/api/v1/ledger/trial-balance')).status).toBe(200);
    await admin().post(`/api/v1/users/${id}/disable`).expect(204);
    expect((await raw(service, token, 'get', '/api/v1/needs-catalogue')).status).toBe(401);
    expect((await raw(service, machine, 'get', '/api/v1/ledger/trial-balance')).status).toBe(401);
    await admin().post(`/api/v1/users/${id}/enable`).expect(204);
    expect((await raw(service, token, 'get', '/api/v1/needs-catalogue')).status).toBe(401);
    expect((await raw(service, machine, 'get', '/api/v1/ledger/trial-balance')).status).toBe(401);
    await signIn(service, 'left@test.example');
  });
});

describe('the last administrator', () => {
  it('is neither disabled nor made something else, by the service or in the database', async () => {
    const operator = operatorActor('test');
    const administration = service.app.get(UserAdministrationService);
    const others = await sql<{ id: string }>(
      service.db.url,
      "select u.id from access.app_user u join access.user_role r on r.user_id = u.id where r.role = 'administrator' and u.id <> $1",
      [service.actor('administrator').userId],
    );
    for (const { id } of others) await administration.disable(operator, id);
    const { userId } = service.actor('administrator');
    await expect(administration.disable(operator, userId)).rejects.toMatchObject({ driverError: { code: 'UCT23' } });
    await expect(administration.setRoles(operator, userId, ['donor'])).rejects.toMatchObject({
      driverError: { code: 'UCT23' },
    });
    for (const statement of [
      `update access.app_user set disabled_at = now() where id = '${userId}'`,
      `delete from access.user_role where user_id = '${userId}'`,
      "delete from access.user_role where role = 'administrator'",
    ])
      await expect(sql(service.db.url, statement)).rejects.toMatchObject({ code: 'UCT23' });
    for (const { id } of others) await administration.enable(operator, id);
  });

  it('is left when two leave at the same moment', async () => {
    const [one, other] = [service.actor('administrator', 1).userId, service.actor('administrator', 2).userId];
    const first = await connect(service.db.url);
    try {
      await first.query('begin');
      await first.query('update access.app_user set disabled_at = now() where id = $1', [one]);
      const second = sql(service.db.url, 'update access.app_user set disabled_at = now() where id = $1', [other]).catch(
        (error: unknown) => error,
      );
      await first.waitUntilSomebodyWaits();
      await first.query('commit');
      expect(await second).toMatchObject({ code: 'UCT23' });
    } finally {
      await first.end();
      await sql(service.db.url, 'update access.app_user set disabled_at = null where id = $1', [one]);
    }
  });
});

describe('the pages for it', () => {
  it('invite, show the link once, and change what somebody may do', async () => {
    const browser = new Browser(service);
    await browser.giveEmailAndPassword('administrator-1@test.example');
    expect((await browser.open('/')).text).toContain('href="/users"');
    const shown = await browser.send('/users/invite', '/users/invite', {
      email: 'by-page@test.example',
      displayName: 'By Page',
      roles: ['caseworker', 'supervisor'],
    });
    const link = textAt(shown, 'link');
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/welcome#[\w-]{43}$/);
    expect((await redeem(link.split('#')[1] ?? '')).status).toBe(200);
    const list = await browser.open('/users').expect(200);
    const id = /href="\/users\/([0-9a-f-]{36})">By Page</.exec(list.text)?.[1] ?? '';
    const page = `/users/${id}`;
    expect((await browser.send(page, `${page}/roles`, { roles: 'auditor' })).headers.location).toBe(
      `${page}?done=roles`,
    );
    const refused = await browser.send(page, `${page}/roles`, { roles: ['auditor', 'caseworker'] });
    expect([refused.status, faultsOf(refused)[0]?.[0]]).toEqual([422, '#roles']);
    expect((await browser.send(page, `${page}/disable`)).headers.location).toBe(`${page}?done=disable`);
    expect(titleOf(await browser.open(page).expect(200))).toBe('By Page – UCT Ledger');
    const again = await browser.open(page);
    expect(again.text).not.toContain('welcome#');
  });

  it('are there for nobody else', async () => {
    const browser = new Browser(service);
    await browser.giveEmailAndPassword('supervisor-1@test.example', TEST_PASSWORD);
    expect((await browser.open('/users')).status).toBe(403);
    expect((await browser.open('/account')).status).toBe(200);
  });
});
