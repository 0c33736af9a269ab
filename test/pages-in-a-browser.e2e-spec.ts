/** The pages in a real browser, which tells when something on them goes against their content security policy; skipped, and said so, where there is no Chromium. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { Role } from '../src/access/domain/actor.js';
import { Chromium, describeInBrowser, orSkipped } from './support/chromium.js';
import { tokenOf } from './support/raw-requests.js';
import { openTwoOffices, type TwoOffices } from './support/two-offices.js';

describeInBrowser(`in a browser, nothing on a page goes against its policy${orSkipped}`, () => {
  let offices: TwoOffices;
  let chromium: Chromium;

  beforeAll(async () => {
    offices = await openTwoOffices();
    chromium = await Chromium.launch(offices.service);
  }, 120_000);
  afterAll(async () => {
    await chromium.close();
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
    const faults = await faultsSeen(page, address(offices.of));
    await page.context().close();
    expect(faults).toEqual([]);
  });

  it('which would be told', async () => {
    const page = await signedIn('donor');
    await page.goto('/');
    await page.evaluate(`
      document.body.setAttribute('style', 'color: red');
      const script = document.createElement('script');
      script.text = 'window.ran = true';
      document.body.append(script);`);
    expect(await told(page)).toEqual(['style-src-attr inline', 'script-src-elem inline']);
    await page.context().close();
  });

  async function signedIn(role: Role): Promise<Page> {
    const page = await chromium.open({ token: await tokenOf(offices.service, role) });
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
