/** The second factor: whom it is asked of, how it is set up, and that no code works twice. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { operatorActor } from '../src/access/domain/actor.js';
import { UserAdministrationService } from '../src/access/users/user-administration.service.js';
import { Browser, faultsOf, hiddenFields, sessionCookieIn, textAt, titleOf } from './support/browser.js';
import { sql } from './support/database.js';
import { takeUp } from './support/links.js';
import { expectProblem, hire, raw } from './support/raw-requests.js';
import { codeAt, enrol, hireUnexcused, recoveryCodesIn, type Enrolled } from './support/second-factors.js';
import { startTestService, TEST_PASSWORD, type TestService } from './support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.close());

const signIn = (email: string, otp?: string) =>
  service
    .anybody()
    .post('/api/v1/sessions')
    .send({ email, password: TEST_PASSWORD, ...(otp === undefined ? {} : { otp }) });

/** So that the next code is another one. */
const letAStepPass = () => service.clock.travelTo(new Date(service.clock.now().getTime() + 60_000));

describe('whoever pays or administers', () => {
  it.each(['finance-preparer', 'finance-approver', 'finance-releaser', 'administrator'] as const)(
    'as %s gets no token before they have set up a second factor',
    async (role) => {
      const { email } = await hireUnexcused(service, role);
      expectProblem(await signIn(email), { status: 403, code: 'second-factor-required' });
    },
  );

  it('reaches nothing in a browser but the page to set it up, and signing out', async () => {
    const { email } = await hireUnexcused(service, 'administrator');
    const browser = new Browser(service);
    expect(await browser.giveEmailAndPassword(email)).toBe('/account/second-factor');
    for (const path of ['/', '/users', '/account', '/account/tokens', '/account/recovery-codes'])
      expect((await browser.open(path)).headers.location).toBe('/account/second-factor');
    const page = await browser.open('/account/second-factor').expect(200);
    expect(page.text).not.toContain('href="/users"');
    expect((await browser.send('/account/second-factor', '/sign-out')).headers.location).toBe('/sign-in');
  });

  it('reaches as little of the API with that session', async () => {
    const { email } = await hireUnexcused(service, 'administrator');
    const browser = new Browser(service);
    const answer = await browser.send('/sign-in', '/sign-in', { email, password: TEST_PASSWORD });
    const cookie = `uct_session=${sessionCookieIn(answer)}`;
    for (const path of ['/api/v1/users', '/api/v1/sessions', '/api/v1/tokens', '/api/v1/needs-catalogue']) {
      const refused = await service.anybody().get(path).set('cookie', cookie);
      expectProblem(refused, { status: 403, code: 'second-factor-required' });
    }
  });

  it('is asked as soon as the role is given, in the session that is open', async () => {
    const { id, token } = await hire(service, 'promoted@test.example', ['caseworker']);
    await sql(service.db.url, 'update access.app_user set second_factor_waived = false where id = $1', [id]);
    expect((await raw(service, token, 'get', '/api/v1/needs-catalogue')).status).toBe(200);
    await service.app.get(UserAdministrationService).setRoles(operatorActor('test'), id, ['finance-approver']);
    expectProblem(await raw(service, token, 'get', '/api/v1/needs-catalogue'), {
      status: 403,
      code: 'second-factor-required',
    });
  });

  it('is not kept waiting who has a second factor already and gets such a role, and sets one up in an open session', async () => {
    const person = await enrol(service, 'caseworker');
    await service.app.get(UserAdministrationService).setRoles(operatorActor('test'), person.id, ['finance-approver']);
    expect(titleOf(await person.browser.open('/').expect(200))).toBe('Start – UCT Ledger');
  });
});

