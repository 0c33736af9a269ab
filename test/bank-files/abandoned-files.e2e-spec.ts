/** A file that nobody took is abandoned: nobody takes it any more, and its payments that may be made stand in the next one, once. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import {
  contentOf,
  makeFile,
  makeFiles,
  openPayingAccount,
  bankPayee,
  releasedForBank,
  takeFile,
} from '../support/bank-files.js';
import { sendFile } from '../support/bank-payments.js';
import { camt, pain002 } from '../support/bank-reports.js';
import { newId } from '../support/builders.js';
import { Browser } from '../support/browser.js';
import { sql } from '../support/database.js';
import { raw, tokenOf } from '../support/raw-requests.js';
import { brokenRules, callOffWhatIsDue, firstTransfer, refusal, reissue, report } from '../support/runs.js';
import { startTestService, type TestService } from '../support/service.js';

const TODAY = '2026-03-02';
let service: TestService;

beforeAll(async () => {
  service = await startTestService({ today: TODAY });
});
afterAll(() => service.close());
afterEach(() => callOffWhatIsDue(service));

const abandon = (file: { id: string }, reason = 'payment-stopped', number: 1 | 2 = 1) =>
  service
    .as('finance-releaser', number)
    .post(`/api/v1/bank-files/${file.id}/abandonment`, { reason })
    .set('idempotency-key', newId());
const stop = (transfer: string) =>
  service.as('caseworker').post(`/api/v1/transfers/${transfer}/hold`, { reason: 'safety' }).expect(204);
const asService = (statement: string, values: unknown[] = []) => sql(service.db.url, statement, values, 'uct_service');
const endToEndIds = (bytes: Buffer) => [...bytes.toString().matchAll(/<EndToEndId>(.*?)</g)].map(([, id]) => id).sort();

async function readReport(text: string): Promise<void> {
  const type = { 'content-type': 'application/xml' };
  const token = await tokenOf(service, 'finance-preparer');
  await raw(service, token, 'post', '/api/v1/bank-reports', text, type).expect(201);
}

/** A statement that tells of a payment by the reference that we gave it, and of no file. */
async function lineOf(run: string, transfer: string): Promise<void> {
  const [paid] = await sql<{ reference: string; amount: string; account: string; currency: string }>(
    service.db.url,
    `select a.correlation_id reference, (a.amount_minor / 100)::text || '.00' amount, p.account, a.currency
     from payments.attempt a join payments.bank_file_item i on i.attempt_id = a.id join payments.bank_file f on f.id = i.bank_file_id
     join payments.paying_account p on p.id = f.paying_account_id where a.run_id = $1 and a.obligation_id = $2`,
    [run, transfer],
  );
  if (!paid) throw new Error('no such payment');
  const details = [{ endToEndId: paid.reference, amount: paid.amount }];
  const debit = {
    servicerReference: `S${paid.reference.slice(-8)}`,
    amount: paid.amount,
    direction: 'DBIT',
    day: TODAY,
    details,
  } as const;
  await readReport(camt({ account: paid.account, day: TODAY, entries: [debit] }));
}

const toldToHaveArrived = (run: string, transfer: string) =>
  report(service, run, { transfer, outcome: 'settled', happenedOn: TODAY });

/** A file of three payments, of which one was stopped after it was made. */
async function heldUp() {
  const { run, paid, fund } = await releasedForBank(service, TODAY, [{}, {}, {}]);
  const file = await makeFile(service, run);
  const [stopped, ...others] = paid;
  if (!stopped) throw new Error('nobody is paid');
  await stop(stopped.transfer);
  expect(refusal(await takeFile(service, file))).toEqual({ status: 409, code: 'file-cannot-be-made-again' });
  return { run, fund, file, stopped, others };
}

