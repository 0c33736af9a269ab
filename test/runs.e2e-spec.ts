/** Runs: who may sign what, which transfers are in, that nobody is paid twice, and what late or contradicting news does. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { scheduleActor, SCHEDULE_USER_ID } from '../src/access/domain/actor.js';
import { InstructionsService } from '../src/transfers/instructions.service.js';
import { ResultsService } from '../src/transfers/results.service.js';
import { RunsService } from '../src/transfers/runs.service.js';
import type { EvidenceKind } from '../src/transfers/domain/attempt-state.js';
import { enrolClient, newId, openFund, prepareRun, registerClient, type RunBody } from './support/builders.js';
import { chanceFor } from './support/chance.js';
import { connect } from './support/connection.js';
import { sql } from './support/database.js';
import {
  books,
  brokenRules,
  callOffWhatIsDue,
  firstTransfer,
  instructedTransfer,
  refusal,
  reissue,
  report,
  resultFor,
  transfersOf,
} from './support/runs.js';
import { startTestService, travel, type TestService } from './support/service.js';

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

const approve = (run: RunBody, digest = run.digest, number: 1 | 2 = 1) =>
  service.as('finance-approver', number).post(`/api/v1/runs/${run.id}/approvals`, { digest });
const release = (run: RunBody, digest = run.digest, number: 1 | 2 = 1) =>
  service.as('finance-releaser', number).post(`/api/v1/runs/${run.id}/release`, { digest });
const sendBack = (run: RunBody, reason = 'to be looked at again') =>
  service.as('finance-approver').post(`/api/v1/runs/${run.id}/send-back`, { reason });
const prepare = (body: { id?: string; dueThrough?: string; country?: string } = {}) =>
  service.as('finance-preparer').post('/api/v1/runs', { id: newId(), dueThrough: TODAY, ...body });
const hold = (transfer: string) =>
  service.as('finance-preparer').post(`/api/v1/transfers/${transfer}/hold`, { reason: 'client-wish' });

/** A fund of its own, a client due today and the run they are in. */
async function preparedRun(options: { clients?: number; amount?: string } = {}) {
  const fund = await openFund(service, { amount: options.amount });
  const enrolled = [];
  for (let n = 0; n < (options.clients ?? 1); n += 1) enrolled.push(await enrolClient(service, fund, TODAY));
  const run = await prepareRun(service, TODAY);
  const [first] = enrolled;
  if (!first) throw new Error('nobody was enrolled');
  return { fund, run, enrolled, client: first.client, transfer: first.transfers[0]?.id ?? '' };
}

/** A statement with the rights that the service has. */
const asService = (statement: string, parameters: unknown[] = []) =>
  sql(service.db.url, statement, parameters, 'uct_service');
const sign = (run: RunBody, act: string, userId: string, digest = run.digest) =>
  asService(
    'insert into payments.run_signature (run_id, digest, act, user_id, reason, signed_at) values ($1, $2, $3, $4, $5, now())',
    [run.id, digest, act, userId, act === 'send-back' ? 'a reason' : null],
  );
const user = (role: Parameters<TestService['actor']>[0], number: 1 | 2 = 1) => service.actor(role, number).userId;
/** Somebody with every right there is about runs. */
const allRounder = () => ({
  ...service.actor('finance-preparer', 2),
  permissions: new Set(['runs:read', 'runs:prepare', 'runs:approve', 'runs:release', 'runs:send-back'] as const),
});

