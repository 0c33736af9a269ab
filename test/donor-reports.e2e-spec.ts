/** Donor reports: the statement is exact and frozen, and of people nothing is said that would give somebody away. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { operatorActor, scheduleActor } from '../src/access/domain/actor.js';
import type { DonorReportContent } from '../src/donor-reports/donor-report.entity.js';
import { DonorReportsService } from '../src/donor-reports/donor-reports.service.js';
import { FundsService } from '../src/funds/funds.service.js';
import { GrantsService } from '../src/funds/grants.service.js';
import { RunsService } from '../src/transfers/runs.service.js';
import { ReleasesService } from '../src/transfers/releases.service.js';
import { ResultsService, type NewResult } from '../src/transfers/results.service.js';
import { enrolClient, newId, openFund, ranks } from './support/builders.js';
import { sql } from './support/database.js';
import { refusal } from './support/runs.js';
import { startTestService, travel, type TestService } from './support/service.js';

const TODAY = '2026-03-02';

let service: TestService;

beforeAll(async () => {
  service = await startTestService({ today: TODAY });
});
afterAll(() => service.close());
afterEach(() => travel(service, TODAY));

interface Enrolled {
  client: string;
  transfer: string;
}

/** Clients of a fund, so many from each case group, whose first transfer is due on `dueOn`; all ranked housing and debt highest. */
async function enrol(fund: string, caseGroups: Record<string, number>, dueOn = TODAY): Promise<Enrolled[]> {
  const enrolled: Enrolled[] = [];
  for (const [caseGroup, size] of Object.entries(caseGroups)) {
    for (let n = 0; n < size; n += 1) {
      const { client, transfers } = await enrolClient(service, fund, dueOn, {
        caseGroup,
        rail: 'manual',
        name: SECRET_NAME,
      });
      await service.as('caseworker').post(`/api/v1/clients/${client}/needs-assessments`, {
        id: newId(),
        assessedOn: TODAY,
        ranks: ranks('housing', 'debt'),
      });
      enrolled.push({ client, transfer: transfers[0]?.id ?? '' });
    }
  }
  return enrolled;
}

const SECRET_NAME = 'Khin Hnin Yu Maung Maung';

/** What is due is prepared, approved and released on that day; the run's id. */
async function payOn(day: string): Promise<string> {
  travel(service, day);
  const { run } = await service.app
    .get(RunsService)
    .prepare(service.actor('finance-preparer'), { id: newId(), dueThrough: day });
  await service.app.get(RunsService).approve(service.actor('finance-approver'), run.id, run.digest);
  await service.app.get(ReleasesService).release(service.actor('finance-releaser'), run.id, run.digest);
  return run.id;
}

async function tell(
  day: string,
  runId: string,
  transfers: readonly string[],
  told: Omit<NewResult, 'transfer'>,
): Promise<void> {
  travel(service, day);
  for (const role of ['finance-preparer', 'finance-approver'] as const) {
    await service.app.get(ResultsService).record(
      service.actor(role),
      runId,
      transfers.map((transfer) => ({ transfer, ...told })),
    );
  }
}

const make = (fund: string, period: string) =>
  service.app.get(DonorReportsService).make(service.actor('finance-preparer'), { fund, period });

async function reportOn(day: string, fund: string, period: string): Promise<DonorReportContent> {
  travel(service, day);
  const { report } = await make(fund, period);
  travel(service, TODAY);
  return report.content;
}

/** Everybody enrolled is paid on the day and has the money. */
async function allPaid(enrolled: readonly Enrolled[], day = TODAY): Promise<void> {
  const run = await payOn(day);
  await tell(
    day,
    run,
    enrolled.map((one) => one.transfer),
    { outcome: 'settled', happenedOn: day },
  );
}

/** So that what is due later in one test is not in another's run. */
async function callOffTheRest(): Promise<void> {
  await sql(
    service.db.url,
    "update payments.obligation set state = 'cancelled', cancelled_at = now() where state = 'scheduled'",
  );
}