describe('a file that nobody took', () => {
  it('is abandoned in one act, and all that may still be paid leaves in the next one', async () => {
    const { run, file, stopped, others } = await heldUp();
    const answer = await abandon(file).expect(200);
    expect(answer.body).toMatchObject({
      id: file.id,
      taken: 0,
      abandoned: { by: 'finance-releaser 1', reason: 'payment-stopped' },
    });
    const { items, leftOut } = await makeFiles(service, run);
    expect(leftOut).toEqual([{ transfer: stopped.transfer, reason: 'stopped' }]);
    const [, next] = items;
    expect(items.map(({ count, abandoned }) => [count, abandoned !== null])).toEqual([
      [3, true],
      [2, false],
    ]);
    expect(next?.messageId).not.toBe(file.messageId);
    expect(endToEndIds(await contentOf(service, next ?? { id: '' }))).toHaveLength(2);
    for (const { client } of others) expect((await firstTransfer(service, client)).state).toBe('instructed');
    expect((await firstTransfer(service, stopped.client)).state).toBe('failed');
    expect(await brokenRules(service)).toEqual([]);
  });

  it('is never taken afterwards, in SQL neither', async () => {
    const { file, run } = await heldUp();
    await abandon(file).expect(200);
    expect(refusal(await takeFile(service, file))).toEqual({ status: 409, code: 'file-abandoned' });
    const take =
      'insert into payments.bank_file_download select gen_random_uuid(), id, made_by, now() from payments.bank_file where id = $1';
    await expect(asService(take, [file.id])).rejects.toMatchObject({ code: expect.stringMatching(/UCT67|UCT95/) });
    const whole = await releasedForBank(service, TODAY, [{}]);
    const wrongDay = await makeFile(service, whole.run);
    await abandon(wrongDay, 'wrong-day').expect(200);
    await expect(asService(take, [wrongDay.id])).rejects.toMatchObject({ code: 'UCT95' });
    expect((await makeFiles(service, run)).items).toHaveLength(2);
  });

  it('is abandoned once, and again nothing changes', async () => {
    const { run } = await releasedForBank(service, TODAY, [{}]);
    const file = await makeFile(service, run);
    await abandon(file, 'wrong-day', 1).expect(200);
    const again = await abandon(file, 'wrong-account', 2).expect(200);
    expect(again.body).toMatchObject({ abandoned: { by: 'finance-releaser 1', reason: 'wrong-day' } });
    const [recorded] = await sql(
      service.db.url,
      `select count(*)::int n from access.audit_event where act = 'bank-file.abandon' and subject_id = $1`,
      [file.id],
    );
    expect(recorded).toEqual({ n: 1 });
  });

  it('may be abandoned as often as needed, and its payments leave from the account that the fund is tied to then', async () => {
    const { run, fund } = await releasedForBank(service, TODAY, [{}, {}]);
    const first = await makeFile(service, run);
    await abandon(first, 'wrong-day').expect(200);
    await makeFiles(service, run, { executionOn: '2026-03-04' });
    const list = async () =>
      (await service.as('auditor').get(`/api/v1/runs/${run.id}/bank-files`).expect(200)).body as {
        items: { id: string; account: string; executionOn: string; messageId: string }[];
      };
    const second = (await list()).items[1];
    expect(second).toMatchObject({ executionOn: '2026-03-04' });
    await abandon(second ?? { id: '' }, 'wrong-account').expect(200);
    const account = await openPayingAccount(service, [fund]);
    await makeFiles(service, run);
    const { items } = await list();
    expect(items).toHaveLength(3);
    expect(items[2]?.account).toBe(account);
    expect(new Set(items.map(({ messageId }) => messageId)).size).toBe(3);
    await contentOf(service, items[2] ?? { id: '' });
    expect(await brokenRules(service)).toEqual([]);
  });

  it('is abandoned by whoever makes files, for a reason of the list', async () => {
    const { run } = await releasedForBank(service, TODAY, [{}]);
    const file = await makeFile(service, run);
    for (const role of ['finance-preparer', 'finance-approver', 'auditor', 'caseworker'] as const)
      await service.as(role).post(`/api/v1/bank-files/${file.id}/abandonment`, { reason: 'wrong-day' }).expect(403);
    expect((await abandon(file, 'no reason')).status).toBe(422);
    expect(refusal(await abandon({ id: newId() }, 'wrong-day'))).toEqual({ status: 404, code: 'not-found' });
    await contentOf(service, file);
  });

  it('is abandoned on the run’s page', async () => {
    const { run, file } = await heldUp();
    const browser = new Browser(service);
    await browser.giveEmailAndPassword('finance-releaser-1@test.example');
    const page = `/runs/${run.id}`;
    expect((await browser.open(page)).text).toContain(`/bank-files/${file.id}/abandon`);
    const unsure = await browser.send(page, `/bank-files/${file.id}/abandon`, { reason: '' });
    expect(unsure.status).toBe(422);
    expect(unsure.text).toContain('Choose why this file is not to be sent.');
    const sent = await browser.send(page, `/bank-files/${file.id}/abandon`, { reason: 'payment-stopped' });
    expect([sent.status, sent.headers.location]).toEqual([303, `${page}#bank-files`]);
    const { text } = await browser.open(page);
    expect(text).toContain('A payment in it was stopped, has ended, or may not be made any more');
    expect(text).not.toContain(`/bank-files/${file.id}/`);
    expect(text).toContain('Make the files for the bank');
  });
});

