/** One administrator alone lets nobody in: what they did to somebody's account counts when another one has confirmed who it is. */
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Response } from 'supertest';
import { OPERATOR_USER_ID, operatorActor, type Role } from '../src/access/domain/actor.js';
import { type AwaitedConfirmation } from '../src/access/users/confirmations.service.js';
import { UserAdministrationService } from '../src/access/users/user-administration.service.js';
import type { ListedUser } from '../src/access/users/user-directory.service.js';
import { usersCommands } from '../src/cli/users.commands.js';
import { Browser, faultsOf, textAt } from './support/browser.js';
import {
  clientBody,
  enrolClient,
  newId,
  openFund,
  prepareRun,
  releaseRun,
  registerClient,
} from './support/builders.js';
import { connect } from './support/connection.js';
import { sql } from './support/database.js';
import { takeUp } from './support/links.js';
import { expectProblem, hire, raw, signIn } from './support/raw-requests.js';
import { addressOf } from './support/route-decisions.js';
import { routesOf } from './support/routes.js';
import { codeAt, enrol } from './support/second-factors.js';
import { startTestService, travel, type TestService } from './support/service.js';
import { openTwoOffices } from './support/two-offices.js';

const TODAY = '2026-03-02';
const CHOSEN = 'the administrator chose this';
const AWAITS = { status: 403, code: 'account-awaits-confirmation' };
const NEEDS_ANOTHER = { status: 409, code: 'confirm-other-person-needed', field: 'awaited' };
const CHANGED = { status: 409, code: 'confirmation-changed', field: 'awaited' };

let service: TestService;
let fund: string;
beforeAll(async () => {
  service = await startTestService({ today: TODAY });
  fund = await openFund(service);
});
afterAll(() => service.close());
afterEach(() => travel(service, TODAY));

const admin = (number: 1 | 2 = 1) => service.as('administrator', number);
const adminId = (number: 1 | 2 = 1) => service.actor('administrator', number).userId;
const call = (token: string, method: string, path: string, body?: object) =>
  raw(service, token, method, path, body && JSON.stringify(body));
const hireSomebody = (roles: Role[]) => hire(service, `${newId()}@test.example`, roles);
const emailOf = async (id: string) => (await admin().get(`/api/v1/users/${id}`)).body.email as string;
const awaitedOf = async (id: string) => {
  const { body } = await admin(2).get(`/api/v1/users/${id}`).expect(200);
  return (body as ListedUser).awaited;
};
const confirm = (id: string, awaited: readonly { id: string }[], number: 1 | 2 = 2) =>
  admin(number).post(`/api/v1/users/${id}/confirmation`, { awaited: awaited.map((one) => one.id) });
const asService = (statement: string, parameters: unknown[] = []) =>
  sql(service.db.url, statement, parameters, 'uct_service').then(
    () => 'done',
    (error: { code: string }) => error.code,
  );

async function invite(roles: Role[]): Promise<{ id: string; email: string; link: string }> {
  const email = `${newId()}@test.example`;
  const { body } = await admin().post('/api/v1/users', { email, displayName: 'Puppet', roles }).expect(201);
  return { email, ...(body as { id: string; link: string }) };
}

/** Invited by administrator 1, who takes the invitation up: the user, and a token where no second factor is asked. */
async function letIn(roles: Role[]): Promise<{ id: string; email: string; token: string }> {
  const { id, email, link } = await invite(roles);
  await takeUp(service, link, CHOSEN);
  return { id, email, token: await signIn(service, email, CHOSEN) };
}

/** The same of whoever pays or administers: with a second factor that whoever holds the link sets up. */
async function setUpSecondFactor(email: string): Promise<{ token: string; browser: Browser }> {
  const browser = new Browser(service);
  expect(await browser.giveEmailAndPassword(email, CHOSEN)).toBe('/account/second-factor');
  const secret = textAt(await browser.open('/account/second-factor'), 'secret');
  const shown = await browser.send('/account/second-factor', '/account/second-factor', {
    code: codeAt(service, secret),
  });
  expect(shown.status).toBe(200);
  service.clock.travelTo(new Date(service.clock.now().getTime() + 30_000));
  const signedIn = await service
    .anybody()
    .post('/api/v1/sessions')
    .send({ email, password: CHOSEN, otp: codeAt(service, secret) })
    .expect(201);
  return { token: (signedIn.body as { token: string }).token, browser };
}

