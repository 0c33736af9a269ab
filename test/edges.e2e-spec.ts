/** What every answer carries and every page keeps to: headers, the content security policy, cookies, and the token of each form. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Request } from 'express';
import type { Response } from 'supertest';
import { Csrf } from '../src/access/csrf.js';
import { roleNames, type Role } from '../src/access/domain/actor.js';
import { Readiness } from '../src/kernel/readiness.js';
import { raw, tokenOf } from './support/raw-requests.js';
import { addressOf } from './support/route-decisions.js';
import { routesOf, type Route } from './support/routes.js';
import { watchRows } from './support/rows.js';
import { TEST_PASSWORD } from './support/service.js';
import { openTwoOffices, type TwoOffices } from './support/two-offices.js';

let offices: TwoOffices;
beforeAll(async () => {
  offices = await openTwoOffices();
});
afterAll(() => offices.close());

/** A browser that holds a session of somebody of that role: what it sends and gets, without scripts. */
async function browserOf(role: Role): Promise<{ cookie: string; open(path: string): Promise<Response> }> {
  const cookie = `uct_session=${await tokenOf(offices.service, role)}`;
  return {
    cookie,
    open: (path) =>
      raw(offices.service, undefined, 'get', path, undefined, { accept: 'text/html', cookie }).then((a) => a),
  };
}

/** Not the one that signs out, after which no page is open. */
const pageRoutes = () =>
  routesOf(offices.service.app).filter(({ path }) => !path.startsWith('/api/') && path !== '/exit');

/** Every page that this role can open, with ids of its own. */
async function pagesOf(role: Role): Promise<{ path: string; page: Response; cookie: string }[]> {
  const browser = await browserOf(role);
  const pages = [];
  for (const route of pageRoutes().filter(({ method }) => method === 'GET')) {
    const path = addressOf(route, offices, 'own', role);
    const page = await browser.open(path);
    if (/^text\/html/.test(page.headers['content-type'] ?? '') && page.status === 200)
      pages.push({ path, page, cookie: browser.cookie });
  }
  return pages;
}

const cookiesOf = (answer: Response) => [answer.headers['set-cookie'] ?? []].flat();

describe('a cookie that is no text', () => {
  it.each(['j:{"a":1}', 'j:[1]', 'j:null', 's:j:{"a":1}', 's:abc.def', 'j:"x"', '{"a":1}'])(
    'like %s is as if it were not there, on pages and over the API',
    async (value) => {
      const anybody = offices.service.anybody();
      for (const name of ['uct_session', 'uct_csrf', 'uct_openid', '__proto__']) {
        for (const written of [value, encodeURIComponent(value)]) {
          const cookie = `${name}=${written}`;
          const page = await anybody.get('/sign-in').set({ cookie, accept: 'text/html' });
          const form = await anybody.post('/sign-in').set({ cookie, accept: 'text/html' }).type('form').send('_csrf=a');
          const json = await anybody
            .post('/sign-in')
            .set({ cookie, accept: 'text/html' })
            .send({ _csrf: { a: 1 } });
          const api = await anybody.get('/api/v1/clients').set({ cookie });
          expect({ cookie, answers: [page, form, json, api].map(({ status }) => status) }).toEqual({
            cookie,
            answers: [200, 403, 403, 401],
          });
        }
      }
    },
  );
});

