/** Sessions: how long they last, how their owners list and end them, and what the database refuses. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Browser, faultsOf, sessionCookieIn } from './support/browser.js';
import { connect } from './support/connection.js';
import { sql } from './support/database.js';
import { expectProblem, hire, raw, signIn } from './support/raw-requests.js';
import { startTestService, TEST_PASSWORD, travel, type TestService } from './support/service.js';

const TODAY = '2026-03-02';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ today: TODAY });
});
afterAll(() => service.close());
afterEach(() => travel(service, TODAY));

const statusOf = async (token: string) => (await raw(service, token, 'get', '/api/v1/needs-catalogue')).status;

async function browserOf(email: string): Promise<Browser> {
  const browser = new Browser(service);
  expect(await browser.giveEmailAndPassword(email)).toBe('/');
  return browser;
}

describe('a session in a browser', () => {
  it('ends after half an hour without use, and lasts as long as it is used, but not longer than 12 hours', async () => {
    const browser = await browserOf('caseworker-1@test.example');
    const status = async () => (await browser.open('/')).status;
    travel(service, TODAY, '10:29');
    expect(await status()).toBe(200);
    for (let minutes = 40; minutes < 12 * 60; minutes += 20) {
      travel(service, TODAY, `${10 + Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`);
      expect([minutes, await status()]).toEqual([minutes, 200]);
    }
    travel(service, TODAY, '22:00');
    expect(await status()).toBe(303);
  });

  it('is over after half an hour, also when it is used again after that', async () => {
    const browser = await browserOf('caseworker-1@test.example');
    travel(service, TODAY, '10:31');
    expect((await browser.open('/')).headers.location).toBe('/sign-in');
    travel(service, TODAY, '10:10');
    expect((await browser.open('/')).status).toBe(200);
  });

  it('of a program has no such limit', async () => {
    const token = await signIn(service, 'caseworker-1@test.example');
    travel(service, TODAY, '21:59');
    expect(await statusOf(token)).toBe(200);
  });

  it('writes down that it was seen at most once a minute', async () => {
    const { id, token } = await hire(service, 'seen@test.example', ['donor']);
    const seen = async () =>
      (
        await sql<{ at: Date }>(service.db.url, 'select last_seen_at at from access.session where user_id = $1', [id])
      )[0]?.at;
    const first = await seen();
    service.clock.travelTo(new Date(service.clock.now().getTime() + 59_000));
    await statusOf(token);
    expect(await seen()).toEqual(first);
    service.clock.travelTo(new Date(service.clock.now().getTime() + 1_000));
    await statusOf(token);
    expect(await seen()).toEqual(service.clock.now());
  });

  it('has a cookie that goes over https only when that is how the page came', async () => {
    const answer = await new Browser(service).send('/sign-in', '/sign-in', {
      email: 'donor-1@test.example',
      password: TEST_PASSWORD,
    });
    expect(String(answer.headers['set-cookie'])).not.toContain('Secure');
    expect(sessionCookieIn(answer)).toMatch(/^[\w-]{43}$/);
  });
});

describe('a password that is changed while it is given', () => {
  /** What is answered to somebody who was found to have the right password a moment before another one is set. */
  async function whileAnotherIsSet<Answer>(id: string, asked: () => PromiseLike<Answer>): Promise<Answer> {
    const holder = await connect(service.db.url);
    try {
      await holder.query('begin');
      await holder.query("update access.app_user set password_hash = password_hash || 'x' where id = $1", [id]);
      const answer = Promise.resolve(asked());
      await holder.waitUntilSomebodyWaits();
      await holder.query('commit');
      return await answer;
    } finally {
      await holder.end();
    }
  }

  it('opens no session, which would outlive the change', async () => {
    const { id } = await hire(service, 'overtaken@test.example', ['caseworker']);
    const given = { email: 'overtaken@test.example', password: TEST_PASSWORD };
    const answer = await whileAnotherIsSet(id, () => service.anybody().post('/api/v1/sessions').send(given));
    expectProblem(answer, { status: 401, code: 'sign-in-failed' });
    const pending = await sql(service.db.url, 'select 1 from access.sign_in_failure where pending > 0');
    expect(pending).toEqual([]);
  });

  it('sets no other one in its place', async () => {
    const { id } = await hire(service, 'outpaced@test.example', ['caseworker']);
    const browser = await browserOf('outpaced@test.example');
    const given = { present: TEST_PASSWORD, password: 'another good password', again: 'another good password' };
    const answer = await whileAnotherIsSet(id, () => browser.send('/account/password', '/account/password', given));
    expect([answer.status, faultsOf(answer)[0]?.[0]]).toEqual([422, '#present']);
    const pending = await sql(service.db.url, 'select 1 from access.sign_in_failure where pending > 0');
    expect(pending).toEqual([]);
  });
});

