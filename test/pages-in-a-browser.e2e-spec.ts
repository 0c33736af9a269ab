/** Pages with scripts of their own in a real browser, which tells when something goes against their content security policy; `accessibility` looks at every other page. Skipped, and said so, where there is no Chromium. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { Role } from '../src/access/domain/actor.js';
import { Chromium, describeInBrowser, orSkipped, watched } from './support/chromium.js';
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
    ['caseworker', ({ own }) => `/clients/${own.client}/plans/new`],
    ['caseworker', ({ own }) => `/clients/${own.client}/notes`],
    ['donor', ({ own }) => `/reports/${own.report}/check`],
    ['donor', () => '/nothing'],
    ['donor', () => '/api/docs'],
  ])('seen by a %s: %s', async (role, address) => {
    const page = await signedIn(role);
    const faultsSeen = await watched(page);
    await page.goto(address(offices.of), { waitUntil: 'networkidle' });
    const faults = await faultsSeen();
    await page.context().close();
    expect(faults).toEqual([]);
  });

  it('which would be told', async () => {
    const page = await signedIn('donor');
    const faultsSeen = await watched(page);
    await page.goto('/');
    await faultsSeen();
    await page.evaluate(`
      document.body.setAttribute('style', 'color: red');
      const script = document.createElement('script');
      script.text = 'window.ran = true';
      document.body.append(script);`);
    const faults = await faultsSeen();
    expect(faults).toEqual(expect.arrayContaining(['style-src-attr inline', 'script-src-elem inline']));
    await page.context().close();
  });

  const signedIn = async (role: Role): Promise<Page> => chromium.open({ token: await tokenOf(offices.service, role) });
});