async function resetLink(id: string, number: 1 | 2 = 1): Promise<string> {
  const { body } = await admin(number).post(`/api/v1/users/${id}/reset-link`).expect(201);
  return (body as { link: string }).link;
}

describe('one administrator alone', () => {
  it('reads no identity as a supervisor whose password they set', async () => {
    const { id } = await hireSomebody(['supervisor']);
    const client = await registerClient(service, { name: 'Secret Survivor' });
    await takeUp(service, await resetLink(id), CHOSEN);
    const token = await signIn(service, await emailOf(id), CHOSEN);
    const answer = await call(token, 'get', `/api/v1/clients/${client}/identity`);
    expectProblem(answer, AWAITS);
    expect(answer.text).not.toContain('Secret');
    expectProblem(await call(token, 'post', '/api/v1/clients', clientBody({ name: 'Ghost' })), AWAITS);
  });

  it('signs nothing as a releaser whose password and second factor they took', async () => {
    await enrolClient(service, fund, TODAY);
    const run = await prepareRun(service, TODAY);
    await service.as('finance-approver').post(`/api/v1/runs/${run.id}/approvals`, { digest: run.digest }).expect(/./);
    const releaser = await enrol(service, 'finance-releaser');
    const link = await resetLink(releaser.id);
    await admin().post(`/api/v1/users/${releaser.id}/reset-second-factor`).expect(204);
    await takeUp(service, link, CHOSEN);
    const { token } = await setUpSecondFactor(releaser.email);
    expectProblem(await call(token, 'post', `/api/v1/runs/${run.id}/release`, { digest: run.digest }), AWAITS);
    expect((await awaitedOf(releaser.id)).map(({ because }) => because)).toEqual(['reset-link', 'second-factor-reset']);
  });

  it('takes away the second factor of nobody to come in by a password that they know', async () => {
    const releaser = await enrol(service, 'finance-releaser');
    await admin().post(`/api/v1/users/${releaser.id}/reset-second-factor`).expect(204);
    const browser = new Browser(service);
    await browser.giveEmailAndPassword(releaser.email);
    const secret = textAt(await browser.open('/account/second-factor'), 'secret');
    await browser.send('/account/second-factor', '/account/second-factor', { code: codeAt(service, secret) });
    expect((await browser.open('/runs')).headers.location).toBe('/account/confirmation');
  });

  it.each(['finance-preparer', 'finance-approver', 'administrator'] as const)(
    'does nothing as a puppet who is %s',
    async (role) => {
      const { id, email, link } = await invite([role]);
      await takeUp(service, link, CHOSEN);
      const { token, browser } = await setUpSecondFactor(email);
      for (const path of ['/api/v1/runs', '/api/v1/users', '/api/v1/needs-catalogue'])
        expectProblem(await call(token, 'get', path), AWAITS);
      expectProblem(await call(token, 'post', '/api/v1/runs', { id: newId(), dueThrough: TODAY }), AWAITS);
      expect((await browser.open('/')).headers.location).toBe('/account/confirmation');
      expect(await awaitedOf(id)).toMatchObject([{ because: 'invitation', causedBy: { id: adminId() } }]);
    },
  );

  it('gives nobody more to do', async () => {
    const { id, token } = await hireSomebody(['caseworker']);
    expect((await call(token, 'get', '/api/v1/clients')).status).toBe(200);
    await admin()
      .put(`/api/v1/users/${id}/roles`, { roles: ['caseworker', 'supervisor'] })
      .expect(204);
    expectProblem(await call(token, 'get', '/api/v1/clients'), AWAITS);
    expect(await awaitedOf(id)).toMatchObject([{ because: 'roles', causedBy: { id: adminId() }, mayConfirm: true }]);
    await admin()
      .put(`/api/v1/users/${id}/roles`, { roles: ['caseworker'] })
      .expect(204);
    expectProblem(await call(token, 'get', '/api/v1/clients'), AWAITS);
    await confirm(id, await awaitedOf(id)).expect(204);
    expect((await call(token, 'get', '/api/v1/clients')).status).toBe(200);
    await admin()
      .put(`/api/v1/users/${id}/roles`, { roles: ['supervisor'] })
      .expect(204);
    expect(await awaitedOf(id)).toHaveLength(1);
  });

  it('does not make it a donor first, or give the role before the invitation of another is used', async () => {
    const donor = await hireSomebody(['donor']);
    await takeUp(service, await resetLink(donor.id), CHOSEN);
    await admin(2)
      .put(`/api/v1/users/${donor.id}/roles`, { roles: ['supervisor'] })
      .expect(204);
    expect(await awaitedOf(donor.id)).toMatchObject([
      { because: 'reset-link', causedBy: { id: adminId(1) } },
      { because: 'roles', causedBy: { id: adminId(2) } },
    ]);
    const email = `${newId()}@test.example`;
    const invited = await admin(2)
      .post('/api/v1/users', { email, displayName: 'Donor', roles: ['donor'] })
      .expect(201);
    const { id, link } = invited.body as { id: string; link: string };
    await admin(1)
      .put(`/api/v1/users/${id}/roles`, { roles: ['caseworker'] })
      .expect(204);
    await takeUp(service, link, CHOSEN);
    expect(await awaitedOf(id)).toMatchObject([
      { because: 'invitation', causedBy: { id: adminId(2) } },
      { because: 'roles', causedBy: { id: adminId(1) } },
    ]);
    await confirm(id, (await awaitedOf(id)).slice(0, 1), 1).expect(204);
    expectProblem(await call(await signIn(service, email, CHOSEN), 'get', '/api/v1/clients'), AWAITS);
  });

  it('does not confirm what they did, on the page either', async () => {
    const { id } = await letIn(['caseworker']);
    expectProblem(await confirm(id, await awaitedOf(id), 1), NEEDS_ANOTHER);
    const browser = new Browser(service);
    await browser.giveEmailAndPassword('administrator-1@test.example');
    const page = await browser.open(`/users/${id}`).expect(200);
    expect(page.text).toContain('uct confirm-user');
    expect(page.text).not.toContain(`action="/users/${id}/confirmation"`);
    const token = /name="_csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const [awaited] = await awaitedOf(id);
    const sent = await browser.post(`/users/${id}/confirmation`, { _csrf: token, awaited: awaited?.id ?? '' });
    expect([sent.status, faultsOf(sent)[0]?.[0]]).toEqual([409, '#awaited']);
    expect(await awaitedOf(id)).toHaveLength(1);
  });

  it('does not confirm by a puppet who is an administrator, nor as themselves', async () => {
    const { id } = await letIn(['caseworker']);
    const [awaited] = await awaitedOf(id);
    const puppet = await invite(['administrator']);
    await takeUp(service, puppet.link, CHOSEN);
    const { token } = await setUpSecondFactor(puppet.email);
    for (const whose of [id, puppet.id])
      expectProblem(
        await call(token, 'post', `/api/v1/users/${whose}/confirmation`, { awaited: [awaited?.id] }),
        AWAITS,
      );
    await confirm(puppet.id, await awaitedOf(puppet.id)).expect(204);
    await admin(2).post(`/api/v1/users/${puppet.id}/reset-link`).expect(201);
    await call(token, 'post', `/api/v1/users/${id}/confirmation`, { awaited: [awaited?.id] }).expect(204);
    expectProblem(await admin().post(`/api/v1/users/${adminId()}/confirmation`, { awaited: [newId()] }), {
      status: 422,
      code: 'own-account',
    });
  });
});

