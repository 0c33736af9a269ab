/** A donor's pages: their own funds and reports, what proves them, and nothing of anybody who was paid on any of them. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Role } from '../src/access/domain/actor.js';
import { DonorReportsService } from '../src/donor-reports/donor-reports.service.js';
import { checkBundle } from '../src/ledger/transparency-log/domain/bundle-check.js';
import { STEPS } from '../src/ledger/transparency-log/domain/bundle-findings.js';
import { nodePrimitives } from '../src/ledger/transparency-log/domain/node-primitives.js';
import { comparedFigures, type StatedFigures } from '../src/web/proof/compared-figures.js';
import { Browser, faultsOf, titleOf } from './support/browser.js';
import { sightings } from './support/canaries.js';
import { LOOKED_AT_ON, openDonorBooks, PAID_ON, payAgain, type DonorBooks } from './support/donor-books.js';
import { TEST_PASSWORD, travel } from './support/service.js';

let books: DonorBooks;
let donor: Browser;

beforeAll(async () => {
  books = await openDonorBooks();
  travel(books.service, LOOKED_AT_ON);
  donor = await signedIn('donor');
}, 180_000);
afterAll(() => books.close());

async function signedIn(role: Role, number = 1): Promise<Browser> {
  const browser = new Browser(books.service);
  const email = `${role}-${number}@test.example`;
  expect((await browser.send('/sign-in', '/sign-in', { email, password: TEST_PASSWORD })).status).toBe(303);
  return browser;
}

const opened = async (path: string, by = donor) => (await by.open(path).expect(200)).text;
/** What stands in the cells of the rows that begin with these words. */
const cellsOf = (text: string, words: string) =>
  [...text.matchAll(/<tr role="row">([\s\S]*?)<\/tr>/g)]
    .map(([, row = '']) => row)
    .filter((row) => row.includes(`>${words}</th>`))
    .map((row) => [...row.matchAll(/<td[^>]*>([^<]*)<\/td>/g)].map(([, cell]) => cell));
/** The data of a page's script. */
function liveOf(text: string): { stated: StatedFigures; bundle: string } {
  const [, live = ''] = /data-check="([^"]*)"/.exec(text) ?? [];
  return JSON.parse(live.replaceAll('&quot;', '"').replaceAll('&amp;', '&')) as ReturnType<typeof liveOf>;
}

describe('My funds', () => {
  it('are the funds of the donor and nobody else’s, as the books stood at the quarter’s end', async () => {
    const text = await opened('/my-funds');
    expect(text).toContain(`Fund ${books.fund}`);
    expect(text).not.toContain(books.othersFund);
    expect(text).toContain('By 31\u00a0March 2026, in THB');
    const { statement } = (await donor.open(`/api/v1/donor-reports/${books.report}`).expect(200)).body as {
      statement: Record<string, string>;
    };
    const amounts = (words: string) => cellsOf(text, words).flat()[0]?.replaceAll(',', '');
    expect(amounts('Received')).toBe(statement.receivedToDate);
    expect(amounts('Of that, paid to clients')).toBe(statement.paidToDate);
    expect(amounts('Available, not promised to anybody yet')).toBe(statement.available);
    // 28 clients in Myanmar and 9 in Thailand, each approved and paid once.
    expect(amounts('Approved for clients')).toBe('212796.00');
    expect(text).toMatch(/<svg[^>]*role="img"[^>]*aria-labelledby="fund-chart-1-title fund-chart-1-desc"/);
    expect(text).toContain(`href="/reports?fund=${books.fund}"`);
  });

  it('do not move when somebody is paid in the quarter that is not over', async () => {
    const before = await opened('/my-funds');
    expect(await payAgain(books.service, '2026-04-20')).toBeGreaterThan(30);
    const after = await opened('/my-funds', await signedIn('donor'));
    travel(books.service, LOOKED_AT_ON);
    const told = (text: string) => text.match(/<(table|svg)[\s\S]*?<\/\1>/g);
    expect(told(after)).toEqual(told(before));
  });

  it('are led to from the start page and from the navigation, and are for donors', async () => {
    const start = await opened('/');
    expect(start.match(/href="\/my-funds"/g)).toHaveLength(2);
    const finance = await signedIn('finance-preparer');
    await finance.open('/my-funds').expect(403);
    expect((await finance.open('/')).text).not.toContain('/my-funds');
  });

  it('of a donor who has none say what to do', async () => {
    expect(await opened('/my-funds', await signedIn('donor', 2))).toContain('No fund is shown to you yet.');
  });
});

