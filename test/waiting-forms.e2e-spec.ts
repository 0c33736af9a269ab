/** What the service does for forms that wait on devices: whose they are, where they lead, a fresh token; and nothing of it where they are switched off. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { registerClient } from './support/builders.js';
import { Browser, hiddenFields } from './support/browser.js';
import { startTestService, type TestService } from './support/service.js';

interface Device {
  key: string;
  owner: string;
}

let service: TestService;
let code: string;
beforeAll(async () => {
  service = await startTestService({ today: '2026-03-02' });
  code = await registerClient(service);
});
afterAll(() => service.close());

async function signedIn(who: string, on = service): Promise<Browser> {
  const browser = new Browser(on);
  await browser.giveEmailAndPassword(`${who}@test.example`);
  return browser;
}
async function deviceOf(browser: Browser): Promise<Device> {
  const { text } = await browser.open('/');
  const [, key = '', owner = ''] = /data-key="([^"]*)" data-owner="([^"]*)"/.exec(text) ?? [];
  const bytes = Buffer.from(key, 'base64url');
  const half = bytes.length / 2;
  return {
    key: bytes
      .subarray(0, half)
      .map((byte, at) => byte ^ (bytes[half + at] ?? 0))
      .toString(),
    owner,
  };
}

describe('A page of a caseworker', () => {
  it('has a key of their own, the same in each page and under another mask, and tells whose it is without saying who', async () => {
    const [one, other] = [await signedIn('caseworker-1'), await signedIn('caseworker-2')];
    const [first, again, others] = [
      await deviceOf(one),
      await deviceOf(await signedIn('caseworker-1')),
      await deviceOf(other),
    ];
    expect(first).toEqual(again);
    expect(first.key).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(others.key).not.toBe(first.key);
    expect(others.owner).not.toBe(first.owner);
    const masks = await Promise.all([1, 2].map(async () => /data-key="([^"]*)"/.exec((await one.open('/')).text)?.[1]));
    expect(masks[0]).not.toBe(masks[1]);
  });

  it.each(['donor', 'finance-approver', 'auditor', 'administrator'])(
    'has none for a %s, who fills in none of these forms',
    async (role) => {
      const { text } = await (await signedIn(`${role}-1`)).open('/');
      expect(text).not.toContain('on-device');
      expect(text).not.toContain('device.js');
    },
  );
});

describe('A form that waited', () => {
  const note = async (browser: Browser, words: string) => {
    const { text } = await browser.open(`/clients/${code}/notes`);
    return { ...hiddenFields(text.slice(text.indexOf(`action="/clients/${code}/notes"`))), kind: 'call', words };
  };

  it('is told where it leads, and is kept', async () => {
    const browser = await signedIn('caseworker-1');
    const { owner } = await deviceOf(browser);
    const sent = await browser
      .post(`/clients/${code}/notes`, await note(browser, 'Waited'))
      .set('accept', 'application/json')
      .set('x-waiting-form', owner);
    expect([sent.status, sent.body]).toEqual([200, { location: `/clients/${code}/notes?done=note` }]);
  });

  it('is not taken under the session of somebody else', async () => {
    const browser = await signedIn('caseworker-1');
    const { owner } = await deviceOf(await signedIn('caseworker-2'));
    const sent = await browser
      .post(`/clients/${code}/notes`, await note(browser, 'Of another'))
      .set('accept', 'application/json')
      .set('x-waiting-form', owner);
    expect([sent.status, (sent.body as { code: string }).code]).toEqual([409, 'other-person']);
    const { body } = await service.as('caseworker').get(`/api/v1/clients/${code}/case-notes`);
    expect(JSON.stringify(body)).not.toContain('Of another');
  });

  it('gets a fresh token from whoever fills in such forms, and from nobody else', async () => {
    const fresh = async (who?: string) => {
      const browser = who ? await signedIn(who) : new Browser(service);
      const { status, body } = await browser.open('/fresh-token').set('accept', 'application/json');
      return [
        status,
        Object.keys(body as object)
          .sort()
          .slice(0, 2),
      ];
    };
    expect(await fresh('caseworker-1')).toEqual([200, ['owner', 'token']]);
    expect((await fresh('donor-1'))[0]).toBe(403);
    expect((await fresh())[0]).toBe(401);
  });
});

describe('The page for when there is no connection', () => {
  it('says nothing of who asked for it, since browsers keep it', async () => {
    const [mine, anybodys] = [
      await (await signedIn('caseworker-1')).open('/offline'),
      await new Browser(service).open('/offline'),
    ];
    const plain = (text: string) => text.replaceAll(/nonce="[^"]*"/g, '');
    expect(mine.status).toBe(200);
    expect(plain(mine.text)).toBe(plain(anybodys.text));
    expect(mine.text).not.toMatch(/_csrf|UCT|trafficking/i);
  });
});

describe('An organisation that switched it off', () => {
  it('has no key in its pages, and tells devices to forget', async () => {
    const without = await startTestService({ formsOnDevices: false });
    try {
      const { text } = await (await signedIn('caseworker-1', without)).open('/');
      expect(text).toContain('<div id="on-device" hidden></div>');
      expect(text).not.toContain('data-key');
    } finally {
      await without.close();
    }
  });
});