describe('three people for one run', () => {
  it('are asked for by the roles: a preparer neither approves nor releases, an approver does not release', async () => {
    const { run } = await preparedRun();
    const { digest } = run;
    for (const [role, act] of [
      ['finance-preparer', 'approvals'],
      ['finance-preparer', 'release'],
      ['finance-approver', 'release'],
      ['finance-releaser', 'approvals'],
      ['supervisor', 'approvals'],
    ] as const) {
      const answer = await service.as(role).post(`/api/v1/runs/${run.id}/${act}`, { digest });
      expect({ role, act, ...refusal(answer) }).toEqual({ role, act, status: 403, code: 'forbidden' });
    }
  });

  it('are three even when one person holds every role', async () => {
    const fund = await openFund(service);
    await enrolClient(service, fund, TODAY);
    const runs = service.app.get(RunsService);
    const { run } = await runs.prepare(allRounder(), { id: newId(), dueThrough: TODAY });
    await expect(runs.approve(allRounder(), run.id, run.digest)).rejects.toMatchObject({
      code: 'approver-is-preparer',
    });
    await runs.approve(service.actor('finance-approver'), run.id, run.digest);
    await expect(runs.release(allRounder(), run.id, run.digest)).rejects.toMatchObject({
      code: 'releaser-signed-before',
    });
    await expect(
      runs.release({ ...service.actor('finance-approver'), permissions: allRounder().permissions }, run.id, run.digest),
    ).rejects.toMatchObject({ code: 'releaser-signed-before' });
    expect(await runs.find(allRounder(), run.id)).toMatchObject({ state: 'approved' });
  });

  it('are held to by the database: nobody signs a run twice, whichever two acts they are', async () => {
    const { run } = await preparedRun();
    await expect(sign(run, 'approve', user('finance-preparer'))).rejects.toMatchObject({
      constraint: 'signature_one_act_per_person',
    });
    await sign(run, 'approve', user('finance-approver'));
    await expect(sign(run, 'release', user('finance-approver'))).rejects.toMatchObject({
      constraint: 'signature_one_act_per_person',
    });
    await expect(sign(run, 'release', user('finance-preparer'))).rejects.toMatchObject({
      constraint: 'signature_one_act_per_person',
    });
    await expect(sign(run, 'approve', user('finance-approver'))).rejects.toMatchObject({
      constraint: 'signature_one_act_per_person',
    });
  });

  it('do not include the schedule, which only prepares', async () => {
    const { run } = await preparedRun();
    await approve(run).expect(200);
    for (const act of ['approve', 'release', 'send-back'])
      await expect(sign(run, act, SCHEDULE_USER_ID)).rejects.toMatchObject({ code: '23514' });
    const runs = service.app.get(RunsService);
    await expect(runs.approve(scheduleActor('test'), run.id, run.digest)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(runs.release(scheduleActor('test'), run.id, run.digest)).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('a release', () => {
  it('without approval is refused, by the service and by the database', async () => {
    const { run } = await preparedRun();
    expect(refusal(await release(run))).toEqual({ status: 409, code: 'run-not-approved' });
    await expect(sign(run, 'release', user('finance-releaser'))).rejects.toMatchObject({ code: 'UCT04' });
  });

  it('happens once, by the service and in the database', async () => {
    const { run, fund } = await preparedRun();
    await approve(run).expect(200);
    await release(run).expect(200);
    await release(run).expect(200);
    expect(refusal(await release(run, run.digest, 2))).toEqual({ status: 409, code: 'run-already-released' });
    await expect(sign(run, 'release', user('finance-releaser', 2))).rejects.toMatchObject({
      constraint: 'signature_one_ending',
    });
    await expect(sign(run, 'send-back', user('finance-releaser', 2))).rejects.toMatchObject({
      constraint: 'signature_one_ending',
    });
    expect(refusal(await sendBack(run))).toEqual({ status: 409, code: 'run-already-released' });
    expect(await books(service, fund)).toMatchObject({ committed: '4707.00', 'clearing:cash': '4707.00' });
  });

  it('asked for by eight at once happens once and instructs each transfer once', async () => {
    const { run, enrolled } = await preparedRun({ clients: 3 });
    await approve(run).expect(200);
    const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => release(run, run.digest, n % 2 ? 1 : 2)));
    expect(answers.map((answer) => answer.status).filter((status) => status !== 200 && status !== 409)).toEqual([]);
    const [signatures] = await sql<{ n: number }>(
      service.db.url,
      "select count(*)::int n from payments.run_signature where run_id = $1 and act = 'release'",
      [run.id],
    );
    expect(signatures?.n).toBe(1);
    for (const { client } of enrolled) expect((await firstTransfer(service, client)).attempts).toHaveLength(1);
  });

  it('and a send-back at the same moment: exactly one of them counts', async () => {
    for (let round = 0; round < 4; round += 1) {
      const { run, fund, client } = await preparedRun();
      await approve(run).expect(200);
      const [released, sentBack] = await Promise.all(
        round % 2 ? [release(run), sendBack(run)] : [sendBack(run), release(run)],
      );
      expect([released?.status, sentBack?.status].sort()).toEqual([200, 409]);
      const { state } = await firstTransfer(service, client);
      const { committed } = await books(service, fund);
      expect([
        ['instructed', '4707.00'],
        ['scheduled', '0.00'],
      ]).toContainEqual([state, committed]);
      await callOffWhatIsDue(service);
    }
  });
});

describe('an approval', () => {
  it('given six times at once is one, and the run is released once', async () => {
    const { run } = await preparedRun();
    const approvals = await Promise.all(Array.from({ length: 6 }, () => approve(run)));
    expect(approvals.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200, 200]);
    const found = await service.as('auditor').get(`/api/v1/runs/${run.id}`).expect(200);
    const { signatures } = found.body as { signatures: { act: string }[] };
    expect(signatures.map((signature) => signature.act)).toEqual(['prepare', 'approve']);
    await release(run).expect(200);
  });

  it('of another digest is refused, and so is such a release', async () => {
    const { run } = await preparedRun();
    const other = 'f'.repeat(64);
    expect(refusal(await approve(run, other))).toEqual({ status: 409, code: 'digest-mismatch' });
    expect(refusal(await approve(run, 'not a digest'))).toEqual({ status: 422, code: 'digest-malformed' });
    await approve(run).expect(200);
    expect(refusal(await approve(run, other))).toEqual({ status: 409, code: 'digest-mismatch' });
    expect(refusal(await release(run, other))).toEqual({ status: 409, code: 'digest-mismatch' });
    await expect(sign(run, 'release', user('finance-releaser'), other)).rejects.toMatchObject({ code: '23503' });
  });

  it('is void once a transfer of the run is held, and stays so when the hold ends', async () => {
    const { run, transfer } = await preparedRun({ clients: 2 });
    await approve(run).expect(200);
    await hold(transfer).expect(204);
    expect(refusal(await release(run))).toEqual({ status: 409, code: 'digest-mismatch' });
    await service.as('caseworker').post(`/api/v1/transfers/${transfer}/end-hold`).expect(204);
    expect(refusal(await release(run))).toEqual({ status: 409, code: 'digest-mismatch' });
    expect(refusal(await approve(run, run.digest, 2))).toEqual({ status: 409, code: 'digest-mismatch' });
  });

  it.each([
    ['where the money goes', "payee_ref = 'identity/2'"],
    ['how it goes', "rail = 'manual'"],
  ])('is void once somebody changes %s', async (_, change) => {
    const { run, client } = await preparedRun();
    await approve(run).expect(200);
    await sql(
      service.db.url,
      `update payments.enrolment set ${change} where client_id = (select id from casework.client where code = $1)`,
      [client],
    );
    expect(refusal(await release(run))).toEqual({ status: 409, code: 'digest-mismatch' });
  });

  it('is void once the client withdraws consent to be paid', async () => {
    const { run, client } = await preparedRun({ clients: 2 });
    await approve(run).expect(200);
    await withdrawConsent(client);
    expect(refusal(await release(run))).toEqual({ status: 409, code: 'digest-mismatch' });
    await sendBack(run).expect(200);
    const again = await prepareRun(service, TODAY);
    expect(again).toMatchObject({ count: 1, leftOut: [{ reason: 'no-consent', count: 1 }] });
  });
});

describe('what is signed', () => {
  it('is all of a run, also when somebody withdraws while it is being put together', async () => {
    const fund = await openFund(service);
    await enrolClient(service, fund, TODAY, { country: 'LA' });
    const { client, transfers } = await enrolClient(service, fund, TODAY, { country: 'LA' });
    const id = newId();
    // Preparing has picked both, and waits for the money of the fund.
    const holder = await connect(service.db.url);
    await holder.query('begin');
    await holder.query(
      'select from ledger.account a join payments.fund f on f.id = a.fund_id where f.code = $1 for update of a',
      [fund],
    );
    const preparing = service
      .as('finance-preparer')
      .post('/api/v1/runs', { id, dueThrough: TODAY, country: 'LA' })
      .then((answer) => answer);
    await holder.waitUntilSomebodyWaits();
    await withdrawConsent(client);
    await holder.query('commit');
    await holder.end();
    const run = (await preparing).body as RunBody;
    expect(run.count).toBe(2);
    expect(
      await asService('select digest = payments.digest_of_items(id) is_of_items from payments.run where id = $1', [id]),
    ).toEqual([{ is_of_items: true }]);
    expect(refusal(await approve(run))).toEqual({ status: 409, code: 'digest-mismatch' });
    await sendBack(run).expect(200);
    await service
      .as('caseworker')
      .post(`/api/v1/clients/${client}/consents`, { purpose: 'be-paid', given: true, language: 'my' })
      .expect(204);
    await service
      .as('caseworker')
      .post(`/api/v1/transfers/${transfers[0]?.id}/hold`, { reason: 'client-wish' })
      .expect(204);
  });

  it('is nothing else, by SQL neither', async () => {
    const { run } = await preparedRun();
    const other = newId();
    const items = `with made as (insert into payments.run (id, due_through, prepared_at, item_count, digest, totals)
                                 select $2, due_through, prepared_at, item_count, repeat('a', 64), totals from payments.run where id = $1 returning id)
      insert into payments.run_item (run_id, obligation_id, currency, amount_minor, rail, payee_ref)
      select made.id, obligation_id, currency, amount_minor, rail, payee_ref from payments.run_item, made where run_id = $1`;
    await expect(asService(items, [run.id, other])).rejects.toMatchObject({ code: '40001' });
    await sendBack(run).expect(200);
  });
});

const withdrawConsent = (client: string) =>
  service
    .as('caseworker')
    .post(`/api/v1/clients/${client}/consents`, { purpose: 'be-paid', given: false, language: 'my' })
    .expect(204);

describe('what was signed', () => {
  it.each([
    ['a run', "update payments.run set digest = repeat('0', 64) where id = $1"],
    ['a run', 'delete from payments.run where id = $1'],
    ['what is in a run', 'update payments.run_item set amount_minor = 1 where run_id = $1'],
    ['what is in a run', 'delete from payments.run_item where run_id = $1'],
    ['a signature', "update payments.run_signature set act = 'release' where run_id = $1"],
    ['a signature', 'delete from payments.run_signature where run_id = $1'],
  ])('cannot be changed: %s', async (_, statement) => {
    const { run } = await preparedRun();
    await expect(asService(statement, [run.id])).rejects.toMatchObject({ code: '42501' });
    await expect(sql(service.db.url, statement, [run.id])).rejects.toMatchObject({ code: 'UCT01' });
  });

  it.each([
    'amount_minor = 1',
    "currency = 'VND'",
    "due_on = '2020-01-01'",
    'instalment = 2',
    'client_id = gen_random_uuid()',
    'fund_id = gen_random_uuid()',
  ])('cannot be priced or dated anew: %s', async (change) => {
    const { transfer } = await preparedRun();
    await expect(asService(`update payments.obligation set ${change} where id = $1`, [transfer])).rejects.toMatchObject(
      { code: '42501' },
    );
  });

  it.each(['amount_minor = 1', "anchor_on = '2020-01-01'", "derivation = '{}'", 'client_id = gen_random_uuid()'])(
    'cannot be enrolled otherwise: %s',
    async (change) => {
      const { client } = await preparedRun();
      const changed = asService(
        `update payments.enrolment set ${change} where client_id = (select id from casework.client where code = $1)`,
        [client],
      );
      await expect(changed).rejects.toMatchObject({ code: '42501' });
    },
  );

  it('takes no payment of another amount than the one owed', async () => {
    const { transfer, run } = await preparedRun();
    await sendBack(run).expect(200);
    const other = newId();
    await asService(
      `insert into payments.run (id, due_through, prepared_at, item_count, digest, totals) values ($1, $2, now(), 1, repeat('a', 64), '[]')`,
      [other, TODAY],
    );
    for (const [currency, amount] of [
      ['THB', 470_701],
      ['THB', 470_699],
      ['VND', 470_700],
    ]) {
      const item = asService(
        "insert into payments.run_item (run_id, obligation_id, currency, amount_minor, rail, payee_ref) values ($1, $2, $3, $4, 'cash', 'identity/1')",
        [other, transfer, currency, amount],
      );
      await expect(item).rejects.toMatchObject({ code: '23503' });
    }
  });
});

describe('sending a run back', () => {
  it('frees its money and its transfers, which are in the next run', async () => {
    const { run, fund, transfer } = await preparedRun({ amount: '4707.00' });
    await approve(run).expect(200);
    const funds = await service.as('auditor').get('/api/v1/funds').expect(200);
    expect((funds.body as { items: { code: string }[] }).items.find((one) => one.code === fund)).toMatchObject({
      available: '0.00',
      reserved: '4707.00',
    });
    const answer = await sendBack(run).expect(200);
    expect(answer.body).toMatchObject({ state: 'sent-back', progress: {} });
    expect(refusal(await release(run))).toEqual({ status: 409, code: 'run-sent-back' });
    expect(refusal(await approve(run, run.digest, 2))).toEqual({ status: 409, code: 'run-sent-back' });
    const again = await prepareRun(service, TODAY);
    expect(again.id).not.toBe(run.id);
    expect(again.digest).toBe(run.digest);
    const { body } = await service.as('auditor').get(`/api/v1/transfers?run=${again.id}`).expect(200);
    expect((body as { items: { id: string }[] }).items.map((item) => item.id)).toEqual([transfer]);
  });

  it('does not wait in a circle with what else touches its transfers and its money', async () => {
    const { run, transfer, fund } = await preparedRun();
    // News of an earlier attempt takes the transfer first and the books second.
    const news = await connect(service.db.url);
    await news.query('begin');
    await news.query('select 1 from payments.obligation where id = $1 for update', [transfer]);
    const sentBack = sendBack(run).then((answer) => answer.status);
    await news.waitUntilSomebodyWaits();
    await news.query(
      'select 1 from ledger.balance b join ledger.account a on a.id = b.account_id join payments.fund f on f.id = a.fund_id where f.code = $1 for update of b',
      [fund],
    );
    await news.query('commit');
    await news.end();
    expect(await sentBack).toBe(200);
  });
});

describe('preparing', () => {
  it('a day twice takes nothing twice', async () => {
    const { run } = await preparedRun();
    expect(refusal(await prepare())).toEqual({ status: 422, code: 'nothing-due' });
    const same = await prepare({ id: run.id });
    expect([same.status, (same.body as RunBody).digest]).toEqual([200, run.digest]);
    expect(refusal(await prepare({ id: run.id, dueThrough: '2026-03-03' }))).toEqual({
      status: 409,
      code: 'id-conflict',
    });
    expect(refusal(await prepare({ id: run.id, country: 'MM' }))).toEqual({ status: 409, code: 'id-conflict' });
  });

  it('with one id, eight times at once, makes one run', async () => {
    const fund = await openFund(service);
    await enrolClient(service, fund, TODAY);
    const id = newId();
    const answers = await Promise.all(Array.from({ length: 8 }, () => prepare({ id })));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
  });

  it('by several at once never puts a transfer into two runs', async () => {
    const fund = await openFund(service);
    const enrolled = await Promise.all(Array.from({ length: 6 }, () => enrolClient(service, fund, TODAY)));
    const answers = await Promise.all(Array.from({ length: 6 }, () => prepare()));
    const made = answers.filter((answer) => answer.status === 201).map((answer) => answer.body as RunBody);
    for (const answer of answers)
      if (answer.status !== 201) expect(refusal(answer)).toEqual({ status: 422, code: 'nothing-due' });
    expect(made.reduce((sum, run) => sum + run.count, 0)).toBe(enrolled.length);
    const items = await sql<{ obligation_id: string }>(
      service.db.url,
      'select obligation_id from payments.run_item where run_id = any ($1)',
      [made.map((run) => run.id)],
    );
    expect(new Set(items.map((item) => item.obligation_id)).size).toBe(enrolled.length);
  });

  it('what no fund can pay for is refused with the fund named, and leaves nothing behind', async () => {
    const [rich, poor] = [await openFund(service), await openFund(service, { amount: '4706.99' })];
    await enrolClient(service, rich, TODAY);
    const { client } = await enrolClient(service, poor, TODAY);
    const id = newId();
    const answer = await prepare({ id });
    expect(refusal(answer)).toEqual({ status: 422, code: 'run-unfunded' });
    expect((answer.body as { detail: string }).detail).toContain(poor);
    expect((answer.body as { detail: string }).detail).not.toContain(rich);
    await service.as('auditor').get(`/api/v1/runs/${id}`).expect(404);
    expect((await firstTransfer(service, client)).state).toBe('scheduled');
    expect(await books(service, rich)).toMatchObject({ committed: '0.00' });
  });

  it('by the schedule leaves out the fund without money and goes on with the others', async () => {
    const [rich, poor] = [await openFund(service), await openFund(service, { amount: '4706.99' })];
    const paid = await enrolClient(service, rich, TODAY);
    const waiting = await enrolClient(service, poor, TODAY);
    const runs = service.app.get(RunsService);
    const [id = ''] = await runs.prepareDue(scheduleActor('test'), 'MM');
    const run = await runs.find(service.actor('auditor'), id);
    expect(run).toMatchObject({
      count: 1,
      leftOut: [{ reason: 'unfunded', fund: poor, count: 1 }],
      totals: [{ fund: rich, amount: '4707.00' }],
    });
    expect((await firstTransfer(service, paid.client)).state).toBe('in_run');
    expect((await firstTransfer(service, waiting.client)).state).toBe('scheduled');
    await expect(runs.prepareDue(scheduleActor('test'), 'MM')).resolves.toEqual([]);
    const fundId = (
      await sql<{ id: string }>(service.db.url, 'select id from payments.fund where code = $1', [poor])
    )[0]?.id;
    await service
      .as('finance-preparer')
      .post(`/api/v1/funds/${fundId}/grants`, {
        id: newId(),
        amount: '0.01',
        currency: 'THB',
        receivedOn: TODAY,
        reference: 'a satang',
      })
      .expect(201);
    await expect(runs.prepareDue(scheduleActor('test'), 'MM')).resolves.toHaveLength(1);
  });

  it('and releasing runs of the same two funds at once never wait in a circle', async () => {
    const suffix = newId().slice(0, 8);
    const [opensFirst, namedFirst] = [
      await openFund(service, { code: `zzz-${suffix}` }),
      await openFund(service, { code: `aaa-${suffix}` }),
    ];
    await enrolClient(service, opensFirst, TODAY);
    await enrolClient(service, namedFirst, TODAY);
    // A release takes its accounts in the order in which they were opened.
    const releasing = await connect(service.db.url);
    const lock = (fund: string) =>
      releasing.query(
        'select 1 from ledger.balance b join ledger.account a on a.id = b.account_id join payments.fund f on f.id = a.fund_id where f.code = $1 for update of b',
        [fund],
      );
    await releasing.query('begin');
    await lock(opensFirst);
    const prepared = prepare().then((answer) => answer.status);
    await releasing.waitUntilSomebodyWaits();
    await lock(namedFirst);
    await releasing.query('commit');
    await releasing.end();
    expect(await prepared).toBe(201);
  });

  it('catches up after a week in which nothing ran', async () => {
    const fund = await openFund(service);
    const days = ['2026-03-04', '2026-03-06', '2026-03-09'];
    const enrolled = [];
    for (const day of days) enrolled.push(await enrolClient(service, fund, day));
    const after = await enrolClient(service, fund, '2026-03-10');
    travel(service, '2026-03-09', '06:00');
    const runs = service.app.get(RunsService);
    const [id = ''] = await runs.prepareDue(scheduleActor('test'), 'MM');
    expect(await runs.find(service.actor('auditor'), id)).toMatchObject({ count: 3 });
    travel(service, TODAY);
    for (const { client } of enrolled) expect((await firstTransfer(service, client)).state).toBe('in_run');
    expect((await firstTransfer(service, after.client)).state).toBe('scheduled');
  });

  it("goes by the day in the client's country, not by the machine's", async () => {
    const fund = await openFund(service);
    const { client } = await enrolClient(service, fund, '2026-03-10');
    const runs = service.app.get(RunsService);
    // 17:29 UTC is 23:59 in Yangon; a minute later the day has begun there.
    service.clock.travelTo(new Date('2026-03-09T17:29:00Z'));
    await expect(runs.prepareDue(scheduleActor('test'), 'MM')).resolves.toEqual([]);
    service.clock.travelTo(new Date('2026-03-09T17:30:00Z'));
    await expect(runs.prepareDue(scheduleActor('test'), 'MM')).resolves.toHaveLength(1);
    travel(service, TODAY);
    expect((await firstTransfer(service, client)).state).toBe('in_run');
  });
});

describe('who is paid', () => {
  it('is nobody who withdrew consent, from that moment on, and again who gives it anew', async () => {
    const fund = await openFund(service);
    const { client } = await enrolClient(service, fund, TODAY);
    const stays = await enrolClient(service, fund, TODAY);
    await withdrawConsent(client);
    const run = await prepareRun(service, TODAY);
    expect(run).toMatchObject({ count: 1, leftOut: [{ reason: 'no-consent', count: 1 }] });
    expect((await firstTransfer(service, stays.client)).state).toBe('in_run');
    expect((await firstTransfer(service, client)).state).toBe('scheduled');
    await service
      .as('caseworker')
      .post(`/api/v1/clients/${client}/consents`, { purpose: 'be-paid', given: true, language: 'my' })
      .expect(204);
    expect(await prepareRun(service, TODAY)).toMatchObject({ count: 1 });
  });

  it.each([
    ['without consent', { consentToBePaid: false }, 'consent-to-be-paid-missing'],
    ['of unknown age without a guardian', { dateOfBirth: null }, 'guardian-missing'],
    ['under 18 without a guardian', { dateOfBirth: '2008-03-03' }, 'guardian-missing'],
  ])('is nobody %s', async (_, options, code) => {
    const fund = await openFund(service);
    const client = await registerClient(service, options);
    const answer = await service
      .as('supervisor')
      .post('/api/v1/enrolments', { id: newId(), client, fund, anchorOn: TODAY });
    expect(refusal(answer)).toEqual({ status: 422, code });
  });

  it('is a child with a guardian on record, until there is none', async () => {
    const fund = await openFund(service);
    const { client } = await enrolClient(service, fund, TODAY, { dateOfBirth: '2010-01-01', guardian: true });
    await asService('update casework.client set guardian_on_record = false where code = $1', [client]);
    expect(refusal(await prepare())).toEqual({ status: 422, code: 'nothing-due' });
    await asService('update casework.client set guardian_on_record = true where code = $1', [client]);
    expect(await prepareRun(service, TODAY)).toMatchObject({ count: 1 });
  });

  it('is nobody a fourth time: not by the API, not by SQL', async () => {
    const fund = await openFund(service);
    const { client, id } = await enrolClient(service, fund, TODAY);
    for (const instalments of [4, 2, 0]) {
      const someone = await registerClient(service);
      const answer = await service
        .as('supervisor')
        .post('/api/v1/enrolments', { id: newId(), client: someone, fund, anchorOn: TODAY, instalments });
      expect(refusal(answer)).toEqual({ status: 422, code: 'instalment-out-of-range' });
    }
    const again = await service
      .as('supervisor')
      .post('/api/v1/enrolments', { id: newId(), client, fund, anchorOn: '2026-06-02' });
    expect(refusal(again)).toEqual({ status: 409, code: 'client-already-enrolled' });
    const obligation = (instalment: number) =>
      asService(
        `insert into payments.obligation (id, enrolment_id, client_id, instalment, fund_id, country, due_on, currency, amount_minor, state)
         select gen_random_uuid(), enrolment_id, client_id, $2, fund_id, country, due_on, currency, amount_minor, 'scheduled'
         from payments.obligation where enrolment_id = $1 limit 1`,
        [id, instalment],
      );
    await expect(obligation(4)).rejects.toMatchObject({ code: '23514' });
    await expect(obligation(0)).rejects.toMatchObject({ code: '23514' });
    await expect(obligation(3)).rejects.toMatchObject({ code: '23505' });
    const enrolment = asService(
      `insert into payments.enrolment select gen_random_uuid(), client_id, fund_id, country, time_zone, anchor_on, rail, payee_ref, currency, amount_minor, wage_rate_id,
         decided_amount_id, derivation, proposed_by, proposed_at, approved_by, approved_at, cancelled_at, content_sha256 from payments.enrolment where id = $1`,
      [id],
    );
    await expect(enrolment).rejects.toMatchObject({ constraint: 'one_enrolment_per_client' });
  });

  it('is enrolled once, whoever asks at the same moment', async () => {
    const fund = await openFund(service);
    const client = await registerClient(service);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () =>
        service.as('supervisor').post('/api/v1/enrolments', { id: newId(), client, fund, anchorOn: TODAY }),
      ),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
    expect(await transfersOf(service, client)).toHaveLength(3);
  });
});

describe('a repeated request with an Idempotency-Key', () => {
  it('gets the first answer again', async () => {
    const fund = await openFund(service);
    await enrolClient(service, fund, TODAY);
    const key = newId();
    const body = { id: newId(), dueThrough: TODAY };
    const ask = () => service.as('finance-preparer').post('/api/v1/runs', body).set('idempotency-key', key);
    const first = await ask().expect(201);
    const second = await ask().expect(201).expect('idempotency-replayed', 'true');
    expect(second.body).toEqual(first.body);
  });

  it('and another body, or to another place, is refused', async () => {
    const { run } = await preparedRun();
    const key = newId();
    const ask = (path: string, body: object) =>
      service.as('finance-approver').post(path, body).set('idempotency-key', key);
    await ask(`/api/v1/runs/${run.id}/approvals`, { digest: run.digest }).expect(200);
    expect(refusal(await ask(`/api/v1/runs/${run.id}/approvals`, { digest: 'f'.repeat(64) }))).toEqual({
      status: 409,
      code: 'idempotency-key-reused',
    });
    expect(refusal(await ask(`/api/v1/runs/${run.id}/send-back`, { digest: run.digest }))).toEqual({
      status: 409,
      code: 'idempotency-key-reused',
    });
  });

  it('by another person is another request', async () => {
    const { run } = await preparedRun();
    const key = newId();
    await approve(run).set('idempotency-key', key).expect(200);
    const answer = await service
      .as('finance-releaser')
      .post(`/api/v1/runs/${run.id}/release`, { digest: run.digest })
      .set('idempotency-key', key)
      .expect(200);
    expect(answer.headers).not.toHaveProperty('idempotency-replayed');
  });

  it('after a refusal is looked at anew', async () => {
    const fund = await openFund(service);
    const key = newId();
    const ask = () => prepare().set('idempotency-key', key);
    const body = { id: newId(), dueThrough: TODAY };
    const again = () => service.as('finance-preparer').post('/api/v1/runs', body).set('idempotency-key', `${key}-2`);
    expect(refusal(await ask())).toEqual({ status: 422, code: 'nothing-due' });
    expect(refusal(await again())).toEqual({ status: 422, code: 'nothing-due' });
    await enrolClient(service, fund, TODAY);
    await again().expect(201);
  });
});

describe('an attempt of which nobody knows whether it paid', () => {
  it('blocks a second one: by the API and by SQL', async () => {
    const { transfer, run, client } = await instructedTransfer(service, TODAY, { rail: 'manual' });
    for (const outcome of ['unknown', 'accepted'] as const) {
      await report(service, run.id, { transfer, outcome });
      const answer = await service.as('finance-preparer').post(`/api/v1/transfers/${transfer}/reissue`);
      expect(refusal(answer)).toEqual({ status: 409, code: 'not-reissuable' });
    }
    expect((await firstTransfer(service, client)).state).toBe('unknown');
    await expect(secondAttempt(transfer, 2)).rejects.toMatchObject({ code: 'UCT05' });
    await expect(secondAttempt(transfer, 1)).rejects.toMatchObject({ code: '23505' });
    await expect(secondAttempt(transfer, 3)).rejects.toMatchObject({ code: 'UCT05' });
    await expect(
      asService('update payments.attempt set superseded = true where obligation_id = $1', [transfer]),
    ).rejects.toMatchObject({ code: 'UCT05' });
    expect(refusal(await prepare())).toEqual({ status: 422, code: 'nothing-due' });
  });

  it.each([
    ['a code that nobody knows', { outcome: 'failed', code: 'ZZ99' }],
    ['no code', { outcome: 'failed' }],
    ['a code of another rail', { outcome: 'failed', code: 'not-collected' }],
    ['a duplicate', { outcome: 'failed', code: 'AM05' }],
  ] as const)('is what %s makes of it, not a failure', async (_, told) => {
    const { transfer, run, client, fund } = await instructedTransfer(service, TODAY, { rail: 'manual' });
    await report(service, run.id, { transfer, ...told });
    expect((await firstTransfer(service, client)).state).toBe('unknown');
    expect(await books(service, fund)).toMatchObject({ 'clearing:manual': '4707.00', paid: '0.00' });
  });

  it.each([
    ['paid', 'settled'],
    ['not-paid', 'failed'],
  ])('is resolved as %s only with a reference', async (how, state) => {
    const { transfer, run, client } = await instructedTransfer(service, TODAY);
    await report(service, run.id, { transfer, outcome: 'unknown' });
    const outcome = `resolved-${how}`;
    const results = [{ transfer, outcome }];
    expect(refusal(await service.as('finance-preparer').post(`/api/v1/runs/${run.id}/results`, { results }))).toEqual({
      status: 422,
      code: 'evidence-reference-missing',
    });
    await report(service, run.id, {
      transfer,
      outcome: outcome as 'resolved-paid',
      reference: 'statement of March, line 7',
    });
    expect((await firstTransfer(service, client)).state).toBe(state);
    expect(await brokenRules(service)).toEqual([]);
  });

  it.each([
    ['cash', 7, '2026-02-26', '2026-03-05'],
    ['manual', 3, '2026-02-26', '2026-03-01'],
  ] as const)(
    'is what silence makes of %s after %i days, over the end of a month too',
    async (rail, _, instructedOn, noticedOn) => {
      travel(service, TODAY);
      const { transfer, client, run } = await instructedTransfer(service, TODAY, { rail });
      await sql(service.db.url, 'update payments.attempt set instructed_on = $2 where obligation_id = $1', [
        transfer,
        instructedOn,
      ]);
      const results = service.app.get(ResultsService);
      const stateOn = async (day: string, time: string) => {
        travel(service, day, time);
        await results.noticeSilence(scheduleActor('test'));
        travel(service, TODAY);
        return (await firstTransfer(service, client)).state;
      };
      const dayBefore = new Date(Date.parse(noticedOn) - 86_400_000).toISOString().slice(0, 10);
      expect(await stateOn(dayBefore, '23:59')).toBe('instructed');
      expect(await stateOn(noticedOn, '00:01')).toBe('unknown');
      const told = async () =>
        (
          await sql(
            service.db.url,
            'select 1 from payments.evidence e join payments.attempt a on a.id = e.attempt_id where a.obligation_id = $1',
            [transfer],
          )
        ).length;
      expect(await told()).toBe(1);
      expect(await stateOn('2026-03-20', '10:00')).toBe('unknown');
      expect(await told()).toBe(1);
      await report(service, run.id, { transfer, outcome: 'settled' });
      expect((await firstTransfer(service, client)).state).toBe('settled');
    },
  );
});

/** A further attempt at paying a transfer, in the run it was last in, as if somebody typed it. */
function secondAttempt(transfer: string, attemptNo: number) {
  return asService(
    `insert into payments.attempt (id, obligation_id, run_id, attempt_no, rail, correlation_id, currency, amount_minor, instructed_at, instructed_on, state)
     select gen_random_uuid(), obligation_id, run_id, $2, rail, replace(gen_random_uuid()::text, '-', ''), currency, amount_minor, instructed_at, instructed_on, 'instructed'
     from payments.attempt where obligation_id = $1 order by attempt_no desc limit 1`,
    [transfer, attemptNo],
  );
}

describe('a transfer that did not arrive', () => {
  it.each<[string, EvidenceKind[], string, string]>([
    ['failed', ['failed'], 'failed', '0.00'],
    ['was resolved as not paid', ['unclear', 'resolved-not-paid'], 'failed', '0.00'],
    ['came back', ['settled', 'returned'], 'returned', '4707.00'],
    ['came back before anybody said it had arrived', ['returned'], 'returned', '4707.00'],
    ['was reversed', ['settled', 'reversed'], 'reversed', '4707.00'],
  ])(
    'because it %s is paid by a new run with new signatures, and the books are right at each step',
    async (_, evidence, state, cameBack) => {
      const { transfer, run, client, fund } = await instructedTransfer(service, TODAY, {
        rail: 'manual',
        amount: '4707.00',
      });
      for (const kind of evidence) {
        await report(service, run.id, resultFor(kind, transfer, TODAY));
        expect(await brokenRules(service)).toEqual([]);
      }
      expect((await firstTransfer(service, client)).state).toBe(state);
      expect(await books(service, fund)).toEqual({
        bank: '4707.00',
        'clearing:cash': '0.00',
        'clearing:manual': '0.00',
        'clearing:bank-file': '0.00',
        'clearing:mobile-money': '0.00',
        paid: cameBack,
        returned: cameBack,
        fund: '0.00',
        committed: '4707.00',
        exchange: '0.00',
      });
      expect(refusal(await prepare())).toEqual({ status: 422, code: 'nothing-due' });
      await reissue(service, transfer);
      expect(refusal(await service.as('finance-preparer').post(`/api/v1/transfers/${transfer}/reissue`))).toEqual({
        status: 409,
        code: 'not-reissuable',
      });
      const again = await prepareRun(service, TODAY);
      expect(refusal(await release(again))).toEqual({ status: 409, code: 'run-not-approved' });
      await approve(again).expect(200);
      await release(again).expect(200);
      expect(await brokenRules(service)).toEqual([]);
      expect((await firstTransfer(service, client)).attempts).toMatchObject([
        { attemptNo: 1, state },
        { attemptNo: 2, state: 'instructed' },
      ]);
      await report(service, again.id, { transfer, outcome: 'settled' });
      expect(await brokenRules(service)).toEqual([]);
      expect(await books(service, fund)).toEqual({
        bank: '0.00',
        'clearing:cash': '0.00',
        'clearing:manual': '0.00',
        'clearing:bank-file': '0.00',
        'clearing:mobile-money': '0.00',
        paid: cameBack === '0.00' ? '4707.00' : '9414.00',
        returned: cameBack,
        fund: '0.00',
        committed: '4707.00',
        exchange: '0.00',
      });
      expect(await firstTransfer(service, client)).toMatchObject({ state: 'settled', settledOn: TODAY });
    },
  );

  it('is not paid again unless somebody puts it back', async () => {
    const { transfer, run } = await instructedTransfer(service, TODAY);
    await report(service, run.id, { transfer, outcome: 'failed', code: 'not-collected' });
    await service.app.get(RunsService).prepareDue(scheduleActor('test'), 'MM');
    await expect(secondAttempt(transfer, 2)).rejects.toMatchObject({ code: 'UCT05' });
  });
});

describe('news that money arrived after all', () => {
  const failed = async () => {
    const made = await instructedTransfer(service, TODAY, { rail: 'manual', amount: '4707.00' });
    await report(service, made.run.id, { transfer: made.transfer, outcome: 'failed', code: 'AC01' });
    return made;
  };
  const arrived = (run: RunBody, transfer: string) =>
    report(service, run.id, { transfer, outcome: 'settled', reference: 'late line' });

  it('settles a transfer that had failed', async () => {
    const { transfer, run, client, fund } = await failed();
    await arrived(run, transfer);
    expect(await firstTransfer(service, client)).toMatchObject({ state: 'settled', settledOn: TODAY });
    expect(await books(service, fund)).toMatchObject({ bank: '0.00', paid: '4707.00', 'clearing:manual': '0.00' });
    expect(await brokenRules(service)).toEqual([]);
  });

  it('settles a transfer that was put back to be paid, which is then in no run', async () => {
    const { transfer, run, client } = await failed();
    await reissue(service, transfer);
    await arrived(run, transfer);
    expect((await firstTransfer(service, client)).state).toBe('settled');
    expect(refusal(await prepare())).toEqual({ status: 422, code: 'nothing-due' });
    expect(await brokenRules(service)).toEqual([]);
  });

  it('settles a transfer that was put back and then held', async () => {
    const { transfer, run, client } = await failed();
    await reissue(service, transfer);
    await hold(transfer).expect(204);
    await arrived(run, transfer);
    expect((await firstTransfer(service, client)).state).toBe('settled');
    expect(refusal(await service.as('caseworker').post(`/api/v1/transfers/${transfer}/end-hold`))).toEqual({
      status: 409,
      code: 'not-on-hold',
    });
  });

  it.each(['prepared', 'approved'])(
    'takes the transfer out of a run that is %s, which then does not match its digest',
    async (stage) => {
      const { transfer, run, client } = await failed();
      await enrolClient(service, await openFund(service), TODAY);
      await reissue(service, transfer);
      const again = await prepareRun(service, TODAY);
      expect(again.count).toBe(2);
      if (stage === 'approved') await approve(again).expect(200);
      await arrived(run, transfer);
      expect((await firstTransfer(service, client)).state).toBe('settled');
      expect(refusal(stage === 'approved' ? await release(again) : await approve(again))).toEqual({
        status: 409,
        code: 'digest-mismatch',
      });
      await sendBack(again).expect(200);
      expect(await prepareRun(service, TODAY)).toMatchObject({ count: 1 });
      expect((await firstTransfer(service, client)).attempts).toHaveLength(1);
      expect(await brokenRules(service)).toEqual([]);
    },
  );

  it('takes the transfer out of a run that is released and not yet instructed', async () => {
    const { transfer, run, client } = await failed();
    await reissue(service, transfer);
    const again = await prepareRun(service, TODAY);
    await approve(again).expect(200);
    await service.app.get(RunsService).release(service.actor('finance-releaser'), again.id, again.digest);
    await arrived(run, transfer);
    await expect(service.app.get(InstructionsService).instruct(scheduleActor('test'), again.id)).resolves.toBe(0);
    expect(await firstTransfer(service, client)).toMatchObject({ state: 'settled', attempts: [{ attemptNo: 1 }] });
    expect(await brokenRules(service)).toEqual([]);
  });
});

describe('evidence', () => {
  it('gives the same states, days and balances in whatever order and however often it is told', async () => {
    const chance = chanceFor('orders of evidence');
    const kinds: EvidenceKind[] = [
      'accepted',
      'settled',
      'failed',
      'unclear',
      'resolved-paid',
      'resolved-not-paid',
      'returned',
      'reversed',
    ];
    const days = [TODAY, '2026-03-03', '2026-03-04'];
    for (let round = 0; round < 8; round += 1) {
      const told = chance
        .shuffled(kinds)
        .slice(0, chance.integer(1, 4))
        .flatMap((kind) => (chance.percent(40) ? [kind, kind] : [kind]))
        .map((kind) => ({ kind, day: chance.pick(days) }));
      const outcomes = [];
      for (let order = 0; order < 3; order += 1) {
        const { transfer, run, client, fund } = await instructedTransfer(service, TODAY, {
          rail: 'manual',
          amount: '4707.00',
        });
        const results = chance
          .shuffled([...told, ...(chance.percent(50) ? told.slice(0, 1) : [])])
          .map(({ kind, day }) => resultFor(kind, transfer, day));
        travel(service, '2026-03-04');
        for (const result of results)
          for (const role of ['finance-preparer', 'finance-approver'] as const)
            await service.app.get(ResultsService).record(service.actor(role), run.id, [result]);
        travel(service, TODAY);
        const { state, settledOn, attempts } = await firstTransfer(service, client);
        outcomes.push({
          state,
          settledOn,
          attempt: attempts.map((one) => [one.state, one.settledOn]),
          books: await books(service, fund),
        });
      }
      expect({ seed: chance.seed, told, outcome: outcomes[1] }).toEqual({
        seed: chance.seed,
        told,
        outcome: outcomes[0],
      });
      expect({ seed: chance.seed, told, outcome: outcomes[2] }).toEqual({
        seed: chance.seed,
        told,
        outcome: outcomes[0],
      });
    }
    expect(await brokenRules(service)).toEqual([]);
  }, 300_000);

  it('told twice, or by six at once, is one piece', async () => {
    const { transfer, run, fund } = await instructedTransfer(service, TODAY);
    const results = [{ transfer, outcome: 'settled', happenedOn: TODAY, reference: 'receipt 9' }];
    const answers = await Promise.all(
      Array.from({ length: 6 }, () =>
        service.as('finance-preparer').post(`/api/v1/runs/${run.id}/results`, { results }).expect(200),
      ),
    );
    expect(answers.map((answer) => (answer.body as { recorded: number }).recorded).sort()).toEqual([0, 0, 0, 0, 0, 1]);
    expect(await books(service, fund)).toMatchObject({ paid: '4707.00' });
  });

  it.each([
    [
      'dated before the payment was instructed',
      { outcome: 'settled', happenedOn: '2026-03-01' },
      'date-before-instruction',
    ],
    ['dated tomorrow', { outcome: 'settled', happenedOn: '2026-03-03' }, 'date-in-the-future'],
    ['on a day that does not exist', { outcome: 'settled', happenedOn: '2026-02-30' }, 'date-malformed'],
    ['of a kind that nobody knows', { outcome: 'perhaps' }, 'unknown-outcome'],
    ['of a reversal without proof', { outcome: 'reversed' }, 'evidence-reference-missing'],
  ])('%s is refused', async (_, told, code) => {
    const { transfer, run, client } = await instructedTransfer(service, TODAY);
    const answer = await service
      .as('finance-preparer')
      .post(`/api/v1/runs/${run.id}/results`, { results: [{ transfer, ...told }] });
    expect(refusal(answer)).toEqual({ status: 422, code });
    expect((await firstTransfer(service, client)).state).toBe('instructed');
  });

  it('of a transfer that the run never held is refused, with all that came beside it', async () => {
    const { transfer, run, client } = await instructedTransfer(service, TODAY);
    const results = [
      { transfer, outcome: 'settled' },
      { transfer: newId(), outcome: 'settled' },
    ];
    expect(refusal(await service.as('finance-preparer').post(`/api/v1/runs/${run.id}/results`, { results }))).toEqual({
      status: 422,
      code: 'transfer-not-in-run',
    });
    expect((await firstTransfer(service, client)).state).toBe('instructed');
  });
});

describe('a crash between the release and the instructing', () => {
  it('is made good by whoever looks next, once, even when two look at the same moment', async () => {
    const { run, enrolled, fund } = await preparedRun({ clients: 5 });
    await approve(run).expect(200);
    await service.app.get(RunsService).release(service.actor('finance-releaser'), run.id, run.digest);
    for (const { client } of enrolled) expect((await firstTransfer(service, client)).state).toBe('approved');
    const instructions = service.app.get(InstructionsService);
    await expect(instructions.unfinishedRuns()).resolves.toEqual([run.id]);
    const counts = await Promise.all(
      Array.from({ length: 4 }, () => instructions.instruct(scheduleActor('test'), run.id)),
    );
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(5);
    for (const { client } of enrolled)
      expect((await firstTransfer(service, client)).attempts).toMatchObject([{ attemptNo: 1, state: 'instructed' }]);
    expect(await books(service, fund)).toMatchObject({ 'clearing:cash': '23535.00' });
    await expect(instructions.unfinishedRuns()).resolves.toEqual([]);
    expect(await brokenRules(service)).toEqual([]);
  });

  it('leaves no transfer that somebody could still hold', async () => {
    const { run, transfer } = await preparedRun();
    await approve(run).expect(200);
    await service.app.get(RunsService).release(service.actor('finance-releaser'), run.id, run.digest);
    expect(refusal(await hold(transfer))).toEqual({ status: 409, code: 'not-holdable' });
  });

  it('and an approved run without a release is not instructed', async () => {
    const { run } = await preparedRun();
    await approve(run).expect(200);
    await expect(service.app.get(InstructionsService).instruct(scheduleActor('test'), run.id)).resolves.toBe(0);
    await expect(service.app.get(InstructionsService).unfinishedRuns()).resolves.toEqual([]);
  });
});

describe('holding a transfer', () => {
  it('takes no reason but the client’s wish and safety', async () => {
    const { transfer } = await preparedRun();
    for (const reason of ['no-plan', 'no-receipt', 'court', '']) {
      expect(
        refusal(await service.as('finance-preparer').post(`/api/v1/transfers/${transfer}/hold`, { reason })),
      ).toEqual({ status: 422, code: 'unknown-hold-reason' });
      await expect(
        asService("update payments.obligation set state = 'on_hold', run_id = null, hold_reason = $2 where id = $1", [
          transfer,
          reason,
        ]),
      ).rejects.toMatchObject({ code: '23514' });
    }
  });

  it('of somebody else’s client is not possible for a caseworker', async () => {
    const { transfer } = await preparedRun();
    expect(
      refusal(await service.as('caseworker', 2).post(`/api/v1/transfers/${transfer}/hold`, { reason: 'safety' })),
    ).toEqual({ status: 404, code: 'not-found' });
    await service.as('caseworker').post(`/api/v1/transfers/${transfer}/hold`, { reason: 'safety' }).expect(204);
  });

  it('and releasing its run at the same moment: it is held, or it is paid', async () => {
    for (let round = 0; round < 3; round += 1) {
      const { run, transfer, client } = await preparedRun();
      await approve(run).expect(200);
      const [held, released] = await Promise.all([hold(transfer), release(run)]);
      // Who looked at the transfer at that very moment was stepped round; the next look takes it.
      await service.app.get(InstructionsService).instruct(scheduleActor('test'), run.id);
      const { state } = await firstTransfer(service, client);
      expect([
        [204, 409, 'on_hold'],
        [409, 200, 'instructed'],
      ]).toContainEqual([held.status, released.status, state]);
      await callOffWhatIsDue(service);
    }
  });
});

describe('a query that makes no sense', () => {
  it.each(['from=2026-02-31', 'to=2026-13-01', 'after=2026-99-99/00000000-0000-0000-0000-000000000000', 'after=x'])(
    'is refused as such: %s',
    async (query) => {
      const answer = await service.as('auditor').get(`/api/v1/transfers?${query}`);
      expect({ query, isRefusal: answer.status >= 400 && answer.status < 500 }).toEqual({ query, isRefusal: true });
    },
  );
});
