/** Forms without a connection, in a real browser that is killed: what was typed is there again, and arrives once. Skipped, and said so, where there is no Chromium. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { needsCatalogue } from '../src/needs/catalogue.js';
import { newId, registerClient } from './support/builders.js';
import { sql } from './support/database.js';
import { startTestService, TEST_PASSWORD, type TestService } from './support/service.js';

const executablePath = process.env.UCT_TEST_CHROMIUM ?? '';
const describeInBrowser = executablePath === '' ? describe.skip : describe;
const skipped = executablePath === '' ? ' (skipped: no Chromium here)' : '';
const WORDS = 'Rice for Secretchild, ထမင်း';

describeInBrowser(`a form on a phone without a connection${skipped}`, () => {
  let service: TestService;
  let origin: string;
  let profile: string;
  let context: BrowserContext;
  let page: Page;
  let code: string;
  /** What no script of a page caught. */
  const faults: string[] = [];

  beforeAll(async () => {
    service = await startTestService({ today: '2026-03-02' });
    origin = (await service.app.getUrl()).replace('[::1]', 'localhost').replace('127.0.0.1', 'localhost');
  }, 120_000);
  afterAll(() => service.close());
  beforeEach(async () => {
    code = await registerClient(service);
    profile = mkdtempSync(join(tmpdir(), 'uct-profile-'));
    await openBrowser();
    await signIn('caseworker-1');
  });
  afterEach(async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
    expect(faults.splice(0)).toEqual([]);
  });

  async function openBrowser(): Promise<void> {
    context = await chromium.launchPersistentContext(profile, {
      executablePath,
      args: ['--no-sandbox'],
      viewport: { width: 360, height: 740 },
    });
    page = context.pages()[0] ?? (await context.newPage());
    page.on('dialog', (dialog) => void dialog.accept());
    context.on('weberror', (fault) => faults.push(fault.error().message));
  }

  /** The phone dies: nothing is said to any page, and the session's cookie goes with it. */
  async function killBrowser(): Promise<void> {
    await context.clearCookies();
    await context.close();
    await openBrowser();
  }

  async function signIn(who: string): Promise<void> {
    await page.goto(`${origin}/sign-in`);
    await page.fill('#email', `${who}@test.example`);
    await page.fill('#password', TEST_PASSWORD);
    await page.click('main button[type="submit"]');
    await page.waitForURL(`${origin}/`);
  }

  const open = (rest: string) => page.goto(`${origin}/clients/${code}${rest}`, { waitUntil: 'networkidle' });
  const told = (on: Page, start: string) =>
    on.locator('.app-device__said', { hasText: new RegExp(`^${start}`) }).waitFor();
  async function hasWords(wanted: RegExp): Promise<void> {
    for (let tries = 0; !wanted.test(await page.inputValue('#words')); tries += 1) {
      if (tries === 100) throw new Error(`the words are never like ${String(wanted)}`);
      await page.waitForTimeout(50);
    }
  }
  const said = () => page.locator('.app-device__said').innerText();
  const standing = () => page.locator('.app-device__standing').innerText();
  const press = (text: string) => page.getByRole('button', { name: text, exact: true }).click();
  const connected = async (isConnected: boolean) => context.setOffline(!isConnected);
  const noteTexts = async () => {
    const { body } = await service.as('caseworker').get(`/api/v1/clients/${code}/case-notes`).expect(200);
    return (body as { items: { words: string }[] }).items.map(({ words }) => words);
  };
  const assessments = async () =>
    sql<{ day: string }>(
      service.db.url,
      `select a.assessed_on::text "day" from casework.needs_assessment a join casework.client c on c.id = a.client_id where c.code = '${code}'`,
    );
  const typeNote = async (words: string) => {
    await page.fill('#words', words);
    await page.check('input[name="kind"] >> nth=0');
  };
  async function rankAll(): Promise<void> {
    for (const need of needsCatalogue.needs)
      await page.check(`input[name="ranks.${need.code}"][value="${need.code === 'food' ? 4 : 2}"]`, { force: true });
    await page.fill('textarea[name="words.food"]', WORDS);
  }

  it('the interview is filled in, the network cut, the browser killed: it arrives once, as it was read to the client', async () => {
    await open('/interview');
    await rankAll();
    await connected(false);
    await press('Look at it before saving');
    await page.getByRole('heading', { name: 'Is this what the client said?' }).waitFor();
    expect(await page.locator('.app-review').innerText()).toContain(WORDS);
    await press('Save the interview');
    await page.locator('.app-device__standing', { hasText: '1 waiting' }).waitFor();
    expect(await said()).toContain('There is no connection.');
    await killBrowser();
    expect(await assessments()).toEqual([]);

    await signIn('caseworker-1');
    await told(page, '1 sent');
    expect(await assessments()).toEqual([{ day: '2026-03-02' }]);
    const { body } = await service.as('caseworker').get(`/api/v1/clients/${code}/needs-assessments/latest`);
    expect(body).toMatchObject({ ranks: { food: 4, debt: 2 }, interpretations: { food: WORDS } });
    expect(await sql(service.db.url, 'select 1 from casework.interview_draft')).toEqual([]);
    await page.reload({ waitUntil: 'networkidle' });
    expect(await standing()).toBe('');
    expect(await assessments()).toHaveLength(1);
  });

  it('an answer that never came back is asked for again, and the note is there once', async () => {
    await open('/notes');
    await typeNote('Said on the way');
    let sent = 0;
    await context.route(`**/clients/${code}/notes`, async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      sent += 1;
      if (sent > 1) return route.continue();
      await route.fetch();
      await route.abort('connectionreset');
    });
    await press('Keep the note');
    await page.locator('.app-device__standing', { hasText: '1 waiting' }).waitFor();
    expect(await noteTexts()).toEqual(['Said on the way']);
    await press('Send now');
    await told(page, '1 sent');
    expect([sent, await noteTexts()]).toEqual([2, ['Said on the way']]);
  });

  it('two notes wait, are counted, and arrive in their order when the line is there again', async () => {
    await open('/notes');
    await connected(false);
    for (const words of ['First', 'Second']) {
      await typeNote(words);
      await press('Keep the note');
      await hasWords(/^$/);
    }
    expect(await standing()).toContain('2 waiting to send');
    await connected(true);
    await told(page, '2 sent');
    expect((await noteTexts()).sort()).toEqual(['First', 'Second']);
  });

  it('the session ends meanwhile: the form goes on waiting, and a fresh token is fetched after signing in', async () => {
    await open('/notes');
    await connected(false);
    await typeNote('Before the session ended');
    await press('Keep the note');
    await page.locator('.app-device__standing p').waitFor();
    await sql(
      service.db.url,
      `update access.session set revoked_at = now() where kind = 'browser' and revoked_at is null`,
    );
    await connected(true);
    await told(page, 'Sign in again');
    expect(await noteTexts()).toEqual([]);
    const other = await context.newPage();
    await other.goto(`${origin}/sign-in`);
    await other.fill('#email', 'caseworker-1@test.example');
    await other.fill('#password', TEST_PASSWORD);
    await connected(true);
    await other.click('main button[type="submit"]');
    await other.waitForURL(`${origin}/`);
    await told(other, '1 sent');
    expect(await noteTexts()).toEqual(['Before the session ended']);
  });

  it('the token of the page is worth nothing any more: a fresh one is fetched', async () => {
    await open('/notes');
    await typeNote('With a fresh token');
    await context.clearCookies();
    const [person] = await context.cookies();
    expect(person).toBeUndefined();
    const other = await context.newPage();
    await other.goto(`${origin}/sign-in`);
    await other.fill('#email', 'caseworker-1@test.example');
    await other.fill('#password', TEST_PASSWORD);
    await other.click('main button[type="submit"]');
    await other.waitForURL(`${origin}/`);
    await press('Keep the note');
    await page.waitForURL(/done=note/);
    expect(await noteTexts()).toEqual(['With a fresh token']);
  });

  it('a session that has ended is told when the form is sent, and signing in sends it', async () => {
    await open('/notes');
    await typeNote('Sent too late');
    await sql(
      service.db.url,
      `update access.session set revoked_at = now() where kind = 'browser' and revoked_at is null`,
    );
    await press('Keep the note');
    await told(page, 'Sign in again');
    await page.getByRole('link', { name: 'Sign in' }).click();
    await signIn('caseworker-1');
    await told(page, '1 sent');
    expect(await noteTexts()).toEqual(['Sent too late']);
  });

  it('a device that can keep nothing sends the form as ever', async () => {
    await open('/notes');
    await page.evaluate(
      `IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); }`,
    );
    await typeNote('Kept nowhere else');
    await press('Keep the note');
    await page.waitForURL(/done=note/);
    expect(await noteTexts()).toEqual(['Kept nowhere else']);
    faults.length = 0; // it said so
  });

  it('somebody else who signs in neither sends nor sees it', async () => {
    await open('/notes');
    await connected(false);
    await typeNote('Mine alone');
    await press('Keep the note');
    await page.locator('.app-device__standing p').waitFor();
    await killBrowser();
    await signIn('caseworker-2');
    await page.waitForLoadState('networkidle');
    expect(await page.locator('.app-device__standing').innerText()).toBe('');
    expect(await noteTexts()).toEqual([]);
    await context.clearCookies();
    await signIn('caseworker-1');
    await told(page, '1 sent');
    expect(await noteTexts()).toEqual(['Mine alone']);
  });

  it('what is refused when it arrives is still there, is opened, mended and sent', async () => {
    await open('/notes');
    await connected(false);
    await typeNote('Talk again much later');
    await page.fill('#nextOn', '2031-01-01');
    await press('Keep the note');
    await page.locator('.app-device__standing p').waitFor();
    await connected(true);
    await page.getByText('1 not taken').waitFor();
    await page.getByRole('link', { name: 'Open it and send it again' }).click();
    await hasWords(/./);
    expect(await page.inputValue('#words')).toBe('Talk again much later');
    await page.fill('#nextOn', '');
    await press('Keep the note');
    await page.waitForURL(/done=note/);
    expect(await noteTexts()).toEqual(['Talk again much later']);
  });

  it('with a line, what is wrong is said by the page, with all that was typed', async () => {
    await open('/notes');
    await page.fill('#words', 'No kind chosen');
    await press('Keep the note');
    await page.getByText('There is a problem').waitFor();
    expect(await page.inputValue('#words')).toBe('No kind chosen');
    expect(await noteTexts()).toEqual([]);
  });

  it('what was typed and not sent is filled in again, and thrown away when that is wanted', async () => {
    await open('/interview');
    await page.check('input[name="ranks.food"][value="4"]', { force: true });
    await page.fill('textarea[name="words.food"]', 'half a sente');
    await page.getByText('Kept on this device at').waitFor();
    await killBrowser();
    await signIn('caseworker-1');
    await open('/interview');
    await page.getByText('You typed here before').waitFor();
    expect(await page.inputValue('textarea[name="words.food"]')).toBe('half a sente');
    expect(await page.isChecked('input[name="ranks.food"][value="4"]')).toBe(true);
    await press('Throw it away');
    await page.getByText('You typed here before').waitFor({ state: 'detached' });
    await page.waitForLoadState('networkidle');
    expect(await page.inputValue('textarea[name="words.food"]')).toBe('');
  });

  it('tracking that waits is kept once, on the day on which it was told', async () => {
    const plan = newId();
    const items = [{ need: 'food', description: 'Rice', amount: '300.00', currency: 'THB' }];
    await service.as('caseworker').post(`/api/v1/clients/${code}/spending-plans`, { id: plan, items }).expect(201);
    await open(`/plans/${plan}/tracking`);
    await connected(false);
    await page.fill('#spent-1', '120.50');
    await press('Keep what was told');
    await page.locator('.app-device__standing p').waitFor();
    await connected(true);
    await told(page, '1 sent');
    const tracked = await sql(
      service.db.url,
      `select told_on::text from casework.plan_tracking where plan_id = '${plan}'`,
    );
    expect(tracked).toEqual([{ told_on: '2026-03-02' }]);
  });

  it('nothing of it stands on the disk in clear, and nothing of any page', async () => {
    await open('/notes');
    await connected(false);
    await typeNote('Verysecretwords');
    await press('Keep the note');
    await page.locator('.app-device__standing p').waitFor();
    await page.fill('#words', 'Draftsecretwords');
    await page.getByText('Kept on this device at').waitFor();
    await context.close();
    const holders = await filesHolding(profile, ['Verysecretwords', 'Draftsecretwords', code]);
    await openBrowser();
    expect(holders.filter((file) => /IndexedDB|CacheStorage|Service Worker|Cache_Data/.test(file))).toEqual([]);
  });

  it('signing out asks when something waits, and leaves nothing', async () => {
    await open('/notes');
    await connected(false);
    await typeNote('Not sent');
    await press('Keep the note');
    await page.locator('.app-device__standing p').waitFor();
    const asked: string[] = [];
    page.on('dialog', (dialog) => asked.push(dialog.message()));
    await page.route('**/notes', (route) => route.abort());
    await connected(true);
    await page.click('.app-header__sign-out');
    await page.waitForURL(/sign-in/);
    expect(asked).toEqual([expect.stringContaining('1 waiting to send')]);
    await signIn('caseworker-1');
    expect(await keptForms(page)).toBe(0);
    expect(await noteTexts()).toEqual([]);
  });

  it('what is older than 14 days goes, after what still waits was sent', async () => {
    await open('/notes');
    await connected(false);
    await typeNote('Waited for weeks');
    await press('Keep the note');
    await page.locator('.app-device__standing p').waitFor();
    await page.fill('#words', 'Long ago');
    await page.getByText('Kept on this device at').waitFor();
    await page.route('**/notes', (route) => (route.request().method() === 'POST' ? route.abort() : route.continue()));
    await connected(true);
    await age(page, 14 * 24 * 3600 * 1000 + 60_000);
    await page.unroute('**/notes');
    await open('/notes');
    expect([await page.inputValue('#words'), await keptForms(page)]).toEqual(['', 0]);
    expect(await noteTexts()).toEqual(['Waited for weeks']);
  });

  it('without a connection another page says so, and leaving shows nothing of ours', async () => {
    await open('/notes');
    await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
    await connected(false);
    await page.goto(`${origin}/clients`);
    expect(await page.locator('h1').innerText()).toBe('No connection');
    expect(await page.content()).not.toContain('caseworker 1');
    await page.goto(`${origin}/exit`).catch(() => undefined);
    await page.waitForURL(/^chrome-error:/);
    expect(await page.content()).not.toContain('UCT Ledger');
    await connected(true);
  });
});

