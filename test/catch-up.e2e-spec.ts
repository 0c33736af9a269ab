/** After a time in which nothing was paid, nobody gets two instalments in one month unless that is what people approved. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { scheduleActor } from '../src/access/domain/actor.js';
import { InstructionsService } from '../src/transfers/instructions.service.js';
import { RunPreparationService } from '../src/transfers/run-preparation.service.js';
import { RunsService } from '../src/transfers/runs.service.js';
import type { Run } from '../src/transfers/run-view.js';
import { enrolClient, newId, openFund, prepareRun } from './support/builders.js';
import { sql } from './support/database.js';
import { callOffWhatIsDue, refusal, transfersOf } from './support/runs.js';
import { startTestService, travel, type TestService } from './support/service.js';

const TODAY = '2026-04-30';

let service: TestService;
let fund: string;

beforeAll(async () => {
  service = await startTestService({ today: TODAY });
  fund = await openFund(service);
});
afterAll(() => service.close());
beforeEach(async () => {
  travel(service, TODAY);
  await callOffWhatIsDue(service);
});

const runs = () => service.app.get(RunsService);
const schedule = (country = 'MM') => runs().prepareDue(scheduleActor('test'), country);
const find = (id: string) => runs().find(service.actor('auditor'), id);

async function release(run: Pick<Run, 'id' | 'digest'>): Promise<void> {
  await runs().approve(service.actor('finance-approver'), run.id, run.digest); // the same again is nothing new
  await runs().release(service.actor('finance-releaser'), run.id, run.digest);
  await service.app.get(InstructionsService).instruct(scheduleActor('test'), run.id);
}

const states = async (client: string) => (await transfersOf(service, client)).map(({ state }) => state);

describe('When two instalments of a client are due', () => {
  it('an ordinary run has the first; the schedule proposes the others as a catch-up, and people decide', async () => {
    const { client } = await enrolClient(service, fund, '2026-02-28');
    const [ordinary = '', catchUp = '', ...more] = await schedule();
    expect(more).toEqual([]);
    expect(await find(ordinary)).toMatchObject({
      count: 1,
      catchUp: false,
      leftOut: [{ reason: 'second-in-month', count: 2 }],
    });
    expect(await find(catchUp)).toMatchObject({ count: 2, catchUp: true });
    await release(await find(ordinary));
    await release(await find(catchUp));
    expect(await states(client)).toEqual(['instructed', 'instructed', 'instructed']);
  });

  it('a catch-up that was sent back is not proposed again that month, and comes one a month by itself', async () => {
    const { client } = await enrolClient(service, fund, '2026-03-30');
    const [ordinary = '', catchUp = ''] = await schedule();
    await release(await find(ordinary));
    await runs().sendBack(service.actor('finance-approver'), catchUp, 'one a month, she says');
    expect(await schedule()).toEqual([]);
    expect(await states(client)).toEqual(['instructed', 'scheduled', 'scheduled']);
    travel(service, '2026-05-01');
    const [may = '', ...others] = await schedule();
    expect(others).toEqual([]);
    expect(await find(may)).toMatchObject({ count: 1, catchUp: false });
    await release(await find(may));
    travel(service, TODAY);
    expect(await states(client)).toEqual(['instructed', 'instructed', 'scheduled']);
  });

  it('a catch-up that was sent back because a payment in it was held is no decision, and is prepared anew', async () => {
    const { transfers } = await enrolClient(service, fund, '2026-03-30');
    const { client } = await enrolClient(service, fund, '2026-03-30');
    await sql(
      service.db.url,
      'set session_replication_role = replica; update payments.run_signature set digest_held = false where true',
    );
    const [ordinary = '', catchUp = ''] = await schedule();
    await release(await find(ordinary));
    await service
      .as('caseworker')
      .post(`/api/v1/transfers/${transfers[1]?.id}/hold`, { reason: 'client-wish' })
      .expect(204);
    await runs().sendBack(service.actor('finance-approver'), catchUp, 'one was held');
    const [again = ''] = await schedule();
    expect(await find(again)).toMatchObject({ count: 1, catchUp: true });
    await release(await find(again));
    expect(await states(client)).toEqual(['instructed', 'instructed', 'scheduled']);
  });

  it('somebody can prepare a catch-up of everything that is due', async () => {
    await enrolClient(service, fund, '2026-03-30');
    const body = { id: newId(), dueThrough: TODAY, catchUp: true };
    const answer = await service.as('finance-preparer').post('/api/v1/runs', body).expect(201);
    expect(answer.body).toMatchObject({ count: 2, catchUp: true });
    const again = await service.as('finance-preparer').post('/api/v1/runs', { ...body, catchUp: false });
    expect(refusal(again)).toEqual({ status: 409, code: 'id-conflict' });
  });

  it('what was prepared in one month and is released after another instalment was sent in the next leaves its run', async () => {
    const { client, transfers } = await enrolClient(service, fund, '2026-03-31');
    await service
      .as('caseworker')
      .post(`/api/v1/transfers/${transfers[1]?.id}/hold`, { reason: 'client-wish' })
      .expect(204);
    const first = await prepareRun(service, TODAY);
    await sql(service.db.url, "update payments.obligation set state = 'scheduled', hold_reason = null where id = $1", [
      transfers[1]?.id,
    ]);
    travel(service, '2026-05-02');
    const [, catchUp = ''] = [undefined, ...(await schedule())];
    expect(await find(catchUp)).toMatchObject({ count: 1, catchUp: true });
    await release(await find(catchUp));
    await release(await find(first.id));
    travel(service, TODAY);
    expect(await states(client)).toEqual(['scheduled', 'instructed', 'scheduled']);
    expect((await find(first.id)).departed).toEqual([{ reason: 'second-in-month', count: 1 }]);
  });

  it('the month is the client’s: half an hour before midnight in Yangon it is still the old one', async () => {
    const { client } = await enrolClient(service, fund, '2026-03-31');
    const [first = '', catchUp = ''] = await schedule();
    await release(await find(first));
    if (catchUp) await runs().sendBack(service.actor('finance-approver'), catchUp, 'one a month'); // or sent back before
    const due = async (instant: string) => {
      service.clock.travelTo(new Date(instant));
      const preview = await service.app
        .get(RunPreparationService)
        .preview(service.actor('finance-preparer'), { dueThrough: '2026-05-01', country: 'MM' });
      return preview.payees.filter((payee) => payee.client === client).length;
    };
    expect(await due('2026-04-30T17:15:00Z')).toBe(0); // 23:45 in Yangon, and 1 May in Bangkok
    expect(await due('2026-04-30T17:45:00Z')).toBe(1); // 00:15 on 1 May in Yangon
  });

  it('is asked one run after another: of two that are instructed at once the later one sees the earlier', async () => {
    const { client } = await enrolClient(service, fund, TODAY);
    const [first = ''] = await schedule();
    await runs().approve(service.actor('finance-approver'), first, (await find(first)).digest);
    const other = new pg.Client({ connectionString: service.db.url });
    await other.connect();
    await other.query("begin; select pg_advisory_xact_lock(hashtextextended('instructing', 0))");
    const released = release(await find(first));
    await setTimeout(700);
    expect(await states(client)).not.toContain('instructed');
    await other.query('commit');
    await other.end();
    await released;
    expect(await states(client)).toContain('instructed');
  });

  it('counts what goes through an operator on the day on which it left, and in any month while it waits to leave', async () => {
    const payee = { bank: 'Wave Money', account: '09 777 000 555', kind: 'wallet' } as const;
    const { client, transfers } = await enrolClient(service, fund, '2026-03-31', { rail: 'mobile-money', payee });
    const [first = '', catchUp = ''] = await schedule();
    if (catchUp) await runs().sendBack(service.actor('finance-approver'), catchUp, 'one a month'); // or sent back before
    await release(await find(first));
    const due = async (day: string) => {
      service.clock.travelTo(new Date(`${day}T05:00:00Z`));
      const preview = await service.app
        .get(RunPreparationService)
        .preview(service.actor('finance-preparer'), { dueThrough: day, country: 'MM' });
      return preview.payees.filter((payee) => payee.client === client).length;
    };
    expect(await due('2026-07-02')).toBe(0);
    await sql(
      service.db.url,
      `insert into payments.dispatch select id, sha256('x'), '2026-05-01T00:00:00+06:30' from payments.attempt where obligation_id = $1`,
      [transfers[0]?.id],
    );
    expect(await due('2026-05-31')).toBe(0);
    expect(await due('2026-06-01')).toBe(1);
  });

  it('is refused in SQL as well', async () => {
    const { transfers } = await enrolClient(service, fund, '2026-03-31');
    const [first = ''] = await schedule();
    await release(await find(first));
    const [run] = await sql<{ id: string }>(
      service.db.url,
      `insert into payments.run (id, country, due_through, prepared_at, item_count, digest, totals)
       select gen_random_uuid(), run.country, due_through, prepared_at, 1,
              encode(sha256(convert_to(concat_ws('|', o.id, o.client_id, e.rail, e.payee_ref, o.currency, o.amount_minor, o.due_on), 'UTF8')), 'hex'), totals
       from payments.run, payments.obligation o join payments.enrolment e on e.id = o.enrolment_id where run.id = $1 and o.id = $2 returning id`,
      [first, transfers[1]?.id],
    );
    await sql(
      service.db.url,
      `insert into payments.run_item (run_id, obligation_id, currency, amount_minor, rail, payee_ref)
       select $1, o.id, o.currency, o.amount_minor, e.rail, e.payee_ref from payments.obligation o join payments.enrolment e on e.id = o.enrolment_id where o.id = $2`,
      [run?.id, transfers[1]?.id],
    );
    for (const [act, role] of [
      ['approve', 'finance-approver'],
      ['release', 'finance-releaser'],
    ] as const) {
      await sql(
        service.db.url,
        'insert into payments.run_signature (run_id, digest, act, user_id, signed_at) select id, digest, $2, $3, now() from payments.run where id = $1',
        [run?.id, act, service.actor(role).userId],
      );
    }
    const attempt = sql(
      service.db.url,
      `insert into payments.attempt (id, obligation_id, run_id, attempt_no, rail, payee_ref, correlation_id, currency, amount_minor, instructed_at, instructed_on, state)
       select gen_random_uuid(), o.id, $1, 1, i.rail, i.payee_ref, 'by-hand', o.currency, o.amount_minor, now(), '2026-04-30', 'instructed'
       from payments.obligation o join payments.run_item i on i.obligation_id = o.id where o.id = $2 and i.run_id = $1`,
      [run?.id, transfers[1]?.id],
      'uct_service',
    );
    await expect(attempt).rejects.toMatchObject({ code: 'UCT73' });
  });
});
