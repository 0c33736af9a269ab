/** Changing an enrolment midway: another rail, with the client's consent to it, or another country. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { clientBody, enrolClient, newId, openFund, prepareRun, releaseRun } from './support/builders.js';
import { sql } from './support/database.js';
import { outcomesAs } from './support/outcomes.js';
import { brokenRules, callOffWhatIsDue, refusal, report, transfersOf } from './support/runs.js';
import { startTestService, travel, type TestService } from './support/service.js';
import { openWageFund, regionWithWage } from './support/wages.js';

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

const propose = (enrolment: string, change: object, by: 'caseworker' | 'supervisor' = 'caseworker') =>
  service.as(by).post(`/api/v1/enrolments/${enrolment}/changes`, { id: newId(), ...change });
const approve = (id: string, number: 1 | 2 = 1) =>
  service.as('supervisor', number).post(`/api/v1/enrolment-changes/${id}/approval`);
const idOf = (answer: { body: unknown }) => (answer.body as { id: string }).id;
const standing = (client: string) =>
  sql<{ country: string; region: string | null; enrolled: string; time_zone: string; rail: string }>(
    service.db.url,
    `select c.country, c.region, e.country enrolled, e.time_zone, e.rail from casework.client c join payments.enrolment e on e.client_id = c.id where c.code = $1`,
    [client],
  ).then(([row]) => row);

describe('Another rail', () => {
  it('counts for what is in no run, and what was paid stays as it was paid', async () => {
    const fund = await openFund(service);
    const { client, id } = await enrolClient(service, fund, TODAY);
    const run = await releaseRun(service, TODAY);
    const [first] = await transfersOf(service, client);
    await report(service, run.id, { transfer: first?.id ?? '', outcome: 'settled' });
    const proposed = await propose(id, { rail: 'manual' });
    expect(proposed.body).toMatchObject({ rail: 'manual', before: 'cash', state: 'open', raises: [] });
    expect((await transfersOf(service, client)).map(({ rail }) => rail)).toEqual(['cash', 'cash', 'cash']);
    const approved = await approve(idOf(proposed)).expect(200);
    await approve(idOf(proposed)).expect(200);
    expect(approved.body).toMatchObject({ state: 'approved' });
    expect((await transfersOf(service, client)).map(({ rail }) => rail)).toEqual(['cash', 'manual', 'manual']);
  });

  it('needs consent to that rail, when it is proposed and again when it is approved', async () => {
    const fund = await openFund(service);
    const body = clientBody();
    body.consents = [
      { purpose: 'hold-data', given: true, language: 'my' },
      { purpose: 'be-paid', given: true, language: 'my', party: 'cash' } as (typeof body.consents)[number],
    ];
    const registered = await service.as('caseworker').post('/api/v1/clients', body).expect(201);
    const client = (registered.body as { code: string }).code;
    const enrolled = await service
      .as('supervisor')
      .post('/api/v1/enrolments', { id: newId(), client, fund, anchorOn: TODAY, rail: 'cash' })
      .expect(201);
    expect(refusal(await propose(idOf(enrolled), { rail: 'mobile-money' }))).toEqual({
      status: 422,
      code: 'consent-to-be-paid-missing',
    });
    const say = (path: string, more: object) =>
      service.as('caseworker').post(`/api/v1/clients/${client}/consents${path}`, {
        purpose: 'be-paid',
        party: 'mobile-money',
        language: 'my',
        ...more,
      });
    await say('', { given: true });
    const proposed = await propose(idOf(enrolled), { rail: 'mobile-money' }).expect(201);
    await say('/withdrawals', {});
    expect(refusal(await approve(idOf(proposed)))).toEqual({ status: 409, code: 'consent-withdrawn' });
    expect(await standing(client)).toMatchObject({ rail: 'cash' });
  });

  it('waits while a transfer is in a run or on its way, and says what to do', async () => {
    const fund = await openFund(service);
    const { client, id } = await enrolClient(service, fund, TODAY);
    const early = await propose(id, { rail: 'manual' }).expect(201);
    const run = await prepareRun(service, TODAY);
    for (const refused of [await propose(id, { rail: 'mobile-money' }), await approve(idOf(early))]) {
      expect(refusal(refused)).toEqual({ status: 409, code: 'payment-under-way' });
      expect(refused.body).toMatchObject({ detail: expect.stringContaining('send that run back') as unknown });
    }
    await service.as('finance-preparer').post(`/api/v1/runs/${run.id}/send-back`, { reason: 'a change' }).expect(200);
    await approve(idOf(early)).expect(200);
    expect(await standing(client)).toMatchObject({ rail: 'manual' });
    const again = await releaseRun(service, TODAY);
    expect(again.digest).not.toBe(run.digest);
  });

  it('is approved by a supervisor who neither proposed it nor registered the client', async () => {
    const fund = await openFund(service);
    const { id } = await enrolClient(service, fund, TODAY);
    const own = await propose(id, { rail: 'manual' }, 'supervisor').expect(201);
    expect(refusal(await approve(idOf(own)))).toEqual({ status: 422, code: 'change-approved-by-proposer' });
    expect(
      refusal(await service.as('caseworker').post(`/api/v1/enrolment-changes/${idOf(own)}/approval`)),
    ).toMatchObject({
      status: 403,
    });
    await approve(idOf(own), 2).expect(200);

    const registered = await service.as('supervisor').post('/api/v1/clients', clientBody()).expect(201);
    const client = (registered.body as { code: string }).code;
    const enrolled = await service
      .as('supervisor', 2)
      .post('/api/v1/enrolments', { id: newId(), client, fund, anchorOn: TODAY, rail: 'cash' })
      .expect(201);
    const proposed = await service
      .as('supervisor', 2)
      .post(`/api/v1/enrolments/${idOf(enrolled)}/changes`, { id: newId(), rail: 'manual' })
      .expect(201);
    expect(refusal(await approve(idOf(proposed)))).toEqual({ status: 409, code: 'approver-registered-client' });
  });

  it('is declined, or malformed, or no change at all', async () => {
    const fund = await openFund(service);
    const { id } = await enrolClient(service, fund, TODAY);
    const proposed = await propose(id, { rail: 'manual' }).expect(201);
    await service
      .as('supervisor')
      .post(`/api/v1/enrolment-changes/${idOf(proposed)}/decline`)
      .expect(200);
    expect(refusal(await approve(idOf(proposed)))).toEqual({ status: 409, code: 'change-declined' });
    expect(refusal(await propose(id, { rail: 'cash' }))).toEqual({ status: 422, code: 'no-change' });
    expect(refusal(await propose(id, {}))).toEqual({ status: 422, code: 'change-malformed' });
    expect(refusal(await propose(id, { rail: 'manual', country: 'TH' }))).toEqual({
      status: 422,
      code: 'change-malformed',
    });
  });

  it('by SQL: nobody changes the rail or the country of an enrolment otherwise', async () => {
    const statements = [
      "update payments.enrolment set rail = 'manual'",
      "update payments.enrolment set country = 'TH'",
      "update payments.obligation set country = 'TH'",
    ];
    expect(Object.values(await outcomesAs(service.db.url, 'uct_service', statements))).toEqual(Array(3).fill('42501'));
  });
});

describe('Another country', () => {
  it('raises what is in no run to what is paid there, keeps the rest, the days from the anchor, and changes the clock', async () => {
    const fund = await openFund(service); // decided amounts: 4,707 in Myanmar, 9,000 in Thailand
    const { client, id } = await enrolClient(service, fund, '2026-01-31');
    const run = await releaseRun(service, '2026-01-31');
    const [first] = await transfersOf(service, client);
    await report(service, run.id, { transfer: first?.id ?? '', outcome: 'settled', happenedOn: TODAY });
    const proposed = await propose(id, { country: 'TH', region: 'Samut Sakhon' }).expect(201);
    expect(proposed.body).toMatchObject({
      before: 'MM',
      raises: [
        { instalment: 2, from: '4707.00', to: '9000.00' },
        { instalment: 3, from: '4707.00', to: '9000.00' },
      ],
    });
    await approve(idOf(proposed)).expect(200);
    expect((await transfersOf(service, client)).map(({ dueOn, amount }) => [dueOn, amount])).toEqual([
      ['2026-01-31', '4707.00'],
      ['2026-02-28', '9000.00'],
      ['2026-03-31', '9000.00'],
    ]);
    expect(await standing(client)).toEqual({
      country: 'TH',
      region: 'Samut Sakhon',
      enrolled: 'TH',
      time_zone: 'Asia/Bangkok',
      rail: 'cash',
    });
    const next = await prepareRun(service, TODAY, 'TH', true);
    expect(next.totals).toEqual([expect.objectContaining({ count: 1, amount: '9000.00' })]);
    expect(await brokenRules(service)).toEqual([]);
  });

  it('lowers nothing where less is paid', async () => {
    const fund = await openFund(service);
    const { client, id } = await enrolClient(service, fund, '2026-03-20', { country: 'TH' });
    const proposed = await propose(id, { country: 'LA' }).expect(201);
    expect(proposed.body).toMatchObject({ raises: [] });
    await approve(idOf(proposed)).expect(200);
    expect((await transfersOf(service, client)).map(({ amount }) => amount)).toEqual(Array(3).fill('9000.00'));
    expect(await standing(client)).toMatchObject({ country: 'LA', time_zone: 'Asia/Vientiane' });
    expect(await brokenRules(service)).toEqual([]);
  });

  it('is refused where the fund cannot pay what is paid there, and says what to do', async () => {
    const fund = await openWageFund(service, 'raise_only');
    const region = await regionWithWage(service, '400');
    const { id } = await enrolClient(service, fund, '2026-03-20', { country: 'TH', region });
    const refused = await propose(id, { country: 'MM' });
    expect(refusal(refused)).toEqual({ status: 422, code: 'currency-not-held' });
    expect(refused.body).toMatchObject({ detail: expect.stringContaining('MMK') as unknown, field: 'country' });
  });

  it('is not applied to what was valued anew meanwhile', async () => {
    const fund = await openFund(service);
    const { id } = await enrolClient(service, fund, '2026-03-20');
    const [one, other] = [await propose(id, { country: 'TH' }), await propose(id, { country: 'LA' })];
    await approve(idOf(one)).expect(200);
    expect(refusal(await approve(idOf(other)))).toEqual({ status: 409, code: 'value-changed-meanwhile' });
  });
});