describe('a file that was taken', () => {
  it('is not abandoned, in SQL neither', async () => {
    const { run } = await releasedForBank(service, TODAY, [{}]);
    const file = await makeFile(service, run);
    await contentOf(service, file);
    expect(refusal(await abandon(file, 'wrong-day'))).toEqual({ status: 409, code: 'file-left' });
  });

  it('and abandoned at the same moment is one of the two', async () => {
    const outcomes = new Set<string>();
    for (let turn = 0; turn < 6; turn++) {
      const { run } = await releasedForBank(service, TODAY, [{ payee: bankPayee(String(7000 + turn)) }]);
      const file = await makeFile(service, run);
      const [taken, abandoned] = await Promise.all([takeFile(service, file), abandon(file, 'wrong-day')]);
      expect([taken.status, abandoned.status].sort()).toEqual([200, 409]);
      outcomes.add(taken.status === 200 ? 'taken' : 'abandoned');
    }
    console.log(`taken and abandoned at once came out as: ${[...outcomes].join(', ')}`);
  });

  it('and abandoned over two connections: whoever comes first is waited for, and refuses the other', async () => {
    const take = `insert into payments.bank_file_download select gen_random_uuid(), id, made_by, now() from payments.bank_file where id = $1`;
    const leave = `insert into payments.bank_file_abandoned select id, 'wrong-day', made_by, now() from payments.bank_file where id = $1`;
    for (const [first, second, code] of [
      [take, leave, 'UCT94'],
      [leave, take, 'UCT95'],
    ] as const) {
      const { run } = await releasedForBank(service, TODAY, [{}]);
      const file = await makeFile(service, run);
      const runner = service.app.get(DataSource).createQueryRunner();
      await runner.startTransaction();
      await runner.query(first, [file.id]);
      const waiting = asService(second, [file.id]).then(
        () => 'went through',
        (error: { code?: string }) => error.code,
      );
      expect(await Promise.race([waiting, new Promise((done) => setTimeout(done, 300, 'still waits'))])).toBe(
        'still waits',
      );
      await runner.commitTransaction();
      await runner.release();
      expect(await waiting).toBe(code);
    }
  });
});

