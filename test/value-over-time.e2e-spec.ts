/** What a transfer is worth over time: wages come and are confirmed, a fund freezes or raises, and what was promised is never lowered. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { newId, enrolClient, prepareRun, releaseRun } from './support/builders.js';
import { sql } from './support/database.js';
import { outcomesAs } from './support/outcomes.js';
import { books, brokenRules, callOffWhatIsDue, refusal, report, transfersOf } from './support/runs.js';
import { startTestService, travel, type TestService } from './support/service.js';
import {
  confirmWage,
  openWageFund,
  regionWithWage,
  proposeReview,
  review,
  wageFrom,
  type ReviewBody,
} from './support/wages.js';

const TODAY = '2026-03-02';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ today: TODAY });
}, 60_000);
afterEach(async () => {
  travel(service, TODAY);
  await callOffWhatIsDue(service);
});
afterAll(() => service.close());

const api = (path: string) => `/api/v1/${path}`;

describe('A wage that comes with time', () => {
  const wage = () => ({
    id: newId(),
    country: 'LA',
    unit: 'month',
    amount: '2600000',
    currency: 'LAK',
    effectiveFrom: '2026-04-01',
    instrument: 'Notice 1/2026',
    sourceUrl: 'https://example.org/notice',
    confidence: 'official',
  });
  const rates = async (country: string) => {
    const answer = await service.as('caseworker').get(api('wage-rates')).expect(200);
    return (answer.body as { items: Record<string, string>[] }).items.filter((one) => one['country'] === country);
  };

  it('plays no part until a second person confirms it, and is known from the day of that', async () => {
    const proposed = wage();
    const before = await rates('LA');
    await service.as('finance-preparer').post(api('wage-rates'), proposed).expect(201);
    await service.as('finance-preparer').post(api('wage-rates'), proposed).expect(200);
    expect(await rates('LA')).toEqual(before);
    const open = await service.as('administrator').get(api('wage-rates/proposals')).expect(200);
    expect((open.body as { items: object[] }).items).toEqual([
      expect.objectContaining({
        id: proposed.id,
        instrument: 'Notice 1/2026',
        proposedBy: 'finance-preparer 1',
        state: 'open',
      }),
    ]);
    expect(refusal(await service.as('finance-preparer').post(api(`wage-rates/${proposed.id}/confirmation`)))).toEqual({
      status: 422,
      code: 'wage-confirmed-by-proposer',
    });
    const confirmed = await service
      .as('finance-approver')
      .post(api(`wage-rates/${proposed.id}/confirmation`))
      .expect(200);
    await service
      .as('finance-approver')
      .post(api(`wage-rates/${proposed.id}/confirmation`))
      .expect(200);
    expect((await rates('LA'))[0]).toMatchObject({
      id: (confirmed.body as { wageRate: string }).wageRate,
      amount: '2600000',
      effectiveFrom: '2026-04-01',
      knownFrom: TODAY,
      source: 'Notice 1/2026',
      sourceUrl: 'https://example.org/notice',
      confidence: 'official',
    });
  });

  it('is known from the day on the clock of the country where it holds: in Yangon that begins half an hour before Bangkok’s', async () => {
    travel(service, '2026-03-02', '00:10'); // 23:40 of the day before in Yangon
    const id = await confirmWage(service, wageFrom('MM', '7801', '2027-12-01'));
    expect((await rates('MM')).find((one) => one['id'] === id)).toMatchObject({ knownFrom: '2026-03-01' });
    travel(service, '2026-03-02', '00:40');
    const later = await confirmWage(service, wageFrom('MM', '7802', '2027-12-02'));
    expect((await rates('MM')).find((one) => one['id'] === later)).toMatchObject({ knownFrom: '2026-03-02' });
  });

  it('of the same place and day is put right on the day after, because the later word counts and a day has one', async () => {
    travel(service, '2026-03-02', '00:10'); // 23:40 of the day before in Yangon
    await confirmWage(service, wageFrom('MM', '7810', '2027-11-01'));
    const corrected = wageFrom('MM', '7801', '2027-11-01');
    await service.as('finance-preparer').post(api('wage-rates'), corrected).expect(201);
    const confirm = () => service.as('finance-approver').post(api(`wage-rates/${corrected.id}/confirmation`));
    expect(refusal(await confirm())).toEqual({ status: 409, code: 'wage-known-today' });
    travel(service, '2026-03-02', '00:40');
    expect((await confirm()).status).toBe(200);
    travel(service, TODAY);
  });

  it('is declined, or taken back by who proposed it, and then never confirmed', async () => {
    const proposed = wage();
    await service.as('finance-preparer').post(api('wage-rates'), proposed).expect(201);
    await service
      .as('finance-preparer')
      .post(api(`wage-rates/${proposed.id}/decline`))
      .expect(200);
    expect(refusal(await service.as('finance-approver').post(api(`wage-rates/${proposed.id}/confirmation`)))).toEqual({
      status: 409,
      code: 'wage-declined',
    });
  });

  it.each([
    [{ amount: '0.00' }, 'amount-not-positive'],
    [{ amount: '1,000' }, 'amount-malformed'],
    [{ country: 'XX' }, 'unknown-country'],
    [{ effectiveFrom: '2026-02-30' }, 'date-malformed'],
    [{ effectiveFrom: '2036-01-01' }, 'wage-too-far'],
    [{ sourceUrl: 'javascript:alert(1)' }, 'source-malformed'],
    [{ confidence: 'sure' }, 'unknown-confidence'],
  ])('is refused when it says %j', async (wrong, code) => {
    const answer = await service.as('finance-preparer').post(api('wage-rates'), { ...wage(), ...wrong });
    expect(refusal(answer)).toEqual({ status: 422, code });
  });

  it('by SQL: is confirmed by somebody else, is what was proposed, and stays', async () => {
    const proposed = wage();
    await service.as('finance-preparer').post(api('wage-rates'), proposed).expect(201);
    const { userId } = service.actor('finance-preparer');
    const own = `insert into payments.wage_decision values ('${proposed.id}', '${userId}', 'confirm', '${userId}', now(), current_date)`;
    const other = `insert into payments.wage_rate (country, region, sector, unit, amount, currency, effective_from, known_from, source, proposal_id)
      values ('LA', '', 'general', 'month', 99, 'LAK', '2026-04-01', current_date, 'x', '${proposed.id}')`;
    expect(await outcomesAs(service.db.url, 'uct_service', [own, other, 'delete from payments.wage_proposal'])).toEqual(
      {
        [own]: '23514',
        [other]: 'UCT90',
        'delete from payments.wage_proposal': '42501',
      },
    );
  });
});

describe('In a fund that raises only', () => {
  it('a rise is worth more from the first transfer that is due when it holds, when a second person approves', async () => {
    const fund = await openWageFund(service, 'raise_only');
    const region = await regionWithWage(service, '400');
    const { client, transfers } = await enrolClient(service, fund, '2026-03-20', { country: 'TH', region });
    expect(transfers.map(({ amount }) => amount)).toEqual(['12000.00', '12000.00', '12000.00']);
    const wage = await confirmWage(service, wageFrom('TH', '410', '2026-04-20', region));
    const proposed = await proposeReview(service, fund, wage);
    expect(proposed).toMatchObject({
      policy: 'raise_only',
      worth: '12300.00',
      enrolments: 1,
      acts: { raise: { count: 2, amount: '600.00' } },
      state: 'open',
    });
    expect((await transfersOf(service, client)).map(({ amount }) => amount)).toEqual([
      '12000.00',
      '12000.00',
      '12000.00',
    ]);
    const approved = await service
      .as('finance-releaser')
      .post(api(`value-reviews/${proposed.id}/approval`))
      .expect(200);
    expect(approved.body).toMatchObject({ state: 'approved', acts: { raise: { count: 2, amount: '600.00' } } });
    const after = await transfersOf(service, client);
    expect(after.map(({ amount }) => amount)).toEqual(['12000.00', '12300.00', '12300.00']);
    expect(after[1]).toMatchObject({
      topsUp: null,
      wage: { rule: 'minimum-wage', wage: '410 THB a day' },
      raises: [{ on: TODAY, from: '12000.00', to: '12300.00' }],
    });
    expect(after[0]).toMatchObject({ wage: { wage: '400 THB a day' }, raises: [] });
    expect(await brokenRules(service)).toEqual([]);
  });

  it('what was paid while it held already is topped up, and the books have the whole', async () => {
    const fund = await openWageFund(service, 'raise_only');
    const region = await regionWithWage(service, '400');
    const { client, id: enrolment } = await enrolClient(service, fund, TODAY, { country: 'TH', region });
    const run = await releaseRun(service, TODAY, 'TH');
    const [first] = await transfersOf(service, client);
    await report(service, run.id, { transfer: first?.id ?? '', outcome: 'settled' });
    const wage = await confirmWage(service, wageFrom('TH', '420', '2026-03-01', region));
    const approved = await review(service, fund, wage);
    expect(approved.acts).toEqual({ raise: { count: 2, amount: '1200.00' }, 'top-up': { count: 1, amount: '600.00' } });
    const after = await transfersOf(service, client);
    const topUp = after.find(({ topsUp }) => topsUp !== null);
    expect(topUp).toMatchObject({
      topsUp: first?.id,
      instalment: 1,
      amount: '600.00',
      state: 'scheduled',
      dueOn: TODAY,
    });
    const mistake = await service.as('supervisor').post(api(`enrolments/${enrolment}/cancellation`));
    expect(refusal(mistake)).toEqual({ status: 409, code: 'not-cancellable' });
    const again = await releaseRun(service, TODAY, 'TH');
    expect(again.totals).toEqual([expect.objectContaining({ count: 1, topUps: 1, amount: '600.00' })]);
    await report(service, again.id, { transfer: topUp?.id ?? '', outcome: 'settled' });
    expect(await books(service, fund)).toMatchObject({ paid: '12600.00', committed: '12600.00' });
    expect(await brokenRules(service)).toEqual([]);
  });

  it('what is in a run when it is approved is topped up, and the run stays what was signed', async () => {
    const fund = await openWageFund(service, 'raise_only');
    const region = await regionWithWage(service, '372');
    const { client } = await enrolClient(service, fund, TODAY, { country: 'TH', region });
    const wage = await confirmWage(service, wageFrom('TH', '420', TODAY, region));
    const proposed = await proposeReview(service, fund, wage);
    expect(proposed.acts).toMatchObject({ raise: { count: 3 } });
    const run = await prepareRun(service, TODAY, 'TH');
    await service
      .as('finance-approver')
      .post(api(`value-reviews/${proposed.id}/approval`))
      .expect(200);
    await service
      .as('finance-approver')
      .post(api(`runs/${run.id}/approvals`), { digest: run.digest })
      .expect(200);
    await service
      .as('finance-releaser')
      .post(api(`runs/${run.id}/release`), { digest: run.digest })
      .expect(200);
    const after = await transfersOf(service, client);
    expect(
      after.filter(({ topsUp }) => topsUp !== null).map(({ instalment, amount, state }) => [instalment, amount, state]),
    ).toEqual([[1, '1440.00', 'scheduled']]);
    expect(await brokenRules(service)).toEqual([]);
  });

  it('a lower wage, and a correction downwards, lower nothing', async () => {
    const fund = await openWageFund(service, 'raise_only');
    const region = await regionWithWage(service, '370');
    await enrolClient(service, fund, '2026-03-20', { country: 'TH', region });
    const lower = await confirmWage(service, wageFrom('TH', '300', '2026-03-01', region));
    const answer = await service
      .as('finance-preparer')
      .post(api('value-reviews'), { id: newId(), fund, wageRate: lower });
    expect(refusal(answer)).toEqual({ status: 422, code: 'nothing-to-review' });
  });

  it('is approved by somebody else than who proposed it, once, and is not applied to what changed meanwhile', async () => {
    const fund = await openWageFund(service, 'raise_only');
    const region = await regionWithWage(service, '400');
    const enrolled = await enrolClient(service, fund, '2026-03-20', { country: 'TH', region });
    const wage = await confirmWage(service, wageFrom('TH', '430', '2026-03-20', region));
    const one = await proposeReview(service, fund, wage, 'finance-approver');
    expect(refusal(await service.as('finance-approver').post(api(`value-reviews/${one.id}/approval`)))).toEqual({
      status: 422,
      code: 'review-approved-by-proposer',
    });
    const other = await proposeReview(service, fund, wage);
    const both = await Promise.all(
      [0, 1, 2].map(() => service.as('finance-releaser').post(api(`value-reviews/${one.id}/approval`))),
    );
    expect(both.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(refusal(await service.as('finance-releaser').post(api(`value-reviews/${other.id}/approval`)))).toEqual({
      status: 409,
      code: 'value-changed-meanwhile',
    });
    await service
      .as('finance-preparer')
      .post(api(`value-reviews/${other.id}/decline`))
      .expect(200);
    expect((await transfersOf(service, enrolled.client)).map(({ amount }) => amount)).toEqual(
      Array(3).fill('12900.00'),
    );
  });
});

describe('In a fund that freezes', () => {
  it('nothing changes, the review says so, and the alert ends when it is approved', async () => {
    const fund = await openWageFund(service, 'freeze');
    const region = await regionWithWage(service, '400');
    const { client } = await enrolClient(service, fund, '2026-03-20', { country: 'TH', region });
    const wage = await confirmWage(service, wageFrom('TH', '440', '2026-03-20', region));
    const mine = async () =>
      (
        (await service.as('finance-preparer').get(api('value-reviews/alerts')).expect(200)).body as {
          items: { fund?: string }[];
        }
      ).items.filter((alert) => alert.fund === fund);
    expect(await mine()).toEqual([
      {
        kind: 'wage-newer',
        fund,
        country: 'TH',
        wageRate: wage,
        effectiveFrom: '2026-03-20',
        policy: 'freeze',
        enrolments: 1,
      },
    ]);
    const before = await transfersOf(service, client);
    const approved = await review(service, fund, wage);
    expect(approved.acts).toEqual({ keep: { count: 3, amount: '0.00' } });
    expect(await transfersOf(service, client)).toEqual(before);
    expect(await mine()).toEqual([]);
  });

  it('a policy is changed by two people, and what was approved before is raised by the next review', async () => {
    const fund = await openWageFund(service, 'freeze');
    const [row] = await sql<{ id: string }>(service.db.url, 'select id from payments.fund where code = $1', [fund]);
    const path = api(`funds/${row?.id}/policy-changes`);
    const change = { id: newId(), policy: 'raise_only', reason: 'the donor agreed to it' };
    await service.as('finance-preparer').post(path, change).expect(201);
    expect(refusal(await service.as('finance-preparer').post(`${path}/${change.id}/confirmation`))).toEqual({
      status: 422,
      code: 'policy-confirmed-by-proposer',
    });
    const policy = async () =>
      (
        (await service.as('auditor').get(api('funds'))).body as { items: { code: string; valuePolicy: string }[] }
      ).items.find(({ code }) => code === fund)?.valuePolicy;
    expect(await policy()).toBe('freeze');
    await service.as('finance-releaser').post(`${path}/${change.id}/confirmation`).expect(200);
    expect(await policy()).toBe('raise_only');
    const late = await service.as('finance-releaser').post(`${path}/${change.id}/decline`, { reason: 'out-of-date' });
    expect(refusal(late)).toEqual({ status: 409, code: 'policy-decided-before' });
  });
});

describe('What a fund is to do when wages rise', () => {
  type Who = 'finance-preparer' | 'finance-releaser';
  const OTHER = { reason: 'donor-does-not-agree' };
  let fund: string;
  let path: string;
  const act = (who: Who, id: string, what: string, body: object = {}) =>
    service.as(who).post(`${path}/${id}/${what}`, body);
  const policy = async () => {
    const { body } = await service.as('auditor').get(api('funds')).expect(200);
    return (body as { items: { code: string; valuePolicy: string }[] }).items.find(({ code }) => code === fund)
      ?.valuePolicy;
  };
  async function proposed(): Promise<string> {
    const change = { id: newId(), policy: 'raise_only', reason: 'the donor agreed to it' };
    await service.as('finance-preparer').post(path, change).expect(201);
    return change.id;
  }
  beforeAll(async () => {
    fund = await openWageFund(service, 'freeze');
    const [row] = await sql<{ id: string }>(service.db.url, 'select id from payments.fund where code = $1', [fund]);
    path = api(`funds/${row?.id}/policy-changes`);
  });

  it('is declined by another person, for a reason of the list, and can never be confirmed after that', async () => {
    const id = await proposed();
    expect(refusal(await act('finance-preparer', id, 'decline', OTHER))).toEqual({
      status: 422,
      code: 'policy-declined-by-proposer',
    });
    expect(refusal(await act('finance-releaser', id, 'decline', { reason: 'no receipts' }))).toEqual({
      status: 422,
      code: 'unknown-reason',
    });
    for (let times = 0; times < 2; times += 1) {
      const { body } = await act('finance-releaser', id, 'decline', OTHER).expect(200);
      expect(body).toMatchObject({ id, state: 'declined' });
    }
    for (const what of ['confirmation', 'decline'])
      expect(refusal(await act('finance-releaser', id, what, { reason: 'out-of-date' }))).toEqual({
        status: 409,
        code: 'policy-decided-before',
      });
    expect(refusal(await act('finance-preparer', id, 'withdrawal'))).toMatchObject({ code: 'policy-decided-before' });
    expect(await policy()).toBe('freeze');
  });

  it('is withdrawn by whoever proposed it, and by nobody else', async () => {
    const id = await proposed();
    expect(refusal(await act('finance-releaser', id, 'withdrawal'))).toEqual({
      status: 422,
      code: 'policy-withdrawn-by-another',
    });
    for (let times = 0; times < 2; times += 1)
      expect((await act('finance-preparer', id, 'withdrawal').expect(200)).body).toMatchObject({ state: 'withdrawn' });
    expect(refusal(await act('finance-releaser', id, 'confirmation'))).toMatchObject({ code: 'policy-decided-before' });
    expect(await policy()).toBe('freeze');
  });

  it('is decided once, of three who decide at the same moment exactly one', async () => {
    for (let round = 0; round < 4; round += 1) {
      const id = await proposed();
      const answers = await Promise.all([
        act('finance-releaser', id, 'confirmation'),
        service.as('finance-releaser', 2).post(`${path}/${id}/decline`, OTHER),
        act('finance-preparer', id, 'withdrawal'),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    }
  });

  it.each([
    ['confirm', 'decline'],
    ['decline', 'confirm'],
  ])('is decided once by SQL too: a %s that commits first wins over a %s', async (first, second) => {
    const id = await proposed();
    const insert = (client: pg.Client, decision: string) =>
      client.query(
        `insert into payments.fund_policy_decision (change_id, proposed_by, decision, reason, decided_by, decided_at)
         values ($1, $2, $3, $4, $5, now())`,
        [
          id,
          service.actor('finance-preparer').userId,
          decision,
          decision === 'decline' ? 'out-of-date' : null,
          service.actor('finance-releaser').userId,
        ],
      );
    const [one, other] = [1, 2].map(() => new pg.Client({ connectionString: service.db.url })) as [
      pg.Client,
      pg.Client,
    ];
    await Promise.all([one.connect(), other.connect()]);
    try {
      await one.query('begin');
      await insert(one, first);
      const late = insert(other, second).then(
        () => 'taken',
        (error: { code: string }) => error.code,
      );
      await one.query('commit');
      expect(await late).toBe('23505');
      const kept = await sql(
        service.db.url,
        'select decision from payments.fund_policy_decision where change_id = $1',
        [id],
      );
      expect(kept).toEqual([{ decision: first }]);
    } finally {
      await Promise.all([one.end(), other.end()]);
    }
  });

  it.each([
    ['confirm', 'finance-preparer', null],
    ['decline', 'finance-preparer', 'out-of-date'],
    ['withdraw', 'finance-releaser', null],
    ['decline', 'finance-releaser', null],
    ['confirm', 'finance-releaser', 'out-of-date'],
  ] as const)('by SQL is no %s of a %s with the reason %s', async (decision, who, reason) => {
    const id = await proposed();
    await expect(
      sql(
        service.db.url,
        `insert into payments.fund_policy_decision (change_id, proposed_by, decision, reason, decided_by, decided_at)
         values ($1, $2, $3, $4, $5, now())`,
        [id, service.actor('finance-preparer').userId, decision, reason, service.actor(who).userId],
        'uct_service',
      ),
    ).rejects.toMatchObject({ code: '23514' });
  });
});

describe('By SQL, whoever tries', () => {
  let approved: ReviewBody;
  let ids: Record<string, string>;
  beforeAll(async () => {
    const fund = await openWageFund(service, 'raise_only');
    const region = await regionWithWage(service, '400');
    const { client, transfers } = await enrolClient(service, fund, TODAY, { country: 'TH', region });
    await releaseRun(service, TODAY, 'TH');
    const wage = await confirmWage(service, wageFrom('TH', '450', TODAY, region));
    approved = await review(service, fund, wage);
    const topUp = (await transfersOf(service, client)).find(({ topsUp }) => topsUp !== null);
    ids = { first: transfers[0]?.id ?? '', second: transfers[1]?.id ?? '', topUp: topUp?.id ?? '', wage };
  });

  const asWhom = ['uct_owner', null] as const;

  it('no amount is lowered, and none is raised that no decision names', async () => {
    const statements = [
      `update payments.obligation set amount_minor = amount_minor - 1 where id = '${ids['second']}'`,
      `update payments.obligation set amount_minor = amount_minor + 1 where id = '${ids['second']}'`,
      `update payments.obligation set amount_minor = amount_minor + 1 where id = '${ids['first']}'`,
      `update payments.obligation set amount_minor = amount_minor + 1 where id = '${ids['topUp']}'`,
    ];
    for (const role of asWhom)
      expect(Object.values(await outcomesAs(service.db.url, role, statements))).toEqual([
        'UCT91',
        'UCT90',
        'UCT90',
        'UCT90',
      ]);
    expect(Object.values(await outcomesAs(service.db.url, 'uct_service', statements))).toEqual(Array(4).fill('42501'));
  });

  it('a top-up is none of another amount, person, instalment or fund, none twice, and none of a top-up', async () => {
    const copy = (columns: Record<string, string>) => {
      const said: Record<string, string> = {
        id: 'gen_random_uuid()',
        enrolment_id: 'enrolment_id',
        client_id: 'client_id',
        instalment: 'instalment',
        fund_id: 'fund_id',
        country: 'country',
        due_on: 'due_on',
        currency: 'currency',
        amount_minor: 'amount_minor',
        state: "'scheduled'",
        tops_up: 'tops_up',
        review_id: 'review_id',
        wage_rate_id: 'wage_rate_id',
        ...columns,
      };
      return `insert into payments.obligation (${Object.keys(said).join()}) select ${Object.values(said).join()} from payments.obligation where id = '${ids['topUp']}'`;
    };
    const statements = [
      copy({}),
      copy({ amount_minor: 'amount_minor + 1' }),
      copy({ instalment: '2' }),
      copy({ tops_up: 'id' }),
      copy({ tops_up: 'null', review_id: 'null', wage_rate_id: 'null' }),
      copy({ tops_up: 'null' }),
    ];
    expect(Object.values(await outcomesAs(service.db.url, 'uct_service', statements))).toEqual([
      'UCT90',
      'UCT90',
      'UCT90',
      'UCT90',
      '23505',
      '23514',
    ]);
  });

  it('a review is approved by another, and its items are what its wage gives', async () => {
    const { userId } = service.actor('finance-preparer');
    const statements = [
      `insert into payments.value_review_decision values ('${approved.id}', '${userId}', 'approve', '${userId}', now())`,
      `insert into payments.value_review_item (review_id, obligation_id, wage_rate_id, from_minor, to_minor, top_up_id)
       values ('${approved.id}', '${ids['topUp']}', ${ids['wage']}, 1, 2, gen_random_uuid())`,
      `insert into payments.value_change values ('${ids['second']}', 1, 2, ${ids['wage']}, null, '${approved.id}', null, now())`,
    ];
    expect(Object.values(await outcomesAs(service.db.url, 'uct_service', statements))).toEqual([
      '23514',
      'UCT90',
      '42501',
    ]);
  });
});

describe('Myanmar, October 2025: the wage was issued on the 14th and holds from the 1st', () => {
  it('so that whoever was paid on the 5th gets the difference, and all that follows is worth more', async () => {
    const then = await startTestService({ today: '2025-10-14' });
    try {
      travel(then, '2025-10-05');
      const fund = await openWageFund(then, 'raise_only', { currency: 'MMK', receivedOn: '2025-09-01' });
      const { client, transfers } = await enrolClient(then, fund, '2025-10-05', { country: 'MM' });
      expect(transfers.map(({ amount }) => amount)).toEqual(Array(3).fill('204000.00')); // 6,800 x 30
      const run = await releaseRun(then, '2025-10-05', 'MM');
      await report(then, run.id, { transfer: transfers[0]?.id ?? '', outcome: 'settled' });
      const alerts = async () =>
        (await then.as('finance-preparer').get(api('value-reviews/alerts')).expect(200)).body as {
          items: { kind: string; wageRate: string }[];
        };
      travel(then, '2025-10-14', '00:29'); // 23:59 on the 13th in Yangon: nobody knows yet
      expect((await alerts()).items.filter(({ kind }) => kind === 'wage-newer')).toEqual([]);
      travel(then, '2025-10-14', '00:30');
      const [alert] = (await alerts()).items.filter(({ kind }) => kind === 'wage-newer');
      expect(alert).toMatchObject({
        fund,
        country: 'MM',
        effectiveFrom: '2025-10-01',
        policy: 'raise_only',
        enrolments: 1,
      });
      await review(then, fund, alert?.wageRate ?? '');
      expect(
        (await transfersOf(then, client)).map(({ instalment, amount, state }) => [instalment, amount, state]),
      ).toEqual([
        [1, '204000.00', 'settled'],
        [1, '30000.00', 'scheduled'],
        [2, '234000.00', 'scheduled'], // 7,800 x 30
        [3, '234000.00', 'scheduled'],
      ]);
      expect((await alerts()).items.filter(({ kind }) => kind === 'wage-newer')).toEqual([]);
      expect(await brokenRules(then)).toEqual([]);
    } finally {
      await then.close();
    }
  });
});

describe('What tops up a transfer', () => {
  it('is on hold like a transfer that was held after it did not arrive', async () => {
    const then = await startTestService({ today: '2026-04-02' });
    try {
      travel(then, TODAY);
      const fund = await openWageFund(then, 'raise_only');
      const region = await regionWithWage(then, '400');
      const { client, transfers } = await enrolClient(then, fund, TODAY, { country: 'TH', region });
      const run = await releaseRun(then, TODAY, 'TH');
      const transfer = transfers[0]?.id ?? '';
      await report(then, run.id, { transfer, outcome: 'failed', code: 'not-collected' });
      await then.as('caseworker').post(`/api/v1/transfers/${transfer}/hold`, { reason: 'safety' }).expect(204);
      travel(then, '2026-04-02');
      await review(then, fund, await confirmWage(then, wageFrom('TH', '410', TODAY, region)));
      const topUp = (await transfersOf(then, client)).filter(({ topsUp }) => topsUp === transfer);
      expect(topUp).toMatchObject([{ state: 'on_hold', holdReason: 'safety' }]);
    } finally {
      await then.close();
    }
  });

  it('is no instalment of its own: it comes in one run with the next one, and holds up nothing', async () => {
    const then = await startTestService({ today: '2026-04-02' });
    try {
      travel(then, TODAY);
      const fund = await openWageFund(then, 'raise_only');
      const region = await regionWithWage(then, '400');
      const { client, transfers } = await enrolClient(then, fund, TODAY, { country: 'TH', region });
      const run = await releaseRun(then, TODAY, 'TH');
      await report(then, run.id, { transfer: transfers[0]?.id ?? '', outcome: 'settled' });
      travel(then, '2026-04-02');
      await review(then, fund, await confirmWage(then, wageFrom('TH', '410', TODAY, region)));
      const next = await releaseRun(then, '2026-04-02', 'TH');
      expect(next.totals).toEqual([expect.objectContaining({ count: 2, topUps: 1, amount: '12600.00' })]);
      expect((await transfersOf(then, client)).map(({ state }) => state)).toEqual(
        expect.arrayContaining(['settled', 'instructed', 'instructed', 'scheduled']),
      );
      expect(await brokenRules(then)).toEqual([]);
    } finally {
      await then.close();
    }
  });
});
