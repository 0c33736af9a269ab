/** The pages by which finance imports what a bank sent, works off what waits, and closes a month: sent as a browser sends them. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sendFile, type SentFile } from './support/bank-payments.js';
import { camt } from './support/bank-reports.js';
import { Browser, faultsOf, titleOf } from './support/browser.js';
import { sql } from './support/database.js';
import { firstTransfer } from './support/runs.js';
import { startTestService, type TestService } from './support/service.js';

const TODAY = '2026-03-31';
let service: TestService;
let sent: SentFile;
let browsers: { first: Browser; second: Browser; auditor: Browser };

beforeAll(async () => {
  service = await startTestService({ today: TODAY });
  sent = await sendFile(service, TODAY, 1);
  const at = async (email: string) => {
    const browser = new Browser(service);
    await browser.giveEmailAndPassword(`${email}@test.example`);
    return browser;
  };
  browsers = {
    first: await at('finance-preparer-1'),
    second: await at('finance-approver-1'),
    auditor: await at('auditor-1'),
  };
});
afterAll(() => service.close());

const statement = () =>
  camt({
    account: sent.account.number,
    day: TODAY,
    opening: '1000000.00',
    closing: '990975.00',
    entries: [
      { amount: '9000.00', direction: 'DBIT', day: TODAY, details: [{ endToEndId: sent.payments[0]?.endToEndId }] },
      { amount: '25.00', direction: 'DBIT', day: TODAY, code: 'ACMT.MDOP.CHRG' },
    ],
  });

describe('importing a file', () => {
  it('says what is wrong with it, on the page', async () => {
    const refused = await browsers.first.sendFile('/bank-reports', '<!DOCTYPE d><d/>');
    expect(refused.status).toBe(422);
    expect(titleOf(refused)).toMatch(/^Error: Bank reports/);
    expect(faultsOf(refused)[0]?.[0]).toBe('#file');
  });

  it('needs the token of the page', async () => {
    const { text } = await browsers.first.open('/bank-reports');
    expect(text).toContain('enctype="multipart/form-data"');
    const forged = await browsers.first.post('/bank-reports', {});
    expect(forged.status).toBe(403);
    const agent = browsers.first as unknown as { agent: ReturnType<typeof import('supertest').agent> };
    const noToken = await agent.agent.post('/bank-reports').attach('file', Buffer.from(statement()), 'x.xml');
    expect(noToken.status).toBe(403);
    expect(await sql(service.db.url, 'select 1 from payments.inbound_file')).toEqual([]);
  });

  it('leads to what came of it, and settles what was debited', async () => {
    const imported = await browsers.first.sendFile('/bank-reports', statement(), { layout: '' });
    expect({ status: imported.status, text: imported.text.slice(0, 2000) }).toMatchObject({ status: 303 });
    const page = await browsers.auditor.open(imported.headers.location ?? '').expect(200);
    expect(page.text).toContain('Read to its end');
    expect(page.text).toContain('Applied to a payment');
    expect((await firstTransfer(service, sent.payments[0]?.client ?? '')).state).toBe('settled');
    const list = await browsers.auditor.open('/bank-reports').expect(200);
    expect(list.text).toContain('Statement (camt.053)');
    expect(list.text).not.toContain('type="file"');
  });
});

describe('the work list', () => {
  it('is worked off by two people', async () => {
    const { text } = await browsers.first.open('/work-items').expect(200);
    const path = /href="(\/work-items\/[0-9a-f-]{36})"/.exec(text)?.[1] ?? '';
    expect(text).toContain('A charge of the bank, it seems');
    const nothing = await browsers.first.send(path, path, {});
    expect(nothing.status).toBe(422);
    expect(faultsOf(nothing)).toEqual([['#resolution', 'Choose what it is.']]);
    const wrong = await browsers.first.send(path, path, { resolution: 'in-the-books', entry: 'x' });
    expect(faultsOf(wrong)).toEqual([['#entry', 'That is not an id of this service.']]);
    expect((await browsers.first.send(path, path, { resolution: 'bank-charge' })).status).toBe(303);
    expect((await browsers.second.open(path)).text).toContain('Said by finance-preparer 1');
    expect((await browsers.second.send(path, path, { resolution: 'bank-charge' })).status).toBe(303);
    expect((await browsers.auditor.open(path)).text).toContain('Settled: It is a charge of the bank.');
    expect((await browsers.auditor.open('/work-items')).text).toContain('Nothing waits for anybody.');
    expect((await browsers.auditor.open('/work-items?show=all')).text).toContain(path);
  });
});

describe("a month's end", () => {
  it('says in one sentence that all is in order, with the tables below', async () => {
    const { text } = await browsers.auditor.open(`/month-end?through=${TODAY}`).expect(200);
    expect(text).toMatch(/Through 31.March.2026 everything is in order/);
    expect(text).toContain('Charges of the bank');
    expect(text).toContain('990,975.00');
    await browsers.auditor.open('/month-end?through=nonsense').expect(200);
  });
});
