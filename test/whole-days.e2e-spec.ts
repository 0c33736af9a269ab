/**
 * The whole day of a caseworker, of finance and of a donor on the demonstration's first seven weeks (all of it takes minutes to make): on a
 * phone's screen and on a desk's, with scripts and without.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { needsCatalogue } from '../src/needs/catalogue.js';
import { bankPayee, payingAccountBody } from './support/bank-files.js';
import { camt } from './support/bank-reports.js';
import { clientBody, newId } from './support/builders.js';
import { Chromium, describeInBrowser, orSkipped, sidewaysScroll, type Screen } from './support/chromium.js';
import { openDemonstration, type Demonstration } from './support/demonstration.js';
import { enrol, type Enrolled } from './support/second-factors.js';
import { TEST_PASSWORD, travel } from './support/service.js';

/** The quarter's reports are made on the second. */
const LIVED_THROUGH = '2015-07-03';
const REPORT = /^\/reports\/[0-9a-f-]{36}$/;
const PATIENCE_MS = 240_000;
/** Each on a day of its own, on which some of the demonstration's clients are due. */
const SCREENS: { name: string; today: string; screen: Screen }[] = [
  { name: 'a phone', today: '2015-07-10', screen: { width: 360 } },
  { name: 'a phone without scripts', today: '2015-07-24', screen: { width: 360, withoutScripts: true } },
  { name: 'a desk', today: '2015-08-03', screen: { width: 1280 } },
  { name: 'a desk without scripts', today: '2015-08-10', screen: { width: 1280, withoutScripts: true } },
];

describeInBrowser(`a whole day${orSkipped}`, () => {
  let demo: Demonstration;
  let chromium: Chromium;
  let releaser: Enrolled;

  beforeAll(async () => {
    demo = await openDemonstration(LIVED_THROUGH, '2015-07-04');
    chromium = await Chromium.launch(demo.service);
    releaser = await enrol(demo.service, 'finance-releaser');
    await demo.send('preparer', '/api/v1/paying-accounts', payingAccountBody(['fund-a']));
  }, PATIENCE_MS);
  afterAll(async () => {
    await chromium.close();
    await demo.close();
  });

  it.each(SCREENS)(
    'of a caseworker, on $name',
    async ({ today, screen }) => {
      travel(demo.service, today);
      const page = await signedIn('caseworker', screen);
      await follow(page, page.locator('a[href="/clients"]').first(), '/clients');
      const client = page.locator('tbody a[href^="/clients/C-"]').nth(SCREENS.findIndex((one) => one.today === today));
      const code = (await client.textContent()) ?? '';
      await follow(page, client, `/clients/${code}`);
      // How they can be reached without harm stands before everything else that can be read of them.
      expect(await page.locator('h2').first().textContent()).toBe('Safe contact');
      await asksForSafeContact(page, code);
      await writesNote(page, code);
      await interviews(page, code);
      await writesPlan(page, code);
      await showsCard(page);
      await tracks(page);
      await page.goto(`/clients/${code}`);
      await exits(page, code);
    },
    PATIENCE_MS,
  );

  it.each(SCREENS)(
    'of finance, on $name',
    async ({ today, screen }) => {
      travel(demo.service, today);
      await somebodyDueByBank(today);
      const preparer = await signedIn('preparer', screen);
      expect(await preparer.locator('main').textContent()).toContain('Runs that wait for approval');
      const { run, total } = await prepares(preparer, today);

      const approver = await signedIn('approver', screen);
      await follow(approver, approver.locator(`main a[href="${run}"]`), run);
      const digest = await approver.locator('#digest .app-code').textContent();
      expect(await approver.locator('[aria-labelledby="decide"]').textContent()).toContain(total);
      await send(approver, approver.locator(`form[action="${run}/approve"] button`), run);

      const desk = await signedInWithCode(screen);
      await follow(desk, desk.locator(`main a[href="${run}"]`), run);
      expect(await desk.locator('#digest .app-code').textContent()).toBe(digest);
      expect(await desk.locator('[aria-labelledby="decide"]').textContent()).toContain(total);
      await send(desk, desk.locator(`form[action="${run}/release"] button`), run);
      expect(await takesFile(desk, run)).toContain('<PmtInf>');

      await takesBankReport(preparer, today);
      await follow(preparer, preparer.locator('nav a[href="/work-items"]'), '/work-items');
      await follow(preparer, preparer.locator('tbody a[href^="/work-items/"]').first(), /^\/work-items\/./);
      expect(await preparer.locator('input[type="radio"][name="resolution"]').count()).toBeGreaterThan(1);
      for (const one of [preparer, approver, desk]) await one.context().close();
    },
    PATIENCE_MS,
  );

  it.each(SCREENS)(
    'of a donor, on $name',
    async ({ today, screen }) => {
      travel(demo.service, today);
      const page = await signedIn('donor', screen);
      await follow(page, page.locator('main a[href="/my-funds"]'), '/my-funds');
      expect(await page.locator('main').textContent()).toContain('Lantern Foundation');
      await follow(page, page.locator('main a[href^="/reports?fund="]'), '/reports');
      await follow(page, page.locator('main a[href^="/reports/"]').first(), REPORT);
      await follow(page, page.locator('a[href$="/proof"]'), /\/proof$/);
      await follow(page, page.locator('a[href$="/check"]'), /\/check$/);
      await checks(page, screen.withoutScripts ?? false);
      await page.context().close();
    },
    PATIENCE_MS,
  );

  async function signedIn(name: string, screen: Screen): Promise<Page> {
    const { email, password } = demo.account(name);
    const page = await chromium.open(screen);
    await giveEmailAndPassword(page, email, password, '/');
    return page;
  }

  async function signedInWithCode(screen: Screen): Promise<Page> {
    const page = await chromium.open(screen);
    await giveEmailAndPassword(page, releaser.email, TEST_PASSWORD, '/sign-in/code');
    await page.locator('[name="otp"]').fill(releaser.code());
    await send(page, page.locator('form[action="/sign-in/code"] button'), '/');
    return page;
  }

  /** The demonstration pays nobody by a bank's file, so one client more is due today who is. */
  async function somebodyDueByBank(today: string): Promise<void> {
    const payee = bankPayee(today.replaceAll('-', ''));
    const registration = clientBody({ name: `By Bank ${newId()}`, country: 'TH', payee });
    const { code } = await demo.send('caseworker', '/api/v1/clients', registration);
    const enrolment = { id: newId(), client: code, fund: 'fund-a', anchorOn: today, rail: 'bank-file' };
    await demo.send('caseworker', '/api/v1/enrolments', enrolment);
    await demo.send('supervisor', `/api/v1/enrolments/${enrolment.id}/approval`, {});
  }
});