describe('My reports', () => {
  it('are narrowed to a fund and a quarter, and what is none of the list is said', async () => {
    const narrowed = await opened(`/reports?fund=${books.fund}&period=2026-Q1`);
    expect(titleOf({ text: narrowed } as never)).toBe('My reports – UCT Ledger');
    expect(narrowed).toContain(`href="/reports/${books.report}"`);
    expect(narrowed).not.toContain(books.othersReport);
    const wrong = await donor.open(`/reports?fund=${books.othersFund}&period=2031-Q9`).expect(422);
    expect(faultsOf(wrong)).toEqual([
      ['#fund', 'Choose a fund of the list'],
      ['#period', 'Choose a quarter of the list'],
    ]);
    expect(wrong.text).not.toContain(`Fund ${books.othersFund}`);
  });

  it('have each chart beside a table, and say what was withheld and why', async () => {
    const text = await opened(`/reports/${books.report}`);
    expect(text.match(/<figure class="app-chart"/g)).toHaveLength(2);
    expect(text.match(/<div class="app-beside">/g)).toHaveLength(2);
    expect(text).toMatch(/<desc id="money-chart-desc">Bars for parts of the money/);
    const withheld = text.slice(text.indexOf('id="withheld"'));
    expect(withheld).toContain('Too few people named it, or too few did not.');
    expect(withheld).not.toContain('No number of this report was withheld.');
  });

  it.each(['', '/proof', '/check'])('of another donor are not there (%s)', async (page) => {
    await donor.open(`/reports/${books.othersReport}${page}`).expect(404);
  });
});

describe('What proves a report', () => {
  it('is told in six steps with the values of its own bundle', async () => {
    const text = await opened(`/reports/${books.report}/proof`);
    expect(text.match(/<li class="app-proof__step">/g)).toHaveLength(6);
    const { body } = await donor.open(`/api/v1/donor-reports/${books.report}/bundle`).expect(200);
    const { seal, checkpoint } = body as { seal: { index: number; donor: { text: string } }; checkpoint: string };
    const [, size = '', root = ''] = checkpoint.split('\n');
    const { digest } = JSON.parse(seal.donor.text) as { digest: string };
    expect(text).toContain(`This quarter is line ${seal.index + 1} of ${Number(size).toLocaleString('en')}.`);
    expect(text).toContain(root);
    expect(text).toContain(digest);
    expect(text).toContain('2 witnesses signed that state of the log: witness.one, witness.two.');
    expect(text).toContain(
      '212,796.00\u00a0THB was paid, and 0.00\u00a0THB came back. Payments that arrived: 11 to 50.',
    );
  });

  it('says so while the quarter is not sealed', async () => {
    const finance = books.service.actor('finance-preparer');
    travel(books.service, '2026-07-02');
    const { report } = await books.service.app
      .get(DonorReportsService)
      .make(finance, { fund: books.othersFund, period: '2026-Q2' });
    travel(books.service, LOOKED_AT_ON);
    const text = await opened(`/reports/${report.id}/proof`, await signedIn('auditor'));
    expect(text).toContain('This quarter is not sealed yet.');
    expect(text.match(/<li class="app-proof__step">/g)).toHaveLength(6);
  });
});

