/** The page that checks bundles, opened from the disk in a browser without a network; skipped, and said so, where there is no Chromium. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { busyQuarter, logSigner, newLogSigner, reportOf, witnesses } from './support/bundles.js';

const root = join(import.meta.dirname, '..');
const built = join(root, 'dist', 'web', 'public', 'verify-bundle.html');
const address = pathToFileURL(built).href;
const folder = mkdtempSync(join(tmpdir(), 'uct-page-'));
const at = (name: string) => join(folder, name);

afterAll(() => rmSync(folder, { recursive: true }));

describe('the page that checks bundles', () => {
  const page = readFileSync(built, 'utf8');
  const between = (open: string, close: string) => page.split(open)[1]?.split(close)[0] ?? '';
  const hash = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`;

  it('is made again to the byte from the same source', () => {
    for (const copy of ['one.html', 'two.html']) {
      execFileSync(process.execPath, [join(root, 'scripts', 'offline-page.mjs'), at(copy)]);
      expect(readFileSync(at(copy), 'utf8') === page).toBe(true);
    }
  });

  it('allows itself its one script and its one style, and nothing else', () => {
    const script = hash(between('<script type="module">', '</script>'));
    const style = hash(between('<style>', '</style>'));
    expect(between('content="', '"')).toBe(
      `default-src 'none'; script-src '${script}'; style-src '${style}'; connect-src 'none'; form-action 'none'; base-uri 'none'`,
    );
  });

  it('has no address in it to which anything could be sent', () => {
    expect(page).not.toMatch(/https?:|\bsrc=|url\(|@import|\bimport\(|sendBeacon|WebSocket|XMLHttpRequest|\bfetch\(/);
    expect([...page.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual(['#main']);
  });
});

const executablePath = process.env.UCT_TEST_CHROMIUM ?? '';
const describeInBrowser = executablePath === '' ? describe.skip : describe;
const note = executablePath === '' ? ' (skipped: no Chromium here)' : '';

describeInBrowser(`in a browser without a network, the page that checks bundles${note}`, () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let requests: string[];

  beforeAll(async () => {
    const { donor, auditor } = reportOf([busyQuarter('2026-Q1'), busyQuarter('2026-Q2')]);
    const first = reportOf([busyQuarter('2026-Q1')]).donor;
    writeFileSync(at('donor.json'), JSON.stringify(donor));
    writeFileSync(at('auditor.json'), JSON.stringify(auditor));
    writeFileSync(at('first.json'), JSON.stringify(first));
    writeFileSync(at('first.checkpoint'), first.checkpoint);
    writeFileSync(at('tampered.json'), JSON.stringify(donor).replace('90000000', '91000000'));
    writeFileSync(at('promise.json'), JSON.stringify(reportOf([busyQuarter('2026-Q1')], { cosigners: [] }).donor));
    browser = await chromium.launch({
      executablePath,
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
  });
  afterAll(() => browser.close());

  beforeEach(() => open());
  afterEach(async () => {
    expect(requests).toEqual([address]);
    await context.close();
  });

  async function open(width = 1280, before?: string): Promise<void> {
    await context?.close();
    context = await browser.newContext({ viewport: { width, height: 800 }, offline: true });
    page = await context.newPage();
    if (before) await page.addInitScript({ content: before });
    requests = [];
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(address);
  }

  async function check(name: string): Promise<void> {
    await page.getByLabel('The file of the report').setInputFiles(at(name));
    await page.getByRole('button', { name: 'Check this report' }).click();
    await page.getByRole('region', { name: 'Result' }).waitFor();
  }

  const verdict = () => page.getByRole('region', { name: 'Result' }).getByRole('heading').first().textContent();
  const signs = () => page.locator('.tag').allTextContents();
  const isTooWide = () => page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
  const focused = () => page.evaluate<string>('document.activeElement.id');

  it.each([360, 1280])('tells a donor in six steps that everything holds, %i pixels wide', async (width) => {
    await open(width);
    expect(await isTooWide()).toBe(false);
    await check('donor.json');
    expect(await verdict()).toMatch(/^Everything holds if the keys in this file are the right ones/);
    expect(await signs()).toEqual(Array.from({ length: 6 }, () => '✓Holds'));
    const row = page.getByRole('row').filter({ hasText: 'Received from donors' }).first();
    expect(await row.getByRole('cell').textContent()).toBe('900,000.00');
    expect(await page.getByText('The operator calls this fund').textContent()).toContain('Cash for survivors');
    expect(await isTooWide()).toBe(false);
  });

  it.each([360, 1280])('tells which step does not hold and shows no figures, %i pixels wide', async (width) => {
    await open(width);
    await check('tampered.json');
    expect(await verdict()).toBe('This report does not hold: do not rely on it.');
    expect(await signs()).toEqual(['✓Holds', '✓Holds', '✓Holds', '✓Holds', '✗Does not hold', '✗Does not hold']);
    expect(await page.getByText('Code: seal-opening-false').count()).toBe(1);
    expect(await page.getByText('Code: granted-does-not-continue').count()).toBe(1);
    expect(await page.getByRole('table').count()).toBe(0);
    expect(await isTooWide()).toBe(false);
  });

  it('tells an auditor in seven steps, with the exact counts', async () => {
    await check('auditor.json');
    expect(await signs()).toHaveLength(7);
    expect(await page.getByText('exactly 2, in 16 entries').count()).toBe(1);
  });

  it('warns of the figures of a report that no witness saw', async () => {
    await check('promise.json');
    expect(await page.getByText('promise, not a proof').count()).toBeGreaterThan(0);
    expect(await page.getByText('do not rely on these figures').isVisible()).toBe(true);
  });

  it('takes the keys and the report before, as somebody was given them', async () => {
    await page.getByLabel("The log's key").fill(` ${logSigner.vkey}\n`);
    await page.getByLabel("The witnesses' keys").fill(witnesses.map(({ vkey }) => vkey).join('\n'));
    await page.getByLabel('The report that you checked before').setInputFiles(at('first.json'));
    await check('donor.json');
    expect(await verdict()).toBe('Everything holds.');
    expect(await page.getByText('agrees with what you kept').count()).toBe(1);
  });

  it('takes a checkpoint that is pasted', async () => {
    await page.getByLabel('or its checkpoint').fill(readFileSync(at('first.checkpoint'), 'utf8'));
    await check('donor.json');
    expect(await page.getByText('agrees with what you kept').count()).toBe(1);
  });

  it('does not take another key than the one that was given', async () => {
    await page.getByLabel("The log's key").fill(newLogSigner('log.example/uct', 'thief').vkey);
    await check('donor.json');
    expect((await signs())[1]).toBe('✗Does not hold');
  });

  it('takes a file that is dropped on it', async () => {
    const text = JSON.stringify(readFileSync(at('donor.json'), 'utf8'));
    const dataTransfer = await page.evaluateHandle(
      `(() => { const data = new DataTransfer(); data.items.add(new File([${text}], 'dropped.json')); return data; })()`,
    );
    await page.dispatchEvent('#drop', 'drop', { dataTransfer });
    await page.getByRole('button', { name: 'Check this report' }).click();
    await page.getByText('Checked: dropped.json').waitFor();
    expect(await verdict()).toMatch(/^Everything holds/);
  });

  it('can be used with a keyboard alone, and says the result to a screen reader', async () => {
    await page.getByLabel('The file of the report').setInputFiles(at('donor.json'));
    await page.getByLabel('The file of the report').focus();
    const way: string[] = [];
    while (way.at(-1) !== 'go' && way.length < 10) {
      await page.keyboard.press('Tab');
      way.push(await focused());
    }
    expect(way).toEqual(['log-key', 'witness-keys', 'earlier-file', 'earlier', 'go']);
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Result' }).waitFor();
    expect(await page.getByRole('status').textContent()).toMatch(/^Everything holds/);
    expect(await focused()).toBe('result');
  });

  it('asks for a file when there is none', async () => {
    await page.getByRole('button', { name: 'Check this report' }).click();
    expect(await page.getByRole('alert').textContent()).toBe('Choose the file of a report first.');
    expect(await focused()).toBe('file');
  });

  it('checks one file after another', async () => {
    await check('donor.json');
    await check('tampered.json');
    expect(await verdict()).toMatch(/does not hold/);
    await check('auditor.json');
    expect(await signs()).toHaveLength(7);
  });

  it.each([
    ['knows no Ed25519', "throw new DOMException('Unrecognized name', 'NotSupportedError')"],
    ['finds every signature true', 'return true'],
    ['finds every signature false', 'return false'],
  ])('checks nothing where the browser %s, and says which do', async (_, does) => {
    await open(1280, `SubtleCrypto.prototype.verify = async () => { ${does} };`);
    await page.getByText('Firefox from 129').waitFor();
    expect(await page.getByRole('button', { name: 'Check this report' }).isVisible()).toBe(false);
  });

  it('could not send anything if it tried', async () => {
    const refused = await page.evaluate<string>(`new Promise((resolve) => {
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => resolve(effectiveDirective));
      fetch('http://127.0.0.1:9/').catch(() => undefined);
    })`);
    expect(refused).toBe('connect-src');
    requests.splice(1); // what was refused is told as a request too
  });
});
