/** A payment that is on its way can be stopped, by the client's wish or for safety: whoever pays sees it. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Browser } from './support/browser.js';
import { enrolClient, openFund, releaseRun } from './support/builders.js';
import { sql } from './support/database.js';
import { callOffWhatIsDue, firstTransfer, instructedTransfer, refusal, report } from './support/runs.js';
import { startTestService, type TestService } from './support/service.js';

const TODAY = '2026-03-02';

let service: TestService;

beforeAll(async () => {
  service = await startTestService({ today: TODAY });
});
afterAll(() => service.close());

const hold = (transfer: string, reason = 'safety') =>
  service.as('caseworker').post(`/api/v1/transfers/${transfer}/hold`, { reason });
const endHold = (transfer: string) => service.as('caseworker').post(`/api/v1/transfers/${transfer}/end-hold`);
const line = async (run: string) => {
  const answer = await service.as('finance-preparer').get(`/api/v1/runs/${run}/payment-list`).expect(200);
  return (answer.body as { items: { standing: string; payTo: object | null }[] }).items[0];
};

describe('A payment that is on its way', () => {
  it('is stopped: the payment list says so and tells no longer whom to pay', async () => {
    const { transfer, run, client } = await instructedTransfer(service, TODAY);
    expect(await line(run.id)).toMatchObject({ standing: 'to-pay', payTo: expect.anything() });
    await hold(transfer).expect(204);
    expect(await line(run.id)).toMatchObject({ standing: 'stopped', payTo: null });
    expect(await firstTransfer(service, client)).toMatchObject({ state: 'instructed', stopReason: 'safety' });
    await hold(transfer, 'client-wish').expect(204); // said twice: the first stands
    expect(await firstTransfer(service, client)).toMatchObject({ stopReason: 'safety' });
    await endHold(transfer).expect(204);
    expect(await line(run.id)).toMatchObject({ standing: 'to-pay', payTo: expect.anything() });
    expect(refusal(await endHold(transfer))).toEqual({ status: 409, code: 'not-on-hold' });
  });

  it('and is to be stopped is not said to be on its way', async () => {
    const { transfer, client } = await instructedTransfer(service, TODAY);
    const browser = new Browser(service);
    await browser.giveEmailAndPassword('caseworker-1@test.example');
    const told = async () => (await browser.open(`/clients/${client}`)).text;
    expect(await told()).toContain('On its way');
    await hold(transfer, 'client-wish').expect(204);
    expect(await told()).toContain('To be stopped, because the client wishes it, if it has not left yet.');
    expect(await told()).not.toContain('On its way');
    await endHold(transfer).expect(204);
  });

  it('that was stopped and not paid stays held until whoever works with the client ends it', async () => {
    const { transfer, run, client } = await instructedTransfer(service, TODAY);
    await hold(transfer, 'client-wish').expect(204);
    await report(service, run.id, { transfer, outcome: 'failed', code: 'not-handed-over' });
    await service.as('finance-releaser').post(`/api/v1/transfers/${transfer}/reissue`).expect(204);
    expect(await firstTransfer(service, client)).toMatchObject({ state: 'on_hold', holdReason: 'client-wish' });
    await endHold(transfer).expect(204);
    const again = await releaseRun(service, TODAY);
    expect(await line(again.id)).toMatchObject({ standing: 'to-pay' });
  });

  it('and did not arrive is held too: put back it waits, until whoever works with the client ends that', async () => {
    const { transfer, run, client } = await instructedTransfer(service, TODAY);
    await report(service, run.id, { transfer, outcome: 'failed', code: 'not-handed-over' });
    await hold(transfer).expect(204);
    expect(await firstTransfer(service, client)).toMatchObject({ state: 'failed', stopReason: 'safety' });
    const browser = new Browser(service);
    await browser.giveEmailAndPassword('caseworker-1@test.example');
    expect((await browser.open(`/clients/${client}`)).text).toContain('It is paid again only once the hold is ended');
    await service.as('finance-releaser').post(`/api/v1/transfers/${transfer}/reissue`).expect(204);
    expect(await firstTransfer(service, client)).toMatchObject({ state: 'on_hold', holdReason: 'safety' });
    await endHold(transfer).expect(204);
    expect(await firstTransfer(service, client)).toMatchObject({ state: 'scheduled', holdReason: null });
    const stops = await sql(
      service.db.url,
      'select 1 from payments.stopped_attempt s join payments.attempt a on a.id = s.attempt_id where a.obligation_id = $1',
      [transfer],
    );
    expect(stops).toEqual([]);
    await callOffWhatIsDue(service);
  });

  it('and did not arrive is put back as before when its hold was ended meanwhile', async () => {
    const { transfer, run, client } = await instructedTransfer(service, TODAY);
    await report(service, run.id, { transfer, outcome: 'failed', code: 'not-handed-over' });
    await hold(transfer).expect(204);
    await endHold(transfer).expect(204);
    await service.as('finance-releaser').post(`/api/v1/transfers/${transfer}/reissue`).expect(204);
    expect(await firstTransfer(service, client)).toMatchObject({ state: 'scheduled', holdReason: null });
    await callOffWhatIsDue(service);
  });

  it('is not put back a twentieth time, at which no run would take it', async () => {
    const { transfer, run } = await instructedTransfer(service, TODAY);
    await report(service, run.id, { transfer, outcome: 'failed', code: 'not-handed-over' });
    await sql(
      service.db.url,
      `begin; set local session_replication_role = replica;
       update payments.attempt set attempt_no = 20 where obligation_id = '${transfer}'; commit`,
    );
    const again = service.as('finance-releaser').post(`/api/v1/transfers/${transfer}/reissue`);
    expect(refusal(await again)).toEqual({ status: 409, code: 'tried-too-often' });
  });

  it('that was paid all the same is told so, and nothing stays stopped', async () => {
    const { transfer, run, client } = await instructedTransfer(service, TODAY);
    await hold(transfer).expect(204);
    await report(service, run.id, { transfer, outcome: 'settled' });
    expect(await firstTransfer(service, client)).toMatchObject({ state: 'settled', stopReason: null });
    expect(refusal(await hold(transfer))).toEqual({ status: 409, code: 'not-holdable' });
  });

  it('is stopped by nobody for another reason, and not by a caseworker of somebody else', async () => {
    await callOffWhatIsDue(service);
    const fund = await openFund(service);
    const { transfers } = await enrolClient(service, fund, TODAY);
    await releaseRun(service, TODAY);
    const transfer = transfers[0]?.id ?? '';
    expect(refusal(await hold(transfer, 'no-receipts'))).toEqual({ status: 422, code: 'unknown-hold-reason' });
    const other = service.as('caseworker', 2).post(`/api/v1/transfers/${transfer}/hold`, { reason: 'safety' });
    expect(refusal(await other)).toEqual({ status: 404, code: 'not-found' });
  });
});