describe("a fund's statement", () => {
  it('is what every entry of the fund adds up to, counted another way', async () => {
    const fund = await openFund(service, { amount: '50000.00' });
    const [first, second, third, fourth, fifth] = await enrol(fund, { one: 5 });
    if (!first || !second || !third || !fourth || !fifth) throw new Error('five were enrolled');
    const run = await payOn(TODAY);
    await tell(TODAY, run, [first.transfer, second.transfer], { outcome: 'settled' });
    await tell('2026-03-05', run, [third.transfer], { outcome: 'failed', code: 'AC01' });
    await tell('2026-03-30', run, [second.transfer], { outcome: 'returned', reference: 'credit' });
    await tell('2026-04-02', run, [third.transfer], { outcome: 'settled', reference: 'late' });
    await tell('2026-04-02', run, [fourth.transfer], { outcome: 'settled', happenedOn: '2026-03-31' });
    await callOffTheRest();
    // 50,000 received; five transfers of 4,707 promised: two paid in March, of which one came back; one failed; two in transit at the end.
    expect((await reportOn('2026-04-03', fund, '2026-Q1')).statement).toEqual({
      currency: 'THB',
      receivedInPeriod: '50000.00',
      paidInPeriod: '9414.00',
      returnedInPeriod: '4707.00',
      receivedToDate: '50000.00',
      paidToDate: '4707.00',
      atBank: '35879.00',
      inTransit: '9414.00',
      available: '26465.00',
    });
    expect((await reportOn('2026-07-01', fund, '2026-Q2')).statement).toEqual({
      currency: 'THB',
      receivedInPeriod: '0.00',
      paidInPeriod: '9414.00',
      returnedInPeriod: '0.00',
      receivedToDate: '50000.00',
      paidToDate: '14121.00',
      atBank: '31172.00',
      inTransit: '4707.00',
      available: '26465.00',
    });
  });

  it('equals one worked out from grants and attempts alone, and its parts add up', async () => {
    const fund = await openFund(service, { amount: '90000.01' });
    const enrolled = await enrol(fund, { one: 4, two: 3 });
    await allPaid(enrolled);
    await callOffTheRest();
    const { statement } = await reportOn('2026-04-01', fund, '2026-Q1');
    const [independent] = await sql<{ received: string; paid: string }>(
      service.db.url,
      `select (select sum(g.amount_minor) from payments.grant_received g where g.fund_id = f.id)::text received,
              (select sum(a.amount_minor) from payments.attempt a join payments.obligation o on o.id = a.obligation_id
               where o.fund_id = f.id and a.state = 'settled')::text paid
       from payments.fund f where f.code = $1`,
      [fund],
    );
    const minor = (amount: string) => BigInt(amount.replace('.', ''));
    expect([minor(statement.receivedToDate), minor(statement.paidToDate)]).toEqual([
      BigInt(independent?.received ?? 0),
      BigInt(independent?.paid ?? 0),
    ]);
    expect(minor(statement.atBank) + minor(statement.inTransit) + minor(statement.paidToDate)).toBe(
      minor(statement.receivedToDate),
    );
  });
});

