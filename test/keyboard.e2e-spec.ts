/** The needs interview with a keyboard alone: Tab, arrows, Space and Enter, from the client's page until it is saved. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { needsCatalogue } from '../src/needs/catalogue.js';
import { registerClient } from './support/builders.js';
import { Chromium, describeInBrowser, orSkipped } from './support/chromium.js';
import { Keyboard } from './support/keyboard.js';
import { tokenOf } from './support/raw-requests.js';
import { startTestService, type TestService } from './support/service.js';

const TODAY = '2026-03-02';
const needs = needsCatalogue.needs.map(({ code }) => code);
/** Every fourth need is a highest priority, so that each rank is given. */
const rankOf = (index: number) => (index % 4) + 1;
/** How much of the screen's top it takes. */
const EXIT_BUTTON = 44;
const wordsFor = (need: string) => `What ${need} means to them`;

describeInBrowser(`with a keyboard alone${orSkipped}`, () => {
  let service: TestService;
  let chromium: Chromium;
  let token: string;
  beforeAll(async () => {
    service = await startTestService({ today: TODAY });
    chromium = await Chromium.launch(service);
    token = await tokenOf(service, 'caseworker');
  });
  afterAll(async () => {
    await chromium.close();
    await service.close();
  });

  const latest = async (code: string) =>
    (await service.as('caseworker').get(`/api/v1/clients/${code}/needs-assessments/latest`)).body as {
      ranks: Record<string, number>;
      interpretations: Record<string, string>;
    };

  it.each([false, true])(
    'all 21 needs are ranked, with words beside each 4, looked at and saved (without scripts: %s)',
    async (withoutScripts) => {
      const code = await registerClient(service);
      const page = await chromium.open({ token, withoutScripts });
      const keys = new Keyboard(page);
      await page.goto(`/clients/${code}`);
      await keys.tabTo(`a[href="/clients/${code}/interview"]`);
      await keys.enter(/\/interview$/);
      for (const [index, need] of needs.entries()) await rank(keys, need, rankOf(index));
      await keys.tabTo('button[value="review"]');
      await keys.enter(/\/interview\/review$/);
      await keys.tabTo('form[action$="/interview/save"] button');
      await keys.enter(new RegExp(`^/clients/${code}$`));
      expect(keys.unseen).toEqual([]);
      const { ranks, interpretations } = await latest(code);
      expect(needs.map((need) => ranks[need])).toEqual(needs.map((_, index) => rankOf(index)));
      const highest = needs.filter((_, index) => rankOf(index) === 4);
      expect(interpretations).toEqual(Object.fromEntries(highest.map((need) => [need, wordsFor(need)])));
      await page.context().close();
    },
    180_000,
  );

  it('a need without a rank is found from what says that it is missing', async () => {
    const { page, keys, missing } = await interviewThatLacksOne();
    await keys.tabTo(`a[href$="/interview#ranks.${missing}"]`);
    await keys.enter(/\/interview$/);
    expect(await keys.focused()).toBe(`#ranks.${missing}`);
    const place = await page.locator(`[id="ranks.${missing}"]`).boundingBox();
    expect(place?.y).toBeGreaterThan(EXIT_BUTTON);
    await keys.press('Space');
    await keys.tabTo('button[value="review"]');
    await keys.enter(/\/interview\/review$/);
    await keys.tabTo('form[action$="/interview/save"] button');
    expect(keys.unseen).toEqual([]);
    await page.context().close();
  });

  it.each([false, true])(
    'what is wrong takes the focus, and leads to its field (without scripts: %s)',
    async (withoutScripts) => {
      const code = await registerClient(service);
      const page = await chromium.open({ token, withoutScripts });
      const keys = new Keyboard(page);
      await page.goto(`/clients/${code}/notes`);
      await keys.tabTo(`form[action="/clients/${code}/notes"] button[type="submit"]`);
      await keys.enter(/\/notes$/);
      expect(await keys.focused()).toBe('#faults');
      expect(await page.locator('#faults').getByRole('link').count()).toBeGreaterThan(0);
      const first = await page.locator('#faults a').first().getAttribute('href');
      await keys.press('Tab', 'Enter');
      expect(await keys.focused()).toBe(first);
      await page.context().close();
    },
  );

  /** All the others are ranked over the page's own form, at once. */
  async function interviewThatLacksOne(): Promise<{ page: Page; keys: Keyboard; missing: string }> {
    const code = await registerClient(service);
    const page = await chromium.open({ token });
    await page.goto(`/clients/${code}/interview`);
    const [missing = '', ...rest] = needs;
    for (const need of rest) await page.locator(`[name="ranks.${need}"][value="2"]`).check();
    await page.locator('button[value="review"]').click();
    await page.waitForURL(/\/review$/);
    return { page, keys: new Keyboard(page), missing };
  }
});

/** From wherever the focus is: Space takes the first rank, and each arrow the next. */
async function rank(keys: Keyboard, need: string, value: number): Promise<void> {
  await keys.tabTo(`[name="ranks.${need}"]`);
  await keys.press('Space', ...Array.from({ length: value - 1 }, () => 'ArrowRight'));
  if (value < 4) return;
  await keys.tabTo(`[name="words.${need}"]`);
  await keys.type(wordsFor(need));
}