describe('setting it up', () => {
  it('takes a right code, opens the session under another token, and shows ten recovery codes once', async () => {
    const { email } = await hireUnexcused(service, 'finance-preparer');
    const browser = new Browser(service);
    const planted = sessionCookieIn(await browser.send('/sign-in', '/sign-in', { email, password: TEST_PASSWORD }));
    const first = await browser.open('/account/second-factor').expect(200);
    const secret = textAt(first, 'secret');
    expect(first.text).toContain('<svg');
    expect(textAt(await browser.open('/account/second-factor'), 'secret')).toBe(secret);

    const wrong = await browser.send('/account/second-factor', '/account/second-factor', { code: '000000' });
    expect([wrong.status, faultsOf(wrong)[0]?.[0]]).toEqual([422, '#code']);
    const right = await browser.send('/account/second-factor', '/account/second-factor', {
      code: codeAt(service, secret),
    });
    expect(new Set(recoveryCodesIn(right.text)).size).toBe(10);
    const raised = sessionCookieIn(right);
    expect(raised).toMatch(/^[\w-]{43}$/);
    expect(raised).not.toBe(planted);
    expect((await service.anybody().get('/api/v1/runs').set('cookie', `uct_session=${planted}`)).status).toBe(401);
    expect(titleOf(await browser.open('/').expect(200))).toBe('Start – UCT Ledger');
    expect((await browser.open('/account')).text).not.toContain(recoveryCodesIn(right.text)[0]);
  });

  it('ends every other session', async () => {
    const { id, token } = await hire(service, 'careful@test.example', ['caseworker']);
    const browser = new Browser(service);
    await browser.giveEmailAndPassword('careful@test.example');
    const secret = textAt(await browser.open('/account/second-factor'), 'secret');
    await browser.send('/account/second-factor', '/account/second-factor', { code: codeAt(service, secret) });
    expect((await raw(service, token, 'get', '/api/v1/clients')).status).toBe(401);
    expect((await browser.open('/account')).status).toBe(200);
    expect(
      await sql(service.db.url, 'select 1 from access.session where user_id = $1 and revoked_at is null', [id]),
    ).toHaveLength(1);
  });

  it('again, for another device, takes a code of the present one as well, and then only the new one counts', async () => {
    const person = await enrol(service);
    letAStepPass();
    const secret = textAt(await person.browser.open('/account/second-factor'), 'secret');
    const send = (otp: string) =>
      person.browser.send('/account/second-factor', '/account/second-factor', { code: codeAt(service, secret), otp });
    expect((await send('000000')).status).toBe(422);
    expect((await send(person.code())).status).toBe(200);
    letAStepPass();
    expectProblem(await signIn(person.email, person.code()), { status: 401, code: 'otp-wrong', field: 'otp' });
    expect((await signIn(person.email, codeAt(service, secret))).status).toBe(201);
  });

  it('keeps the secret sealed for its user and row: moved to another user it opens for nobody', async () => {
    const [one, other] = [await enrol(service), await enrol(service)];
    const [row] = await sql<{ sealed: Buffer }>(
      service.db.url,
      'select sealed from access.second_factor where user_id = $1',
      [one.id],
    );
    expect(row?.sealed.length).toBe(12 + 20 + 16);
    await sql(
      service.db.url,
      `do $$ begin set local session_replication_role = replica;
       update access.second_factor set sealed = (select sealed from access.second_factor where user_id = '${one.id}') where user_id = '${other.id}'; end $$`,
    );
    letAStepPass();
    expectProblem(await signIn(other.email, one.code()), { status: 500, code: 'internal-error' });
  });
});