describe('a report', () => {
  it('is not made before its quarter is over, and not of a quarter or fund that does not exist', async () => {
    const fund = await openFund(service);
    travel(service, '2026-03-31', '23:59');
    await expect(make(fund, '2026-Q1')).rejects.toMatchObject({ status: 422, code: 'period-not-over' });
    travel(service, '2026-04-01', '00:00');
    await expect(make(fund, '2026-Q1')).resolves.toMatchObject({ created: true });
    travel(service, TODAY);
    await expect(make(fund, '2026-Q5')).rejects.toMatchObject({ status: 422, code: 'period-malformed' });
    await expect(make('no-such-fund', '2025-Q4')).rejects.toMatchObject({ status: 404 });
  });

  it('is made once: asked again, or by six at once, it is the same', async () => {
    const fund = await openFund(service);
    travel(service, '2026-04-01');
    const made = await Promise.all(Array.from({ length: 6 }, () => make(fund, '2026-Q1')));
    travel(service, TODAY);
    expect(made.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(made.map(({ report }) => report.id)).size).toBe(1);
    expect(new Set(made.map(({ report }) => report.digest)).size).toBe(1);
  });

  it('does not change by what is paid, received or heard of afterwards', async () => {
    const fund = await openFund(service);
    const enrolled = await enrol(fund, { one: 2 });
    const before = await reportOn('2026-04-01', fund, '2026-Q1');
    const run = await payOn('2026-04-02');
    await tell(
      '2026-04-02',
      run,
      enrolled.map((one) => one.transfer),
      { outcome: 'settled', happenedOn: '2026-04-02' },
    );
    await callOffTheRest();
    expect(await reportOn('2026-04-02', fund, '2026-Q1')).toEqual(before);
    await expect(sql(service.db.url, "update reports.donor_report set content = '{}'")).rejects.toMatchObject({
      code: 'UCT01',
    });
    const [forged] = await sql<{ same: boolean }>(
      service.db.url,
      `select bool_and(length(digest) = 64) same from reports.donor_report`,
    );
    expect(forged?.same).toBe(true);
    expect((await reportOn('2026-07-01', fund, '2026-Q2')).statement).toMatchObject({ paidInPeriod: '9414.00' });
  });

  it('counts by the day of booking: money that arrived in March and was told in April is in April’s', async () => {
    const fund = await openFund(service);
    const [one] = await enrol(fund, { one: 1 });
    const run = await payOn(TODAY);
    expect((await reportOn('2026-04-01', fund, '2026-Q1')).statement).toMatchObject({
      paidInPeriod: '0.00',
      inTransit: '4707.00',
    });
    await tell('2026-04-01', run, [one?.transfer ?? ''], { outcome: 'settled', happenedOn: '2026-03-05' });
    await callOffTheRest();
    expect((await reportOn('2026-07-01', fund, '2026-Q2')).statement).toMatchObject({ paidInPeriod: '4707.00' });
  });

  it('is made by the job, once, for each quarter that is over and in which the money moved', async () => {
    const fund = await openFund(service);
    const [row] = await sql<{ id: string }>(service.db.url, 'select id from payments.fund where code = $1', [fund]);
    const grant = { id: newId(), amount: '1.00', currency: 'THB', receivedOn: '2026-07-05', reference: 'grant 2' };
    travel(service, '2026-07-05');
    await service.app.get(GrantsService).receive(service.actor('finance-preparer'), row?.id ?? '', grant);
    const reports = service.app.get(DonorReportsService);
    const periodsOn = async (day: string) => {
      travel(service, day);
      await reports.makeDue(scheduleActor('test'));
      expect(await reports.makeDue(scheduleActor('test'))).toBe(0);
      return (await reports.list(service.actor('auditor'), { fund, limit: 100 })).map((report) => report.period);
    };
    expect(await periodsOn('2026-03-31')).toEqual([]);
    expect(await periodsOn('2026-04-01')).toEqual(['2026-Q1']);
    expect(await periodsOn('2026-10-01')).toEqual(['2026-Q3', '2026-Q1']);
  });
});

