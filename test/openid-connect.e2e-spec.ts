/** Signing in with the organisation's own account, against a real OpenID provider: who gets in, who does not, and what an attacker may try. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { NOBODY_USER_ID, operatorActor, type Role } from '../src/access/domain/actor.js';
import type { ListedUser } from '../src/access/users/user-directory.service.js';
import { UsersService } from '../src/access/users.service.js';
import { Browser, textAt } from './support/browser.js';
import { newId } from './support/builders.js';
import { sql } from './support/database.js';
import { PUBLIC_URL, startOpenIdProvider, type IdTokenClaims, type TestProvider } from './support/openid-provider.js';
import { takeUp } from './support/links.js';
import { expectProblem, raw } from './support/raw-requests.js';
import { codeAt } from './support/second-factors.js';
import { startTestService, TEST_PASSWORD, travel, type TestService } from './support/service.js';
import { WanderingBrowser, type Page } from './support/wandering-browser.js';

const TODAY = '2026-03-02';
const CALLBACK = `${PUBLIC_URL}/sign-in/openid/callback`;
const REFUSED = 'You could not be signed in. Try again, or ask your administrator.';

let provider: TestProvider;
let service: TestService;
beforeAll(async () => {
  provider = await startOpenIdProvider();
  service = await startTestService({ today: TODAY, openId: provider.settings });
});
afterAll(async () => {
  await service.close();
  await provider.close();
});
beforeEach(() => {
  travel(service, TODAY);
  provider.forgeIdTokens();
});

const rows = <Row extends Record<string, unknown>>(statement: string, ...parameters: unknown[]) =>
  sql<Row>(service.db.url, statement, parameters);
const newBrowser = () => new WanderingBrowser(PUBLIC_URL, service.app);

/** Somebody who was invited and has never signed in. */
async function invite(role: Role = 'caseworker', options: { secondFactorWaived?: boolean } = {}) {
  const email = `${role}.${newId()}@ngo.example`;
  const person = { email, displayName: 'Somebody', password: TEST_PASSWORD, roles: [role], secondFactorWaived: true };
  const id = await service.app.get(UsersService).create(operatorActor('test'), { ...person, ...options });
  return { id, email };
}

/** The only account that the provider has. */
function accountOf(email: string, also: Partial<Parameters<TestProvider['setAccounts']>[0]> = {}): string {
  const subject = newId();
  provider.setAccounts({ subject, email, emailVerified: true, ...also });
  return subject;
}

/** Types the subject into the provider's form and goes on from there. */
async function type(
  browser: WanderingBrowser,
  form: Page,
  subject: string,
  stopAt?: (address: URL) => boolean,
): Promise<Page> {
  expect(form.text).toContain('name="subject"');
  return browser.open(form.address.href, { form: { subject }, stopAt });
}

async function signIn(subject: string, browser = newBrowser()): Promise<Page> {
  return type(browser, await browser.open('/sign-in/openid'), subject);
}

const isCallback = (address: URL) => address.href.startsWith(CALLBACK);

/** As far as the address that the provider sends the browser back to, which is not opened. */
async function almostSignIn(subject: string, browser: WanderingBrowser): Promise<URL> {
  const { address } = await type(browser, await browser.open('/sign-in/openid'), subject, isCallback);
  expect(isCallback(address)).toBe(true);
  return address;
}

function expectSignedIn(page: Page): void {
  expect([page.status, page.address.pathname]).toEqual([200, '/']);
  expect(page.text).toContain('action="/sign-out"');
}

async function expectRefused(page: Page, reason: string): Promise<void> {
  expect({ status: page.status, says: page.text.includes(REFUSED) }).toEqual({ status: 401, says: true });
  expect(page.headers.getSetCookie().filter((line) => line.startsWith('uct_session='))).toEqual([]);
  expect(page.text).not.toContain('action="/sign-out"');
  const [last] = await rows<{ act: string; actor_id: string; detail: unknown }>(
    "select act, actor_id, detail from access.audit_event where act like 'session.%' order by seq desc limit 1",
  );
  expect(last).toEqual({ act: 'session.fail', actor_id: NOBODY_USER_ID, detail: { by: 'openid', reason } });
}

const boundTo = async (userId: string) =>
  (await rows<{ subject: string }>('select subject from access.external_identity where user_id = $1', userId)).map(
    ({ subject }) => subject,
  );