/** How many forms the browser holds, of whomever. */
const keptForms = (page: Page) =>
  page.evaluate<number>(`new Promise((resolve) => {
    const opening = indexedDB.open('uct-forms', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('forms', { keyPath: 'id' });
    opening.onsuccess = () => {
      const counting = opening.result.transaction('forms').objectStore('forms').count();
      counting.onsuccess = () => (opening.result.close(), resolve(counting.result));
    };
  })`);

/** Makes everything that is kept older. */
const age = (page: Page, byMs: number) =>
  page.evaluate(`new Promise((resolve) => {
    const opening = indexedDB.open('uct-forms', 1);
    opening.onsuccess = () => {
      const writing = opening.result.transaction('forms', 'readwrite');
      const forms = writing.objectStore('forms');
      const reading = forms.getAll();
      reading.onsuccess = () => reading.result.forEach((form) => forms.put({ ...form, keptAt: form.keptAt - ${byMs} }));
      writing.oncomplete = () => (opening.result.close(), resolve());
    };
  })`);

async function filesHolding(folder: string, texts: string[]): Promise<string[]> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((file) => file.isFile());
  const found: string[] = [];
  for (const { parentPath, name } of files) {
    const content = await readFile(join(parentPath, name));
    if (texts.some((text) => content.includes(text) || content.includes(Buffer.from(text, 'utf16le'))))
      found.push(join(parentPath, name));
  }
  return found;
}