describe('a donor', () => {
  it('sees the reports of its own funds and no other', async () => {
    const [own, other] = [await openFund(service), await openFund(service)];
    travel(service, '2026-04-01');
    const [ownReport, otherReport] = [(await make(own, '2026-Q1')).report.id, (await make(other, '2026-Q1')).report.id];
    travel(service, TODAY);
    const seen = async () => {
      const { body } = await service.as('donor').get('/api/v1/donor-reports').expect(200);
      return (body as { items: { id: string }[] }).items.map((item) => item.id);
    };
    expect(await seen()).toEqual([]);
    await service.app
      .get(FundsService)
      .addDonorMember(operatorActor('test'), `Donor of ${own}`, service.actor('donor').userId);
    expect(await seen()).toEqual([ownReport]);
    await service.as('donor').get(`/api/v1/donor-reports/${ownReport}`).expect(200);
    await service.as('donor').get(`/api/v1/donor-reports/${ownReport}.csv`).expect(200);
    for (const path of [otherReport, `${otherReport}.csv`]) {
      expect(refusal(await service.as('donor').get(`/api/v1/donor-reports/${path}`))).toEqual({
        status: 404,
        code: 'not-found',
      });
    }
    const { body } = await service.as('donor').get(`/api/v1/donor-reports?fund=${other}`).expect(200);
    expect((body as { items: unknown[] }).items).toEqual([]);
    expect(
      await service
        .as('donor', 2)
        .get('/api/v1/donor-reports')
        .then(({ body: nothing }) => (nothing as { items: unknown[] }).items),
    ).toEqual([]);
  });

  it.each([
    '/api/v1/transfers',
    '/api/v1/runs',
    '/api/v1/clients',
    '/api/v1/funds',
    '/api/v1/ledger/trial-balance',
    '/api/v1/needs/priorities',
  ])('sees nothing under %s', async (path) => {
    expect(refusal(await service.as('donor').get(path))).toEqual({ status: 403, code: 'forbidden' });
  });
});

