/** Every page type on a phone's screen, in two scripts, held against WCAG 2.2 AA by axe-core; and that none of them passes for a page of gov.uk. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { roleNames, type Role } from '../src/access/domain/actor.js';
import { readConfigJson } from '../src/kernel/reference-data.js';
import { violationsOn, withAxe } from './support/axe.js';
import { newId } from './support/builders.js';
import { Chromium, describeInBrowser, orSkipped, sidewaysScroll, watched } from './support/chromium.js';
import { takeUp } from './support/links.js';
import { startPayingService } from './support/mobile-money.js';
import { tokenOf } from './support/raw-requests.js';
import { addressOf } from './support/route-decisions.js';
import { routesOf, type Route } from './support/routes.js';
import { codeAt, enrol, hireUnexcused } from './support/second-factors.js';
import { TEST_PASSWORD } from './support/service.js';
import { openTwoOffices, type TwoOffices } from './support/two-offices.js';

/** For many pages on a machine that has other things to do. */
const PATIENCE_MS = 240_000;

const { roles } = readConfigJson<{ roles: Record<Role, string[]> }>('roles.json');

type Who = Role | 'nobody';
const everybody: readonly Who[] = [...roleNames, 'nobody'];
const LANGUAGES = ['en', 'my'];

/** Opened by no address alone; the walks below come to them. */
const WALKED = [
  'AccountPagesController.confirmation',
  'InterviewPagesController.review',
  'SignInPagesController.codeForm',
  'TillCountsPagesController.form',
];
/** No page: a file, a form's token, somewhere else, a provider that is not set up, and what an operator paid, of which these offices have nothing. */
const NO_PAGE = [
  'BankFilesPagesController.content',
  'DeviceFormsPagesController.freshToken',
  'ExitPagesController.leave',
  'OpenIdPagesController.begin',
  'OpenIdPagesController.finish',
  'ReversalsPagesController.form',
];
/** Pages that look otherwise to others than the first who may open them. */
const ALSO: Partial<Record<Role, string[]>> = {
  supervisor: ['ClientsPagesController.show', 'EnrolmentPagesController.show', 'EmergenciesPagesController.show'],
  'finance-preparer': ['WagesPagesController.list', 'ValueReviewsPagesController.show', 'LogPagesController.show'],
  'finance-approver': ['RunsPagesController.show', 'ValueReviewsPagesController.show', 'ReversalsPagesController.list'],
  'finance-releaser': ['RunsPagesController.show', 'FundPoliciesPagesController.show'],
  donor: ['ReportsPagesController.list', 'ReportsPagesController.show'],
  auditor: ['EmergenciesPagesController.show', 'RunsPagesController.show'],
};

