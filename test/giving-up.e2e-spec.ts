/** Money that a released run committed to a transfer which will never be paid goes back to its fund, and is committed again should it be paid after all. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { scheduleActor } from '../src/access/domain/actor.js';
import { GivingUpService } from '../src/transfers/value/giving-up.service.js';
import { sql } from './support/database.js';
import { outcomesAs } from './support/outcomes.js';
import { books, brokenRules, callOffWhatIsDue, instructedTransfer, report } from './support/runs.js';
import { startTestService, type TestService } from './support/service.js';

const TODAY = '2026-03-02';
const COMMITTED = 'what is committed is what released runs promised, and was paid or may still be';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ today: TODAY });
}, 60_000);
afterEach(() => callOffWhatIsDue(service));
afterAll(() => service.close());

const erase = (client: string) => service.as('supervisor').delete(`/api/v1/clients/${client}`).expect(200);

describe('What is committed to a transfer that will never be paid', () => {
  it.each(['failed', 'returned'] as const)(
    'goes back to the fund when its client is erased: one that %s',
    async (became) => {
      const { client, transfer, fund, run } = await instructedTransfer(service, TODAY, { rail: 'manual' });
      if (became === 'returned') await report(service, run.id, { transfer, outcome: 'settled', reference: 'line 1' });
      await report(service, run.id, {
        transfer,
        outcome: became,
        reference: 'line 2',
        ...(became === 'failed' ? { code: 'AC01' } : {}),
      });
      expect(await books(service, fund)).toMatchObject({ committed: '4707.00', fund: '995293.00' });
      await erase(client);
      expect(await books(service, fund)).toMatchObject({ committed: '0.00', fund: '1000000.00' });
      expect(await brokenRules(service)).toEqual([]);
    },
  );

  it('stays committed while it is owed', async () => {
    const { transfer, fund, run } = await instructedTransfer(service, TODAY, { rail: 'manual' });
    await report(service, run.id, { transfer, outcome: 'failed', reference: 'line 3', code: 'AC01' });
    await service.app.get(GivingUpService).leftOver(scheduleActor('test'));
    expect(await books(service, fund)).toMatchObject({ committed: '4707.00' });
    expect(await brokenRules(service)).toEqual([]);
  });

  it('is found by the self-check, and by the night, where an erasure left it', async () => {
    const { client, transfer, fund, run } = await instructedTransfer(service, TODAY, { rail: 'manual' });
    await report(service, run.id, { transfer, outcome: 'failed', reference: 'line 4', code: 'AC01' });
    const [row] = await sql<{ id: string }>(service.db.url, 'select id from casework.client where code = $1', [client]);
    // As an erasure did before there was this, and as restoring the list of who was erased does.
    await sql(
      service.db.url,
      "update payments.obligation set state = 'cancelled', cancelled_at = now() where client_id = $1 and state = 'scheduled'",
      [row?.id],
    );
    await sql(service.db.url, 'insert into pii.erased_client (client_id, erased_at) values ($1, now())', [row?.id]);
    await service.app.get(GivingUpService).leftOver(scheduleActor('test'));
    await service.app.get(GivingUpService).leftOver(scheduleActor('test'));
    expect(await books(service, fund)).toMatchObject({ committed: '0.00' });
    expect(await brokenRules(service)).toEqual([]);
  });

  it('is committed again when it turns out to be paid after all, and the books show it with the client', async () => {
    const { client, transfer, fund, run } = await instructedTransfer(service, TODAY, { rail: 'manual' });
    await report(service, run.id, { transfer, outcome: 'failed', reference: 'line 5', code: 'AC01' });
    await erase(client);
    await report(service, run.id, { transfer, outcome: 'settled', reference: 'line 6' });
    expect(await books(service, fund)).toMatchObject({
      committed: '4707.00',
      paid: '4707.00',
      fund: '995293.00',
      bank: '995293.00',
    });
    expect(await brokenRules(service)).toEqual([]);
    // And came back in the end: then it is given up once more.
    await report(service, run.id, { transfer, outcome: 'returned', reference: 'line 7' });
    await service.app.get(GivingUpService).leftOver(scheduleActor('test'));
    expect(await books(service, fund)).toMatchObject({ committed: '0.00', fund: '1000000.00' });
    expect(await brokenRules(service)).toEqual([]);
  });

  it('late proof of it is never refused, whatever the fund has promised meanwhile: the self-check says what is missing', async () => {
    const first = await instructedTransfer(service, TODAY, { rail: 'manual', amount: '4707.00' });
    await report(service, first.run.id, {
      transfer: first.transfer,
      outcome: 'failed',
      reference: 'line 8',
      code: 'AC01',
    });
    await erase(first.client);
    const second = await instructedTransfer(service, TODAY, { rail: 'manual', fund: first.fund });
    expect(second.run.count).toBe(1);
    await report(service, first.run.id, { transfer: first.transfer, outcome: 'settled', reference: 'line 9' });
    expect(await brokenRules(service)).toEqual([COMMITTED]);
  });

  it('by SQL: only what has ended is given up', async () => {
    const { transfer, run } = await instructedTransfer(service, TODAY, { rail: 'manual' });
    const { userId } = service.actor('auditor');
    const giveUp = `insert into payments.giving_up values (gen_random_uuid(), '${transfer}', 'client-erased', '${userId}', now()); set constraints all immediate`;
    expect(await outcomesAs(service.db.url, 'uct_service', [giveUp])).toEqual({ [giveUp]: 'UCT96' });
    await report(service, run.id, { transfer, outcome: 'failed', reference: 'line 10', code: 'AC01' });
    expect(await outcomesAs(service.db.url, 'uct_service', [giveUp])).toEqual({ [giveUp]: 'UCT96' });
  });
});