describe('what a report says of people', () => {
  it.each([
    ['fewer than 11', { one: 4, two: 3, three: 3 }, 'fewer-than-11-clients'],
    ['12, which would read as 10', { one: 4, two: 4, three: 4 }, 'fewer-than-11-clients'],
    ['two case groups', { one: 7, two: 7 }, 'fewer-than-3-case-groups'],
    ['a group of more than two thirds', { one: 11, two: 2, three: 2 }, 'one-case-group-dominates'],
  ])('is nothing where there are %s', async (_, caseGroups, withheld) => {
    const fund = await openFund(service);
    await allPaid(await enrol(fund, caseGroups));
    await callOffTheRest();
    expect((await reportOn('2026-04-01', fund, '2026-Q1')).people).toEqual({ withheld });
  });

  it('is a rounded number of those whom money reached, and no breakdown below 33', async () => {
    const fund = await openFund(service);
    const enrolled = await enrol(fund, { one: 6, two: 5, three: 3 });
    const run = await payOn(TODAY);
    await tell(
      TODAY,
      run,
      enrolled.slice(1).map((one) => one.transfer),
      { outcome: 'settled' },
    );
    await tell(
      TODAY,
      run,
      enrolled.slice(0, 1).map((one) => one.transfer),
      { outcome: 'failed', code: 'AC01' },
    );
    await callOffTheRest();
    expect((await reportOn('2026-04-01', fund, '2026-Q1')).people).toEqual({
      asAt: '2026-Q1',
      clientsReached: 15,
      highestPriorities: { withheld: 'fewer-than-33-clients' },
    });
  });

  it('counts those whom money reached, not those to whom it was sent', async () => {
    const fund = await openFund(service);
    const transfers = (await enrol(fund, { one: 6, two: 5, three: 4 })).map((one) => one.transfer);
    const run = await payOn(TODAY);
    await tell(TODAY, run, transfers.slice(3), { outcome: 'settled' });
    await tell(TODAY, run, transfers.slice(0, 2), { outcome: 'failed', code: 'AC01' });
    await callOffTheRest();
    // 12 of 15: two failed and of one nothing is known.
    expect((await reportOn('2026-04-01', fund, '2026-Q1')).people).toEqual({ withheld: 'fewer-than-11-clients' });
  });

  it('stays as it was while fewer than 11 came since, and is renewed when 11 did', async () => {
    const fund = await openFund(service);
    const soon = await enrol(fund, { one: 5, two: 5, three: 4 });
    await allPaid(soon);
    await callOffTheRest();
    const first = await reportOn('2026-04-01', fund, '2026-Q1');
    expect(first.people).toMatchObject({ asAt: '2026-Q1', clientsReached: 15 });
    const ten = await enrol(fund, { one: 4, two: 3, three: 3 }, '2026-04-10');
    await allPaid(ten, '2026-04-10');
    travel(service, TODAY);
    await callOffTheRest();
    expect((await reportOn('2026-07-01', fund, '2026-Q2')).people).toEqual(first.people);
    const last = await enrol(fund, { four: 1 }, '2026-07-10');
    await allPaid(last, '2026-07-10');
    travel(service, TODAY);
    await callOffTheRest();
    expect((await reportOn('2026-10-01', fund, '2026-Q3')).people).toMatchObject({
      asAt: '2026-Q3',
      clientsReached: 25,
    });
  });

  it('holds no code, id or name of a client and no small count, as JSON and as CSV', async () => {
    const fund = await openFund(service, { amount: '2000000.00' });
    const enrolled = await enrol(fund, { one: 13, two: 11, three: 10 });
    await allPaid(enrolled);
    await callOffTheRest();
    travel(service, '2026-04-01');
    const { report } = await make(fund, '2026-Q1');
    travel(service, TODAY);
    expect(report.content.people).toMatchObject({ clientsReached: 35 });
    const json = JSON.stringify(
      (await service.as('auditor').get(`/api/v1/donor-reports/${report.id}`).expect(200)).body,
    );
    const csv = (await service.as('auditor').get(`/api/v1/donor-reports/${report.id}.csv`).expect(200)).text;
    const rows = await sql<{ secret: string }>(
      service.db.url,
      `select unnest(array[c.id::text, c.code, c.case_group || '"', e.id::text, o.id::text, a.id::text, a.correlation_id]) secret
       from casework.client c join payments.enrolment e on e.client_id = c.id join payments.obligation o on o.enrolment_id = e.id
       join payments.attempt a on a.obligation_id = o.id where c.code = any ($1)`,
      [enrolled.map((one) => one.client)],
    );
    expect(rows.length).toBeGreaterThan(200);
    for (const { secret } of rows) expect(json.includes(secret) || csv.includes(secret)).toBe(false);
    for (const word of ['Khin', 'Maung', 'caseworker', 'Myanmar'])
      expect(json.includes(word) || csv.includes(word)).toBe(false);
    // Every number of people is a multiple of five and no less than 15.
    const { people } = report.content;
    if ('withheld' in people || 'withheld' in people.highestPriorities)
      throw new Error('34 clients are enough for a breakdown');
    for (const said of [people.clientsReached, ...people.highestPriorities.map((row) => row.clients)]) {
      expect(said === null || (said >= 15 && said % 5 === 0)).toBe(true);
    }
    // All 34 ranked housing highest: "all" gives everybody away as surely as "one" does.
    expect(people.highestPriorities.every((row) => row.clients === null)).toBe(true);
  });

  it('in CSV is what it is in JSON, and no cell is a formula', async () => {
    const id = newId();
    const code = `fund-${id.slice(0, 8)}`;
    await service
      .as('finance-preparer')
      .post('/api/v1/funds', {
        id,
        donor: `=1+1 "${code}"`,
        code,
        name: '@SUM(A1)',
        currency: 'THB',
        decidedLabel: 'pilot-2015',
      })
      .expect(201);
    travel(service, '2026-04-01');
    const { report } = await make(code, '2026-Q1');
    travel(service, TODAY);
    const csv = (await service.as('auditor').get(`/api/v1/donor-reports/${report.id}.csv`).expect(200)).text;
    expect(csv).toContain(`"'=1+1 ""${code}"""`);
    expect(csv).toContain('"\'@SUM(A1)"');
    for (const [item, value] of Object.entries(report.content.statement))
      expect(csv).toContain(`"statement","${item}","${String(value)}"`);
    expect(csv.split('\r\n').every((line) => line === '' || /^("([^"]|"")*")(,"([^"]|"")*")*$/.test(line))).toBe(true);
  });
});