type Place = ReturnType<Page['locator']>;

/** Where a link or a form leads; no page on the way is wider than its screen. */
async function follow(page: Page, link: Place, to: string | RegExp): Promise<void> {
  await Promise.all([page.waitForEvent('load'), link.click()]);
  const { pathname } = new URL(page.url());
  if (typeof to === 'string') expect(pathname).toBe(to);
  else expect(pathname).toMatch(to);
  expect([pathname, await sidewaysScroll(page)]).toEqual([pathname, 0]);
}
const send = follow;

async function giveEmailAndPassword(page: Page, email: string, password: string, to: string): Promise<void> {
  await page.goto('/sign-in');
  await page.locator('[name="email"]').fill(email);
  await page.locator('[name="password"]').fill(password);
  await send(page, page.locator('form[action="/sign-in"] button'), to);
}

async function asksForSafeContact(page: Page, code: string): Promise<void> {
  await page.goto(`/clients/${code}/safe-contact`);
  await page.locator('[name="channels"][value="call"]').check();
  await page.locator('[name="language"]').selectOption('my');
  await page.locator('[name="never"]').fill('On Sundays');
  await send(page, page.locator('form[action$="/safe-contact"] button').last(), /\/contacts$/);
  await page.goto(`/clients/${code}`);
  expect(await page.locator('.app-safe').textContent()).toContain('On Sundays');
}

async function writesNote(page: Page, code: string): Promise<void> {
  await follow(page, page.locator(`a.app-work__link[href="/clients/${code}/notes"]`), `/clients/${code}/notes`);
  await page.locator('[name="words"]').fill('They found a room near the school.');
  await page.locator('[name="kind"]').first().check();
  await send(page, page.locator(`form[action="/clients/${code}/notes"] button`).last(), `/clients/${code}/notes`);
  expect(await page.locator('.app-words').first().textContent()).toBe('They found a room near the school.');
  await page.goto(`/clients/${code}`);
}

async function interviews(page: Page, code: string): Promise<void> {
  await follow(page, page.locator('a.app-work__link[href$="/interview"]'), `/clients/${code}/interview`);
  for (const { code: need } of needsCatalogue.needs)
    await page.locator(`[name="ranks.${need}"][value="${need === 'debt' ? 4 : 2}"]`).check();
  await page.locator('[name="words.debt"]').fill('To be free of the broker');
  await send(page, page.locator('button[value="review"]'), `/clients/${code}/interview/review`);
  expect(await page.locator('main').textContent()).toContain('To be free of the broker');
  await send(page, page.locator('form[action$="/interview/save"] button'), `/clients/${code}`);
}

/** What is left to plan stands beside the form: while somebody types where scripts run, else when they ask. */
async function writesPlan(page: Page, code: string): Promise<void> {
  await follow(page, page.locator('a.app-work__link[href$="/plans/new"]'), `/clients/${code}/plans/new`);
  const left = page.locator('#left [data-money]');
  const before = await left.textContent();
  await page.locator('[name="description-1"]').fill('Pay back the broker');
  await page.locator('[name="need-1"]').selectOption('debt');
  await page.locator('[name="amount-1"]').fill('1000');
  const look = page.locator('button[data-without-script]');
  if ((await look.count()) > 0) await send(page, look, /\/plans$/);
  else
    await page
      .locator('#left [data-money]')
      .filter({ hasNotText: before ?? '' })
      .waitFor();
  expect(await left.textContent()).toMatch(/(Left to plan|More than the transfers)[\s\S]*Planned: [\d,]+\.\d\d\sTHB/);
  expect(await left.textContent()).not.toBe(before);
  await send(page, page.locator('button[value="save"]'), /\/plans\/[0-9a-f-]{36}$/);
}

