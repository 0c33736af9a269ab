/** Chromium on the service under test: who is signed in, how wide the screen is, in which language, with scripts or without. */
import { describe } from '@jest/globals';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import type { TestService } from './service.js';

export const executablePath = process.env.UCT_TEST_CHROMIUM ?? '';
const TALL = 740;

/** Skipped where there is no Chromium; `orSkipped` says so in the test's name. */
export const describeInBrowser = executablePath === '' ? describe.skip : describe;
export const orSkipped = executablePath === '' ? ' (skipped: no Chromium here)' : '';

export interface Screen {
  /** Of a session; nobody is signed in when left out. */
  token?: string;
  width?: number;
  /** Two letters; English when left out. */
  language?: string;
  withoutScripts?: boolean;
}

export class Chromium {
  private constructor(
    private readonly browser: Browser,
    /** "http://127.0.0.1:12345", without a slash. */
    readonly origin: string,
  ) {}

  static async launch(service: TestService): Promise<Chromium> {
    const origin = (await service.app.getUrl()).replace('[::1]', 'localhost');
    return new Chromium(await chromium.launch({ executablePath, args: ['--no-sandbox'] }), origin);
  }

  /** A browser of its own, with its own cookies, that opens addresses of the service by their path. */
  async open({ token, width = 360, language = 'en', withoutScripts = false }: Screen = {}): Promise<Page> {
    const context = await this.browser.newContext({
      baseURL: this.origin,
      viewport: { width, height: TALL },
      javaScriptEnabled: !withoutScripts,
      locale: language,
      // A worker would ask for the assets itself, where nobody serves them; what it does has a test of its own.
      serviceWorkers: 'block',
    });
    if (token) await context.addCookies([{ name: 'uct_session', value: token, url: this.origin, httpOnly: true }]);
    await speak(context, this.origin, language);
    return context.newPage();
  }

  close(): Promise<void> {
    return this.browser.close();
  }
}

function speak(context: BrowserContext, origin: string, language: string): Promise<void> {
  return context.addCookies([{ name: 'uct_language', value: language, url: origin }]);
}

/** What goes against the page's own policy, and what no script of it caught, since it was asked last. */
export async function watched(page: Page): Promise<() => Promise<string[]>> {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) errors.push(message.text());
  });
  await page.addInitScript({
    content: `window.seen = [];
      document.addEventListener('securitypolicyviolation', (event) => seen.push(event.effectiveDirective + ' ' + event.blockedURI));`,
  });
  return async () => [...errors.splice(0), ...(await page.evaluate<string[]>('seen.splice(0)'))];
}

/** How far the page could be scrolled sideways; 0 when it fits its screen. */
export const sidewaysScroll = (page: Page): Promise<number> =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