describe('every page', () => {
  it.each(roleNames)('that a %s opens loads, runs and sends nothing but what its policy names', async (role) => {
    const pages = await pagesOf(role);
    expect(pages.length).toBeGreaterThan(0);
    for (const { path, page } of pages) expect({ path, faults: pageFaults(page) }).toEqual({ path, faults: [] });
  });

  it('also that of a refusal, of nothing there, and of signing in', async () => {
    const browser = await browserOf('donor');
    const asNobody = (path: string) => offices.service.anybody().get(path).set('accept', 'text/html');
    for (const [status, page] of [
      [403, await browser.open('/clients')],
      [404, await browser.open('/nothing')],
      [404, await browser.open(`/reports/${offices.of["other's"].report}`)],
      [200, await asNobody('/sign-in')],
    ] as const) {
      expect({ status: page.status, faults: pageFaults(page) }).toEqual({ status, faults: [] });
    }
  });

  it('has a nonce that no other answer has', async () => {
    const browser = await browserOf('donor');
    const nonces = [await browser.open('/'), await browser.open('/')].map((page) => nonceOf(page));
    expect(new Set(nonces).size).toBe(2);
  });

  it('of the description of the API has a policy of its own, which lets no script in from elsewhere and none inline', async () => {
    const page = await offices.service.anybody().get('/api/docs').expect(200);
    expect(policyOf(page)).toMatchObject({ 'default-src': "'none'", 'script-src': "'self'", 'form-action': "'none'" });
    const elsewhere = await offices.service.anybody().get('/api/docsearch');
    expect(policyOf(elsewhere)['style-src']).toBe("'self'");
  });

  /** What a page must not have: the look and the behaviour come from files of ours, or from a script with the nonce of this answer. */
  function pageFaults({ text, headers }: Response): string[] {
    const nonce = nonceOf({ headers } as Response);
    return [
      ...(text.match(/<[a-z][^>]*\sstyle\s*=/gi) ?? []),
      ...(text.match(/<[a-z][^>]*\son[a-z]+\s*=/gi) ?? []),
      ...(text.match(/<style\b/gi) ?? []),
      ...(text.match(/(href|src|action)\s*=\s*["']?\s*(javascript|data|https?):/gi) ?? []),
      ...(text.match(/<(iframe|object|embed|base)\b/gi) ?? []),
      ...(text.match(/<script\b[^>]*>/gi) ?? []).filter((tag) => !tag.includes(`nonce="${nonce}"`)),
      ...(text.match(/http-equiv/gi) ?? []),
      ...(/^[A-Za-z0-9+/]{22}==$/.test(nonce) ? [] : [`nonce ${nonce}`]),
    ];
  }
});

const policyOf = ({ headers }: Response): Record<string, string> =>
  Object.fromEntries(
    String(headers['content-security-policy'])
      .split(';')
      .map((directive) => directive.trim().split(/\s+/))
      .map(([name = '', ...values]) => [name, values.join(' ')]),
  );
const nonceOf = (answer: Response) => /^'nonce-([^']+)'$/.exec(policyOf(answer)['script-src'] ?? '')?.[1] ?? '';

describe('every answer', () => {
  const asked: [string, () => Promise<Response>][] = [
    ['a page', async () => (await browserOf('supervisor')).open('/clients')],
    [
      'an answer of the API',
      () =>
        offices.service
          .as('caseworker')
          .get(`/api/v1/clients/${offices.of.own.client}`)
          .then((a) => a),
    ],
    [
      'a file to keep',
      () =>
        offices.service
          .as('auditor')
          .get(`/api/v1/donor-reports/${offices.of.own.report}/bundle`)
          .then((a) => a),
    ],
    ['a redirection', async () => offices.service.anybody().get('/').set('accept', 'text/html')],
    ['a refusal', async () => offices.service.as('donor').get('/api/v1/clients')],
    ['nothing there', async () => offices.service.anybody().get('/api/v1/nothing')],
    [
      'a body that cannot be read',
      () => raw(offices.service, undefined, 'post', '/api/v1/sessions', '{').then((a) => a),
    ],
    ['an address that cannot be read', async () => offices.service.as('caseworker').get('/api/v1/clients/%E0%A4%A')],
    ['whether it lives', async () => offices.service.anybody().get('/health/live')],
  ];

  it.each(asked)('is kept by nobody and tells nobody where it was asked from: %s', async (_, ask) => {
    expectClosed(await ask());
  });

  it('also while the service starts', async () => {
    const readiness = offices.service.app.get(Readiness);
    const { state } = readiness;
    Object.assign(readiness, { current: 'starting' });
    try {
      const answer = await offices.service.anybody().get('/');
      expect(answer.status).toBe(503);
      expectClosed(answer);
    } finally {
      Object.assign(readiness, { current: state });
    }
  });

  function expectClosed(answer: Response): void {
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('geolocation=()'),
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const { 'script-src': scripts, ...policy } = policyOf(answer);
    expect(scripts).toMatch(/^'nonce-[A-Za-z0-9+/]{22}=='$/);
    expect(policy).toEqual({
      'default-src': "'none'",
      'style-src': "'self'",
      'img-src': "'self'",
      'font-src': 'data:',
      'worker-src': "'self'",
      'connect-src': "'self'",
      'object-src': "'none'",
      'base-uri': "'none'",
      'form-action': "'self'",
      'frame-ancestors': "'none'",
    });
    expect(answer.headers).not.toHaveProperty('x-powered-by');
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  }

  it('sets no cookie that a script reads or another site sends', async () => {
    const page = await offices.service.anybody().get('/sign-in').set('accept', 'text/html');
    expect(cookiesOf(page).length).toBe(1);
    for (const cookie of cookiesOf(page)) expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/);
  });
});