/** Does something on a page, by names and not by words, for it is done in every language; what it comes to is looked at. */
interface Walk {
  name: string;
  who: Who;
  walk: (page: Page, offices: TwoOffices) => Promise<unknown>;
  /** In each of them when left out. */
  isIn?: string[];
}
/** By the last of the form's buttons, which sends all of it, also where the form is folded away. */
async function submit(page: Page, action: string): Promise<void> {
  const button = page.locator(`form[action$="${action}"][method="post"] button`).last();
  await Promise.all([page.waitForEvent('load'), button.evaluate((one: { click(): void }) => one.click())]);
}
const emptied = (name: string, who: Who, from: (of: TwoOffices['of']['own']) => string, action: string): Walk => ({
  name,
  who,
  isIn: ['en'],
  walk: async (page, { of }) => {
    await page.goto(from(of.own));
    await submit(page, action);
  },
});
const walks: Walk[] = [
  emptied('signing in with nothing typed', 'nobody', () => '/sign-in', '/sign-in'),
  emptied('a registration with nothing in it', 'caseworker', () => '/clients/new', '/clients'),
  emptied('a note with nothing in it', 'caseworker', ({ client }) => `/clients/${client}/notes`, '/notes'),
  emptied(
    'rules of contact with nothing in them',
    'caseworker',
    ({ client }) => `/clients/${client}/safe-contact`,
    '/safe-contact',
  ),
  emptied('a plan with nothing in it', 'caseworker', ({ client }) => `/clients/${client}/plans/new`, '/plans'),
  emptied('a wage with nothing in it', 'finance-preparer', () => '/wages', '/wages'),
  emptied('an account with nothing in it', 'finance-preparer', () => '/paying-accounts', '/paying-accounts'),
  emptied('an invitation with nothing in it', 'administrator', () => '/users/invite', '/users/invite'),
  emptied('a token with nothing in it', 'auditor', () => '/account/tokens', '/account/tokens'),
  emptied(
    'an interview with nothing in it',
    'caseworker',
    ({ client }) => `/clients/${client}/interview`,
    '/interview',
  ),
  {
    name: 'an interview looked at before it is saved',
    who: 'caseworker',
    walk: async (page, { of }) => {
      await page.goto(`/clients/${of.own.client}/interview`);
      await page.locator('[name="ranks.food"][value="4"]').check();
      await page.locator('[name="words.food"]').fill('rice');
      await page.locator('button[name="go"][value="review"]').click();
      await page.waitForURL(/\/interview\/review$/);
    },
  },
  { name: 'a page that is not there', who: 'donor', walk: (page) => page.goto('/nothing') },
  { name: 'a page that is not for them', who: 'donor', walk: (page) => page.goto('/runs') },
  { name: 'a page for who has signed in', who: 'nobody', walk: (page) => page.goto('/runs') },
  {
    name: 'a count of cash',
    who: 'finance-preparer',
    walk: async (page) => {
      await page.goto('/cash');
      await page.locator('a[href^="/cash-counts/new"]').first().click();
    },
  },
  {
    name: 'a run as it would be prepared',
    who: 'finance-preparer',
    walk: (page) => page.goto('/runs/new?dueThrough=2026-06-30'),
  },
  {
    name: 'an account that another administrator has to confirm',
    who: 'nobody',
    walk: async (page, { service }) => {
      const invited = { email: `${newId()}@test.example`, displayName: 'Invited', roles: ['auditor'] };
      const { body } = await service.as('administrator').post('/api/v1/users', invited).expect(201);
      await takeUp(service, (body as { link: string }).link);
      await giveEmailAndPassword(page, invited.email);
      expect(new URL(page.url()).pathname).toBe('/account/confirmation');
    },
  },
  {
    name: 'the code of a second factor',
    who: 'nobody',
    walk: async (page, { service }) => {
      const { email } = await enrol(service);
      await giveEmailAndPassword(page, email);
      expect(new URL(page.url()).pathname).toBe('/sign-in/code');
    },
  },
  {
    name: 'setting up a second factor, and the recovery codes shown once',
    who: 'nobody',
    walk: async (page, { service }) => {
      await giveEmailAndPassword(page, (await hireUnexcused(service, 'finance-releaser')).email);
      await page.goto('/account/second-factor');
      expect(await faultsOf(page)).toEqual([]);
      const secret = (await page.locator('#secret').textContent()) ?? '';
      await page.locator('[name="code"]').fill(codeAt(service, secret));
      await submit(page, '/account/second-factor');
    },
  },
];

async function giveEmailAndPassword(page: Page, email: string): Promise<void> {
  await page.goto('/sign-in');
  await page.locator('[name="email"]').fill(email);
  await page.locator('[name="password"]').fill(TEST_PASSWORD);
  await submit(page, '/sign-in');
}

/** What is wrong with the page that is open. */
async function faultsOf(page: Page): Promise<string[]> {
  await page.waitForLoadState();
  const scroll = await sidewaysScroll(page);
  return [
    ...(await violationsOn(page)),
    ...(scroll > 0 ? [`scrolls sideways by ${scroll}`] : []),
    ...(await page.evaluate<string[]>(likenessesOfGovUk)),
  ];
}

const likenessesOfGovUk = `(() => {
  const found = [];
  if (/crown copyright/i.test(document.body.innerText)) found.push('says Crown copyright');
  for (const image of document.querySelectorAll('img, image, use, link, source'))
    for (const { value } of image.attributes) if (/crown/i.test(value)) found.push('has a crown: ' + value);
  for (const part of document.querySelectorAll('[class*="crown"], [class*="logotype"]')) found.push('has a ' + part.getAttribute('class'));
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).map((rule) => rule.cssText).join(' ');
  if (/gds transport|crown/i.test(rules)) found.push('has the typeface or the crown of gov.uk in its style sheet');
  return found;
})()`;