describe('one administrator alone, in other ways', () => {
  it('lets nobody in again who was disabled', async () => {
    const { id, token: before } = await hireSomebody(['supervisor']);
    const email = await emailOf(id);
    await admin(2).post(`/api/v1/users/${id}/disable`).expect(204);
    expect((await call(before, 'get', '/api/v1/clients')).status).toBe(401);
    expect(await asService('update access.app_user set disabled_at = null where id = $1', [id])).toBe('UCT24');
    await admin(1).post(`/api/v1/users/${id}/enable`).expect(204);
    const token = await signIn(service, email);
    expectProblem(await call(token, 'get', '/api/v1/clients'), AWAITS);
    expect(await awaitedOf(id)).toMatchObject([{ because: 'enabled', causedBy: { id: adminId(1) } }]);
    await confirm(id, await awaitedOf(id)).expect(204);
    expect((await call(token, 'get', '/api/v1/clients')).status).toBe(200);
  });

  it('shows a supervisor no clients of another team', async () => {
    const client = await registerClient(service, { name: 'Secret Survivor' });
    const { id, token } = await hireSomebody(['supervisor']);
    const { body: other } = await admin()
      .post('/api/v1/teams', { name: `Other ${newId()}` })
      .expect(201);
    const move = (team: string) => admin().put(`/api/v1/users/${id}/team`, { team });
    await move((other as { id: string }).id).expect(204);
    await confirm(id, await awaitedOf(id)).expect(204);
    expect((await call(token, 'get', `/api/v1/clients/${client}/identity`)).status).toBe(404);
    await move(service.actor('caseworker').teamId ?? '').expect(204);
    expectProblem(await call(token, 'get', `/api/v1/clients/${client}/identity`), AWAITS);
    expect(await awaitedOf(id)).toMatchObject([{ because: 'team' }]);
    expect(await asService('update access.app_user set team_id = team_id where id = $1', [id])).toBe('42501');
    // A caseworker sees no more by it.
    const caseworker = await hireSomebody(['caseworker']);
    await admin()
      .put(`/api/v1/users/${caseworker.id}/team`, { team: (other as { id: string }).id })
      .expect(204);
    expect(await awaitedOf(caseworker.id)).toEqual([]);
  });

  it('is not left as the last administrator beside one who never came in', async () => {
    await invite(['administrator']);
    await takeUp(service, (await invite(['administrator'])).link, CHOSEN);
    const both = 'update access.app_user set disabled_at = now() where id = any ($1)';
    const everyAdministrator = await sql<{ id: string }>(
      service.db.url,
      `select u.id from access.app_user u join access.user_role r on r.user_id = u.id
       where r.role = 'administrator' and u.disabled_at is null and u.password_hash is not null
         and not exists (select from access.awaited_confirmation w where w.user_id = u.id)`,
    );
    expect(await asService(both, [everyAdministrator.map(({ id }) => id)])).toBe('UCT23');
  });
});