describe('Signing in with the organisation’s account', () => {
  it('is offered on the sign-in page under its name', async () => {
    const { text } = await newBrowser().open('/sign-in');
    expect(text).toMatch(/<a href="\/sign-in\/openid"[^>]*>\s*Sign in with Lighthouse\s*<\/a>/);
  });

  it('lets whoever one administrator invited do nothing until another confirms it, though the link was left unused', async () => {
    const email = `puppet.${newId()}@ngo.example`;
    const invitation = { email, displayName: 'Puppet', roles: ['caseworker'] };
    const { body } = await service.as('administrator').post('/api/v1/users', invitation).expect(201);
    const { id } = body as { id: string };
    const subject = accountOf(email);
    const page = await signIn(subject);
    expect([page.status, page.address.pathname]).toEqual([200, '/account/confirmation']);
    const { awaited } = (await service.as('administrator', 2).get(`/api/v1/users/${id}`)).body as ListedUser;
    expect(awaited).toMatchObject([{ because: 'external-identity', causedBy: { displayName: 'administrator 1' } }]);
    await service
      .as('administrator', 2)
      .post(`/api/v1/users/${id}/confirmation`, { awaited: awaited.map((one) => one.id) })
      .expect(204);
    expectSignedIn(await signIn(subject));
  });

  it('takes away what came by a link that somebody else may have used, and asks who it is', async () => {
    const email = `invited.${newId()}@ngo.example`;
    const { body } = await service
      .as('administrator')
      .post('/api/v1/users', { email, displayName: 'Invited', roles: ['finance-releaser'] })
      .expect(201);
    const { id, link } = body as { id: string; link: string };
    const password = 'chosen by the administrator';
    await takeUp(service, link, password);
    const taker = new Browser(service);
    expect(await taker.giveEmailAndPassword(email, password)).toBe('/account/second-factor');
    const secret = textAt(await taker.open('/account/second-factor'), 'secret');
    const setUp = await taker.send('/account/second-factor', '/account/second-factor', {
      code: codeAt(service, secret),
    });
    expect(setUp.status).toBe(200);
    service.clock.travelTo(new Date(service.clock.now().getTime() + 30_000));
    const byPassword = () =>
      service
        .anybody()
        .post('/api/v1/sessions')
        .send({ email, password, otp: codeAt(service, secret) });
    const { token } = (await byPassword().expect(201)).body as { token: string };
    service.clock.travelTo(new Date(service.clock.now().getTime() + 30_000));
    const subject = accountOf(email, { amr: ['pwd', 'mfa'] });
    const browser = newBrowser();
    expect((await signIn(subject, browser)).address.pathname).toBe('/account/confirmation');
    const { awaited } = (await service.as('administrator', 2).get(`/api/v1/users/${id}`)).body as ListedUser;
    expect(awaited.map(({ because }) => because).sort()).toEqual(['external-identity', 'invitation']);
    await service
      .as('administrator', 2)
      .post(`/api/v1/users/${id}/confirmation`, { awaited: awaited.map((one) => one.id) })
      .expect(204);
    expectSignedIn(await browser.open('/'));
    expect((await byPassword()).status).toBe(401);
    expect((await raw(service, token, 'get', '/api/v1/sessions')).status).toBe(401);
  });

  it('binds the account at the first time to whoever was invited at its verified address, and knows it from then on', async () => {
    const { id, email } = await invite();
    const subject = accountOf(email.toUpperCase());
    expectSignedIn(await signIn(subject));
    expect(await boundTo(id)).toEqual([subject]);
    const acts = await rows<{ act: string }>('select act from access.audit_event where actor_id = $1 order by seq', id);
    expect(acts.map(({ act }) => act)).toEqual(['user.bind-identity', 'session.sign-in']);

    provider.setAccounts({ subject, email: 'married@ngo.example', emailVerified: false });
    expectSignedIn(await signIn(subject));
    expect(await boundTo(id)).toEqual([subject]);
  });

  it('asks with a challenge, a state and a nonce that are new each time, and for our address whatever host is named', async () => {
    const asked = await Promise.all(
      ['ledger.test', 'evil.example'].map(async (host) => {
        const browser = newBrowser();
        await browser.open('/sign-in/openid', { headers: { host, 'x-forwarded-host': host } });
        return new URL(browser.way.find((address) => address.includes('/auth?')) ?? '').searchParams;
      }),
    );
    for (const query of asked) {
      expect(Object.fromEntries(query)).toMatchObject({
        response_type: 'code',
        client_id: 'uct-ledger',
        redirect_uri: CALLBACK,
        scope: 'openid email',
        code_challenge_method: 'S256',
        acr_values: 'gold',
      });
    }
    for (const name of ['state', 'nonce', 'code_challenge']) {
      const values = asked.map((query) => query.get(name));
      expect(values[0]).toMatch(/^[\w-]{43}$/);
      expect(values[0]).not.toBe(values[1]);
    }
  });

  it('keeps its request in a cookie that no script reads, that goes nowhere else, and that is gone afterwards', async () => {
    const browser = newBrowser();
    const form = await browser.open('/sign-in/openid');
    const kept = browser.cookie(PUBLIC_URL, 'uct_openid');
    expect(kept?.path).toBe('/sign-in/openid');
    expect(kept?.attributes).toMatch(/Max-Age=600.*HttpOnly.*Secure.*SameSite=Lax/);
    const asked = new URL(browser.way.find((address) => address.includes('/auth?')) ?? '').searchParams;
    for (const secret of [asked.get('nonce') ?? '', asked.get('state') ?? ''])
      expect(Buffer.from(kept?.value ?? '', 'base64url').includes(secret)).toBe(false);
    await type(browser, form, accountOf((await invite()).email));
    expect(browser.cookie(PUBLIC_URL, 'uct_openid')).toBeUndefined();
  });

  it('gives a session of its own, whatever session was planted before', async () => {
    const browser = newBrowser();
    const planted = { name: 'uct_session', value: 'planted-by-somebody-else', path: '/', attributes: '' };
    browser.setCookie(PUBLIC_URL, planted);
    expectSignedIn(await signIn(accountOf((await invite()).email), browser));
    expect(browser.cookie(PUBLIC_URL, 'uct_session')?.value).toMatch(/^[\w-]{43}$/);
  });

  it('leads whoever is signed in already to the start page', async () => {
    const browser = newBrowser();
    await signIn(accountOf((await invite()).email), browser);
    const before = browser.way.length;
    expectSignedIn(await browser.open('/sign-in/openid'));
    expect(browser.way.slice(before)).toEqual([`${PUBLIC_URL}/sign-in/openid`, `${PUBLIC_URL}/`]);
  });

  it.each([
    ['in the ID token', { claimsIn: 'id-token' }],
    ['when asked for it, to a client whose secret goes into the body', { clientAuthentication: 'client_secret_post' }],
  ] as const)('works with a provider that tells the address %s', async (_, options) => {
    const other = await startOpenIdProvider(options);
    const there = await startTestService({ today: TODAY, db: service.db, openId: other.settings });
    try {
      const { id, email } = await invite();
      const subject = newId();
      other.setAccounts({ subject, email, emailVerified: true });
      expectSignedIn(await signIn(subject, new WanderingBrowser(PUBLIC_URL, there.app)));
      expect(await boundTo(id)).toEqual([subject]);
    } finally {
      await there.close();
      await other.close();
    }
  });
});

