/**
 * `npm run pictures [-- URL [demo-accounts.json]]`: takes the pictures of docs/pictures on the demonstration that runs there. For a run to
 * approve and a line on the work list it registers invented clients who are due today, and takes in a bank's report, where none waits yet.
 * Needs Chromium, and typefaces for the Burmese card (Debian: fonts-noto-core).
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { projectRoot, Refusal, script } from './child.mjs';
import { smallPng } from './small-png.mjs';
import { findTestBrowser } from './test-browser.mjs';

const dataDir = process.env.UCT_DATA_DIR || join(projectRoot, '.data');
const [url = 'http://127.0.0.1:3000', accountsFile = join(dataDir, 'demo-accounts.json')] = process.argv.slice(2);
const folder = join(projectRoot, 'docs', 'pictures');
const DESK = { width: 1280, height: 900 };
const PHONE = { width: 360, height: 740 };
/** A readme shows it without waiting. */
const MOST_BYTES = 120_000;

const PLAN_LINK = 'main a[href*="/plans/"]:not([href$="/new"])';

/** Name, who looks, on which screen, and how they come there. */
const PICTURES = [
  ['clients', 'caseworker', DESK, (page) => page.goto('/clients')],
  ['client', 'caseworker', DESK, toClient],
  ['client-on-a-phone', 'caseworker', PHONE, toClient],
  ['interview-on-a-phone', 'caseworker', PHONE, toInterview],
  ['plan-card-in-burmese', 'caseworker', DESK, toCard],
  ['run-to-approve', 'approver', DESK, (page) => follow(page, '/', 'main a[href^="/runs/"]')],
  ['work-list', 'preparer', DESK, (page) => page.goto('/work-items')],
  ['donor-report', 'donor', DESK, (page) => follow(page, '/reports', 'main a[href^="/reports/"]')],
  ['proof', 'auditor', DESK, (page) => page.goto('/log')],
];

const tokens = new Map();
let accounts = [];

await script(async () => {
  const executablePath = findTestBrowser();
  if (!executablePath) throw new Refusal('There is no Chromium here. CHROMIUM_PATH says where one is.');
  accounts = readAccounts(accountsFile);
  mkdirSync(folder, { recursive: true });
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    await somethingToApprove();
    await somethingToReconcile();
    for (const [name, who, screen, walk] of PICTURES) {
      const page = await signedIn(browser, who, screen);
      await walk(page);
      await keep(page, name);
      await page.context().close();
    }
  } finally {
    await browser.close();
  }
  return 0;
});

async function follow(page, from, link) {
  if (from) await page.goto(from);
  await Promise.all([page.waitForEvent('load'), page.locator(link).first().click()]);
}

/** The first who needs attention and has a plan. */
async function toClient(page) {
  await page.goto('/clients');
  const links = await page
    .locator('tbody a[href^="/clients/C-"]')
    .evaluateAll((all) => all.map((link) => link.pathname));
  for (const path of links) {
    await page.goto(path);
    if ((await page.locator(PLAN_LINK).count()) > 0) return;
  }
  throw new Refusal('No client of the demonstration has a plan.');
}

async function toInterview(page) {
  await toClient(page);
  await follow(page, '', 'a[href$="/interview"]');
  await page
    .locator('[id^="category-"]')
    .first()
    .evaluate((heading) => heading.scrollIntoView());
}

async function toCard(page) {
  await toClient(page);
  await follow(page, '', PLAN_LINK);
  await follow(page, '', 'a[hreflang="my"]');
}

async function signedIn(browser, who, viewport) {
  const context = await browser.newContext({ baseURL: url, viewport, locale: 'en' });
  const page = await context.newPage();
  const { email, password } = accountOf(who);
  await page.goto('/sign-in');
  await page.locator('[name="email"]').fill(email);
  await page.locator('[name="password"]').fill(password);
  await follow(page, '', 'form[action="/sign-in"] button');
  return page;
}

async function keep(page, name) {
  const png = smallPng(await page.screenshot());
  if (png.length > MOST_BYTES) throw new Refusal(`${name}.png has ${png.length} bytes, more than ${MOST_BYTES}.`);
  writeFileSync(join(folder, `${name}.png`), png);
  console.log(`docs/pictures/${name}.png  ${Math.ceil(png.length / 1000)} kB`);
}

async function somethingToApprove() {
  const { items } = await ask('preparer', 'GET', '/api/v1/runs?limit=100');
  if (items.some(({ state }) => state === 'prepared')) return;
  const today = await serverDay();
  const consent = (purpose) => ({ purpose, given: true, language: 'my' });
  for (const name of ['Som', 'Dao', 'Fah']) {
    const { code } = await ask('caseworker', 'POST', '/api/v1/clients', {
      cohort: 'other',
      country: 'TH',
      identity: { names: [{ text: `${name} Invented ${randomUUID().slice(0, 8)}` }], dateOfBirth: '1990-01-01' },
      consents: [consent('hold-data'), consent('be-paid')],
    });
    const enrolment = { id: randomUUID(), client: code, fund: 'fund-a', anchorOn: today, rail: 'cash' };
    await ask('caseworker', 'POST', '/api/v1/enrolments', enrolment);
    await ask('supervisor', 'POST', `/api/v1/enrolments/${enrolment.id}/approval`, {});
  }
  await ask('preparer', 'POST', '/api/v1/runs', { id: randomUUID(), dueThrough: today, country: 'TH' });
}

/** Lines of which the ledger knows nothing. The same report again changes nothing. */
async function somethingToReconcile() {
  const line = (amount, direction, day) =>
    `<Ntry><Amt Ccy="THB">${amount}</Amt><CdtDbtInd>${direction}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>${day}</Dt></BookgDt></Ntry>`;
  const report = `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>STATEMENT-1</MsgId><CreDtTm>2016-03-31T20:00:00</CreDtTm></GrpHdr>
<Stmt><Id>1</Id><Acct><Id><Othr><Id>9990001112</Id></Othr></Id></Acct>
${line('35.00', 'DBIT', '2016-03-29')}
${line('9000.00', 'CRDT', '2016-03-30')}
${line('120.00', 'DBIT', '2016-03-31')}
</Stmt></BkToCstmrStmt></Document>
`;
  await ask('preparer', 'POST', '/api/v1/bank-reports', report, 'application/xml');
}

async function serverDay() {
  const { headers } = await fetch(url);
  return new Date(headers.get('date')).toLocaleDateString('sv', { timeZone: 'Asia/Bangkok' });
}

async function ask(who, method, path, body, type = 'application/json') {
  if (!tokens.has(who)) {
    const { email, password } = accountOf(who);
    tokens.set(who, (await call(undefined, 'POST', '/api/v1/sessions', { email, password })).token);
  }
  return call(tokens.get(who), method, path, body, type);
}

async function call(token, method, path, body, type = 'application/json') {
  const headers = { 'content-type': type, ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const sent = typeof body === 'object' ? JSON.stringify(body) : body;
  const answer = await fetch(new URL(path, url), { method, headers, body: sent });
  const told = await answer.text();
  if (!answer.ok) throw new Refusal(`${method} ${path}: ${answer.status} ${told.slice(0, 300)}`);
  return told === '' ? {} : JSON.parse(told);
}

function accountOf(who) {
  const found = accounts.find(({ email }) => email === `${who}@demo.example`);
  if (!found) throw new Refusal(`The demonstration has no ${who}.`);
  return found;
}

function readAccounts(file) {
  try {
    return JSON.parse(readFileSync(resolve(file), 'utf8'));
  } catch {
    throw new Refusal(`${file} cannot be read. Start the demonstration first: npm start`);
  }
}