/** In the client's own language, and nothing of the programme on it. */
async function showsCard(page: Page): Promise<void> {
  await follow(page, page.locator('a[hreflang="my"]'), /\/card$/);
  expect(await page.locator('html').getAttribute('lang')).toBe('my');
  expect(await page.locator('body').textContent()).toContain('Pay back the broker');
  await page.emulateMedia({ media: 'print' });
  expect(await page.locator('.app-plan-card__back').isVisible()).toBe(false);
  await page.emulateMedia({ media: null });
  await page.goBack();
}

async function tracks(page: Page): Promise<void> {
  await follow(page, page.locator('a[href$="/tracking"]'), /\/tracking$/);
  await page.locator('[name^="spent-"]').first().fill('900');
  await page.locator('[name^="cameOf-"]').first().fill('The debt is gone');
  await send(page, page.locator('form[action$="/tracking"] button'), /\/plans\/[0-9a-f-]{36}$/);
  expect(await page.locator('main').textContent()).toContain('The debt is gone');
}

/** The page that it leads to is another site's; what our service answers on the way counts. */
async function exits(page: Page, code: string): Promise<void> {
  await page.route('**/exit', async (route) => {
    const answer = await route.fetch({ maxRedirects: 0 });
    expect(answer.status()).toBe(303);
    await route.fulfill({
      headers: { 'set-cookie': answer.headers()['set-cookie'] ?? '' },
      contentType: 'text/html',
      body: 'weather',
    });
  });
  await page.locator('a[data-exit]').click();
  await page.waitForURL('**/exit');
  expect(await page.locator('body').textContent()).toBe('weather');
  await page.goBack();
  expect(await page.content()).not.toContain(code);
  await page.goto(`/clients/${code}`);
  expect(await page.content()).not.toContain('app-safe');
  await page.context().close();
}

/** Looks at what the run would be, and prepares just that. */
async function prepares(page: Page, today: string): Promise<{ run: string; total: string }> {
  await follow(page, page.locator('nav a[href="/runs"]'), '/runs');
  await follow(page, page.locator('main a[href="/runs/new"]'), '/runs/new');
  await page.locator('[name="dueThrough"]').fill(today);
  await page.locator('[name="country"]').selectOption('TH');
  await send(page, page.locator('form[action="/runs/new"] button'), '/runs/new');
  const preview = (await page.locator('main h2').first().textContent()) ?? '';
  const total = /[\d,]+\.\d\d/.exec(preview)?.[0] ?? '';
  await send(page, page.locator('form[action="/runs"] button'), /^\/runs\/[0-9a-f-]{36}$/);
  // Until it is prepared the page says how far that is, and looks again by itself.
  await page.locator('#digest').waitFor();
  expect(await page.locator('main').textContent()).toContain(total);
  return { run: new URL(page.url()).pathname, total };
}

async function takesFile(page: Page, run: string): Promise<string> {
  await send(page, page.locator(`form[action="${run}/bank-files"] button`), run);
  return downloaded(page, page.locator('a[href^="/bank-files/"]'));
}

/** The file is there for everybody; what checks it in the browser, where scripts run. */
async function checks(page: Page, withoutScripts: boolean): Promise<void> {
  expect(await page.content()).not.toMatch(/C-[0-9A-Z]{8}/);
  expect(await page.locator('[data-without-script]').isVisible()).toBe(withoutScripts);
  const proof = await downloaded(page, page.locator('a[download$="-bundle.json"]').first());
  expect(JSON.parse(proof)).toMatchObject({});
  if (withoutScripts) return;
  await page.locator('[data-fetch]').click();
  await page.locator('#verdict').waitFor();
  expect(await page.locator('[data-step] [data-status]').allTextContents()).not.toContain('Not checked yet');
}

async function downloaded(page: Page, link: Place): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  return readFileSync(await download.path(), 'utf8');
}

/** With a line of which the ledger knows nothing. */
async function takesBankReport(page: Page, day: string): Promise<void> {
  await follow(page, page.locator('nav a[href="/bank-reports"]'), '/bank-reports');
  const buffer = Buffer.from(camt({ day, entries: [{ amount: '25.00', direction: 'DBIT', day }] }));
  await page.locator('[name="file"]').setInputFiles({ name: 'from-the-bank.xml', mimeType: 'application/xml', buffer });
  await send(page, page.locator('form[enctype="multipart/form-data"] button'), /^\/bank-reports\/./);
}
