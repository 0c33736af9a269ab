/** The language of the pages: as the browser asks, as somebody chose, wherever they sign in; and leaving a page at once. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { catalogues } from '../src/web/languages/catalogues.js';
import { Browser, faultsOf } from './support/browser.js';
import { enrolClient, openFund, registerClient } from './support/builders.js';
import { raw, tokenOf } from './support/raw-requests.js';
import { startTestService, TEST_PASSWORD, type TestService } from './support/service.js';

let service: TestService;
let token: string;
beforeAll(async () => {
  service = await startTestService({ today: '2026-03-02' });
  token = await tokenOf(service, 'caseworker', 1);
});
afterAll(() => service.close());

const page = (path: string, headers: Record<string, string> = {}, who: string | null = token) =>
  raw(service, who ?? undefined, 'GET', path, undefined, { accept: 'text/html', ...headers });
const cookieIn = ({ headers }: { headers: Record<string, string | string[]> }) =>
  [headers['set-cookie'] ?? []].flat().find((cookie) => cookie.startsWith('uct_language='));
const EMAIL = 'caseworker-2@test.example';

describe('The language of a page', () => {
  it('is the first of the browser’s that there is, and English where there is none', async () => {
    const languages = ['km-KH, en;q=0.5', 'fr, lo;q=0.9, vi;q=0.1', 'fr, de', '*'];
    const spoken = await Promise.all(
      languages.map(async (asked) => {
        const { headers, text } = await page('/sign-in', { 'accept-language': asked }, null);
        return [headers['content-language'], /<html lang="(\w+)"/.exec(text)?.[1]];
      }),
    );
    expect(spoken).toEqual([
      ['km', 'km'],
      ['lo', 'lo'],
      ['en', 'en'],
      ['en', 'en'],
    ]);
  });

  it('is what was chosen, with the months of that language, in Gregorian years and Latin digits unless others are asked for', async () => {
    const shown = async (cookie: string) =>
      (await page('/account', { cookie: `uct_language=${cookie}`, 'accept-language': 'vi' })).text;
    expect(await shown('th')).toMatch(/2[\u00a0 ]มีนาคม (ค\.ศ\. )?2026, 10:00/);
    expect(await shown('th.digits')).toMatch(/๒[\u00a0 ]มีนาคม (ค\.ศ\. )?๒๐๒๖, ๑๐:๐๐/);
    expect(await shown('th.years')).toMatch(/2[\u00a0 ]มีนาคม (พ\.ศ\. )?2569, 10:00/);
    expect(await shown('my')).toContain('2026');
    expect(await shown('en')).toContain('2\u00a0March 2026, 10:00');
  });

  it('that a cookie names and nobody speaks is not taken', async () => {
    for (const cookie of ['xx', '', 'constructor', 'th%0d%0a', '__proto__'])
      expect((await page('/sign-in', { cookie: `uct_language=${cookie}` }, null)).headers['content-language']).toBe(
        'en',
      );
  });
});

describe('Choosing a language', () => {
  it('counts on this device at once, and on any other from the next sign-in', async () => {
    const browser = new Browser(service);
    await browser.giveEmailAndPassword(EMAIL);
    const chosen = await browser.send('/language', '/language', { language: 'my', digits: 'own', years: 'buddhist' });
    expect([chosen.status, chosen.headers.location]).toEqual([303, '/language?done=chosen']);
    expect(cookieIn(chosen)).toMatch(/^uct_language=my.digits; .*HttpOnly/); // no Buddhist years are counted in Burmese
    expect((await browser.open('/account')).text).toMatch(/<html lang="my"[\s\S]*၂၀၂၆/);
    const elsewhere = await new Browser(service).send('/sign-in', '/sign-in', {
      email: EMAIL,
      password: TEST_PASSWORD,
    });
    expect([elsewhere.status, cookieIn(elsewhere)]).toEqual([303, expect.stringMatching(/^uct_language=my.digits;/)]);
  });

  it('works before anybody has signed in, and says what is wrong with another', async () => {
    const browser = new Browser(service);
    const chosen = await browser.send('/language', '/language', { language: 'lo' });
    expect([chosen.status, cookieIn(chosen)]).toEqual([303, expect.stringMatching(/^uct_language=lo;/)]);
    const wrong = await browser.send('/language', '/language', { language: 'klingon' });
    expect([wrong.status, faultsOf(wrong)]).toEqual([422, [['#language', 'ເລືອກພາສາ.']]]);
  });
});

describe('“Exit this page”', () => {
  it('stands on every page of whoever reads clients, ends the session and leads to a page about nothing', async () => {
    expect((await page('/clients')).text).toContain('href="/exit"');
    expect((await page('/users', {}, await tokenOf(service, 'administrator', 1))).text).not.toContain('href="/exit"');
    const leaving = await tokenOf(service, 'caseworker', 2);
    const left = await page('/exit', {}, leaving);
    expect([left.status, left.headers.location]).toEqual([303, 'https://www.google.com/search?q=weather']);
    expect((await page('/clients', {}, leaving)).headers.location).toBe('/sign-in');
  });

  it('leads on also when nobody is signed in any more', async () => {
    expect((await page('/exit', {}, null)).status).toBe(303);
  });
});

describe('Countries to choose from', () => {
  it('are named in the language that is spoken, on the page of an enrolment too', async () => {
    const { client } = await enrolClient(service, await openFund(service), '2026-03-02');
    const { text } = await page(`/clients/${client}/enrolment`, { 'accept-language': 'th' });
    expect(text).toMatch(/<option value="MM"[^>]*>เมียนมา/);
  });
});

describe('A refusal that a service words', () => {
  const IN_THAI: Record<string, string> = {
    'Give a day within {most} days.': 'เลือกวันภายใน {most} วัน',
    'Your role does not allow this.': 'บทบาทของคุณไม่อนุญาต',
  };
  const said = catalogues.th?.messages as Record<string, string>;
  const kept = { ...said };
  beforeAll(() => void Object.assign(said, IN_THAI));
  afterAll(() => {
    for (const sentence of Object.keys(IN_THAI)) delete said[sentence];
    Object.assign(said, kept);
  });

  it('is said on a page in the language that is spoken, with what is filled in, by its field', async () => {
    const browser = new Browser(service);
    await browser.giveEmailAndPassword('caseworker-1@test.example');
    await browser.send('/language', '/language', { language: 'th' });
    const notes = `/clients/${await registerClient(service)}/notes`;
    const note = { words: 'She found work.', kind: 'call', happenedOn: '2026-02-27', nextOn: '2029-01-01' };
    const refused = await browser.send(notes, notes, note);
    expect([refused.headers['content-language'], refused.status, faultsOf(refused)]).toEqual([
      'th',
      422,
      [['#nextOn', 'เลือกวันภายใน 400 วัน']],
    ]);
  });

  it('is said so on the page that takes the place of another', async () => {
    const refused = await page('/runs', { 'accept-language': 'th' });
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('บทบาทของคุณไม่อนุญาต')]);
  });

  it('is English to a program, whatever it asks for', async () => {
    const headers = { accept: 'application/json', 'accept-language': 'th' };
    const { status, text } = await raw(service, token, 'GET', '/api/v1/runs', undefined, headers);
    expect([status, (JSON.parse(text) as { detail: string }).detail]).toEqual([403, 'Your role does not allow this.']);
  });
});

describe('Letters that a device lacks', () => {
  it('are sent when they are asked for, to that device whoever signs in, and no more when they are not', async () => {
    const browser = new Browser(service);
    const sheetIn = async (path = '/language') => /letters-\w+\.css/.exec((await browser.open(path)).text)?.[0];
    await browser.send('/language', '/language', { language: 'my' });
    expect(await sheetIn()).toBeUndefined();
    await browser.send('/language', '/language', { language: 'my', letters: 'sent' });
    expect(await sheetIn()).toBe('letters-my.css');
    await browser.giveEmailAndPassword('caseworker-2@test.example');
    await browser.send('/language', '/language', { language: 'km', letters: 'sent' });
    expect(await sheetIn('/')).toBe('letters-km.css');
    await browser.send('/language', '/language', { language: 'vi', letters: 'sent' });
    expect(await sheetIn()).toBeUndefined(); // Latin letters every phone has
    await browser.send('/language', '/language', { language: 'km' });
    expect(await sheetIn()).toBeUndefined();
  });

  it.each(['th', 'my', 'lo', 'km'])('of %s come in one file, without Latin ones', async (language) => {
    const { text } = await new Browser(service).open(`/assets/letters-${language}.css`).expect(200);
    expect(text).toMatch(/src:url\(data:font\/woff2;base64,[A-Za-z0-9+/=]{10000,}\)/);
    expect(text).toMatch(/unicode-range:[^}]*U\+(0E|10|17)[0-9A-F]{2}-/);
    expect(text).not.toMatch(/U\+00[0-7]/);
  });
});