describe('what a bank says', () => {
  const rejects = async (messageId: string) => {
    await readReport(pain002({ messageId, group: { status: 'RJCT', reason: 'AC04' } }));
  };

  it('of a file keeps it from being abandoned', async () => {
    const { messageId } = await sendFile(service, TODAY, 1);
    const [file] = await sql<{ id: string }>(
      service.db.url,
      'select id from payments.bank_file where message_id = $1',
      [messageId],
    );
    await rejects(messageId);
    expect(refusal(await abandon(file ?? { id: '' }, 'wrong-format'))).toEqual({ status: 409, code: 'file-left' });
  });

  it.each([
    ['a line that names nothing but a payment of it', lineOf],
    ['a person’s word that one arrived', toldToHaveArrived],
  ])('%s keeps it from being abandoned, though nobody is known to have taken it', async (_, tell) => {
    const { run, paid } = await releasedForBank(service, TODAY, [{}, {}]);
    const file = await makeFile(service, run);
    await tell(run.id, paid[0]?.transfer ?? '');
    expect(refusal(await abandon(file, 'wrong-day'))).toEqual({ status: 409, code: 'file-left' });
  });

  it('of one that was abandoned changes no payment, and people look at it', async () => {
    const { messageId, payments } = await sendFile(service, TODAY, 1);
    const [file] = await sql<{ id: string }>(
      service.db.url,
      'select id from payments.bank_file where message_id = $1',
      [messageId],
    );
    await abandon(file ?? { id: '' }, 'wrong-format').expect(200);
    await rejects(messageId);
    expect((await firstTransfer(service, payments[0]?.client ?? '')).state).toBe('instructed');
    const { body } = await service.as('auditor').get('/api/v1/work-items').expect(200);
    expect((body as { items: { reason: string }[] }).items[0]?.reason).toBe('no-such-payment');
    await expect(
      asService(
        `insert into payments.inbound_line (file_id, file_kind, place, line_no, item, line_key, repeat_no, content_sha256, bank_file_id, result)
         select file_id, file_kind, 1000, 1, item, decode(repeat('07', 32), 'hex'), 1, content_sha256, $1, 'not-about-a-payment' from payments.inbound_line limit 1`,
        [file?.id],
      ),
    ).rejects.toMatchObject({ code: '40001' });
  });
});

describe('a payment of a file', () => {
  it('stands in one more only after that file was abandoned, in SQL neither', async () => {
    const { run } = await releasedForBank(service, TODAY, [{}]);
    const file = await makeFile(service, run);
    const again = (follows: string) => `
      with made as (insert into payments.bank_file select gen_random_uuid(), run_id, paying_account_id, left(gen_random_uuid()::text, 35), left(gen_random_uuid()::text, 35),
                      execution_on, created_at, item_count, total_minor, currency, content_sha256, made_by from payments.bank_file where id = $1 returning id)
      insert into payments.bank_file_item select made.id, 1, i.attempt_id, ${follows} from made, payments.bank_file_item i where i.bank_file_id = $1`;
    await expect(asService(again('null'), [file.id])).rejects.toMatchObject({ code: '23505' });
    await expect(asService(again('i.bank_file_id'), [file.id])).rejects.toMatchObject({ code: '23503' });
    await abandon(file, 'wrong-day').expect(200);
    await expect(asService(again('null'), [file.id])).rejects.toMatchObject({ code: '23505' });
    await asService(again('i.bank_file_id'), [file.id]);
    await expect(asService(again('i.bank_file_id'), [file.id])).rejects.toMatchObject({ code: '23505' });
  });

  it('that was said not to be sent stays out of the next one, and nobody says so once that one was taken', async () => {
    const { run, paid } = await releasedForBank(service, TODAY, [{}, {}]);
    const file = await makeFile(service, run);
    const [told, other] = paid;
    await report(service, run.id, { transfer: told?.transfer ?? '', outcome: 'failed', code: 'not-sent' });
    await abandon(file).expect(200);
    const { items } = await makeFiles(service, run);
    expect(items[1]).toMatchObject({ count: 1 });
    await contentOf(service, items[1] ?? { id: '' });
    const late = await service.as('finance-preparer').post(`/api/v1/runs/${run.id}/results`, {
      results: [{ transfer: other?.transfer, outcome: 'failed', code: 'not-sent' }],
    });
    expect(refusal(late)).toEqual({ status: 409, code: 'file-was-taken' });
    await reissue(service, told?.transfer ?? '');
    expect(await brokenRules(service)).toEqual([]);
  });
});