describe('an authenticator that is offered', () => {
  const PAGE = '/account/second-factor';
  const browserOf = async (email: string) => {
    const browser = new Browser(service);
    await browser.giveEmailAndPassword(email);
    return browser;
  };
  /** What the page shows, and its form with the code for that, as it is sent later. */
  const look = async (browser: Browser) => {
    const page = await browser.open(PAGE).expect(200);
    const form = page.text.split('<form').find((part) => part.includes(`action="${PAGE}"`)) ?? '';
    const secret = textAt(page, 'secret');
    const confirm = () => browser.post(PAGE, { ...hiddenFields(form), code: codeAt(service, secret) });
    return { secret, confirm };
  };
  const factorsOf = (id: string) =>
    sql<{ ended: boolean; confirmed: boolean; kept: boolean }>(
      service.db.url,
      `select ended_at is not null ended, confirmed_at is not null confirmed, sealed is not null kept
       from access.second_factor where user_id = $1 order by offered_at, id`,
      [id],
    );

  it('is another one in another session, and only the session that was shown it last can confirm it', async () => {
    const { id, email } = await hireUnexcused(service, 'finance-releaser');
    const first = await look(await browserOf(email));
    const browser = await browserOf(email);
    const second = await look(browser);
    expect(second.secret).not.toBe(first.secret);
    expect((await look(browser)).secret).toBe(second.secret);
    expect((await first.confirm()).status).toBe(422);
    const third = await look(browser);
    expect([first.secret, second.secret]).not.toContain(third.secret);
    expect((await second.confirm()).status).toBe(422);
    expect((await third.confirm()).status).toBe(200);
    expect((await factorsOf(id)).filter(({ kept }) => kept)).toEqual([{ ended: false, confirmed: true, kept: true }]);
    letAStepPass();
    expect((await signIn(email, codeAt(service, first.secret))).status).toBe(401);
    expect((await signIn(email, codeAt(service, third.secret))).status).toBe(201);
  });

  it.each([
    ['the session that was shown it ends', (_: string, browser: Browser) => browser.send(PAGE, '/sign-out')],
    [
      'it is taken away',
      (id: string) => service.as('administrator').post(`/api/v1/users/${id}/reset-second-factor`).expect(204),
    ],
    [
      'a link for a new password is used',
      async (id: string) => {
        const { body } = await service.as('administrator').post(`/api/v1/users/${id}/reset-link`).expect(201);
        await takeUp(service, (body as { link: string }).link);
      },
    ],
  ])('ends when %s, and cannot be confirmed after that', async (_, end) => {
    const { id, email } = await hireUnexcused(service, 'administrator');
    const browser = await browserOf(email);
    const { confirm } = await look(browser);
    await end(id, browser);
    expect(await factorsOf(id)).toEqual([{ ended: true, confirmed: false, kept: false }]);
    await confirm();
    expect((await factorsOf(id)).filter(({ confirmed }) => confirmed)).toEqual([]);
  });

  it('ends with a change of the password, in the session that changed it too', async () => {
    const email = 'offered-and-changed@test.example';
    const { id } = await hire(service, email, ['caseworker']);
    const browser = await browserOf(email);
    const { secret } = await look(browser);
    const passwords = { present: TEST_PASSWORD, password: 'another good password', again: 'another good password' };
    expect((await browser.send('/account/password', '/account/password', passwords)).status).toBe(303);
    expect(await factorsOf(id)).toEqual([{ ended: true, confirmed: false, kept: false }]);
    expect((await look(browser)).secret).not.toBe(secret);
  });

  it('is not confirmed in the database either once its session was revoked, nor offered in somebody else’s', async () => {
    const { id, email } = await hireUnexcused(service, 'finance-approver');
    await look(await browserOf(email));
    await sql(service.db.url, 'update access.session set revoked_at = now() where user_id = $1', [id]);
    const confirm = 'update access.second_factor set confirmed_at = now(), last_step = 1 where user_id = $1';
    await expect(sql(service.db.url, confirm, [id])).rejects.toMatchObject({ code: 'UCT21' });
    const other = await hire(service, 'holds-another-session@test.example', ['caseworker']);
    const offer = `insert into access.second_factor (id, user_id, sealed, offered_at, offered_in)
                   select gen_random_uuid(), $1, 'sealed', now(), id from access.session where user_id = $2`;
    await expect(sql(service.db.url, offer, [other.id, id])).rejects.toMatchObject({ code: '23503' });
  });
});

