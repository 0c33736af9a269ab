/** What people told as paid explains a difference for a week; what no statement has debited by then stands in the way of a month's end, with its age. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { MonthEndService } from '../src/transfers/reconciliation/month-end.service.js';
import { contentOf } from './support/bank-files.js';
import { sendFile } from './support/bank-payments.js';
import { Browser } from './support/browser.js';
import { camt } from './support/bank-reports.js';
import { sql } from './support/database.js';
import { raw, tokenOf } from './support/raw-requests.js';
import { report } from './support/runs.js';
import { startTestService, travel, type TestService } from './support/service.js';

const PAID_ON = '2026-03-20';
let service: TestService;

beforeAll(async () => {
  service = await startTestService({ today: PAID_ON });
});
afterAll(() => service.close());

it('a settlement that nobody debited is explained for a week, and then stands in the way with its age', async () => {
  const sent = await sendFile(service, PAID_ON, 1);
  const payment = sent.payments[0];
  const [file] = await sql<{ id: string }>(service.db.url, 'select id from payments.bank_file where message_id = $1', [
    sent.messageId,
  ]);
  await contentOf(service, file ?? { id: '' });
  await report(service, sent.run.id, {
    transfer: payment?.transfer ?? '',
    outcome: 'settled',
    reference: 'by telephone',
  });
  const statementOf = async (day: string) => {
    travel(service, day);
    const text = camt({ account: sent.account.number, day, closing: '1000000.00', entries: [] });
    const token = await tokenOf(service, 'finance-preparer');
    await raw(service, token, 'post', '/api/v1/bank-reports', text, { 'content-type': 'application/xml' }).expect(201);
    return service.app.get(MonthEndService).at(service.actor('auditor'), day);
  };
  await statementOf('2026-03-20');
  const week = await statementOf('2026-03-27');
  expect(week.accounts[0]?.items.find(({ kind }) => kind === 'told-settled-not-debited')).toMatchObject({
    count: 1,
    isExplained: true,
    ageDays: 7,
    amount: '9000.00',
  });
  const later = await statementOf('2026-03-29');
  expect(later.accounts[0]?.items.find(({ kind }) => kind === 'told-settled-long-not-debited')).toMatchObject({
    count: 1,
    isExplained: false,
    ageDays: 9,
    examples: [payment?.transfer],
  });
  expect(later.obstacles.accountsThatDiffer).toBe(1);
  expect(later.inOrder).toBe(false);
  const browser = new Browser(service);
  await browser.giveEmailAndPassword('auditor-1@test.example');
  const { text } = await browser.open('/month-end?through=2026-03-29');
  expect(text).toContain('debited by none (not explained, the oldest for 9 days)');
});