describeInBrowser(`every page, held against WCAG 2.2 AA${orSkipped}`, () => {
  let offices: TwoOffices;
  let chromium: Chromium;
  let routes: Route[];

  beforeAll(async () => {
    offices = await openTwoOffices();
    chromium = await Chromium.launch(offices.service);
    routes = routesOf(offices.service.app).filter(
      ({ method, handler }) => method === 'GET' && handler.includes('PagesController'),
    );
  }, PATIENCE_MS);
  afterAll(async () => {
    await chromium.close();
    await offices.close();
  });

  const isOpen = ({ declaration }: Route, who: Who) =>
    declaration !== undefined &&
    ('public' in declaration
      ? who === 'nobody'
      : who !== 'nobody' && declaration.anyOf.some((permission) => roles[who].includes(permission)));
  const tokens = new Map<Who, string>();
  async function tokenFor(who: Who): Promise<string | undefined> {
    if (who !== 'nobody' && !tokens.has(who)) tokens.set(who, await tokenOf(offices.service, who));
    return tokens.get(who);
  }

  /** Everybody's start page; each other page to the first who may open it, and in English to those to whom it looks otherwise. */
  function pagesOf(who: Who, language = 'en'): Route[] {
    return routes.filter((route) => {
      if ([...WALKED, ...NO_PAGE].includes(route.handler) || !isOpen(route, who)) return false;
      if (route.path === '/') return true;
      const also: readonly string[] = who === 'nobody' || language !== 'en' ? [] : (ALSO[who] ?? []);
      return everybody.find((one) => isOpen(route, one)) === who || also.includes(route.handler);
    });
  }

  describe.each(LANGUAGES)('in %s', (language) => {
    it.each(everybody)(
      'as a %s sees them',
      async (who) => {
        const page = await withAxe(await chromium.open({ token: await tokenFor(who), language }));
        const faultsSeen = await watched(page);
        const wrong: string[] = [];
        for (const route of pagesOf(who, language)) {
          const address = addressOf(route, offices, 'own', who === 'nobody' ? 'donor' : who);
          const answer = await page.goto(address);
          if (answer?.status() !== 200) wrong.push(`${address}: ${answer?.status()}`);
          if (who !== 'nobody' && new URL(page.url()).pathname !== address)
            wrong.push(`${address} leads to ${page.url()}`);
          wrong.push(...[...(await faultsOf(page)), ...(await faultsSeen())].map((fault) => `${address}: ${fault}`));
        }
        await page.context().close();
        expect(wrong).toEqual([]);
      },
      PATIENCE_MS,
    );

    it.each(walks.filter(({ isIn = LANGUAGES }) => isIn.includes(language)))('$name', async ({ who, walk }) => {
      const page = await withAxe(await chromium.open({ token: await tokenFor(who), language }));
      await walk(page, offices);
      const wrong = await faultsOf(page);
      await page.context().close();
      expect(wrong).toEqual([]);
    });
  });

  it('leaves none of them out', () => {
    const seen = new Set(everybody.flatMap((who) => pagesOf(who).map(({ handler }) => handler)));
    const left = routes.map(({ handler }) => handler).filter((handler) => !seen.has(handler));
    expect(left.sort()).toEqual([...WALKED, ...NO_PAGE].sort());
  });
});

describeInBrowser(`what an operator paid${orSkipped}`, () => {
  it.each(LANGUAGES)('is asked back on a page like the others, in %s', async (language) => {
    const paying = await startPayingService();
    const { transfer } = await paying.instructed({ mode: 'accept-now' });
    await paying.send();
    const chromium = await Chromium.launch(paying.service);
    const page = await withAxe(
      await chromium.open({ token: await tokenOf(paying.service, 'finance-preparer'), language }),
    );
    await page.goto(`/reversals/new?transfer=${transfer}&attempt=1`);
    expect(await faultsOf(page)).toEqual([]);
    await chromium.close();
    await paying.close();
  });
});