describe('A second factor', () => {
  const stagesOf = async (userId: string) =>
    (
      await rows<{ stage: string; proven: boolean }>(
        'select stage, second_factor_at is not null proven from access.session where user_id = $1 order by created_at, id',
        userId,
      )
    ).map(({ stage, proven }) => (proven ? `${stage}, proven` : stage));

  it.each([
    ['administrator', 'has been asked for', { amr: ['pwd', 'otp'] }, '/', 'open, proven'],
    ['finance-releaser', 'has been asked for in the operator’s word', { acr: 'gold' }, '/', 'open, proven'],
    ['administrator', 'has not been asked for', { amr: ['pwd'], acr: 'silver' }, '/account/second-factor', 'enrol'],
    ['administrator', 'is not spoken of', {}, '/account/second-factor', 'enrol'],
    ['caseworker', 'is not spoken of', {}, '/', 'open'],
  ] as const)('of a %s that %s over there: %j leads to %s', async (role, _, said, leadsTo, stage) => {
    const { id, email } = await invite(role, { secondFactorWaived: false });
    const page = await signIn(accountOf(email, said));
    expect(page.address.pathname).toBe(leadsTo);
    expect(await stagesOf(id)).toEqual([stage]);
  });

  it('of our own is asked for where there is one and the provider has seen none', async () => {
    const { id, email } = await invite();
    const subject = accountOf(email);
    expectSignedIn(await signIn(subject));
    await rows(
      `insert into access.second_factor (id, user_id, sealed, offered_at, offered_in, confirmed_at, last_step)
       select gen_random_uuid(), $1, 'sealed', now(), id, now(), 1 from access.session where user_id = $1`,
      id,
    );
    expect((await signIn(subject)).address.pathname).toBe('/sign-in/code');
    expect(await stagesOf(id)).toEqual(['open', 'second-factor']);
    provider.setAccounts({ subject, amr: ['hwk'] });
    expectSignedIn(await signIn(subject));
  });
});