describe('a code', () => {
  let person: Enrolled;
  beforeAll(async () => {
    person = await enrol(service);
  });

  it('is asked for at signing in with a password alone, and only after the password was right', async () => {
    expectProblem(await signIn(person.email), { status: 401, code: 'otp-needed', field: 'otp' });
    const wrong = await service
      .anybody()
      .post('/api/v1/sessions')
      .send({ email: person.email, password: 'not the password', otp: person.code(1) });
    expectProblem(wrong, { status: 401, code: 'sign-in-failed' });
  });

  it('works once: not again after signing in, nor the one that confirmed it', async () => {
    const fresh = await enrol(service);
    expectProblem(await signIn(fresh.email, fresh.code()), { status: 401, code: 'otp-wrong', field: 'otp' });
    letAStepPass();
    const code = fresh.code();
    expect((await signIn(fresh.email, code)).status).toBe(201);
    expectProblem(await signIn(fresh.email, code), { status: 401, code: 'otp-wrong', field: 'otp' });
  });

  it('works once when it is sent twice at the same moment', async () => {
    letAStepPass();
    const code = person.code();
    const answers = await Promise.all([1, 2, 3, 4].map(() => signIn(person.email, code)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 401, 401, 401]);
  });

  it('may be half a minute early or late, and no more', async () => {
    const late = await enrol(service);
    letAStepPass();
    letAStepPass();
    expect((await signIn(late.email, late.code(-2))).status).toBe(401);
    expect((await signIn(late.email, late.code(2))).status).toBe(401);
    expect((await signIn(late.email, late.code(-1))).status).toBe(201);
    expect((await signIn(late.email, late.code(1))).status).toBe(201);
    // The step between them is behind the newest one.
    expect((await signIn(late.email, late.code(0))).status).toBe(401);
  });

  it('opens in a browser what the password began, under another token', async () => {
    letAStepPass();
    const browser = new Browser(service);
    const planted = sessionCookieIn(
      await browser.send('/sign-in', '/sign-in', { email: person.email, password: TEST_PASSWORD }),
    );
    const cookie = `uct_session=${planted}`;
    expect((await browser.open('/')).headers.location).toBe('/sign-in');
    expect((await service.anybody().get('/api/v1/runs').set('cookie', cookie)).status).toBe(401);
    const wrong = await browser.send('/sign-in/code', '/sign-in/code', { otp: '000000' });
    expect([wrong.status, faultsOf(wrong)[0]?.[0]]).toEqual([401, '#otp']);
    const right = await browser.send('/sign-in/code', '/sign-in/code', { otp: person.code() });
    expect([right.status, right.headers.location]).toEqual([303, '/']);
    expect(sessionCookieIn(right)).not.toBe(planted);
    expect((await service.anybody().get('/api/v1/runs').set('cookie', cookie)).status).toBe(401);
    expect((await browser.open('/runs')).status).toBe(200);
  });

  it('counts as a guess when it is wrong, and the right password before it forgives nothing', async () => {
    const guessed = await enrol(service);
    letAStepPass();
    for (let guess = 0; guess < 5; guess += 1) {
      expectProblem(await signIn(guessed.email), { status: 401, code: 'otp-needed', field: 'otp' });
      expectProblem(await signIn(guessed.email, '000000'), { status: 401, code: 'otp-wrong', field: 'otp' });
    }
    expectProblem(await signIn(guessed.email), { status: 429, code: 'try-later' });
    expectProblem(await signIn(guessed.email, guessed.code()), { status: 429, code: 'try-later' });
  });
});

describe('a recovery code', () => {
  it('works in place of a code, however it is typed, and once, also when it is sent twice at the same moment', async () => {
    const { email, recoveryCodes } = await enrol(service);
    const [first = '', second = ''] = recoveryCodes;
    expect((await signIn(email, first.toUpperCase().replaceAll('-', ' '))).status).toBe(201);
    expectProblem(await signIn(email, first), { status: 401, code: 'otp-wrong', field: 'otp' });
    const answers = await Promise.all([signIn(email, second), signIn(email, second)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 401]);
  });

  it('is worth nothing after a new set was made', async () => {
    const { email, browser, recoveryCodes } = await enrol(service);
    const [first = '', second = ''] = recoveryCodes;
    const made = await browser.send('/account/recovery-codes', '/account/recovery-codes', { otp: first });
    const renewed = recoveryCodesIn(made.text);
    expect(renewed).toHaveLength(10);
    expect((await signIn(email, second)).status).toBe(401);
    expect((await signIn(email, renewed[0])).status).toBe(201);
  });

  it('stands nowhere in the database, nor does a plain digest of it', async () => {
    const { id, recoveryCodes } = await enrol(service);
    const kept = await sql<{ digest: string }>(
      service.db.url,
      "select encode(code_digest, 'hex') digest from access.recovery_code where user_id = $1",
      [id],
    );
    const [code = ''] = recoveryCodes;
    const plain = await sql<{ digest: string }>(
      service.db.url,
      "select encode(sha256($1::text::bytea), 'hex') digest",
      [code.replaceAll('-', '')],
    );
    expect(kept).toHaveLength(10);
    expect(kept).not.toContainEqual(plain[0]);
  });
});

describe('taken away by an administrator', () => {
  it('it is asked for no more, its sessions and recovery codes end, and it is set up anew', async () => {
    const { id, email, browser, recoveryCodes } = await enrol(service);
    await service.as('administrator').post(`/api/v1/users/${id}/reset-second-factor`).expect(204);
    expect((await browser.open('/')).headers.location).toBe('/sign-in');
    expectProblem(await signIn(email, recoveryCodes[0]), { status: 403, code: 'second-factor-required' });
    expect(await new Browser(service).giveEmailAndPassword(email)).toBe('/account/second-factor');
    const kept = await sql(service.db.url, 'select sealed from access.second_factor where user_id = $1', [id]);
    expect(kept).toEqual([{ sealed: null }]);
  });
});