describe('somebody who awaits confirmation', () => {
  it('reaches no route of the service but their own account', async () => {
    const offices = await openTwoOffices();
    try {
      const { id, token } = await hire(offices.service, 'awaits@test.example', ['supervisor']);
      await sql(
        offices.service.db.url,
        `insert into access.account_confirmation (user_id, because, caused_by, caused_at) values ($1, 'roles', $2, now())`,
        [id, offices.service.actor('administrator').userId],
      );
      const own = /^(AccountPages|MachineTokensApi|SessionsApi)Controller\./;
      const open: string[] = [];
      for (const route of routesOf(offices.service.app)) {
        if (!route.declaration || 'public' in route.declaration || own.test(route.handler)) continue;
        const path = addressOf(route, offices, 'own', 'supervisor');
        const body = route.method === 'GET' ? undefined : '{}';
        const { body: told } = await raw(offices.service, token, route.method, path, body);
        if ((told as { code?: string }).code !== AWAITS.code) open.push(route.handler);
      }
      expect(open).toEqual([]);
      await raw(offices.service, token, 'delete', '/api/v1/sessions/current').expect(204);
    } finally {
      await offices.close();
    }
  }, 60_000);

  it('is told on a page who has to confirm what, and can change their password and sign out', async () => {
    const { email } = await letIn(['caseworker']);
    const browser = new Browser(service);
    expect(await browser.giveEmailAndPassword(email, CHOSEN)).toBe('/');
    expect((await browser.open('/clients')).headers.location).toBe('/account/confirmation');
    const page = await browser.open('/account/confirmation').expect(200);
    for (const words of ['really you', 'administrator 1', 'Came in by an invitation', '2\u00a0March 2026, 10:00'])
      expect(page.text).toContain(words);
    expect(page.text).not.toContain('href="/clients"');
    await browser.open('/account').expect(200);
    const passwords = { present: CHOSEN, password: 'yet another password', again: 'yet another password' };
    expect((await browser.send('/account/password', '/account/password', passwords)).headers.location).toMatch(
      /done=password/,
    );
    expect((await browser.open('/clients')).headers.location).toBe('/account/confirmation');
    expect((await browser.send('/account', '/sign-out')).headers.location).toBe('/sign-in');
  });

  it('makes no token, and those that they have work for nobody until they are confirmed', async () => {
    const { id, token } = await hireSomebody(['caseworker']);
    const asked = { name: 'nightly', scope: ['clients:read'], days: 30 };
    const made = await call(token, 'post', '/api/v1/tokens', asked).expect(201);
    const machine = (made.body as { token: string }).token;
    await admin()
      .put(`/api/v1/users/${id}/roles`, { roles: ['caseworker', 'supervisor'] })
      .expect(204);
    expect((await call(machine, 'get', '/api/v1/clients')).status).toBe(401);
    expectProblem(await call(token, 'post', '/api/v1/tokens', asked), {
      status: 422,
      code: 'scope-not-allowed',
      field: 'scope',
    });
    await confirm(id, await awaitedOf(id)).expect(204);
    expect((await call(machine, 'get', '/api/v1/clients')).status).toBe(200);
  });

  it('can be disabled, and is let in confirmed by nobody after that either', async () => {
    const { id, email } = await letIn(['caseworker']);
    await admin(2).post(`/api/v1/users/${id}/disable`).expect(204);
    await admin(1).post(`/api/v1/users/${id}/enable`).expect(204);
    expectProblem(await call(await signIn(service, email, CHOSEN), 'get', '/api/v1/clients'), AWAITS);
  });
});

