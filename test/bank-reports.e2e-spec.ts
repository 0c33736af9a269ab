/** What banks send back, taken in by the real service: matched, applied once, never lost, and nothing of it in clear that could name somebody. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BankReport } from '../src/transfers/reconciliation/bank-report-views.js';
import { BankReportsService } from '../src/transfers/reconciliation/bank-reports.service.js';
import { plainDigest } from '../src/transfers/reconciliation/domain/line-facts.js';
import { InboundLines } from '../src/transfers/reconciliation/inbound-lines.js';
import { Spool } from '../src/transfers/reconciliation/spool.js';
import type { MonthEnd } from '../src/transfers/reconciliation/month-end.service.js';
import type { WorkItem } from '../src/transfers/reconciliation/work-list.service.js';
import { sendFile, type SentFile } from './support/bank-payments.js';
import {
  camt,
  inPieces,
  pain002,
  type Camt,
  type Entry,
  type Pain002,
  type PaymentRow,
} from './support/bank-reports.js';
import { sql } from './support/database.js';
import { raw, tokenOf } from './support/raw-requests.js';
import { brokenRules, firstTransfer } from './support/runs.js';
import { startTestService, travel, type TestService } from './support/service.js';

const TODAY = '2026-03-02';
const directory = mkdtempSync(join(tmpdir(), 'uct-spool-'));
let service: TestService;
let token: string;

beforeAll(async () => {
  writeFileSync(join(directory, '999999999-019c0000-0000-7000-8000-000000000000'), 'left behind by a crash');
  service = await startTestService({ today: TODAY, bankReports: { limitBytes: 5 * 1024 * 1024, directory } });
  token = await tokenOf(service, 'finance-preparer');
});
afterAll(async () => {
  expect(await brokenRules(service)).toEqual([]);
  await service.close();
});

const XML = { 'content-type': 'application/xml' };
const post = (text: string | Buffer, query = '', headers: Record<string, string> = XML) =>
  raw(service, token, 'post', `/api/v1/bank-reports${query}`, text, headers);

async function take(text: string, query = '', headers?: Record<string, string>): Promise<BankReport> {
  const answer = await post(text, query, headers);
  expect([200, 201]).toContain(answer.status);
  return answer.body as BankReport;
}

const answer = (sent: SentFile, rows: readonly PaymentRow[], more: Partial<Pain002> = {}) =>
  pain002({ messageId: sent.messageId, createdAt: `${TODAY}T12:00:00`, lots: [{ id: sent.lotId, rows }], ...more });

const statement = (sent: SentFile, entries: readonly Entry[], more: Partial<Camt> = {}) =>
  camt({ account: sent.account.number, day: TODAY, entries: entries.map((one) => ({ day: TODAY, ...one })), ...more });

const debit = (endToEndId: string, more: Partial<Entry> = {}): Entry => ({
  servicerReference: `S${endToEndId.slice(-8)}`,
  amount: '9000.00',
  direction: 'DBIT',
  details: [{ endToEndId, amount: more.amount ?? '9000.00' }],
  ...more,
});

const statesOf = async (sent: SentFile): Promise<string[]> =>
  Promise.all(sent.payments.map(async ({ client }) => (await firstTransfer(service, client)).state));

const workOf = async (report: BankReport): Promise<string[]> => {
  const { body } = await service.as('auditor').get('/api/v1/work-items?show=all&limit=1000').expect(200);
  const { items } = body as { items: WorkItem[] };
  return items.filter(({ report: { id } }) => id === report.id).map(({ reason }) => reason);
};

const evidenceOf = (sent: SentFile) =>
  sql<{ kind: string; rail_code: string | null; source: string }>(
    service.db.url,
    `select kind, rail_code, source from payments.evidence where attempt_id = any ($1) order by kind, rail_code`,
    [sent.payments.map(({ attempt }) => attempt)],
  );

describe('a pain.002', () => {
  it('says payment by payment what became of them, whatever it says of the message', async () => {
    const sent = await sendFile(service, TODAY, 4);
    const [a, b, c] = sent.payments;
    const report = await take(
      answer(
        sent,
        [
          { endToEndId: a?.endToEndId, status: 'ACSC', amount: '9000.00' },
          { uetr: b?.uetr, status: 'RJCT', reason: 'AC01' },
          {
            instructionId: c?.endToEndId.toUpperCase(),
            status: 'RJCT',
            reason: 'NARR',
            text: 'Instruction ID already exists',
          },
        ],
        { group: { status: 'ACTC' } },
      ),
    );
    expect(report).toMatchObject({ kind: 'pain.002', state: 'complete', conforms: true, results: { applied: 4 } });
    expect(await statesOf(sent)).toEqual(['settled', 'failed', 'unknown', 'accepted']);
    expect(await workOf(report)).toEqual(['refused-as-duplicate']);
    expect((await evidenceOf(sent)).every(({ source }) => source === 'statement')).toBe(true);
  });

  it('that refuses the whole message refuses all of it, and settles nothing that it does not name', async () => {
    const sent = await sendFile(service, TODAY, 2);
    await take(answer(sent, [], { lots: [], group: { status: 'RJCT', reason: 'AC04' } }));
    expect(await statesOf(sent)).toEqual(['failed', 'failed']);
    const other = await sendFile(service, TODAY, 2);
    const [first] = other.payments;
    const rows = [{ endToEndId: first?.endToEndId, status: 'RJCT', reason: 'AC01' }];
    const report = await take(answer(other, rows, { group: { status: 'ACSC' } }));
    expect(await statesOf(other)).toEqual(['failed', 'instructed']);
    expect(await workOf(report)).toEqual(['levels-disagree']);
  });

  it('that says of the whole that it arrived says so of nobody when there is a row that nobody can read', async () => {
    const sent = await sendFile(service, TODAY, 2);
    const [a, b] = sent.payments.map(({ endToEndId }) => endToEndId) as [string, string];
    const rows = [
      { endToEndId: a, status: 'ACSC' },
      { endToEndId: b, status: 'RJCT', reason: 'AC01', amount: '9000,00' },
    ];
    const report = await take(answer(sent, rows, { group: { status: 'ACSC' } }));
    expect(await statesOf(sent)).toEqual(['settled', 'instructed']);
    expect((await workOf(report)).sort()).toEqual(['levels-disagree', 'unreadable']);
  });

  it('that is cut off says nothing by its levels, is marked, and goes on when the whole file comes', async () => {
    const sent = await sendFile(service, TODAY, 3);
    const rows = sent.payments.map(({ endToEndId }) => ({ endToEndId, status: 'ACSC' }));
    const whole = answer(sent, rows, { group: { status: 'ACSC' } });
    const cut = await take(whole.slice(0, whole.indexOf(rows[1]?.endToEndId ?? '')));
    expect(cut).toMatchObject({ state: 'incomplete', fault: { code: 'cut-off' } });
    expect(await statesOf(sent)).toEqual(['settled', 'instructed', 'instructed']);
    expect(await workOf(cut)).toEqual(['unreadable']);
    const then = await take(whole);
    expect(then).toMatchObject({ state: 'complete', results: { 'told-before': 1 } });
    expect(await statesOf(sent)).toEqual(['settled', 'settled', 'settled']);
  });
});

describe('a statement', () => {
  it('settles what was debited, returns what came back with its reason, and leaves all else to people', async () => {
    const sent = await sendFile(service, TODAY, 4);
    const [a, b, c, d] = sent.payments.map(({ endToEndId }) => endToEndId) as [string, string, string, string];
    const report = await take(
      statement(
        sent,
        [
          debit(a),
          {
            ...debit(b),
            amount: '18000.00',
            details: [
              { endToEndId: b, amount: '9000.00' },
              { endToEndId: 'stranger-7', amount: '9000.00' },
            ],
          },
          debit(c, { amount: '8990.00' }),
          debit(d, { currency: 'USD', details: [{ endToEndId: d, amount: '9000.00', currency: 'USD' }] }),
          {
            servicerReference: 'R1',
            amount: '9000.00',
            direction: 'CRDT',
            code: 'PMNT.ICDT.RRTN',
            details: [{ endToEndId: b, returnCode: 'AC04' }],
          },
          { servicerReference: 'F1', amount: '25.00', direction: 'DBIT', code: 'ACMT.MDOP.CHRG' },
          { servicerReference: 'F1', amount: '25.00', direction: 'DBIT', code: 'ACMT.MDOP.CHRG' },
          { servicerReference: 'G1', amount: '500000.00', direction: 'CRDT' },
          { servicerReference: 'B1', amount: '36000.00', direction: 'DBIT', batch: { count: 4, lotId: sent.lotId } },
        ],
        { opening: '1000000.00', closing: '1000000.00' },
      ),
    );
    expect(await statesOf(sent)).toEqual(['settled', 'returned', 'instructed', 'instructed']);
    expect((await workOf(report)).sort()).toEqual([
      'amount-differs',
      'bank-charge',
      'bank-charge',
      'batch-without-details',
      'credit-we-do-not-know',
      'currency-differs',
      'debit-we-do-not-know',
    ]);
    expect((await evidenceOf(sent)).map(({ kind, rail_code }) => [kind, rail_code])).toEqual([
      ['returned', 'AC04'],
      ['settled', null],
      ['settled', null],
    ]);
    expect(report.results).toEqual({
      applied: 3,
      conflicting: 2,
      unmatched: 5,
      'not-about-a-payment': 2,
      'told-before': 0,
    });
  });

  it('and an advice that tell of the same debit settle it once; a second debit for one payment is raised', async () => {
    const sent = await sendFile(service, TODAY, 2);
    const [a, b] = sent.payments.map(({ endToEndId }) => endToEndId) as [string, string];
    await take(statement(sent, [debit(a), debit(b, { servicerReference: undefined })], { kind: '054' }));
    const day = await take(statement(sent, [debit(a), debit(b), debit(b, { servicerReference: 'S-again' })]));
    expect(day.results).toMatchObject({ 'told-before': 1, applied: 1, conflicting: 1 });
    expect(await workOf(day)).toEqual(['paid-twice']);
    expect(await statesOf(sent)).toEqual(['settled', 'settled']);
  });

  it('dated before the payment was instructed, or after today, settles nothing', async () => {
    const sent = await sendFile(service, TODAY, 2);
    const [a, b] = sent.payments.map(({ endToEndId }) => endToEndId) as [string, string];
    const report = await take(statement(sent, [debit(a, { day: '2026-03-01' }), debit(b, { day: '2026-03-04' })]));
    expect(await workOf(report)).toEqual(['day-impossible', 'day-impossible']);
    expect(await statesOf(sent)).toEqual(['instructed', 'instructed']);
  });

  it('dated by a bank whose day has begun while the client’s has not counts, as of the client’s day', async () => {
    const sent = await sendFile(service, TODAY, 1);
    const [a] = sent.payments.map(({ endToEndId }) => endToEndId) as [string];
    travel(service, TODAY, '18:30'); // tomorrow somewhere
    expect((await take(statement(sent, [debit(a, { day: '2026-03-03' })]))).results).toMatchObject({ applied: 1 });
    travel(service, TODAY);
    expect(await firstTransfer(service, sent.payments[0]?.client ?? '')).toMatchObject({
      state: 'settled',
      settledOn: TODAY,
    });
  });

  it('that comes weeks later returns what had been settled, and a late success after a failure is applied', async () => {
    const sent = await sendFile(service, TODAY, 2);
    const [a, b] = sent.payments.map(({ endToEndId }) => endToEndId) as [string, string];
    await take(
      answer(sent, [
        { endToEndId: a, status: 'ACSC' },
        { endToEndId: b, status: 'RJCT', reason: 'AC04' },
      ]),
    );
    expect(await statesOf(sent)).toEqual(['settled', 'failed']);
    travel(service, '2026-04-20');
    const later = statement(sent, [
      {
        servicerReference: 'R9',
        amount: '9000.00',
        direction: 'CRDT',
        day: '2026-04-17',
        code: 'PMNT.ICDT.RRTN',
        details: [{ endToEndId: a, returnCode: 'AC01' }],
      },
      debit(b, { day: '2026-04-17' }),
    ]);
    const spooled = await service.app.get(Spool).keep(Readable.from(inPieces(later)));
    const { done } = await service.app.get(BankReportsService).begin(service.actor('finance-preparer'), spooled);
    await done;
    travel(service, TODAY);
    expect(await statesOf(sent)).toEqual(['returned', 'settled']);
  });
});

describe('a result file', () => {
  it('is read by a layout that is named, and only by one', async () => {
    const sent = await sendFile(service, TODAY, 3);
    const [a, b, c] = sent.payments.map(({ endToEndId }) => endToEndId) as [string, string, string];
    const csv = `reference,status,reason,amount,currency,day\n${a},paid,,9000.00,THB,${TODAY}\n${b},rejected,invalid account,9000.00,THB,${TODAY}\n${c},on its way to Aung Myint Oo,,9000.00,THB,${TODAY}\nnobody-5,paid,,1.00,THB,${TODAY}\n`;
    const headers = { 'content-type': 'text/csv' };
    expect((await post(csv, '', headers)).body).toMatchObject({ status: 422, code: 'report-unreadable' });
    expect((await post(csv, '?layout=none', headers)).body).toMatchObject({ status: 422, code: 'unknown-layout' });
    const report = await take(csv, '?layout=plain', headers);
    expect(await statesOf(sent)).toEqual(['settled', 'failed', 'unknown']);
    expect((await workOf(report)).sort()).toEqual(['no-such-payment', 'status-not-known']);
  });
});

describe('the same again', () => {
  it('answers as before and changes nothing', async () => {
    const sent = await sendFile(service, TODAY, 2);
    const text = statement(
      sent,
      sent.payments.map(({ endToEndId }) => debit(endToEndId)),
    );
    expect((await post(text)).status).toBe(201);
    const before = await evidenceOf(sent);
    const again = await post(text);
    expect(again.status).toBe(200);
    expect(again.body).toMatchObject({ results: { applied: 2, 'told-before': 0 } });
    expect(await evidenceOf(sent)).toEqual(before);
    const withMore = await take(
      text.replace('</Ntry>\n</Stmt>', '</Ntry>\n \n</Stmt>').replace('STATEMENT-1', 'STATEMENT-2'),
    );
    expect(withMore.results).toMatchObject({ applied: 0, 'told-before': 2 });
    expect(await evidenceOf(sent)).toEqual(before);
  });

  it('from two people at once comes to one result', async () => {
    const sent = await sendFile(service, TODAY, 6);
    const text = statement(
      sent,
      sent.payments.map(({ endToEndId }) => debit(endToEndId)),
      { opening: '1.00', closing: '2.00' },
    );
    const answers = await Promise.all(Array.from({ length: 6 }, () => post(text)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 201]);
    expect(new Set(answers.map(({ body }) => (body as BankReport).id)).size).toBe(1);
    expect(
      (await service.as('auditor').get(`/api/v1/bank-reports/${(answers[0]?.body as BankReport).id}`)).body,
    ).toMatchObject({
      state: 'complete',
      linesTaken: 8,
      results: { applied: 6 },
    });
    expect(await evidenceOf(sent)).toHaveLength(6);
  });

  it('after a crash in the middle takes what is left, once', async () => {
    const sent = await sendFile(service, TODAY, 3);
    const fees = Array.from({ length: 2_500 }, (_, n): Entry => ({
      servicerReference: `F${n}`,
      amount: '1.00',
      direction: 'DBIT',
      code: 'ACMT.MDOP.CHRG',
    }));
    const text = statement(sent, [
      debit(sent.payments[0]?.endToEndId ?? ''),
      ...fees,
      ...sent.payments.slice(1).map(({ endToEndId }) => debit(endToEndId)),
    ]);
    const lines = service.app.get(InboundLines);
    const take_ = lines.take.bind(lines);
    let parts = 0;
    lines.take = (...given) => {
      parts += 1;
      return parts === 2 ? Promise.reject(new Error('killed')) : take_(...given);
    };
    const broken = await post(text);
    lines.take = take_;
    expect(broken.status).toBe(500);
    const { body } = await service.as('auditor').get('/api/v1/bank-reports?limit=1').expect(200);
    expect((body as { items: BankReport[] }).items[0]).toMatchObject({ state: 'unfinished', linesTaken: 2_000 });
    expect(await statesOf(sent)).toEqual(['settled', 'instructed', 'instructed']);
    expect(await take(text)).toMatchObject({
      state: 'complete',
      linesTaken: 2_503,
      results: { applied: 3, unmatched: 2_500 },
    });
    expect(await statesOf(sent)).toEqual(['settled', 'settled', 'settled']);
  });
});

describe('a hostile or broken file', () => {
  const filesLeft = () => readdirSync(directory);

  it.each([
    ['a DOCTYPE', '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha">]><d>&a;</d>', 422, 'report-unreadable'],
    ['UTF-16', Buffer.from('<Document/>', 'utf16le').toString('latin1'), 422, 'report-unreadable'],
    ['something else', '<html></html>', 422, 'report-unreadable'],
  ])('with %s is refused, and leaves nothing behind', async (_, text, status, code) => {
    const refused = await post(Buffer.from(text, 'latin1'));
    expect(refused.body).toMatchObject({ status, code, field: 'file' });
    expect(filesLeft()).toEqual([]);
  });

  it('needs to say what it is', async () => {
    expect((await post('{}', '', { 'content-type': 'application/json' })).status).toBe(415);
    expect((await raw(service, undefined, 'post', '/api/v1/bank-reports', '<a/>', XML)).status).toBe(401);
    const caseworker = await tokenOf(service, 'caseworker');
    expect((await raw(service, caseworker, 'post', '/api/v1/bank-reports', '<a/>', XML)).status).toBe(403);
    expect(filesLeft()).toEqual([]);
  });

  it('of 200 MB is refused at the limit, with no more than the limit on disk and little of it in memory', async () => {
    const block = Buffer.alloc(1024 * 1024, 'x');
    const { port } = service.app.getHttpServer().address() as AddressInfo;
    const before = process.memoryUsage().rss;
    let [sent, most, peak] = [0, 0, before];
    const status = await new Promise<number>((resolve, reject) => {
      const asked = httpRequest(
        {
          port,
          host: '127.0.0.1',
          method: 'POST',
          path: '/api/v1/bank-reports',
          headers: { ...XML, authorization: `Bearer ${token}` },
        },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
          asked.destroy();
        },
      );
      asked.on('error', reject);
      const goOn = () => {
        for (const name of filesLeft())
          most = Math.max(most, statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0);
        peak = Math.max(peak, process.memoryUsage().rss);
        if (asked.destroyed) return;
        if (sent >= 200) return void asked.end();
        sent += 1;
        if (asked.write(block)) setImmediate(goOn);
        else asked.once('drain', goOn);
      };
      goOn();
    });
    expect(status).toBe(413);
    expect(most).toBeLessThanOrEqual(5 * 1024 * 1024);
    expect(peak - before).toBeLessThan(120 * 1024 * 1024);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(filesLeft()).toEqual([]);
  });

  it('lies where nobody else can read it while it is read, and what a crash left is gone at the next start', async () => {
    expect(existsSync(join(directory, '999999999-019c0000-0000-7000-8000-000000000000'))).toBe(false);
    const file = await service.app.get(Spool).keep(Readable.from([Buffer.from('<a/>')]));
    expect(statSync(file.path).mode & 0o777).toBe(0o600);
    await service.app.get(Spool).remove(file);
  });
});

describe('what is kept', () => {
  it('holds no name and no word of the bank', async () => {
    const sent = await sendFile(service, TODAY, 1);
    await take(
      statement(sent, [
        debit(sent.payments[0]?.endToEndId ?? ''),
        {
          servicerReference: 'For-Canary-Maung',
          amount: '1.00',
          direction: 'CRDT',
          details: [{ endToEndId: 'Canary Maung' }],
        },
      ]),
    );
    await take(`reference,status,reason\nCanary,sent to Canary Maung,Canary Maung lives elsewhere\n`, '?layout=plain', {
      'content-type': 'text/csv',
    });
    const tables = ['inbound_file', 'inbound_line', 'inbound_ending', 'work_item', 'evidence', 'statement_balance'];
    for (const table of tables) {
      const rows = await sql<{ text: string }>(service.db.url, `select t::text from payments.${table} t`);
      expect(rows.filter(({ text }) => /canary|maung|aung|myint/i.test(text))).toEqual([]);
    }
    const audited = await sql(service.db.url, "select 1 from access.audit_event where detail::text ~* 'canary|maung'");
    expect(audited).toEqual([]);
  });

  it('cannot be guessed: what stands for a stranger’s reference is a keyed digest, and so is by what a line is known again', async () => {
    const sent = await sendFile(service, TODAY, 1);
    const entry: Entry = {
      servicerReference: 'Rent',
      amount: '2.00',
      direction: 'CRDT',
      details: [{ endToEndId: '12345', amount: '2.00' }],
    };
    const { id } = await take(statement(sent, [entry]));
    const [row] = await sql<Record<'reference' | 'servicer_reference' | 'line_key', string>>(
      service.db.url,
      `select reference, servicer_reference, encode(line_key, 'hex') line_key from payments.inbound_line where file_id = $1 and item = 'entry'`,
      [id],
    );
    const plain = (content: unknown) => plainDigest(content).toString('hex');
    const guesses = ['12345', 'Rent'].flatMap((text) => [plain(text), createHash('sha256').update(text).digest('hex')]);
    const kept = [row?.reference, row?.servicer_reference].map((text) => text?.slice(1));
    expect(kept).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/), expect.stringMatching(/^[0-9a-f]{16}$/)]);
    for (const text of kept) expect(guesses.map((guess) => guess.slice(0, 16))).not.toContain(text);
    const known = ['entry', sent.account.number, 'Rent', '12345', '2', 'THB', 'credit', false, TODAY, 'booked'];
    expect(row?.line_key).not.toBe(plain(known));
  });

  it('of before digests were keyed is known again, once at a month’s end', async () => {
    const sent = await sendFile(service, TODAY, 1);
    const fee = (more: Partial<Entry>): Entry => ({ amount: '3.00', direction: 'DBIT', ...more });
    const first = await take(statement(sent, [fee({}), fee({})]));
    const lines = await sql<{ place: number }>(
      service.db.url,
      `select place from payments.inbound_line where file_id = $1 and item = 'entry' order by place`,
      [first.id],
    );
    const former = plainDigest(['entry', sent.account.number, null, null, '3', 'THB', 'debit', false, TODAY, 'booked']);
    await sql(
      service.db.url,
      `alter table payments.inbound_line disable trigger all;
       update payments.inbound_line set line_key = decode('${former.toString('hex')}', 'hex') where file_id = '${first.id}' and item = 'entry';
       alter table payments.inbound_line enable trigger all`,
    );
    const again = await take(statement(sent, [fee({}), fee({}), fee({})], { closing: '1.00' }));
    const kept = await sql<{ result: string; repeat_no: number; former: boolean }>(
      service.db.url,
      `select result, repeat_no, line_key = $2 former from payments.inbound_line where file_id = $1 and item = 'entry' order by place`,
      [again.id, former],
    );
    expect(lines).toHaveLength(2);
    expect(kept).toEqual([
      { result: 'told-before', repeat_no: 1, former: true },
      { result: 'told-before', repeat_no: 2, former: true },
      { result: 'unmatched', repeat_no: 3, former: false },
    ]);
    const { body } = await service.as('auditor').get(`/api/v1/month-end?through=${TODAY}`).expect(200);
    const account = (body as MonthEnd).accounts.find(({ code }) => code === sent.account.code);
    expect(account?.items.find(({ kind }) => kind === 'on-work-list')).toMatchObject({ count: 3, amount: '-9.00' });
  });
});
