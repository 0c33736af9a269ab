/** What there is to see of a run before it is signed: by a dry run, and on the run itself. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Run } from '../src/transfers/run-view.js';
import { RunPreparationService, type RunPreview } from '../src/transfers/run-preparation.service.js';
import { clientBody, enrolClient, newId, openFund, prepareRun, releaseRun } from './support/builders.js';
import { sql } from './support/database.js';
import { callOffWhatIsDue, report } from './support/runs.js';
import { startTestService, travel, type TestService } from './support/service.js';

const TODAY = '2026-03-02';

let service: TestService;

beforeAll(async () => {
  service = await startTestService({ today: TODAY });
});
afterAll(() => service.close());
beforeEach(() => callOffWhatIsDue(service));

const look = async (options: object = {}): Promise<RunPreview> => {
  const answer = await service
    .as('finance-preparer')
    .post('/api/v1/runs/dry-run', { dueThrough: TODAY, ...options })
    .expect(200);
  return answer.body as RunPreview;
};

const confirmRate = (id: string) =>
  service.as('finance-approver').post(`/api/v1/exchange-rates/${id}/confirmation`).expect(200);
const codes = ({ warnings }: Pick<Run, 'warnings'>) => warnings.map(({ code }) => code);

describe('A dry run', () => {
  it('is what the run is, and changes nothing', async () => {
    const [rich, poor] = [await openFund(service), await openFund(service, { amount: '100.00' })];
    await enrolClient(service, rich, TODAY, { rail: 'manual' });
    const { client, transfers } = await enrolClient(service, rich, TODAY, { country: 'TH' });
    await enrolClient(service, poor, TODAY);
    const entries = () => sql<{ n: number }>(service.db.url, 'select count(*)::int n from ledger.entry');
    const before = await entries();
    const preview = await look({ country: 'TH' });
    expect(preview).toMatchObject({
      count: 1,
      totals: [{ fund: rich, count: 1, amount: '9000.00' }],
      breakdown: [{ country: 'TH', fund: rich, rail: 'cash', currency: 'THB', count: 1, amount: '9000.00' }],
      payees: [{ transfer: transfers[0]?.id, client, instalment: 1, amount: '9000.00', rail: 'cash', dueOn: TODAY }],
      approvalsNeeded: 1,
    });
    const all = await look();
    expect(all.leftOut).toEqual([{ reason: 'unfunded', fund: poor, count: 1 }]);
    expect(all.count).toBe(2);
    expect(await entries()).toEqual(before);
    const run = (await prepareRun(service, TODAY, 'TH')) as unknown as Run;
    const { payees: _, ...seen } = preview;
    expect(run).toMatchObject(seen);
  });

  it('says what is different from the month before', async () => {
    const fund = await openFund(service);
    const stays = await enrolClient(service, fund, TODAY);
    const goes = await enrolClient(service, fund, TODAY);
    const moves = await enrolClient(service, fund, TODAY);
    const march = await releaseRun(service, TODAY);
    for (const { transfers } of [stays, goes, moves])
      await report(service, march.id, { transfer: transfers[0]?.id ?? '', outcome: 'settled' });
    await enrolClient(service, fund, '2026-04-02');
    await service
      .as('caseworker')
      .post(`/api/v1/transfers/${goes.transfers[1]?.id}/hold`, { reason: 'client-wish' })
      .expect(204);
    await sql(service.db.url, "update payments.enrolment set rail = 'manual', payee_ref = 'identity/2' where id = $1", [
      moves.id,
    ]);
    travel(service, '2026-04-02');
    const preview = await service.app
      .get(RunPreparationService)
      .preview(service.actor('finance-preparer'), { dueThrough: '2026-04-02' });
    travel(service, TODAY);
    expect(preview.changes).toEqual({
      before: [{ currency: 'THB', count: 3, amount: '14121.00' }],
      joined: 1,
      notAgain: 1,
      otherRail: 1,
      otherAmount: 0,
      otherPayee: 1,
    });
  });
});

describe('A run warns', () => {
  const KBZ = { bank: 'KBZ', account: '0012-3456-789' };

  it('of an account that another client has too, and of one that belongs to the staff', async () => {
    const fund = await openFund(service);
    await enrolClient(service, fund, TODAY, { name: 'Ma Hla', payee: KBZ, rail: 'manual' });
    expect(codes(await look())).not.toContain('account-of-another-client');
    const other = await enrolClient(service, fund, TODAY, { name: 'U Kyaw', payee: KBZ, rail: 'manual' });
    const staff = await enrolClient(service, fund, TODAY, {
      name: 'Daw Su',
      payee: { bank: 'AYA', account: '777-888-99' },
      rail: 'manual',
    });
    await service
      .as('caseworker', 2)
      .put('/api/v1/own-accounts', { accounts: ['77788899'] })
      .expect(200);
    const { warnings } = await look();
    const shared = warnings.find(({ code }) => code === 'account-of-another-client');
    expect(shared).toMatchObject({ count: 2 });
    expect(shared?.transfers).toContain(other.transfers[0]?.id);
    expect(warnings.find(({ code }) => code === 'account-of-staff')).toEqual({
      code: 'account-of-staff',
      count: 1,
      transfers: [staff.transfers[0]?.id],
    });
    const page = await service.as('finance-preparer').get(`/runs/new?look=yes&dueThrough=${TODAY}`).expect(200);
    expect(page.text).toContain(`href="/transfers?client=${staff.client}"`);
    const answer = await service.as('caseworker', 2).put('/api/v1/own-accounts', { accounts: ['none'] });
    expect(answer.body).toMatchObject({ code: 'account-says-nothing', field: 'accounts.0' });
  });

  it('of a payee that was changed within a week, and not of an older change', async () => {
    const { client, transfers } = await enrolClient(service, await openFund(service), TODAY, {
      rail: 'manual',
      payee: KBZ,
    });
    const identity = clientBody({ payee: { ...KBZ, account: '555-666-777' } }).identity;
    await service
      .as('caseworker')
      .post(`/api/v1/clients/${client}/identity`, { identity, expectedVersion: 1 })
      .expect(200);
    expect((await look()).warnings).toContainEqual({ code: 'payee-changed', count: 1, transfers: [transfers[0]?.id] });
    await sql(service.db.url, 'alter table payments.payee_change disable trigger user');
    await sql(service.db.url, "update payments.payee_change set changed_at = changed_at - interval '8 days'");
    await sql(service.db.url, 'alter table payments.payee_change enable trigger user');
    expect(codes(await look())).not.toContain('payee-changed');
  });

  it('of a fund that does not hold what falls due next', async () => {
    const fund = await openFund(service, { amount: '9414.00' });
    await enrolClient(service, fund, TODAY);
    await enrolClient(service, fund, TODAY);
    expect((await look()).warnings).toContainEqual({ code: 'fund-short', fund, count: 2, transfers: [] });
    const run = (await prepareRun(service, TODAY)) as unknown as Run;
    expect(run.warnings).toContainEqual({ code: 'fund-short', fund, count: 2, transfers: [] });
  });

  it('of a country of which nobody wrote down the holidays of the year in which it is paid, by the API and on the pages', async () => {
    const fund = await openFund(service);
    await enrolClient(service, fund, TODAY, { country: 'TH' });
    expect(codes(await look())).not.toContain('calendar-missing');
    await enrolClient(service, fund, TODAY, { country: 'MM' });
    await enrolClient(service, fund, '2026-02-27', { country: 'MM' });
    const missing = { code: 'calendar-missing', country: 'MM', year: 2026, count: 2, transfers: [] };
    const preview = await look();
    expect(preview.warnings.filter(({ code }) => code === 'calendar-missing')).toEqual([missing]);
    const page = await service.as('finance-preparer').get(`/runs/new?look=yes&dueThrough=${TODAY}`).expect(200);
    const words =
      'Myanmar in 2026. There is no calendar of holidays, so ask whether banks and offices are open on the day: 2 transfers.';
    expect(page.text).toContain(words);
    const run = (await prepareRun(service, TODAY)) as unknown as Run;
    expect(run.warnings).toContainEqual(missing);
    expect((await service.as('finance-approver').get(`/runs/${run.id}`).expect(200)).text).toContain(words);
  });

  it('of holidays that nobody knows because a payment of the last week of a year can be made in the next', async () => {
    const fund = await openFund(service);
    const on = async (today: string, anchorOn: string) => {
      await callOffWhatIsDue(service);
      travel(service, TODAY);
      await enrolClient(service, fund, anchorOn, { country: 'TH' });
      travel(service, today);
      const { warnings } = await service.app
        .get(RunPreparationService)
        .preview(service.actor('finance-preparer'), { dueThrough: anchorOn, country: 'TH' });
      travel(service, TODAY);
      return warnings.filter(({ code }) => code === 'calendar-missing').map(({ year, count }) => [year, count]);
    };
    expect(await on('2026-12-24', '2026-12-24')).toEqual([]);
    expect(await on('2026-12-25', '2026-12-25')).toEqual([[2027, 1]]);
    expect(await on('2026-12-30', '2026-12-01')).toEqual([[2027, 1]]);
    expect(await on('2027-01-04', '2026-12-28')).toEqual([[2027, 1]]);
  });

  it('of a value that nobody in that country was paid by before', async () => {
    const fund = await openFund(service);
    await enrolClient(service, fund, TODAY, { country: 'LA' });
    await releaseRun(service, TODAY);
    await enrolClient(service, fund, TODAY, { country: 'LA' });
    expect(codes(await look({ country: 'LA' }))).not.toContain('new-value');
    await sql(
      service.db.url,
      `update payments.enrolment set decided_amount_id = (select max(id) from payments.decided_amount where country = 'TH')
       where country = 'LA' and not exists (select from payments.attempt a join payments.obligation o on o.id = a.obligation_id where o.enrolment_id = enrolment.id)`,
    );
    travel(service, '2026-03-04');
    const preview = await service.app
      .get(RunPreparationService)
      .preview(service.actor('finance-preparer'), { dueThrough: TODAY, country: 'LA' });
    travel(service, TODAY);
    expect(codes(preview)).toContain('new-value');
  });
});

describe('How many approve', () => {
  const propose = async (steps: object[], currency = 'THB') => {
    const id = newId();
    await service.as('finance-preparer').post('/api/v1/approval-limits', { id, currency, steps }).expect(204);
    return id;
  };
  const inForce = async (steps: object[], currency = 'THB') => {
    const id = await propose(steps, currency);
    await service.as('finance-approver').post(`/api/v1/approval-limits/${id}/confirmation`).expect(204);
  };
  const sign = (run: { id: string; digest: string }, act: 'approvals' | 'release', number: 1 | 2 = 1) =>
    service
      .as(act === 'approvals' ? 'finance-approver' : 'finance-releaser', number)
      .post(`/api/v1/runs/${run.id}/${act}`, { digest: run.digest });

  it('depends on the total of the run, and not on what one person gets', async () => {
    await inForce([
      { above: '0', approvals: 1 },
      { above: '9000.00', approvals: 2 },
    ]);
    const fund = await openFund(service);
    await enrolClient(service, fund, TODAY);
    expect((await look()).approvalsNeeded).toBe(1);
    await enrolClient(service, fund, TODAY);
    expect((await look()).approvalsNeeded).toBe(2);
    const run = await prepareRun(service, TODAY);
    await sign(run, 'approvals').expect(200);
    expect((await sign(run, 'release')).body).toMatchObject({ code: 'run-not-approved' });
    await sign(run, 'approvals', 2).expect(200);
    await sign(run, 'release').expect(200);
  });

  it('counts only when a second person has confirmed it', async () => {
    await inForce([{ above: '0', approvals: 1 }]);
    const id = await propose([{ above: '0', approvals: 3 }]);
    await enrolClient(service, await openFund(service), TODAY);
    expect((await look()).approvalsNeeded).toBe(1);
    const own = sql(
      service.db.url,
      'insert into payments.approval_limits_confirmed (limits_id, proposed_by, confirmed_by, confirmed_at) select id, proposed_by, proposed_by, now() from payments.approval_limits where id = $1',
      [id],
      'uct_service',
    );
    await expect(own).rejects.toMatchObject({ code: '23514' });
    await service.as('finance-approver').post(`/api/v1/approval-limits/${id}/confirmation`).expect(204);
    const preview = await look();
    expect(preview.approvalsNeeded).toBe(3);
    expect(codes(preview)).toContain('too-few-approvers');
    await inForce([{ above: '0', approvals: 1 }]);
  });

  it('is the most that is asked for where no rate leads to the currency of the limits', async () => {
    await inForce(
      [
        { above: '0', approvals: 1 },
        { above: '1000000.00', approvals: 2 },
      ],
      'USD',
    );
    await enrolClient(service, await openFund(service), TODAY);
    expect((await look()).approvalsNeeded).toBe(2);
    const rate = { id: newId(), base: 'USD', quote: 'THB', rate: '35', asOf: TODAY, source: 'a bank' };
    await service.as('finance-preparer').post('/api/v1/exchange-rates', rate).expect(201);
    expect((await look()).approvalsNeeded).toBe(2); // by one person it counts for nothing
    await confirmRate(rate.id);
    expect((await look()).approvalsNeeded).toBe(1);
    await inForce([{ above: '0', approvals: 1 }]);
  });

  it('is not fewer because somebody records another rate', async () => {
    await inForce(
      [
        { above: '0', approvals: 1 },
        { above: '100.00', approvals: 2 },
      ],
      'USD',
    );
    await enrolClient(service, await openFund(service), TODAY);
    const preview = async () => (await look()).approvalsNeeded;
    expect(await preview()).toBe(2);
    const rate = { base: 'USD', quote: 'THB', asOf: TODAY, source: 'a bank' };
    const another = { ...rate, id: newId(), rate: '35000' };
    await service.as('finance-preparer').post('/api/v1/exchange-rates', another).expect(201);
    await confirmRate(another.id);
    expect(await preview()).toBe(2);
    await inForce([{ above: '0', approvals: 1 }]);
  });

  it('is not more any longer because of a mistyped rate that two people struck out, except for a run that one of them signs', async () => {
    await inForce(
      [
        { above: '0', approvals: 1 },
        { above: '1000000.00', approvals: 2 },
      ],
      'USD',
    );
    await enrolClient(service, await openFund(service), TODAY);
    const preview = async () => (await look()).approvalsNeeded;
    const rate = (of: string) => ({ id: newId(), base: 'USD', quote: 'THB', rate: of, asOf: TODAY, source: 'a bank' });
    const record = async (body: { id: string }) => {
      await service.as('finance-preparer').post('/api/v1/exchange-rates', body).expect(201);
      await confirmRate(body.id);
    };
    await record(rate('35'));
    expect(await preview()).toBe(1);
    const mistyped = rate('0.0035');
    await record(mistyped);
    expect(await preview()).toBe(2);
    const path = `/api/v1/exchange-rates/${mistyped.id}`;
    const strike = (number: 1 | 2 = 1) => service.as('finance-approver', number).post(`${path}/striking-out`);
    expect((await strike()).body).toMatchObject({ code: 'second-person-needed' });
    expect((await service.as('finance-preparer').post(`${path}/doubts`, { reason: 'too dear' })).status).toBe(422);
    await service.as('finance-preparer', 2).post(`${path}/doubts`, { reason: 'mistyped' }).expect(200);
    expect(await preview()).toBe(2);
    const alone = (asker: string, confirmer: string) =>
      sql(
        service.db.url,
        `insert into payments.exchange_rate_struck_out select $1, a.id, c.id, now() from access.app_user a, access.app_user c
         where a.email = '${asker}@test.example' and c.email = '${confirmer}@test.example'`,
        [mistyped.id],
        'uct_service',
      );
    await expect(alone('finance-preparer-2', 'finance-preparer-2')).rejects.toMatchObject({ code: '23514' });
    await expect(alone('finance-preparer-2', 'finance-preparer-1')).rejects.toMatchObject({ code: 'UCT98' });
    await expect(alone('finance-approver-2', 'finance-approver-1')).rejects.toMatchObject({ code: '23503' });
    const struck = await strike().expect(200);
    expect(struck.body).toMatchObject({ struckOut: { by: 'finance-approver 1' }, doubts: [{ reason: 'mistyped' }] });
    await strike().expect(200);
    expect(await preview()).toBe(1);
    const run = await prepareRun(service, TODAY);
    await sign(run, 'approvals').expect(200); // by who confirmed that it was struck out
    expect((await sign(run, 'release')).body).toMatchObject({ code: 'run-not-approved' });
    await sign(run, 'approvals', 2).expect(200);
    await sign(run, 'release').expect(200);
    await enrolClient(service, await openFund(service), TODAY, { name: 'Somebody Else' });
    const other = await prepareRun(service, TODAY);
    await sign(other, 'approvals', 2).expect(200);
    await sign(other, 'release').expect(200);
    await inForce([{ above: '0', approvals: 1 }]);
  });

  it('is asked again at the release: limits that became stricter meanwhile count, in SQL too', async () => {
    await enrolClient(service, await openFund(service), TODAY);
    const run = await prepareRun(service, TODAY);
    await sign(run, 'approvals').expect(200);
    await inForce([{ above: '0', approvals: 2 }]);
    expect((await sign(run, 'release')).body).toMatchObject({ code: 'run-not-approved' });
    await inForce([{ above: '0', approvals: 1 }]);
    await sign(run, 'release').expect(200);
  });

  it.each<[string, object[]]>([
    ['that do not begin at nothing', [{ above: '5.00', approvals: 1 }]],
    [
      'that do not rise',
      [
        { above: '0', approvals: 2 },
        { above: '5.00', approvals: 2 },
      ],
    ],
    [
      'out of order',
      [
        { above: '0', approvals: 1 },
        { above: '9.00', approvals: 2 },
        { above: '5.00', approvals: 3 },
      ],
    ],
  ])('is not decided by steps %s', async (_, steps) => {
    const answer = await service
      .as('finance-preparer')
      .post('/api/v1/approval-limits', { id: newId(), currency: 'THB', steps });
    expect(answer.body).toMatchObject({ status: 422, code: 'steps-malformed', field: 'steps' });
  });
});
