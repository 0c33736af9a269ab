/** What people tell of a payment: where nothing else proves it, it counts once a second person has told the same. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bankPayee } from './support/bank-files.js';
import { newId, releaseRun } from './support/builders.js';
import { sql } from './support/database.js';
import { books, firstTransfer, instructedTransfer, refusal } from './support/runs.js';
import { startTestService, type TestService } from './support/service.js';
import type { NewResult, ResultsRecorded } from '../src/transfers/results.service.js';
import type { Role } from '../src/access/domain/actor.js';

const TODAY = '2026-03-02';
const STATEMENT = { happenedOn: TODAY, reference: 'statement 3, line 7' };

let service: TestService;

beforeAll(async () => {
  service = await startTestService({ today: TODAY });
});
afterAll(() => service.close());

async function tell(who: Role, run: string, result: NewResult): Promise<ResultsRecorded> {
  const answer = await service
    .as(who)
    .post(`/api/v1/runs/${run}/results`, { results: [result] })
    .expect(200);
  return answer.body as ResultsRecorded;
}

const waitingOf = async (transfer: string) => {
  const answer = await service.as('finance-approver').get('/api/v1/results-to-confirm').expect(200);
  return (answer.body as { items: { id: string; transfer: string }[] }).items.filter(
    (one) => one.transfer === transfer,
  );
};

const insertEvidence = (kind: string, transfer: string, confirmedBy: string | null) =>
  sql(
    service.db.url,
    `insert into payments.evidence (id, attempt_id, kind, happened_on, reference, recorded_by, recorded_at, confirmed_by)
     select gen_random_uuid(), a.id, $2, '2026-03-02', 'slip', $3, now(), $4 from payments.attempt a where a.obligation_id = $1`,
    [transfer, kind, service.actor('finance-preparer').userId, confirmedBy],
    'uct_service',
  );

describe('A payment that a person made in a banking app', () => {
  it('is settled once two people have told the same of it, and not by one', async () => {
    const { transfer, run, client, fund } = await instructedTransfer(service, TODAY, { rail: 'manual' });
    const settled: NewResult = { transfer, outcome: 'settled', ...STATEMENT };
    expect(await tell('finance-preparer', run.id, settled)).toMatchObject({ recorded: 0, waiting: 1 });
    expect(await tell('finance-preparer', run.id, settled)).toMatchObject({ recorded: 0, waiting: 1 });
    expect((await firstTransfer(service, client)).state).toBe('instructed');
    expect(await tell('finance-releaser', run.id, settled)).toMatchObject({ recorded: 1, waiting: 0 });
    expect((await firstTransfer(service, client)).state).toBe('settled');
    expect(await books(service, fund)).toMatchObject({ paid: '4707.00' });
    expect(await tell('finance-approver', run.id, settled)).toMatchObject({ recorded: 0, repeated: 1 });
    const rows = await sql(
      service.db.url,
      'select recorded_by, confirmed_by from payments.evidence e join payments.attempt a on a.id = e.attempt_id where a.obligation_id = $1',
      [transfer],
    );
    expect(rows).toEqual([
      {
        recorded_by: service.actor('finance-preparer').userId,
        confirmed_by: service.actor('finance-releaser').userId,
      },
    ]);
  });

  it.each<Partial<NewResult>>([
    { happenedOn: TODAY, reference: 'another line' },
    { outcome: 'failed', code: 'AC01' },
  ])('waits as long as the second person tells something else: %j', async (other) => {
    const { transfer, run, client } = await instructedTransfer(service, TODAY, { rail: 'manual' });
    const settled: NewResult = { transfer, outcome: 'settled', ...STATEMENT };
    await tell('finance-preparer', run.id, settled);
    expect(await tell('finance-approver', run.id, { ...settled, ...other })).toMatchObject({ waiting: 1 });
    expect((await firstTransfer(service, client)).state).toBe('instructed');
    expect(await waitingOf(transfer)).toHaveLength(2);
  });

  it('can be confirmed from the list, by anybody but who told it', async () => {
    const { transfer, run, client } = await instructedTransfer(service, TODAY, { rail: 'manual' });
    await tell('finance-preparer', run.id, { transfer, outcome: 'settled', ...STATEMENT });
    const [waiting] = await waitingOf(transfer);
    expect(waiting).toMatchObject({ client, kind: 'settled', toldBy: 'finance-preparer 1', amount: '4707.00' });
    const path = `/api/v1/results-to-confirm/${waiting?.id}/confirmation`;
    expect(refusal(await service.as('finance-preparer').post(path))).toEqual({
      status: 409,
      code: 'second-person-needed',
    });
    await service.as('finance-approver').post(path).expect(200);
    expect((await firstTransfer(service, client)).state).toBe('settled');
    expect(await waitingOf(transfer)).toEqual([]);
    expect(refusal(await service.as('finance-approver').post(path))).toEqual({ status: 404, code: 'not-found' });
  });

  it('counts once when six people tell it at the same moment', async () => {
    const { transfer, run, client, fund } = await instructedTransfer(service, TODAY, { rail: 'manual' });
    const settled: NewResult = { transfer, outcome: 'settled', ...STATEMENT };
    const tellers: [Role, 1 | 2][] = (['finance-preparer', 'finance-approver', 'finance-releaser'] as const).flatMap(
      (role): [Role, 1 | 2][] => [
        [role, 1],
        [role, 2],
      ],
    );
    const answers = await Promise.all(
      tellers.map(([role, number]) =>
        service
          .as(role, number)
          .post(`/api/v1/runs/${run.id}/results`, { results: [settled] })
          .expect(200),
      ),
    );
    const counts = answers.map((answer) => answer.body as ResultsRecorded);
    expect(counts.reduce((sum, { recorded }) => sum + recorded, 0)).toBe(1);
    expect(counts.reduce((sum, { waiting }) => sum + waiting, 0)).toBe(1);
    expect((await firstTransfer(service, client)).state).toBe('settled');
    expect(await books(service, fund)).toMatchObject({ paid: '4707.00' });
  });

  it.each(['settled', 'failed', 'returned', 'reversed', 'resolved-paid', 'resolved-not-paid'])(
    'cannot be told by one in SQL, nor by one and somebody who told nothing: %s',
    async (kind) => {
      const { transfer } = await instructedTransfer(service, TODAY, { rail: 'manual' });
      await expect(insertEvidence(kind, transfer, null)).rejects.toMatchObject({ code: 'UCT71' });
      const other = service.actor('finance-approver').userId;
      await expect(insertEvidence(kind, transfer, other)).rejects.toMatchObject({ code: 'UCT71' });
      await expect(insertEvidence('accepted', transfer, null)).resolves.toBeDefined();
    },
  );
});

describe('A payment of which nobody knows whether it arrived', () => {
  it('is resolved by two people, in cash too', async () => {
    const { transfer, run, client } = await instructedTransfer(service, TODAY, { rail: 'cash' });
    await tell('finance-preparer', run.id, { transfer, outcome: 'unknown' });
    const resolved: NewResult = { transfer, outcome: 'resolved-not-paid', ...STATEMENT };
    expect(await tell('finance-preparer', run.id, resolved)).toMatchObject({ waiting: 1 });
    expect((await firstTransfer(service, client)).state).toBe('unknown');
    expect(refusal(await service.as('finance-preparer').post(`/api/v1/transfers/${transfer}/reissue`))).toEqual({
      status: 409,
      code: 'not-reissuable',
    });
    await tell('finance-approver', run.id, resolved);
    expect((await firstTransfer(service, client)).state).toBe('failed');
  });

  it.each<Partial<NewResult>>([{ outcome: 'settled' }, { outcome: 'failed', code: 'handed-back-to-till' }])(
    'has not ended by the word of one, whichever word it is: %j',
    async (end) => {
      const { transfer, run, client } = await instructedTransfer(service, TODAY, { rail: 'cash' });
      await tell('finance-preparer', run.id, { transfer, outcome: 'unknown' });
      const told: NewResult = { transfer, outcome: 'settled', ...STATEMENT, ...end };
      expect(await tell('finance-preparer', run.id, told)).toMatchObject({ recorded: 0, waiting: 1 });
      expect((await firstTransfer(service, client)).state).toBe('unknown');
      expect(await tell('finance-approver', run.id, told)).toMatchObject({ recorded: 1 });
      expect((await firstTransfer(service, client)).state).toBe(end.outcome);
    },
  );

  it('belongs to whoever released its run until it is given to somebody else', async () => {
    const { transfer, run } = await instructedTransfer(service, TODAY);
    await tell('finance-preparer', run.id, { transfer, outcome: 'unknown' });
    const find = async () => {
      const answer = await service.as('auditor').get('/api/v1/unknown-payments').expect(200);
      const { items } = answer.body as { items: { id: string; transfer: string }[] };
      return items.find((one) => one.transfer === transfer);
    };
    const payment = await find();
    expect(payment).toMatchObject({ owner: { name: 'finance-releaser 1' }, ageHours: 0, isAlert: false });
    const assign = (owner: string) =>
      service.as('finance-preparer').post(`/api/v1/unknown-payments/${payment?.id}/owner`, { owner });
    await assign(service.actor('finance-approver', 2).userId).expect(204);
    expect(await find()).toMatchObject({ owner: { name: 'finance-approver 2' } });
    expect(refusal(await assign(service.actor('caseworker').userId))).toEqual({
      status: 422,
      code: 'owner-not-possible',
    });
    expect(refusal(await assign(newId()))).toEqual({ status: 422, code: 'owner-not-possible' });
  });
});

describe('A payment in a bank’s file', () => {
  it.each<Partial<NewResult>>([
    { outcome: 'failed', code: 'rejected-by-bank' },
    { outcome: 'returned' },
    { outcome: 'reversed' },
  ])('is not paid again by the word of one that the client does not have it: %j', async (end) => {
    const { transfer, run, client } = await instructedTransfer(service, TODAY, {
      rail: 'bank-file',
      payee: bankPayee(),
    });
    if (end.outcome !== 'failed')
      for (const [who, recorded] of [
        ['finance-preparer', 0],
        ['finance-approver', 1],
      ] as const)
        expect(await tell(who, run.id, { transfer, outcome: 'settled', ...STATEMENT })).toMatchObject({ recorded });
    const told: NewResult = { transfer, outcome: 'failed', ...STATEMENT, ...end };
    expect(await tell('finance-preparer', run.id, told)).toMatchObject({ recorded: 0, waiting: 1 });
    expect(refusal(await service.as('finance-preparer').post(`/api/v1/transfers/${transfer}/reissue`))).toEqual({
      status: 409,
      code: 'not-reissuable',
    });
    await expect(insertEvidence(end.outcome ?? '', transfer, null)).rejects.toMatchObject({ code: 'UCT71' });
    expect(await tell('finance-approver', run.id, told)).toMatchObject({ recorded: 1 });
    expect((await firstTransfer(service, client)).state).toBe(end.outcome);
  });

  it('was not sent by the word of one, while nobody took its file', async () => {
    const { transfer, run } = await instructedTransfer(service, TODAY, { rail: 'bank-file', payee: bankPayee() });
    const told: NewResult = { transfer, outcome: 'failed', code: 'not-sent' };
    expect(await tell('finance-preparer', run.id, told)).toMatchObject({ recorded: 1 });
  });
});

describe('A payment that did not arrive', () => {
  const putBack = (role: 'finance-preparer' | 'finance-approver' | 'finance-releaser', transfer: string) =>
    service.as(role).post(`/api/v1/transfers/${transfer}/reissue`);
  const alone = { status: 409, code: 'reissue-other-person-needed' };

  it('is put back by somebody else than who alone told of it, and by SQL too', async () => {
    const { transfer, run, client } = await instructedTransfer(service, TODAY, { rail: 'cash' });
    await tell('finance-preparer', run.id, { transfer, outcome: 'failed', code: 'handed-back-to-till' });
    expect((await firstTransfer(service, client)).state).toBe('failed');
    expect(refusal(await putBack('finance-preparer', transfer))).toEqual(alone);
    const insert = (by: string) =>
      sql(
        service.db.url,
        'insert into payments.reissue select gen_random_uuid(), id, $2, now() from payments.attempt where obligation_id = $1',
        [transfer, by],
        'uct_service',
      );
    await expect(insert(service.actor('finance-preparer').userId)).rejects.toMatchObject({ code: 'UCT79' });
    await putBack('finance-approver', transfer).expect(204);
    await releaseRun(service, TODAY);
    expect((await firstTransfer(service, client)).attempts).toHaveLength(2);
  });

  it('is put back by anybody once two have told of it', async () => {
    const { transfer, run } = await instructedTransfer(service, TODAY, { rail: 'manual' });
    const failed: NewResult = { transfer, outcome: 'failed', code: 'AC01' };
    await tell('finance-preparer', run.id, failed);
    await tell('finance-approver', run.id, failed);
    await putBack('finance-preparer', transfer).expect(204);
  });

  it('is not paid again unless somebody put it back, whatever the transfer says', async () => {
    const { transfer, run } = await instructedTransfer(service, TODAY, { rail: 'cash' });
    await tell('finance-preparer', run.id, { transfer, outcome: 'failed', code: 'handed-back-to-till' });
    await sql(service.db.url, "update payments.obligation set state = 'scheduled', run_id = null where id = $1", [
      transfer,
    ]);
    await expect(releaseRun(service, TODAY)).rejects.toThrow();
    const attempts = await sql(service.db.url, 'select 1 from payments.attempt where obligation_id = $1', [transfer]);
    expect(attempts).toHaveLength(1);
  });
});

it('The state of a payment is what its evidence says, by SQL too', async () => {
  const { transfer, run, client } = await instructedTransfer(service, TODAY, { rail: 'cash' });
  await tell('finance-preparer', run.id, { transfer, outcome: 'failed', code: 'handed-back-to-till' });
  await tell('finance-preparer', run.id, { transfer, outcome: 'settled', ...STATEMENT });
  expect((await firstTransfer(service, client)).state).toBe('settled');
  await expect(
    sql(
      service.db.url,
      "update payments.attempt set state = 'failed' where obligation_id = $1",
      [transfer],
      'uct_service',
    ),
  ).rejects.toMatchObject({ code: 'UCT80' });
});

describe('What is said to come from a bank, an operator or the schedule', () => {
  it.each([
    ['statement', 'settled', null],
    ['statement', 'failed', 'AC01'],
    ['rail', 'settled', null],
    ['rail', 'failed', 'identifierError'],
    ['rail', 'returned', null],
    ['rail', 'failed', 'not-sent'],
    ['schedule', 'failed', 'AC01'],
  ])('does come from there: not as a claim of %s that it %s', async (source, kind, code) => {
    const { transfer, client } = await instructedTransfer(service, TODAY, { rail: 'cash' });
    await expect(
      sql(
        service.db.url,
        `insert into payments.evidence (id, attempt_id, kind, rail_code, happened_on, reference, recorded_by, recorded_at, source)
         select gen_random_uuid(), a.id, $2, $4, '2026-03-02', 'slip', $3, now(), $5 from payments.attempt a where a.obligation_id = $1`,
        [transfer, kind, service.actor('finance-preparer').userId, code, source],
        'uct_service',
      ),
    ).rejects.toMatchObject({ code: 'UCT80' });
    expect((await firstTransfer(service, client)).state).toBe('instructed');
  });
});