describe('confirming', () => {
  it('by another administrator counts at once, and is in the audit trail', async () => {
    const { id, token } = await letIn(['caseworker']);
    const awaited = await awaitedOf(id);
    expect(awaited).toEqual([
      {
        id: expect.any(String),
        because: 'invitation',
        causedBy: { id: adminId(), displayName: 'administrator 1' },
        causedAt: '2026-03-02T03:00:00.000Z',
        mayConfirm: true,
      },
    ]);
    await confirm(id, awaited).expect(204);
    expect((await call(token, 'get', '/api/v1/clients')).status).toBe(200);
    expect(await awaitedOf(id)).toEqual([]);
    const events = await sql(
      service.db.url,
      `select actor_id, detail from access.audit_event where act = 'user.confirm' and subject_id = $1`,
      [id],
    );
    expect(events).toEqual([
      { actor_id: adminId(2), detail: { because: ['invitation'], confirmations: [awaited[0]?.id] } },
    ]);
  });

  it('on the page tells to call first, and shows the button to who may press it', async () => {
    const { id, token } = await letIn(['caseworker']);
    const browser = new Browser(service);
    await browser.giveEmailAndPassword('administrator-2@test.example');
    expect((await browser.open('/users').expect(200)).text).toContain('to be confirmed');
    const page = await browser.open(`/users/${id}`).expect(200);
    for (const words of ['number that you know already', 'Came in by an invitation', 'administrator 1', 'It is them'])
      expect(page.text).toContain(words);
    const sent = await browser.send(`/users/${id}`, `/users/${id}/confirmation`);
    expect(sent.headers.location).toBe(`/users/${id}?done=confirmation`);
    expect((await call(token, 'get', '/api/v1/clients')).status).toBe(200);
    expect((await browser.open(`/users/${id}`)).text).not.toContain('It is them');
  });

  it('at the same moment succeeds once', async () => {
    const { id } = await letIn(['caseworker']);
    const awaited = await awaitedOf(id);
    const answers = await Promise.all([confirm(id, awaited), confirm(id, awaited), confirm(id, awaited)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409, 409]);
  });

  it('does not confirm a link that was used after it was shown', async () => {
    const { id, email } = await letIn(['caseworker']);
    const shown = await awaitedOf(id);
    await takeUp(service, await resetLink(id), 'taken over in between');
    expectProblem(await confirm(id, shown), CHANGED);
    expectProblem(await call(await signIn(service, email, 'taken over in between'), 'get', '/api/v1/clients'), AWAITS);
    expect((await awaitedOf(id)).map(({ because }) => because).sort()).toEqual(['invitation', 'reset-link']);
  });

  it('of a puppet takes somebody who did not invent them, also when another made the link that was used last', async () => {
    const { id, email } = await letIn(['supervisor']);
    await takeUp(service, await resetLink(id, 2), 'a password of the puppet');
    const awaited = await awaitedOf(id);
    expectProblem(await confirm(id, awaited, 1), NEEDS_ANOTHER);
    const own = awaited.filter(({ causedBy }) => causedBy.id === adminId(2));
    expect(own.map(({ because }) => because)).toEqual(['reset-link']);
    await confirm(id, own, 1).expect(204);
    const token = await signIn(service, email, 'a password of the puppet');
    expectProblem(await call(token, 'get', '/api/v1/clients'), AWAITS);
  });

  it('takes two where two administrators had a hand in it', async () => {
    const releaser = await enrol(service, 'finance-releaser');
    await takeUp(service, await resetLink(releaser.id, 1), CHOSEN);
    await admin(2).post(`/api/v1/users/${releaser.id}/reset-second-factor`).expect(204);
    const { token } = await setUpSecondFactor(releaser.email);
    const awaited = await awaitedOf(releaser.id);
    expect(awaited.map(({ mayConfirm }) => mayConfirm)).toEqual([true, false]);
    expectProblem(await confirm(releaser.id, awaited, 2), NEEDS_ANOTHER);
    await confirm(releaser.id, awaited.slice(0, 1), 2).expect(204);
    expectProblem(await call(token, 'get', '/api/v1/runs'), AWAITS);
    await confirm(releaser.id, awaited.slice(1), 1).expect(204);
    expect((await call(token, 'get', '/api/v1/runs')).status).toBe(200);
  });

  it('is asked for as ids, of a user who is there, and of nobody else’s', async () => {
    const { id } = await letIn(['caseworker']);
    const other = await letIn(['caseworker']);
    const awaited = await awaitedOf(id);
    const ask = (whose: string, body: object): Promise<Response> =>
      admin(2).post(`/api/v1/users/${whose}/confirmation`, body);
    expect((await ask(id, {})).status).toBe(422);
    expect((await ask(id, { awaited: [] })).status).toBe(422);
    expect((await ask(id, { awaited: ['x'] })).status).toBe(422);
    expectProblem(await ask(newId(), { awaited: [newId()] }), { status: 404, code: 'not-found', field: 'id' });
    expectProblem(await ask(other.id, { awaited: awaited.map((one) => one.id) }), CHANGED);
    expectProblem(await service.as('supervisor').post(`/api/v1/users/${id}/confirmation`, { awaited: [newId()] }), {
      status: 403,
      code: 'forbidden',
    });
    await ask(id, { awaited: awaited.map((one) => one.id.toUpperCase()) }).then(({ status }) =>
      expect(status).toBe(204),
    );
  });

  it('is done by the operator where there is no second administrator', async () => {
    const other = (disabledAt: string) =>
      sql(service.db.url, `update access.app_user set disabled_at = ${disabledAt} where id = $1`, [adminId(2)]);
    await other('now()');
    try {
      const { id, email, link } = await invite(['administrator']);
      await takeUp(service, link, CHOSEN);
      const { token } = await setUpSecondFactor(email);
      expectProblem(await call(token, 'get', '/api/v1/users'), AWAITS);
      const printed = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
      const run = usersCommands['confirm-user']?.run(service.app, { email });
      await run?.finally(() => printed.mockClear());
      await usersCommands['confirm-user']?.run(service.app, { email });
      const [nothing] = printed.mock.calls.map(([text]) => String(text));
      printed.mockRestore();
      expect(nothing).toBe(`Nothing has to be confirmed of ${email}.\n`);
      expect((await call(token, 'get', '/api/v1/users')).status).toBe(200);
      await expect(usersCommands['confirm-user']?.run(service.app, {})).rejects.toMatchObject({ code: 'missing' });
      const [kept] = await sql<{ confirmed_by: string }>(
        service.db.url,
        'select confirmed_by from access.account_confirmation where user_id = $1',
        [id],
      );
      expect(kept?.confirmed_by).toBe(OPERATOR_USER_ID);
    } finally {
      await other('null');
    }
  });
});

