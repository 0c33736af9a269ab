/** Mistakes that people make: a year mistyped, a wrong day, a proof forgotten, a danger that only the caseworker knows of. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { enrolClient, newId, openFund, prepareRun, registerClient, releaseRun } from './support/builders.js';
import { startTestService, type TestService } from './support/service.js';

describe('mistakes', () => {
  let service: TestService;
  let fund: string;

  beforeAll(async () => {
    service = await startTestService({ today: '2026-03-02' });
    fund = await openFund(service);
  });

  afterAll(() => service.close());

  it('a run does not reach months ahead, so a mistyped year pays nobody three times at once', async () => {
    await enrolClient(service, fund, '2026-03-30', { country: 'LA' });
    const answer = await service
      .as('finance-preparer')
      .post('/api/v1/runs', { id: newId(), dueThrough: '2062-03-02' })
      .expect(422);
    expect(answer.body).toMatchObject({ code: 'due-through-too-far', field: 'dueThrough' });
    const nextDay = await service
      .as('finance-preparer')
      .post('/api/v1/runs', { id: newId(), dueThrough: '2026-03-17', country: 'LA' })
      .expect(422);
    expect(nextDay.body.code).toBe('due-through-too-far');
  });

  it('an enrolment on a wrong day can be cancelled and made again, until a transfer of it is in a run', async () => {
    const wrong = await enrolClient(service, fund, '2026-01-10', { country: 'TH' });
    await service.as('caseworker').post(`/api/v1/enrolments/${wrong.id}/cancellation`).expect(403);
    await service.as('supervisor').post(`/api/v1/enrolments/${wrong.id}/cancellation`).expect(204);
    const body = { id: newId(), client: wrong.client, fund, anchorOn: '2026-03-01' };
    await service.as('supervisor').post('/api/v1/enrolments', body).expect(201);
    const run = await prepareRun(service, '2026-03-02', 'TH');
    expect(run.count).toBe(1);
    const late = await service.as('supervisor').post(`/api/v1/enrolments/${body.id}/cancellation`).expect(409);
    expect(late.body.code).toBe('not-cancellable');
    await service.as('finance-preparer').post(`/api/v1/runs/${run.id}/send-back`, { reason: 'test' }).expect(200);
  });

  it('nobody says that a payment came back without saying by what proof', async () => {
    const { transfers } = await enrolClient(service, fund, '2026-03-02');
    const run = await releaseRun(service, '2026-03-02', 'MM');
    const [first] = transfers;
    const path = `/api/v1/runs/${run.id}/results`;
    await service
      .as('finance-releaser')
      .post(path, { results: [{ transfer: first?.id, outcome: 'settled' }] })
      .expect(200);
    const bare = await service
      .as('finance-releaser')
      .post(path, { results: [{ transfer: first?.id, outcome: 'returned' }] })
      .expect(422);
    expect(bare.body).toMatchObject({ code: 'evidence-reference-missing', field: 'results.0.reference' });
  });

  it('finance may hold a transfer, and only who works with the client may end the hold', async () => {
    const { transfers } = await enrolClient(service, fund, '2026-04-02', { cohort: 'held' });
    const path = `/api/v1/transfers/${transfers[0]?.id}`;
    await service.as('caseworker').post(`${path}/hold`, { reason: 'safety' }).expect(204);
    await service.as('finance-preparer').post(`${path}/end-hold`).expect(403);
    await service.as('caseworker', 2).post(`${path}/end-hold`).expect(404);
    await service.as('caseworker').post(`${path}/end-hold`).expect(204);
  });

  it('a service with another master key does not start on this database', async () => {
    await registerClient(service);
    await expect(startTestService({ db: service.db, masterKey: Buffer.alloc(32, 8) })).rejects.toThrow(/master key/);
  });
});
