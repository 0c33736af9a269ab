/** A donor checks a report in a real browser: skipped, and said so, where there is no Chromium. */
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { DonorReportsService } from '../src/donor-reports/donor-reports.service.js';
import { busyQuarter, newWitness, reportOf } from './support/bundles.js';
import { describeInBrowser, executablePath, orSkipped } from './support/chromium.js';
import { LOOKED_AT_ON, openDonorBooks, type DonorBooks } from './support/donor-books.js';
import { raw, tokenOf } from './support/raw-requests.js';
import { travel } from './support/service.js';

/** It is the fund's first report, so there is none before it; single entries are for auditors. */
const PASSED_BY_A_DONOR = [
  'Passed',
  'Passed',
  'Passed',
  'Not in this file',
  'Passed',
  'Passed',
  'Not in this file',
  'Passed',
];

describeInBrowser(`in a browser, a donor who checks a report${orSkipped}`, () => {
  let books: DonorBooks;
  let browser: Browser;
  let origin: string;
  let token: string;
  let page: Page;
  let asked: string[];

  beforeAll(async () => {
    books = await openDonorBooks();
    travel(books.service, LOOKED_AT_ON);
    token = await tokenOf(books.service, 'donor');
    origin = (await books.service.app.getUrl()).replace(/\[::1\]|127\.0\.0\.1/, 'localhost'); // signatures are checked on a protected page only
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  }, 180_000);
  afterAll(async () => {
    await browser.close();
    await books.close();
  });
  afterEach(async () => {
    expect(await page.evaluate<string[]>('window.seen ?? []')).toEqual([]); // nothing goes against the policy of the page
    await page.context().close();
  });

  async function open(path: string, options: BrowserContextOptions = {}, before = ''): Promise<void> {
    const context = await browser.newContext({ viewport: { width: 360, height: 740 }, ...options });
    await context.addCookies([{ name: 'uct_session', value: token, url: origin, httpOnly: true }]);
    page = await context.newPage();
    if (options.javaScriptEnabled !== false)
      await page.addInitScript({
        content: `window.seen = [];
          document.addEventListener('securitypolicyviolation', (event) => seen.push(event.effectiveDirective + ' ' + event.blockedURI));
          ${before}`,
      });
    await page.goto(origin + path, { waitUntil: 'networkidle' });
    asked = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  }

  const checkPage = () => `/reports/${books.report}/check`;
  const bundlePath = () => `/api/v1/donor-reports/${books.report}/bundle`;
  const bundle = async () => (await raw(books.service, token, 'get', bundlePath()).expect(200)).text;
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const verdict = () => page.locator('#verdict').textContent();
  const signs = () => page.locator('[data-status]').allTextContents();
  const isTooWide = () =>
    page.evaluate<boolean>('document.documentElement.scrollWidth > document.documentElement.clientWidth');

  async function choose(name: string, text: string): Promise<void> {
    await page
      .getByLabel('Or a file that you kept')
      .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });
    await button('Check this file').click();
    await page.getByText(`Checked: ${name}`).waitFor();
  }

  it.each([360, 1280])('comes to it from the report and sees that it holds, %i pixels wide', async (width) => {
    await open(`/reports/${books.report}`, { viewport: { width, height: 800 } });
    await page.getByRole('link', { name: 'Check it yourself' }).click();
    await page.waitForURL(`**${checkPage()}`, { waitUntil: 'networkidle' });
    expect(await signs()).toEqual(Array.from({ length: 8 }, () => 'Not checked yet'));
    expect(await isTooWide()).toBe(false);
    asked = [];
    await button('Check the file of this report').click();
    await page.getByRole('region', { name: /^Everything holds if the keys/ }).waitFor();
    expect(await signs()).toEqual(PASSED_BY_A_DONOR);
    expect(await page.getByRole('status').textContent()).toMatch(/^Everything holds/);
    expect(await page.evaluate('document.activeElement.id')).toBe('verdict');
    expect(asked).toEqual([bundlePath()]);
    expect(await isTooWide()).toBe(false);
  });

  it('learns which step a damaged file fails at', async () => {
    const damaged = (await bundle()).replace(/(\\"paid\\":\\")(\d)/, '$19');
    expect(damaged).not.toBe(await bundle());
    await open(checkPage());
    await choose('damaged.json', damaged);
    expect(await verdict()).toBe('This report does not hold: do not rely on it.');
    expect((await signs())[4]).toBe('Failed');
    expect(await page.getByText('This step failed: This report is in the log').isVisible()).toBe(true);
    expect(await page.getByText('Code: seal-opening-false').isVisible()).toBe(true);
    expect((await signs()).at(-1)).toBe('Not looked at');
    expect(await page.getByText('The amounts were not compared').isVisible()).toBe(true);
  });

  it('learns nothing of a file that is no report, but that it is none', async () => {
    await open(checkPage());
    await choose('letter.json', 'Dear donor');
    expect(await signs()).toEqual([
      'Failed',
      ...Array.from({ length: 5 }, () => 'Not looked at'),
      'Not in this file',
      'Not looked at',
    ]);
  });

  it('checks a file of their own without a network, and it is sent to nobody', async () => {
    const kept = await bundle();
    await open(checkPage());
    await page.context().setOffline(true);
    await choose('kept.json', kept);
    expect(await signs()).toEqual(PASSED_BY_A_DONOR);
    expect(asked).toEqual([]);
    await button('Check the file of this report').click();
    await page.getByText('The file could not be fetched.').waitFor();
  });

  it('compares keys that they were given on another way', async () => {
    const { log } = JSON.parse(await bundle()) as { log: { vkey: string; witnesses: string[] } };
    await open(checkPage());
    await page.getByText('What you were given on another way').click();
    await page.getByLabel('The log’s key').fill(` ${log.vkey}\n`);
    await page.getByLabel('The witnesses’ keys').fill(log.witnesses.join('\n'));
    await button('Check the file of this report').click();
    await page.getByRole('region', { name: 'Everything holds.', exact: true }).waitFor();
    await page.getByLabel('The witnesses’ keys').fill(newWitness('stranger.example').vkey);
    await button('Check the file of this report').click();
    await page.getByRole('region', { name: 'This report does not hold' }).waitFor();
    expect((await signs())[2]).toBe('Failed');
  });

  it('is told when the report says other amounts than the log', async () => {
    await open(checkPage());
    await page.context().route(`**${checkPage()}`, async (route) => {
      const answer = await route.fetch();
      const body = (await answer.text()).replace(/(paidToDate&quot;:&quot;)(\d)/, '$19');
      await route.fulfill({ response: answer, body });
    });
    await page.reload({ waitUntil: 'networkidle' });
    await button('Check the file of this report').click();
    await page.getByText('This step failed: The report says what the log holds').waitFor();
    expect(await signs()).toEqual([...PASSED_BY_A_DONOR.slice(0, -1), 'Failed']);
  });

  it('is told that a file is of another report, however well it holds', async () => {
    await open(checkPage());
    await choose('other.json', JSON.stringify(reportOf([busyQuarter('2026-Q1')]).donor));
    expect(await verdict()).toBe('The file holds, and it is of another fund or quarter than this report.');
  });

  it('is asked for a file where there is none', async () => {
    await open(checkPage());
    await button('Check this file').click();
    expect(await page.locator('#file-error').textContent()).toBe('Choose the file of a report first.');
    expect(await page.evaluate('document.activeElement.id')).toBe('file');
  });

  it('is told that a quarter is not sealed yet', async () => {
    travel(books.service, '2026-07-02');
    const { report } = await books.service.app
      .get(DonorReportsService)
      .make(books.service.actor('finance-preparer'), { fund: books.fund, period: '2026-Q2' });
    travel(books.service, LOOKED_AT_ON);
    await open(`/reports/${report.id}/check`);
    await button('Check the file of this report').click();
    await page.getByText('The quarter is not sealed yet.').waitFor();
  });

  it('is shown other ways where no script runs', async () => {
    await open(checkPage(), { javaScriptEnabled: false });
    expect(await page.getByText('Checking on this page needs JavaScript.').isVisible()).toBe(true);
    expect(await button('Check the file of this report').isVisible()).toBe(false);
    expect(await page.getByText('npm run -s uct -- verify-bundle').isVisible()).toBe(true);
  });

  it('is shown other ways where the browser knows no such signatures', async () => {
    await open(checkPage(), {}, `SubtleCrypto.prototype.verify = async () => true;`);
    await page.getByText('This browser cannot check signatures').waitFor();
    expect(await button('Check the file of this report').isVisible()).toBe(false);
  });
});
