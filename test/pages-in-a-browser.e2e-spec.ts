/** The pages in a real browser, which tells when something on them goes against their content security policy; skipped, and said so, where there is no Chromium. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { Role } from '../src/access/domain/actor.js';
import { tokenOf } from './support/raw-requests.js';
import { openTwoOffices, type TwoOffices } from './support/two-offices.js';

const built = join(import.meta.dirname, '..', 'dist', 'web', 'public');
const executablePath = process.env.UCT_TEST_CHROMIUM ?? '';
const describeInBrowser = executablePath === '' ? describe.skip : describe;
const note = executablePath === '' ? ' (skipped: no Chromium here)' : '';

describeInBrowser(`in a browser, nothing on a page goes against its policy${note}`, () => {
  let offices: TwoOffices;
  let browser: Browser;
  let origin: string;

  beforeAll(async () => {
    offices = await openTwoOffices();
    origin = (await offices.service.app.getUrl()).replace('[::1]', 'localhost');
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await offices.close();
  });

  it.each<[Role, (of: TwoOffices['of']) => string]>([
    ['supervisor', () => '/'],
    ['supervisor', () => '/priorities'],
    ['supervisor', ({ own }) => `/clients/${own.client}`],
    ['caseworker', ({ own }) => `/clients/${own.client}/plans/new`],
    ['caseworker', ({ own }) => `/clients/${own.client}/plans/${own.plan}/card`],
    ['caseworker', () => '/clients/new'],
    ['caseworker', ({ own }) => `/clients/${own.client}/identification`],
    ['auditor', () => '/log'],
    ['auditor', () => '/books'],
    ['donor', ({ own }) => `/reports/${own.report}`],
    ['donor', () => '/my-funds'],
    ['donor', ({ own }) => `/reports/${own.report}/proof`],
    ['donor', ({ own }) => `/reports/${own.report}/check`],
    ['finance-approver', () => '/runs'],
    ['finance-approver', () => '/cash'],
    ['finance-approver', () => '/reversals'],
    ['finance-approver', () => '/not-arrived'],
    ['finance-releaser', () => '/fund-policies'],
    ['caseworker', () => '/cash-i-carry'],
    ['donor', () => '/nothing'],
    ['donor', () => '/api/docs'],
  ])('seen by a %s: %s', async (role, address) => {
    const page = await signedIn(role);
    const faults = await faultsSeen(page, origin + address(offices.of));
    await page.context().close();
    expect(faults).toEqual([]);
  });

  it('which would be told', async () => {
    const page = await signedIn('donor');
    await page.goto(`${origin}/`);
    await page.evaluate(`
      document.body.setAttribute('style', 'color: red');
      const script = document.createElement('script');
      script.text = 'window.ran = true';
      document.body.append(script);`);
    expect(await told(page)).toEqual(['style-src-attr inline', 'script-src-elem inline']);
    await page.context().close();
  });

  async function signedIn(role: Role): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
    await context.addCookies([
      { name: 'uct_session', value: await tokenOf(offices.service, role), url: origin, httpOnly: true },
    ]);
    // Assets are made when the service is built; the one under test runs from the source.
    await context.route('**/assets/*', (route) =>
      route.fulfill({ path: join(built, new URL(route.request().url()).pathname.replace('/assets/', '')) }),
    );
    const page = await context.newPage();
    await page.addInitScript({
      content: `window.seen = [];
        document.addEventListener('securitypolicyviolation', (event) => seen.push(event.effectiveDirective + ' ' + event.blockedURI));`,
    });
    return page;
  }

  async function faultsSeen(page: Page, address: string): Promise<string[]> {
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/status of 404/.test(message.text())) errors.push(message.text());
    });
    await page.goto(address, { waitUntil: 'networkidle' });
    return [...errors, ...(await told(page))];
  }

  const told = (page: Page) => page.evaluate<string[]>('window.seen');
});