describe('the own sessions', () => {
  it('are listed with the device, ended one by one, and nobody else sees or ends them', async () => {
    const { token } = await hire(service, 'several@test.example', ['caseworker']);
    const other = await signIn(service, 'several@test.example');
    const { body } = await raw(service, token, 'get', '/api/v1/sessions').expect(200);
    const items = body.items as { id: string; isThisOne: boolean; agent: string; kind: string }[];
    expect(items.map(({ isThisOne }) => isThisOne)).toEqual([false, true]);
    expect(JSON.stringify(body)).not.toContain(token);
    const [newest] = items;
    expectProblem(await service.as('caseworker').delete(`/api/v1/sessions/${newest?.id}`), {
      status: 404,
      code: 'not-found',
      field: 'id',
    });
    expect(await statusOf(other)).toBe(200);
    await raw(service, token, 'delete', `/api/v1/sessions/${newest?.id}`).expect(204);
    expect([await statusOf(other), await statusOf(token)]).toEqual([401, 200]);
    await raw(service, token, 'delete', `/api/v1/sessions/${newest?.id}`).expect(404);
  });

  it('end everywhere else at once', async () => {
    const { token } = await hire(service, 'elsewhere@test.example', ['caseworker']);
    const [one, two] = [
      await signIn(service, 'elsewhere@test.example'),
      await signIn(service, 'elsewhere@test.example'),
    ];
    const { body } = await raw(service, token, 'post', '/api/v1/sessions/sign-out-elsewhere', '{}').expect(200);
    expect(body).toEqual({ ended: 2 });
    expect([await statusOf(token), await statusOf(one), await statusOf(two)]).toEqual([200, 401, 401]);
  });

  it('end everywhere else with a change of the password, which takes the present one', async () => {
    const { id, token } = await hire(service, 'renews@test.example', ['caseworker']);
    const browser = await browserOf('renews@test.example');
    const change = (present: string, password: string, again = password) =>
      browser.send('/account/password', '/account/password', { present, password, again });
    expect(faultsOf(await change('not this one', 'another good password'))[0]?.[0]).toBe('#present');
    expect(faultsOf(await change(TEST_PASSWORD, 'too short'))[0]?.[0]).toBe('#password');
    expect(faultsOf(await change(TEST_PASSWORD, 'another good password', 'yet another password'))[0]?.[0]).toBe(
      '#again',
    );
    expect((await change(TEST_PASSWORD, 'another good password')).headers.location).toBe('/account?done=password');
    expect([await statusOf(token), (await browser.open('/account')).status]).toEqual([401, 200]);
    expect(await signIn(service, 'renews@test.example', 'another good password')).toMatch(/^[\w-]{43}$/);
    const acts = await sql<{ act: string }>(
      service.db.url,
      "select act from access.audit_event where subject_id = $1 and act in ('user.change-password', 'session.revoke', 'session.fail') order by seq",
      [id],
    );
    expect(acts.map(({ act }) => act)).toEqual(['session.fail', 'session.revoke', 'user.change-password']);
  });
});

describe('the database', () => {
  const refusal = (statement: string) =>
    sql(service.db.url, statement, [], 'uct_service').then(
      () => 'done',
      (error: unknown) => (error as { code: string }).code,
    );

  it('lets no session rise without another token, twice, or after it was revoked', async () => {
    const { id, token } = await hire(service, 'fixed@test.example', ['donor']);
    const mine = `where user_id = '${id}'`;
    const other = "token_sha256 = sha256('another')";
    expect(await refusal(`update access.session set second_factor_at = now() ${mine}`)).toBe('UCT20');
    expect(await refusal(`update access.session set stage = 'enrol', ${other} ${mine}`)).toBe('UCT20');
    expect(await refusal(`update access.session set second_factor_at = now(), ${other} ${mine}`)).toBe('done');
    expect(await statusOf(token)).toBe(401);
    expect(await refusal(`update access.session set second_factor_at = null, token_sha256 = sha256('x') ${mine}`)).toBe(
      'UCT20',
    );
    expect(await refusal(`update access.session set revoked_at = now() ${mine}`)).toBe('done');
    expect(await refusal(`update access.session set revoked_at = null ${mine}`)).toBe('UCT20');
    expect(await refusal(`update access.session set expires_at = now() ${mine}`)).toBe('42501');
  });
});