describe('a proxy in front', () => {
  const byHttps = { accept: 'text/html', 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' };
  const express = () =>
    offices.service.app.getHttpAdapter().getInstance() as unknown as { set(name: string, value: unknown): void };

  it('is believed only when the operator says that there is one', async () => {
    const page = await raw(offices.service, undefined, 'get', '/sign-in', undefined, byHttps);
    expect(page.headers).not.toHaveProperty('strict-transport-security');
    expect(cookiesOf(page).join()).not.toMatch(/Secure/);
  });

  it('that speaks https makes cookies travel by https only, and browsers remember it', async () => {
    express().set('trust proxy', 1);
    try {
      const page = await raw(offices.service, undefined, 'get', '/sign-in', undefined, byHttps);
      expect(page.headers['strict-transport-security']).toBe('max-age=31536000');
      for (const cookie of cookiesOf(page)) expect(cookie).toMatch(/; Secure/);
      const [, token = ''] = /name="_csrf" value="([^"]+)"/.exec(page.text) ?? [];
      const form = new URLSearchParams({
        email: 'donor-1@test.example',
        password: TEST_PASSWORD,
        _csrf: token,
      }).toString();
      const signedIn = await raw(offices.service, undefined, 'post', '/sign-in', form, {
        ...byHttps,
        'content-type': 'application/x-www-form-urlencoded',
        cookie: (cookiesOf(page)[0] ?? '').split(';')[0] ?? '',
      });
      expect(signedIn.status).toBe(303);
      const session = cookiesOf(signedIn).find((cookie) => cookie.startsWith('uct_session='));
      expect(session).toMatch(/; HttpOnly; Secure; SameSite=Lax/);
    } finally {
      express().set('trust proxy', 0);
    }
  });
});

describe('every form', () => {
  it.each(roleNames)('that a %s is shown carries a token that is right for their session', async (role) => {
    let sending = 0;
    for (const { path, page, cookie } of await pagesOf(role)) {
      const csrfCookie = (cookiesOf(page).find((line) => line.startsWith('uct_csrf=')) ?? '').split(';')[0] ?? '';
      for (const form of formsIn(page.text)) {
        // A form with a file carries it in its address.
        const tokens = [...form.matchAll(/name="_csrf" value="([^"]+)"|^[^>]*[?&]_csrf=([^"&]+)/g)].map(
          ([, field, address]) => field ?? decodeURIComponent(address ?? ''),
        );
        // What is asked by GET changes nothing, and a token in its address would stay in the browser's history.
        const isSending = /^[^>]*\bmethod="post"/i.test(form);
        const valid = tokens.map((token) => isValid(token, csrfCookie, cookie));
        expect({ path, form: form.slice(0, 100), valid }).toMatchObject({ valid: isSending ? [true] : [] });
        sending += isSending ? 1 : 0;
      }
      // A button may lead to a place of the page that its own form leads to, and nowhere else.
      const elsewhere = [...page.text.matchAll(/\bform(?:action="([^"#]*)|method=)/g)].filter(
        ([, address]) => !address || !page.text.includes(`<form action="${address}" method="post"`),
      );
      expect({ path, elsewhere }).toEqual({ path, elsewhere: [] });
    }
    expect(sending).toBeGreaterThan(0);
  });

  it.each(roleNames)(
    'and program that a %s would send with a cookie alone is refused, and nothing is changed',
    async (role) => {
      const { cookie } = await browserOf(role);
      const rows = await watchRows(offices.service.db.url);
      const before = await rows.now();
      const wrong: unknown[] = [];
      for (const route of routesOf(offices.service.app).filter(({ method }) => method !== 'GET')) {
        for (const [type, body] of [
          ['application/json', '{}'],
          ['application/json', '{"_csrf":"made-up"}'],
          ...(route.path.startsWith('/api/')
            ? []
            : [['application/x-www-form-urlencoded', '_csrf=made-up&_csrf=twice']]),
        ] as [string, string][]) {
          const answer = await raw(
            offices.service,
            undefined,
            route.method,
            addressOf(route, offices, 'own', role),
            body,
            {
              'content-type': type,
              cookie,
            },
          );
          if (answer.status !== 403 || (answer.body as { code?: string }).code !== 'form-expired')
            wrong.push({ route: nameOf(route), type, body, status: answer.status });
        }
      }
      const after = await rows.now();
      await rows.stop();
      expect(wrong).toEqual([]);
      expect(changedIn(before, after)).toEqual([]);
    },
  );

  const formsIn = (text: string) =>
    text
      .split('<form')
      .slice(1)
      .map((part) => part.slice(0, part.indexOf('</form>')));
  const nameOf = ({ method, path }: Route) => `${method} ${path}`;
  const changedIn = (before: Record<string, string>, after: Record<string, string>) =>
    Object.keys(after).filter((table) => before[table] !== after[table] && !table.startsWith('access.'));

  function isValid(token: string | undefined, csrfCookie: string, sessionCookie: string): boolean {
    const cookies = Object.fromEntries(
      [csrfCookie, sessionCookie].map((pair) => pair.split('=').map(decodeURIComponent)),
    );
    const request = { method: 'POST', cookies, body: { _csrf: token }, get: () => undefined, is: () => false };
    return offices.service.app.get(Csrf).isValid(request as unknown as Request);
  }
});
