/** Files for a bank: made once of a released run, the same bytes for whoever takes them, and never of somebody who may not be paid. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { scheduleActor } from '../../src/access/domain/actor.js';
import { bankingDays, currencies } from '../../src/kernel/reference-data.js';
import { BankFilesService } from '../../src/transfers/rails/bank-file/bank-files.service.js';
import { checkPain001 } from '../../src/transfers/rails/bank-file/domain/pain001-checker.js';
import { ResultsService } from '../../src/transfers/results.service.js';
import {
  bankPayee,
  contentOf,
  makeFile,
  makeFiles,
  openPayingAccount,
  payingAccountBody,
  releasedForBank,
  takeFile,
} from '../support/bank-files.js';
import {
  clientBody,
  enrolClient,
  newId,
  openFund,
  prepareRun,
  registerClient,
  releaseRun,
} from '../support/builders.js';
import { sql } from '../support/database.js';
import { schemaOf, schemaValidator } from '../support/iso20022-schemas.js';
import {
  brokenRules,
  callOffWhatIsDue,
  firstTransfer,
  refusal,
  reissue,
  report,
  transfersOf,
} from '../support/runs.js';
import { startTestService, travel, type TestService } from '../support/service.js';

const TODAY = '2026-03-02';
let service: TestService;

beforeAll(async () => {
  service = await startTestService({ today: TODAY });
});
afterAll(() => service.close());
afterEach(async () => {
  travel(service, TODAY);
  await callOffWhatIsDue(service);
});

const make = (run: { id: string }, number: 1 | 2 = 1, body: object = {}) =>
  service.as('finance-releaser', number).post(`/api/v1/runs/${run.id}/bank-files`, body);
const withdraw = (client: string) =>
  service
    .as('caseworker')
    .post(`/api/v1/clients/${client}/consents/withdrawals`, { purpose: 'be-paid', language: 'my' });
const asOwner = (statement: string) => sql(service.db.url, statement);
const audited = async (act: string, subject: string) =>
  (
    await sql<{ n: number }>(
      service.db.url,
      'select count(*)::int n from access.audit_event where act = $1 and (subject_id = $2 or detail::text like $3)',
      [act, subject, `%${subject}%`],
    )
  )[0]?.n;

describe('the file of a run', () => {
  it('holds each payment once, with its reference, and nothing else of whom it is for', async () => {
    const { run, paid, account } = await releasedForBank(service, TODAY, [
      { payee: bankPayee('111-1-11111-1') },
      { payee: bankPayee('DE89370400440532013000', { kind: 'iban', bankCode: undefined, holder: 'Daw Khin' }) },
      { name: 'Nguyễn Thị Đào', payee: bankPayee('+66 81 234 5678', { kind: 'mobile-proxy', bankCode: undefined }) },
    ]);
    const file = await makeFile(service, run);
    expect(file).toMatchObject({
      run: run.id,
      account,
      bank: 'Lotus Bank',
      executionOn: TODAY,
      holidayCalendarMissing: false,
      count: 3,
      total: '14121.00',
      currency: 'THB',
      madeBy: 'finance-releaser 1',
      fileName: `${file.messageId}.xml`,
      taken: 0,
    });
    const bytes = await contentOf(service, file);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(file.sha256);
    const xml = bytes.toString();
    const attempts = await sql<{ id: string; correlation_id: string }>(
      service.db.url,
      'select id, correlation_id from payments.attempt where run_id = $1 order by id',
      [run.id],
    );
    const written = [...xml.matchAll(/<EndToEndId>(.*?)<.*?<UETR>(.*?)</g)].map(([, id, uetr]) => [id, uetr]);
    expect(written).toEqual(
      attempts.map(({ id, correlation_id: correlation }) => [correlation, id.replace(/^(.{14})7/, '$14')]),
    );
    expect(xml.match(/<Cdtr><Nm>.*?</g)).toEqual(
      expect.arrayContaining(['<Cdtr><Nm>Aung Myint Oo<', '<Cdtr><Nm>Daw Khin<', '<Cdtr><Nm>Aung Myint Oo<']),
    );
    expect(xml.match(/<Ustrd>.*?</g)).toEqual(Array(3).fill('<Ustrd>Support 1/3<'));
    for (const { client } of paid) expect(xml).not.toContain(client);
    expect(xml).not.toMatch(/1988|cohort|Lotus Bank/);
    expect(await brokenRules(service)).toEqual([]);
  });

  const { isHere, note } = schemaOf('pain.001.001.09');
  (isHere ? it : it.skip)(`is valid by the official schema and by our own rules${note}`, async () => {
    const { run } = await releasedForBank(service, TODAY, [{}, { payee: bankPayee('2') }]);
    const bytes = await contentOf(service, await makeFile(service, run));
    expect((await schemaValidator('pain.001.001.09'))(bytes)).toBeNull();
    const checked = await checkPain001([bytes], {
      decimalsOfCurrency: (code) => currencies.get(code).minorUnits,
      dayAtBanks: (day) => bankingDays.on('TH', day),
      usedBefore: () => Promise.resolve(new Set()),
    });
    expect(checked).toEqual({ payments: 2, faults: [], warnings: [] });
  });

  it('is made once, also when two people make it at the same moment', async () => {
    const { run } = await releasedForBank(service, TODAY, [{}, {}, {}]);
    const answers = await Promise.all([make(run, 1), make(run, 2), make(run, 1), make(run, 2)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 201]);
    const files = answers.map(({ body }) => (body as { items: { id: string }[] }).items.map(({ id }) => id));
    expect(files.every((ids) => ids.length === 1 && ids[0] === files[0]?.[0])).toBe(true);
    const [items] = await sql(
      service.db.url,
      'select count(*)::int n from payments.bank_file_item where bank_file_id = $1',
      [files[0]?.[0]],
    );
    expect(items).toEqual({ n: 3 });
    await make(run).expect(200);
  });

  it('is made by whoever releases, of a run that is released, and of nobody who is paid otherwise', async () => {
    const { run } = await releasedForBank(service, TODAY, [{}]);
    for (const role of ['finance-preparer', 'finance-approver', 'auditor', 'caseworker'] as const)
      await service.as(role).post(`/api/v1/runs/${run.id}/bank-files`).expect(403);
    const fund = await openFund(service);
    await enrolClient(service, fund, TODAY, { rail: 'bank-file', payee: bankPayee() });
    const prepared = await prepareRun(service, TODAY);
    expect(refusal(await make(prepared))).toEqual({ status: 409, code: 'run-not-released' });
    await callOffWhatIsDue(service);
    await enrolClient(service, fund, TODAY, { rail: 'manual' });
    expect(refusal(await make(await releaseRun(service, TODAY)))).toEqual({ status: 422, code: 'nothing-for-a-bank' });
  });

  it('is taken by whoever may read payees, and each reading and taking is recorded', async () => {
    const { run, paid } = await releasedForBank(service, TODAY, [{}]);
    const file = await makeFile(service, run);
    for (const role of ['auditor', 'caseworker', 'administrator', 'donor'] as const)
      await service.as(role).get(`/api/v1/bank-files/${file.id}/content`).expect(403);
    const transfer = paid[0]?.transfer ?? '';
    const before = await audited('payee.read', transfer);
    const answer = await takeFile(service, file).expect(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/xml; charset=utf-8',
      'content-disposition': `attachment; filename=${file.fileName}`,
      'cache-control': 'no-store',
      'repr-digest': `sha-256=:${Buffer.from(file.sha256, 'hex').toString('base64')}:`,
    });
    expect(await audited('payee.read', transfer)).toBe(Number(before) + 1);
    expect(await audited('bank-file.take', file.id)).toBe(1);
    expect((await contentOf(service, file)).equals(answer.body as Buffer)).toBe(true);
    const listed = await service.as('auditor').get(`/api/v1/runs/${run.id}/bank-files`).expect(200);
    expect((listed.body as { items: { taken: number }[] }).items[0]?.taken).toBe(2);
  });

  it('is nowhere kept: no name and no account of anybody is in a row', async () => {
    const { run } = await releasedForBank(service, TODAY, [
      { payee: bankPayee('5550001112', { holder: 'Daw Hidden' }) },
    ]);
    await contentOf(service, await makeFile(service, run));
    const [found] = await sql<{ n: number }>(
      service.db.url,
      `select (select count(*) from payments.bank_file b where b::text ~ 'Hidden|5550001112')
            + (select count(*) from payments.evidence e where e::text ~ 'Hidden|5550001112')
            + (select count(*) from access.audit_event e where e::text ~ 'Hidden|5550001112')
            + (select count(*) from access.idempotent_answer a where a::text ~ 'Hidden|5550001112') n`,
    );
    expect(Number(found?.n)).toBe(0);
  });

  it('is another for each paying account, and what leaves from none waits and is told', async () => {
    const [first, second, none] = [await openFund(service), await openFund(service), await openFund(service)];
    await openPayingAccount(service, [first]);
    await openPayingAccount(service, [second], { layout: 'lotus-bulk' });
    for (const fund of [first, second, none])
      await enrolClient(service, fund, TODAY, { rail: 'bank-file', payee: bankPayee() });
    const run = await releaseRun(service, TODAY);
    const made = await makeFiles(service, run);
    expect(made.items).toHaveLength(2);
    expect(made.waiting).toEqual([{ fund: none, currency: 'THB', count: 1, hasAccount: false }]);
    const csv = made.items.find(({ layout }) => layout === 'lotus-bulk');
    const lines = (await contentOf(service, csv ?? { id: '' })).toString().split('\r\n');
    expect(lines[0]).toMatch(/^1\|004\|1234567890\|Aung Myint Oo\|4707\.00\|[0-9a-f]{32}$/);
    expect(lines[1]).toBe(`T|1|4707.00|${csv?.messageId}`);
    await openPayingAccount(service, [none]);
    expect((await makeFiles(service, run)).items).toHaveLength(3);
    expect((await make(run).expect(200)).body).toMatchObject({ waiting: [] });
  });
});

describe('the day on which the bank is asked to pay', () => {
  it('is the next banking day', async () => {
    const { run } = await releasedForBank(service, TODAY, [{}]);
    travel(service, '2026-03-08'); // a Sunday
    const { files } = await service.app.get(BankFilesService).make(service.actor('finance-releaser'), run.id);
    expect(files.items).toMatchObject([{ executionOn: '2026-03-09' }]);
  });

  it('is another when somebody asks for it, and never one on which banks do not work', async () => {
    const { run } = await releasedForBank(service, TODAY, [{}]);
    for (const [day, code] of [
      ['2026-03-01', 'execution-day-past'],
      ['2026-03-03', 'not-a-banking-day'],
      ['2026-06-01', 'execution-day-too-far'],
      ['soon', 'date-malformed'],
    ])
      expect(refusal(await make(run, 1, { executionOn: day }))).toEqual({ status: 422, code });
    expect((await makeFiles(service, run, { executionOn: '2026-03-04' })).items).toMatchObject([
      { executionOn: '2026-03-04' },
    ]);
  });

  it('is said to be in no calendar where there is none', async () => {
    const { run } = await releasedForBank(service, TODAY, [{}], { account: { country: 'MM' } });
    expect(await makeFile(service, run)).toMatchObject({ holidayCalendarMissing: true, executionOn: TODAY });
  });
});

describe('whoever cannot stand in a file', () => {
  it('is left out with the reason, was provably sent nothing, and can be paid again', async () => {
    const { run, paid } = await releasedForBank(service, TODAY, [
      {},
      { payee: bankPayee('1', { holder: 'สมชาย' }) },
      { payee: bankPayee('DE00370400440532013000', { kind: 'iban' }) },
      { payee: bankPayee('၁၂၃') },
    ]);
    const { items, leftOut, leftOutByReason } = await makeFiles(service, run);
    expect(items).toMatchObject([{ count: 1 }]);
    const reasonOf = (at: number) => leftOut.find(({ transfer }) => transfer === paid[at]?.transfer)?.reason;
    expect([reasonOf(0), reasonOf(1), reasonOf(2), reasonOf(3)]).toEqual([
      undefined,
      'name-not-latin',
      'iban-wrong',
      'account-not-writable',
    ]);
    expect(leftOutByReason).toEqual([
      { reason: 'account-not-writable', count: 1 },
      { reason: 'iban-wrong', count: 1 },
      { reason: 'name-not-latin', count: 1 },
    ]);
    const unpaid = paid[1] ?? { client: '', transfer: '' };
    expect((await firstTransfer(service, unpaid.client)).state).toBe('failed');
    await reissue(service, unpaid.transfer);
    expect((await firstTransfer(service, unpaid.client)).state).toBe('scheduled');
    expect(await brokenRules(service)).toEqual([]);
  });

  it('makes no file when that is everybody', async () => {
    const { run, paid } = await releasedForBank(service, TODAY, [{ payee: bankPayee('1', { holder: 'สมชาย' }) }]);
    const answer = await make(run).expect(200);
    expect(answer.body).toMatchObject({
      items: [],
      leftOutByReason: [{ reason: 'name-not-latin', count: 1 }],
      waiting: [],
    });
    expect((await firstTransfer(service, paid[0]?.client ?? '')).state).toBe('failed');
    await make(run).expect(200);
  });

  it('may have withdrawn between release and file: nothing is sent, and nothing of them is opened', async () => {
    const { run, paid } = await releasedForBank(service, TODAY, [{}, { payee: bankPayee('77') }]);
    const gone = paid[1] ?? { client: '', transfer: '' };
    await withdraw(gone.client).expect(204);
    const { items, leftOut } = await makeFiles(service, run);
    expect(items).toMatchObject([{ count: 1 }]);
    expect(leftOut).toEqual([{ transfer: gone.transfer, reason: 'may-not-be-paid' }]);
    expect((await contentOf(service, items[0] ?? { id: '' })).toString()).not.toContain('<Id>77<');
    expect(await audited('payee.read', gone.transfer)).toBe(0);
  });
});

describe('a payment that is stopped on its way', () => {
  const hold = (transfer: string) =>
    service.as('caseworker').post(`/api/v1/transfers/${transfer}/hold`, { reason: 'safety' });

  it('is in no file', async () => {
    const { run, paid } = await releasedForBank(service, TODAY, [{}, {}]);
    const { client, transfer } = paid[0] ?? { client: '', transfer: '' };
    await hold(transfer).expect(204);
    const { items, leftOut } = await makeFiles(service, run);
    expect(items).toMatchObject([{ count: 1 }]);
    expect(leftOut).toEqual([{ transfer, reason: 'stopped' }]);
    expect((await firstTransfer(service, client)).state).toBe('failed');
  });

  it('keeps the file that it stands in from being handed out', async () => {
    const { run, paid } = await releasedForBank(service, TODAY, [{}, {}]);
    const file = await makeFile(service, run);
    await hold(paid[0]?.transfer ?? '').expect(204);
    expect(refusal(await takeFile(service, file))).toEqual({ status: 409, code: 'file-cannot-be-made-again' });
    const take = `insert into payments.bank_file_download select gen_random_uuid(), '${file.id}', made_by, now() from payments.bank_file limit 1`;
    await expect(sql(service.db.url, take, [], 'uct_service')).rejects.toMatchObject({ code: 'UCT67' });
  });
});

describe('a file that would not be the one that was made', () => {
  const differs = { status: 409, code: 'file-cannot-be-made-again' };

  it('is not handed out when a byte of what it is made of was changed', async () => {
    const { run, paid } = await releasedForBank(service, TODAY, [{}]);
    const file = await makeFile(service, run);
    const change = (set: string) =>
      asOwner(`alter table payments.paying_account disable trigger all;
        update payments.paying_account set ${set} where code = '${file.account}';
        alter table payments.paying_account enable trigger all`);
    await change("account = '9990001113'");
    expect(refusal(await takeFile(service, file))).toEqual(differs);
    expect(await audited('bank-file.differ', file.id)).toBe(1);
    await change("account = '9990001112'");
    await contentOf(service, file);
    await asOwner(`alter table pii.identity disable trigger all;
                   update pii.identity set sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)
                   where client_id = (select id from casework.client where code = '${paid[0]?.client}');
                   alter table pii.identity enable trigger all`);
    expect(refusal(await takeFile(service, file))).toEqual(differs);
  });

  it('is not handed out when somebody in it withdrew, and whoever stood in it can be paid again', async () => {
    const { run, paid } = await releasedForBank(service, TODAY, [{}, {}]);
    const file = await makeFile(service, run);
    const [gone, other] = paid;
    await withdraw(gone?.client ?? '').expect(204);
    expect(refusal(await takeFile(service, file))).toEqual(differs);
    // Nobody took it, so that it was not sent is proven.
    await report(service, run.id, { transfer: other?.transfer ?? '', outcome: 'failed', code: 'not-sent' });
    expect((await firstTransfer(service, other?.client ?? '')).state).toBe('failed');
    await reissue(service, other?.transfer ?? '');
  });

  it('is not handed out when the bank has answered, so that nobody sends it twice', async () => {
    const { run, paid } = await releasedForBank(service, TODAY, [{}, {}]);
    const file = await makeFile(service, run);
    await contentOf(service, file);
    const transfer = paid[0]?.transfer ?? '';
    await report(service, run.id, { transfer, outcome: 'accepted' });
    await contentOf(service, file);
    await report(service, run.id, { transfer, outcome: 'settled', reference: 'line 1' });
    expect(refusal(await takeFile(service, file))).toEqual(differs);
  });

  it('is not handed out when somebody in it was erased', async () => {
    const { run, paid } = await releasedForBank(service, TODAY, [{}]);
    const file = await makeFile(service, run);
    const { client, transfer } = paid[0] ?? { client: '', transfer: '' };
    await contentOf(service, file);
    await report(service, run.id, { transfer, outcome: 'settled', reference: 'line 1' });
    await service.as('supervisor').delete(`/api/v1/clients/${client}`).expect(200);
    expect(refusal(await takeFile(service, file))).toEqual(differs);
    const listed = await service.as('auditor').get(`/api/v1/runs/${run.id}/bank-files`).expect(200);
    expect((listed.body as { items: object[] }).items).toMatchObject([{ count: 1, sha256: file.sha256 }]);
  });
});

describe('a payment of a file that was taken', () => {
  it('is not said to be unsent by anybody: only the bank can say that it did not pay', async () => {
    const { run, paid } = await releasedForBank(service, TODAY, [{}]);
    const { client, transfer } = paid[0] ?? { client: '', transfer: '' };
    await contentOf(service, await makeFile(service, run));
    const told = await service
      .as('finance-preparer')
      .post(`/api/v1/runs/${run.id}/results`, { results: [{ transfer, outcome: 'failed', code: 'not-sent' }] });
    expect(refusal(told)).toEqual({ status: 409, code: 'file-was-taken' });
    await report(service, run.id, { transfer, outcome: 'failed', code: 'AC01' });
    expect((await firstTransfer(service, client)).state).toBe('failed');
  });

  it('is not in a file that is taken after somebody said so', async () => {
    const { run, paid } = await releasedForBank(service, TODAY, [{}]);
    const file = await makeFile(service, run);
    await report(service, run.id, { transfer: paid[0]?.transfer ?? '', outcome: 'failed', code: 'not-sent' });
    expect(refusal(await takeFile(service, file))).toEqual({ status: 409, code: 'file-cannot-be-made-again' });
    const take = `insert into payments.bank_file_download select gen_random_uuid(), '${file.id}', made_by, now() from payments.bank_file limit 1`;
    await expect(sql(service.db.url, take, [], 'uct_service')).rejects.toMatchObject({ code: 'UCT67' });
  });

  it('is paid again, after it failed, in another file under another reference', async () => {
    const { run, paid } = await releasedForBank(service, TODAY, [{}]);
    const { client, transfer } = paid[0] ?? { client: '', transfer: '' };
    await contentOf(service, await makeFile(service, run));
    await report(service, run.id, { transfer, outcome: 'failed', code: 'AC01' });
    await reissue(service, transfer);
    const again = await makeFile(service, await releaseRun(service, TODAY));
    expect(again.count).toBe(1);
    const ids = await sql(
      service.db.url,
      `select a.attempt_no, i.bank_file_id = $2 again from payments.attempt a join payments.bank_file_item i on i.attempt_id = a.id
       where a.obligation_id = $1 order by 1`,
      [transfer, again.id],
    );
    expect(ids).toEqual([
      { attempt_no: 1, again: false },
      { attempt_no: 2, again: true },
    ]);
    expect((await transfersOf(service, client))[0]?.state).toBe('instructed');
  });
});

describe('somebody who withdraws', () => {
  it('while a file is written that is being taken keeps it from being handed out', async () => {
    const { run, paid } = await releasedForBank(service, TODAY, [{}, {}]);
    const file = await makeFile(service, run);
    await withdraw(paid[0]?.client ?? '').expect(204);
    const take = `insert into payments.bank_file_download select gen_random_uuid(), '${file.id}', made_by, now() from payments.bank_file limit 1`;
    await expect(sql(service.db.url, take, [], 'uct_service')).rejects.toMatchObject({ code: 'UCT67' });
    expect(refusal(await takeFile(service, file))).toEqual({ status: 409, code: 'file-cannot-be-made-again' });
  });
});

describe('a second try', () => {
  it('does not leave in a file once the first turned out to have paid, in SQL neither', async () => {
    const { run, paid } = await releasedForBank(service, TODAY, [{}]);
    const { client, transfer } = paid[0] ?? { client: '', transfer: '' };
    await contentOf(service, await makeFile(service, run));
    await report(service, run.id, { transfer, outcome: 'failed', code: 'AC01' });
    await reissue(service, transfer);
    const again = await makeFile(service, await releaseRun(service, TODAY));
    await report(service, run.id, { transfer, outcome: 'settled', reference: 'late line' });
    expect((await firstTransfer(service, client)).state).toBe('settled');
    expect(refusal(await takeFile(service, again))).toEqual({ status: 409, code: 'file-cannot-be-made-again' });
    const take = `insert into payments.bank_file_download select gen_random_uuid(), '${again.id}', made_by, now() from payments.bank_file limit 1`;
    await expect(sql(service.db.url, take, [], 'uct_service')).rejects.toMatchObject({ code: 'UCT67' });
  });
});

describe('what waits so long for a file that it counts as unknown', () => {
  it('still gets one, because it was sent nowhere', async () => {
    const { run, paid } = await releasedForBank(service, TODAY, [{}]);
    travel(service, '2026-03-06');
    await service.app.get(ResultsService).noticeSilence(scheduleActor('test'));
    travel(service, TODAY);
    expect((await firstTransfer(service, paid[0]?.client ?? '')).state).toBe('unknown');
    expect(await makeFile(service, run)).toMatchObject({ count: 1 });
  });

  it('is said to wait for a file, or for somebody to take it, and not to have been sent', async () => {
    const { run, paid } = await releasedForBank(service, TODAY, [{}]);
    travel(service, '2026-03-06');
    await service.app.get(ResultsService).noticeSilence(scheduleActor('test'));
    travel(service, TODAY);
    const waitsFor = async () => {
      const { body } = await service.as('finance-preparer').get('/api/v1/unknown-payments').expect(200);
      const { items } = body as { items: { transfer: string; waitsFor: string | null }[] };
      return items.find(({ transfer }) => transfer === paid[0]?.transfer)?.waitsFor;
    };
    expect(await waitsFor()).toBe('file');
    const file = await makeFile(service, run);
    expect(await waitsFor()).toBe('taking');
    await contentOf(service, file);
    expect(await waitsFor()).toBeNull();
  });
});

describe('the database', () => {
  const asService = (statement: string) => sql(service.db.url, statement, [], 'uct_service');
  const file = (from: string, change: { count?: number; total?: number; currency?: string } = {}) =>
    `insert into payments.bank_file select gen_random_uuid(), a.run_id, p.id, gen_random_uuid()::text::varchar(35), gen_random_uuid()::text::varchar(35),
       current_date, now(), ${change.count ?? 1}, ${change.total ?? 'a.amount_minor'}, p.currency, decode(repeat('00', 32), 'hex'), p.opened_by
     from payments.attempt a, payments.paying_account p where ${from} returning id`;
  const withItem = (from: string, attempt: string, change = {}) =>
    `with made as (${file(from, change)}) select id from made`.replace(
      'select id from made',
      `insert into payments.bank_file_item select id, 1, ${attempt} from made`,
    );

  it('makes a file only of payments of that run, from that account, each in one file ever', async () => {
    const one = await releasedForBank(service, TODAY, [{}]);
    const other = await releasedForBank(service, TODAY, [{}]);
    const attemptOf = ({ run }: { run: { id: string } }) =>
      `(select id from payments.attempt where run_id = '${run.id}')`;
    const good = `a.run_id = '${one.run.id}' and p.code = '${one.account}'`;
    for (const [what, statement] of [
      ['of another run', withItem(good, attemptOf(other))],
      ['from another account', withItem(`a.run_id = '${one.run.id}' and p.code = '${other.account}'`, attemptOf(one))],
      ['with another count', withItem(good, attemptOf(one), { count: 2 })],
      ['with another total', withItem(good, attemptOf(one), { total: 1 })],
      ['with nothing in it', file(good)],
    ] as const)
      await expect(asService(statement).then(() => what)).rejects.toMatchObject({ code: 'UCT65' });
    await asService(withItem(good, attemptOf(one)));
    await expect(asService(withItem(good, attemptOf(one)))).rejects.toMatchObject({
      code: expect.stringMatching(/UCT65|23505/),
    });
    await expect(asService(`update payments.bank_file set item_count = 2`)).rejects.toMatchObject({ code: '42501' });
    await expect(asOwner(`delete from payments.bank_file_item`)).rejects.toMatchObject({ code: 'UCT01' });
  });

  it('makes none of somebody who withdrew, or of what ended', async () => {
    const { run, paid, account } = await releasedForBank(service, TODAY, [{}]);
    const attempt = `(select id from payments.attempt where run_id = '${run.id}')`;
    const statement = withItem(`a.run_id = '${run.id}' and p.code = '${account}'`, attempt);
    await withdraw(paid[0]?.client ?? '').expect(204);
    await expect(asService(statement)).rejects.toMatchObject({ code: '40001' });
    await report(service, run.id, { transfer: paid[0]?.transfer ?? '', outcome: 'failed', code: 'AC01' });
    await expect(asService(statement)).rejects.toMatchObject({ code: 'UCT65' });
  });
});

describe('a paying account', () => {
  const open = (body: object) => service.as('finance-preparer').post('/api/v1/paying-accounts', body);

  it('is opened once, listed with its funds, and the latest word on a fund counts', async () => {
    const fund = await openFund(service);
    const body = payingAccountBody([fund]);
    await open(body).expect(201);
    await open(body).expect(200);
    expect(refusal(await open({ ...body, account: '1' }))).toEqual({ status: 409, code: 'id-conflict' });
    expect(refusal(await open({ ...body, id: newId() }))).toEqual({ status: 409, code: 'account-code-taken' });
    const other = payingAccountBody([]);
    await open(other).expect(201);
    await service.as('finance-releaser').post(`/api/v1/paying-accounts/${other.id}/funds`, { fund }).expect(200);
    const { items } = (await service.as('auditor').get('/api/v1/paying-accounts').expect(200)).body as {
      items: { code: string; funds: string[]; timeZone: string }[];
    };
    expect(items.find(({ code }) => code === body.code)).toMatchObject({ funds: [], timeZone: 'Asia/Bangkok' });
    expect(items.find(({ code }) => code === other.code)?.funds).toEqual([fund]);
  });

  it.each([
    ['a name in Thai', { name: 'มูลนิธิ' }, 'name-not-latin'],
    ['a name that says what for', { name: 'Survivors Fund' }, 'name-reveals'],
    ['an IBAN with a wrong digit', { accountKind: 'iban', account: 'DE89370400440532013001' }, 'iban-wrong'],
    ['a layout that nobody knows', { layout: 'my-bank' }, 'unknown-layout'],
    ['a currency that nobody knows', { currency: 'XXX' }, 'unknown-currency'],
    ['a country that nobody knows', { country: 'XX' }, 'unknown-country'],
    ['a fund that nobody knows', { funds: ['no-such-fund'] }, 'not-found'],
  ])('with %s is refused', async (_, change, code) => {
    const answer = await open(payingAccountBody([], change));
    expect((answer.body as { code: string }).code).toBe(code);
  });

  it('with a currency that a fund does not hold is refused, and so is everybody but finance', async () => {
    const fund = await openFund(service);
    expect(refusal(await open(payingAccountBody([fund], { currency: 'MYR' })))).toMatchObject({
      code: 'currency-not-held',
    });
    for (const role of ['finance-approver', 'auditor', 'supervisor', 'administrator'] as const)
      await service.as(role).post('/api/v1/paying-accounts', payingAccountBody([])).expect(403);
  });
});

describe('an enrolment by a rail that pays to something on record', () => {
  const enrol = async (rail: string, payee?: object) => {
    const fund = await openFund(service);
    const body = clientBody({ payee: payee as never });
    const registered = await service.as('caseworker').post('/api/v1/clients', body).expect(201);
    const { code: client } = registered.body as { code: string };
    const answer = await service
      .as('supervisor')
      .post('/api/v1/enrolments', { id: newId(), client, fund, anchorOn: TODAY, rail });
    return answer.status === 201 ? 'enrolled' : (answer.body as { code: string }).code;
  };
  const wallet = { bank: 'Wave', account: '0912345678', kind: 'wallet' };

  it.each([
    ['bank-file', undefined, 'payee-missing'],
    ['bank-file', wallet, 'payee-missing'],
    ['bank-file', { bank: 'KBZ', account: '0042' }, 'payee-missing'],
    ['bank-file', bankPayee(), 'enrolled'],
    ['mobile-money', undefined, 'payee-missing'],
    ['mobile-money', bankPayee(), 'payee-missing'],
    ['mobile-money', wallet, 'enrolled'],
    ['cash', undefined, 'enrolled'],
    ['manual', undefined, 'enrolled'],
  ])('by %s to %j: %s', async (rail, payee, outcome) => expect(await enrol(rail, payee)).toBe(outcome));

  it('is refused by the database too', async () => {
    const { client } = await enrolClient(service, await openFund(service), TODAY);
    const none = await registerClient(service);
    await expect(
      sql(
        service.db.url,
        `insert into payments.enrolment (id, client_id, fund_id, country, time_zone, anchor_on, rail, payee_ref, currency, amount_minor, wage_rate_id,
                                         decided_amount_id, derivation, proposed_by, proposed_at, content_sha256)
         select gen_random_uuid(), c.id, e.fund_id, e.country, e.time_zone, e.anchor_on, 'bank-file', 'identity/1', e.currency, e.amount_minor,
                e.wage_rate_id, e.decided_amount_id, e.derivation, e.proposed_by, e.proposed_at, e.content_sha256
         from payments.enrolment e join casework.client enrolled on enrolled.id = e.client_id and enrolled.code = $1, casework.client c where c.code = $2`,
        [client, none],
        'uct_service',
      ),
    ).rejects.toMatchObject({ code: 'UCT64' });
    const [{ serves } = { serves: true }] = await sql<{ serves: boolean }>(
      service.db.url,
      `select pii.payee_serves((select id from casework.client where code = $1), 'mobile-money') serves`,
      [none],
      'uct_service',
    );
    expect(serves).toBe(false);
  });
});