describe('Nobody is let in, in words that tell nothing,', () => {
  it.each([
    ['not verified', false],
    ['verified in a word that is not true', 'true'],
    ['not said to be verified', undefined],
  ])('whose address is %s', async (_, emailVerified) => {
    const { id, email } = await invite();
    await expectRefused(await signIn(accountOf(email, { emailVerified })), 'no-verified-address');
    expect(await boundTo(id)).toEqual([]);
  });

  it('who was not invited', async () => {
    await expectRefused(await signIn(accountOf('stranger@ngo.example')), 'unknown-person');
  });

  it('whose address only looks like that of somebody who was invited', async () => {
    const { id, email } = await invite();
    await expectRefused(await signIn(accountOf(email.replace('k', '\u212A'))), 'unknown-person');
    expect(await boundTo(id)).toEqual([]);
  });

  it.each(['schedule', 'operator', 'nobody'])('as the %s, who is no person', async (who) => {
    await expectRefused(await signIn(accountOf(`${who}@uct-ledger.invalid`)), 'unknown-person');
  });

  it('who was disabled, before or after the account was bound', async () => {
    const [never, once] = [await invite(), await invite()];
    const disable = (id: string) => rows('update access.app_user set disabled_at = now() where id = $1', id);
    await disable(never.id);
    await expectRefused(await signIn(accountOf(never.email)), 'disabled');
    expect(await boundTo(never.id)).toEqual([]);

    const subject = accountOf(once.email);
    expectSignedIn(await signIn(subject));
    await disable(once.id);
    await expectRefused(await signIn(subject), 'disabled');
  });

  it('with another account that has the same address: addresses are given to the next in line', async () => {
    const { id, email } = await invite();
    const subject = accountOf(email);
    expectSignedIn(await signIn(subject));
    await expectRefused(await signIn(accountOf(email)), 'bound-otherwise');
    expect(await boundTo(id)).toEqual([subject]);
  });

  it('of two accounts with one address that sign in at the same moment but one', async () => {
    const { id, email } = await invite();
    const accounts = [newId(), newId(), newId()].map((subject) => ({ subject, email, emailVerified: true }));
    provider.setAccounts(...accounts);
    const pages = await Promise.all(accounts.map(({ subject }) => signIn(subject)));
    expect(pages.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
    expect(await boundTo(id)).toHaveLength(1);
  });
});

describe('An answer of the provider', () => {
  it('is not taken by another browser than the one that asked', async () => {
    const { id, email } = await invite();
    const attackers = await almostSignIn(accountOf(email), newBrowser());
    await expectRefused(await newBrowser().open(attackers.href), 'not-asked-for');

    const victim = newBrowser();
    await victim.open('/sign-in/openid');
    await expectRefused(await victim.open(attackers.href), 'not-asked-for');
    expect(await boundTo(id)).toEqual([]);
  });

  it('is not taken with a request that somebody made up, moved or kept too long', async () => {
    const { email } = await invite();
    const browser = newBrowser();
    const answer = await almostSignIn(accountOf(email), browser);
    const kept = browser.cookie(PUBLIC_URL, 'uct_openid');
    if (!kept) throw new Error('no request is kept');
    const flipped = Buffer.from(kept.value, 'base64url');
    flipped[20] = (flipped[20] ?? 0) ^ 1;
    for (const value of [flipped.toString('base64url'), kept.value.slice(0, -8), 'bm90aGluZw', '%%%']) {
      browser.setCookie(PUBLIC_URL, { ...kept, value });
      await expectRefused(await browser.open(answer.href), 'not-asked-for');
    }
    browser.setCookie(PUBLIC_URL, kept);
    travel(service, TODAY, '10:11');
    await expectRefused(await browser.open(answer.href), 'not-asked-for');
    browser.setCookie(PUBLIC_URL, kept);
    travel(service, TODAY, '10:09');
    expectSignedIn(await browser.open(answer.href));
  });

  it('is heard once, even with the request that it answers', async () => {
    const browser = newBrowser();
    const answer = await almostSignIn(accountOf((await invite()).email), browser);
    const kept = browser.cookie(PUBLIC_URL, 'uct_openid');
    if (!kept) throw new Error('no request is kept');
    expectSignedIn(await browser.open(answer.href));
    const thief = newBrowser();
    thief.setCookie(PUBLIC_URL, kept);
    await expectRefused(await thief.open(answer.href), 'answered-before');
  });

  it('with a code that was redeemed, in another request or by another browser, is worth nothing', async () => {
    const { email } = await invite();
    const subject = accountOf(email);
    const first = newBrowser();
    const redeemed = await almostSignIn(subject, first);
    const second = newBrowser();
    const own = await almostSignIn(subject, second);
    own.searchParams.set('code', redeemed.searchParams.get('code') ?? '');
    await expectRefused(await second.open(own.href), 'not-proven');
  });

  it('that is an error is not shown, and lets nobody in', async () => {
    const browser = newBrowser();
    const denied = await type(browser, await browser.open('/sign-in/openid'), 'deny');
    await expectRefused(denied, 'not-proven');
    expect(denied.text).not.toContain('words of the provider');

    const again = newBrowser();
    await again.open('/sign-in/openid');
    const state = new URL(again.way.find((address) => address.includes('/auth?')) ?? '').searchParams.get('state');
    const said = new URLSearchParams({
      error: 'c4n4ry',
      error_description: 'c4n4ry',
      error_uri: 'https://c4n4ry.example',
      state: state ?? '',
    });
    const page = await again.open(`${CALLBACK}?${said.toString()}`);
    await expectRefused(page, 'not-proven');
    expect(page.text).not.toContain('c4n4ry');
  });

  it('leads to our start page only, whatever else it carries', async () => {
    const browser = newBrowser();
    const elsewhere = 'next=//evil.example&return_to=https://evil.example&redirect_uri=https://evil.example';
    const form = await browser.open(`/sign-in/openid?${elsewhere}`);
    const subject = accountOf((await invite()).email);
    const { address } = await type(browser, form, subject, isCallback);
    const page = await browser.open(`${address.href}&${elsewhere}`);
    expectSignedIn(page);
    expect(page.address.href).toBe(`${PUBLIC_URL}/`);
    expect(browser.way.filter((asked) => new URL(asked).hostname === 'evil.example')).toEqual([]);
  });

  it.each([
    '',
    '?state=',
    '?code=a&state=b',
    '?code=a&code=b&state=c&state=d',
    '?%E0%A4%A',
    `?state=${'x'.repeat(4000)}`,
  ])('that nobody asked for is refused: "%.30s"', async (query) => {
    await expectRefused(await newBrowser().open(`${CALLBACK}${query}`), 'not-asked-for');
  });

  const hour = 3600;
  it.each<[string, (claims: IdTokenClaims) => string]>([
    ['another nonce', (claims) => provider.sign({ ...claims, nonce: 'of another request' })],
    ['no nonce', ({ nonce: _, ...claims }) => provider.sign(claims)],
    ['another issuer', (claims) => provider.sign({ ...claims, iss: 'https://evil.example' })],
    ['another audience', (claims) => provider.sign({ ...claims, aud: 'another-client' })],
    [
      'an audience that it shares with others',
      (claims) => provider.sign({ ...claims, aud: ['uct-ledger', 'another'], azp: 'another' }),
    ],
    ['an end that is past', (claims) => provider.sign({ ...claims, exp: Number(claims.iat) - hour })],
    ['no subject', ({ sub: _, ...claims }) => provider.sign(claims)],
    ['the signature of a stranger', (claims) => provider.sign(claims, 'stranger')],
    ['no signature', (claims) => provider.sign(claims, 'nobody')],
    ['nothing in it', () => 'a.b.c'],
  ])('with an ID token that has %s is refused', async (_, forge) => {
    const { id, email } = await invite();
    const subject = accountOf(email);
    provider.forgeIdTokens(forge);
    await expectRefused(await signIn(subject), 'not-proven');
    expect(await boundTo(id)).toEqual([]);
    // What was changed made the difference: signed anew and otherwise left alone, it is taken.
    provider.forgeIdTokens((claims) => provider.sign(claims));
    expectSignedIn(await signIn(subject));
  });
});

describe('A provider that does not answer', () => {
  const SILENT = 'Signing in with Lighthouse does not work at the moment. Try again in a few minutes.';

  it('does not keep the service from starting, and is found when it is back', async () => {
    const other = await startOpenIdProvider();
    await other.stop();
    const there = await startTestService({ today: TODAY, db: service.db, openId: other.settings });
    try {
      const { email } = await invite();
      const subject = newId();
      other.setAccounts({ subject, email, emailVerified: true });
      const page = await new WanderingBrowser(PUBLIC_URL, there.app).open('/sign-in/openid');
      expect([page.status, page.headers.get('retry-after'), page.text.includes(SILENT)]).toEqual([503, '60', true]);
      expect(page.text).toContain('name="password"');

      await other.start();
      expectSignedIn(await signIn(subject, new WanderingBrowser(PUBLIC_URL, there.app)));

      const browser = new WanderingBrowser(PUBLIC_URL, there.app);
      const answer = await almostSignIn(subject, browser);
      await other.stop();
      const silent = await browser.open(answer.href);
      expect([silent.status, silent.text.includes(SILENT)]).toEqual([503, true]);
    } finally {
      await there.close();
      await other.close().catch(() => undefined);
    }
  });
});

describe('An administrator', () => {
  it('unbinds an account, which ends its sessions; then the next one with that address is bound', async () => {
    const { id, email } = await invite();
    const old = accountOf(email);
    const browser = newBrowser();
    expectSignedIn(await signIn(old, browser));
    const path = `/api/v1/users/${id}/external-identity`;
    for (const role of ['supervisor', 'finance-approver', 'auditor'] as const)
      expectProblem(await service.as(role).delete(path), { status: 403, code: 'forbidden' });
    expectSignedIn(await browser.open('/'));
    await service.as('administrator').delete(path).expect(204);
    expect(await boundTo(id)).toEqual([]);
    expect((await browser.open('/')).address.pathname).toBe('/sign-in');
    await service.as('administrator').delete(path).expect(204);
    const nobody = await service.as('administrator').delete(path.replace(id, newId()));
    expectProblem(nobody, { status: 404, code: 'not-found', field: 'id' });

    // Who comes next at that address may be somebody else.
    const newer = accountOf(email);
    const next = newBrowser();
    await signIn(newer, next);
    expect(await boundTo(id)).toEqual([newer]);
    expect((await next.open('/')).address.pathname).toBe('/account/confirmation');
    const { body } = await service.as('administrator', 2).get(`/api/v1/users/${id}`).expect(200);
    const awaited = (body as { awaited: { id: string; because: string }[] }).awaited;
    expect(awaited.map(({ because }) => because)).toContain('external-identity-unbound');
    await service
      .as('administrator', 2)
      .post(`/api/v1/users/${id}/confirmation`, { awaited: awaited.map((one) => one.id) })
      .expect(204);
    expectSignedIn(await next.open('/'));
    const acts = await rows<{ act: string }>(
      'select act from access.audit_event where actor_id = $1 and subject_id = $2 order by seq',
      service.actor('administrator').userId,
      id,
    );
    expect(acts.map(({ act }) => act)).toEqual(['user.unbind-identity', 'session.revoke']);
  });
});

describe('The database', () => {
  const bind = (issuer: string, subject: string, userId: string) =>
    rows('insert into access.external_identity values ($1, $2, $3, now())', issuer, subject, userId);

  it('binds one account to one person, and one person to one account of a provider', async () => {
    const [one, other] = [await invite(), await invite()];
    const [here, elsewhere] = ['https://here.example', 'https://elsewhere.example'];
    await bind(here, 'a', one.id);
    await bind(elsewhere, 'a', one.id);
    await expect(bind(here, 'a', other.id)).rejects.toThrow('external_identity_pkey');
    await expect(bind(here, 'b', one.id)).rejects.toThrow('one_identity_per_issuer');
    await bind(here, 'A', other.id);
  });

  it.each([1, 2, 3])('binds nothing to who is no person (%d)', async (number) => {
    const who = `00000000-0000-7000-8000-00000000000${number}`;
    await expect(bind('https://here.example', `robot-${number}`, who)).rejects.toThrow('only a person');
  });
});

describe('Where no provider is configured', () => {
  it('there is no button, and no address to call', async () => {
    const there = await startTestService({ today: TODAY, db: service.db });
    try {
      const browser = new WanderingBrowser(PUBLIC_URL, there.app);
      const page = await browser.open('/sign-in');
      expect([page.text.includes('name="password"'), page.text.includes('/sign-in/openid')]).toEqual([true, false]);
      for (const path of ['/sign-in/openid', '/sign-in/openid/callback?code=a&state=b'])
        expect((await browser.open(path)).status).toBe(404);
    } finally {
      await there.close();
    }
  });
});