describe('The page on which a report is checked', () => {
  it('lists every step in words before anything is checked, and ways to check without a script', async () => {
    const text = await opened(`/reports/${books.report}/check`);
    expect([...text.matchAll(/data-step="([^"]+)"/g)].map(([, step]) => step)).toEqual([...STEPS, 'report']);
    expect(text).toContain('data-without-script>Checking on this page needs JavaScript.');
    expect(text).toContain(`npm run -s uct -- verify-bundle ${books.fund}-2026-Q1-bundle.json`);
    expect(text).toMatch(/<form[^>]*data-form hidden/);
    const nonce = /src="\/assets\/check-report\.js[^"]*" nonce="([^"]+)"/.exec(text)?.[1];
    expect(nonce).toBeTruthy();
  });

  it('carries the amounts of the report, which are those that the log holds', async () => {
    const { stated, bundle } = liveOf(await opened(`/reports/${books.report}/check`));
    const findings = await checkBundle(nodePrimitives, (await donor.open(bundle).expect(200)).text);
    expect(findings.holds).toBe(true);
    expect(findings.figures && comparedFigures(stated, findings.figures)).toBe('same');
  });
});

describe('Nothing of anybody who was paid', () => {
  /** Everything that a donor reaches from the start page, with the files that pages offer. */
  async function crawl(by: Browser): Promise<Map<string, string>> {
    const read = new Map<string, string>();
    const ahead = ['/', '/api/v1/donor-reports', `/api/v1/donor-reports/${books.report}`];
    for (let path = ahead.shift(); path !== undefined; path = ahead.shift()) {
      if (read.has(path)) continue;
      const { status, text, headers } = await by.open(path);
      expect([path, status]).toEqual([path, 200]);
      read.set(path, `${text}\n${JSON.stringify(headers)}`);
      if (!headers['content-type']?.startsWith('text/html')) continue;
      for (const [, href = ''] of text.matchAll(/href="([^"]*)"/g)) {
        const to = href.replaceAll('&amp;', '&').replace(/#.*$/, '');
        // Leaving signs out; what the style sheet and the page for one's own disk say is the same for everybody.
        if (/^\/(?!\/)/.test(to) && to !== '/exit' && !to.startsWith('/assets/')) ahead.push(to);
      }
    }
    return read;
  }

  /** A number or a day between signs that are no part of a longer one. */
  const standsIn = (text: string, amount: string) =>
    new RegExp(`(?<![\\w+/.,-])${amount.replaceAll('.', '\\.')}(?![\\w+/-]|[.,]\\d)`).test(text);

  const seenIn = (text: string) => [
    ...books.secrets.flatMap((secret) => sightings(text, secret)),
    ...books.payments.filter((payment) => standsIn(text, payment)),
    ...[books.othersReport, books.othersFund].filter((other) => text.includes(other)),
  ];

  it('stands on any page or in any file that a donor can reach from the start page', async () => {
    const read = await crawl(donor);
    const pages = [...read.keys()];
    expect(pages).toEqual(
      expect.arrayContaining([
        '/my-funds',
        '/reports',
        `/reports?fund=${books.fund}`,
        `/reports/${books.report}`,
        `/reports/${books.report}/proof`,
        `/reports/${books.report}/check`,
        `/api/v1/donor-reports/${books.report}/bundle`,
        `/api/v1/donor-reports/${books.report}.csv`,
        '/account',
        '/language',
      ]),
    );
    for (const [path, text] of read) expect({ path, seen: seenIn(text) }).toEqual({ path, seen: [] });
  }, 120_000);

  // Decision 0006: the donor's file has the id of the fund, salts and hashes in it; none of these is made of a client.
  it('would be overlooked: the same search finds each kind of it on pages of staff', async () => {
    travel(books.service, PAID_ON, '11:00');
    const [supervisor, finance] = [await signedIn('supervisor'), await signedIn('finance-preparer')];
    const found = new Set<string>();
    for (const [by, path] of [
      [supervisor, `/clients/${books.client}`],
      [supervisor, `/clients/${books.client}/notes`],
      [finance, '/transfers'],
      [finance, '/runs'],
    ] as const)
      for (const seen of seenIn((await by.open(path).expect(200)).text)) found.add(seen);
    travel(books.service, LOOKED_AT_ON);
    const kinds = [/^C-/, /^[0-9a-f]{8}-/, /^Zqstaff/, /^Zqnote/, /^Zqhow/, /^[49],?[07]0[07]\.00$/, /February 2026$/];
    expect(kinds.filter((kind) => ![...found].some((seen) => kind.test(seen)))).toEqual([]);
  });

  it('is let out by writing a number or a day close to others', () => {
    expect(standsIn('paid 4,707.00 THB', '4,707.00')).toBe(true);
    expect(standsIn('"paid":"470700"', '470700')).toBe(true);
    expect(standsIn('on 2026-02-17T10:00', '2026-02-17')).toBe(false);
    expect(standsIn('1,004,707.00 and 94,707.005', '4,707.00')).toBe(false);
  });
});