describe('nobody is kept waiting', () => {
  it('who is a donor and nothing else, until they become more', async () => {
    const { id, token } = await letIn(['donor']);
    expect((await call(token, 'get', '/api/v1/donor-reports')).status).toBe(200);
    expect(await awaitedOf(id)).toEqual([]);
    await service.app.get(UserAdministrationService).setRoles(operatorActor('test'), id, ['caseworker']);
    expectProblem(await call(token, 'get', '/api/v1/clients'), AWAITS);
  });

  it('for what the operator did', async () => {
    const administration = service.app.get(UserAdministrationService);
    const { id, token } = await hireSomebody(['caseworker']);
    await administration.setRoles(operatorActor('test'), id, ['caseworker', 'supervisor']);
    expect((await call(token, 'get', '/api/v1/clients')).status).toBe(200);
    const { link } = await administration.makeResetLink(operatorActor('test'), id);
    await takeUp(service, link, CHOSEN);
    expect((await call(await signIn(service, await emailOf(id), CHOSEN), 'get', '/api/v1/clients')).status).toBe(200);
    const releaser = await enrol(service, 'finance-releaser');
    await administration.resetSecondFactor(operatorActor('test'), releaser.id);
    expect(await awaitedOf(releaser.id)).toEqual([]);
  });

  it('who replaces their own second factor', async () => {
    const person = await enrol(service, 'finance-releaser');
    service.clock.travelTo(new Date(service.clock.now().getTime() + 60_000));
    const secret = textAt(await person.browser.open('/account/second-factor'), 'secret');
    const codes = { code: codeAt(service, secret), otp: person.code() };
    expect((await person.browser.send('/account/second-factor', '/account/second-factor', codes)).status).toBe(200);
    await person.browser.open('/runs').expect(200);
  });
});

describe('in the database', () => {
  const confirmation = async () => {
    const { id } = await letIn(['caseworker']);
    const [awaited] = await awaitedOf(id);
    return { user: id, awaited: (awaited as AwaitedConfirmation).id };
  };
  const confirmAs = (awaited: string, who: string) =>
    asService('update access.account_confirmation set confirmed_by = $2, confirmed_at = now() where id = $1', [
      awaited,
      who,
    ]);

  it('the service writes, removes and dates back nothing of it', async () => {
    const { user } = await confirmation();
    for (const statement of [
      `insert into access.account_confirmation (user_id, because, caused_by, caused_at) values ('${user}', 'roles', '${adminId()}', now())`,
      'delete from access.account_confirmation',
      'truncate access.account_confirmation',
      'update access.account_confirmation set superseded_at = now()',
      `update access.account_confirmation set caused_by = '${adminId(2)}'`,
      `select access.await_confirmation('${user}', 'roles', '${adminId()}', now())`,
    ])
      expect([statement, await asService(statement)]).toEqual([statement, '42501']);
    await expect(sql(service.db.url, 'delete from access.account_confirmation')).rejects.toMatchObject({
      code: 'UCT24',
    });
    await expect(sql(service.db.url, 'truncate access.account_confirmation')).rejects.toMatchObject({ code: 'UCT24' });
  });

  it('it is confirmed once, by another administrator or the operator', async () => {
    const { user, awaited } = await confirmation();
    const puppet = await invite(['administrator']);
    await takeUp(service, puppet.link, CHOSEN);
    const nobodies = [adminId(1), user, puppet.id, service.actor('supervisor').userId];
    const kinds = await sql<{ id: string }>(
      service.db.url,
      "select id from access.app_user where kind in ('schedule', 'nobody')",
    );
    for (const who of [...nobodies, ...kinds.map(({ id }) => id)]) expect(await confirmAs(awaited, who)).toBe('UCT25');
    expect(
      await asService('update access.account_confirmation set confirmed_at = now() where id = $1', [awaited]),
    ).toBe('23514');
    expect(await confirmAs(awaited, adminId(2))).toBe('done');
    expect(await confirmAs(awaited, OPERATOR_USER_ID)).toBe('UCT24');
    expect(
      await asService('update access.account_confirmation set confirmed_at = null, confirmed_by = null where id = $1', [
        awaited,
      ]),
    ).toBe('UCT24');
  });

  it('not by who caused it or whose it is, with triggers off either', async () => {
    const { user, awaited } = await confirmation();
    for (const who of [adminId(1), user]) {
      const withoutTriggers = sql(
        service.db.url,
        `do $$ begin set local session_replication_role = replica;
         update access.account_confirmation set confirmed_by = '${who}', confirmed_at = now() where id = '${awaited}'; end $$`,
      );
      await expect(withoutTriggers).rejects.toMatchObject({
        code: '23514',
        constraint: 'confirmed_by_somebody_else',
      });
    }
  });

  it('whoever awaits it signs no run', async () => {
    const { id, link } = await invite(['finance-approver']);
    await takeUp(service, link, CHOSEN);
    await enrolClient(service, fund, TODAY, { country: 'TH' });
    const run = await prepareRun(service, TODAY, 'TH');
    const sign = (user: string) =>
      asService(
        "insert into payments.run_signature (run_id, digest, act, user_id, signed_at) values ($1, $2, 'approve', $3, now())",
        [run.id, run.digest, user],
      );
    expect(await sign(id)).toBe('UCT26');
    expect(await sign(service.actor('finance-approver').userId)).toBe('done');
  });

  it('whoever awaits it tells nothing of a payment, and puts no number of approvals in force, by their word or on it', async () => {
    const { id, link } = await invite(['finance-approver']);
    await takeUp(service, link, CHOSEN);
    await enrolClient(service, fund, TODAY, { country: 'LA' });
    const { id: run } = await releaseRun(service, TODAY, 'LA');
    const tell = (user: string) =>
      asService(
        `insert into payments.told_result (says, attempt_id, kind, happened_on, told_by, told_at)
         select gen_random_uuid(), a.id, 'settled', '2026-03-02', $2, now() from payments.attempt a where a.run_id = $1`,
        [run, user],
      );
    expect(await tell(id)).toBe('UCT26');
    expect(await tell(service.actor('finance-approver').userId)).toBe('done');
    const limits = async (proposedBy: string, confirmedBy: string) => {
      const proposal = newId();
      await asService(
        `insert into payments.approval_limits (id, currency, steps, proposed_by, proposed_at)
         values ($1, 'THB', '[{"aboveMinor": "0", "approvals": 1}]', $2, now())`,
        [proposal, proposedBy],
      );
      return asService(
        'insert into payments.approval_limits_confirmed (limits_id, proposed_by, confirmed_by, confirmed_at) values ($1, $2, $3, now())',
        [proposal, proposedBy, confirmedBy],
      );
    };
    const [one, other] = [service.actor('finance-preparer').userId, service.actor('finance-approver').userId];
    expect(await limits(one, id)).toBe('UCT26');
    expect(await limits(id, other)).toBe('UCT26');
    expect(await limits(one, other)).toBe('done');
  });

  it('a disabled administrator confirms nothing, nor does anybody give themselves a role or end a factor unnamed', async () => {
    const { awaited } = await confirmation();
    const { id: former } = await hireSomebody(['administrator']);
    await admin().post(`/api/v1/users/${former}/disable`).expect(204);
    expect(await confirmAs(awaited, former)).toBe('UCT25');
    expect(await asService("insert into access.user_role values ($1, 'supervisor', $1, now())", [former])).toMatch(
      /^(UCT10|23514)$/,
    );
    const { id: own } = await hireSomebody(['caseworker']);
    expect(await asService("insert into access.user_role values ($1, 'supervisor', $1, now())", [own])).toBe('23514');
    const { id } = await enrol(service, 'finance-releaser');
    const end = 'update access.second_factor set ended_at = now(), sealed = null where user_id = $1';
    expect(await asService(end, [id])).toBe('23514');
  });

  it('a role that is given while an invitation is being used is not missed', async () => {
    const { id, link } = await invite(['donor']);
    const first = await connect(service.db.url);
    try {
      await first.query('begin');
      await first.query('select 1 from access.app_user where id = $1 for no key update', [id]);
      await first.query('delete from access.user_role where user_id = $1', [id]);
      await first.query("insert into access.user_role values ($1, 'caseworker', $2, now())", [id, adminId(2)]);
      const using = takeUp(service, link, CHOSEN);
      await first.waitUntilSomebodyWaits();
      await first.query('commit');
      await using;
    } finally {
      await first.end();
    }
    expect((await awaitedOf(id)).map(({ because, causedBy }) => [because, causedBy.id])).toEqual(
      expect.arrayContaining([
        ['invitation', adminId(1)],
        ['roles', adminId(2)],
      ]),
    );
  });
});
