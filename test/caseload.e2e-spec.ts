/** The list of clients by need of attention: what presses comes first, nobody else's is in it, and it costs as much however many others there are. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CaseloadService } from '../src/web/caseload/caseload.service.js';
import { enrolClient, newId, openFund, ranks, registerClient, releaseRun } from './support/builders.js';
import { sql } from './support/database.js';
import { raw, tokenOf } from './support/raw-requests.js';
import { startTestService, type TestService } from './support/service.js';

const TODAY = '2026-03-02';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ today: TODAY });
});
afterAll(() => service.close());

const caseload = () => service.app.get(CaseloadService);
const page = (options: { after?: string; limit?: number } = {}, number: 1 | 2 = 1) =>
  caseload().page(service.actor('caseworker', number), { limit: 200, ...options });
const attentionOf = async (code: string) => (await page()).items.find((one) => one.code === code);
const as = () => service.as('caseworker');
const interview = (code: string, assessedOn = '2026-01-05') =>
  as()
    .post(`/api/v1/clients/${code}/needs-assessments`, { id: newId(), assessedOn, ranks: ranks('food') })
    .expect(201);
const note = (code: string, happenedOn: string, nextOn?: string) =>
  as()
    .post(`/api/v1/clients/${code}/case-notes`, {
      id: newId(),
      kind: 'conversation',
      happenedOn,
      nextOn,
      words: 'talked',
    })
    .expect(201);

describe('A client needs attention', () => {
  let code: string;
  beforeEach(async () => {
    code = await registerClient(service);
  });

  it('until they are interviewed', async () => {
    expect((await attentionOf(code))?.attention).toEqual(['no-interview']);
    await interview(code);
    expect((await attentionOf(code))?.attention).toEqual([]);
  });

  it('while an interview of ours is not finished', async () => {
    await interview(code);
    const token = await tokenOf(service, 'caseworker');
    const form = { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' };
    await raw(service, token, 'POST', `/clients/${code}/interview`, 'ranks.food=4&words.food=&go=keep', form).expect(
      303,
    );
    expect((await attentionOf(code))?.attention).toEqual(['form-waiting']);
  });

  it.each([
    ['on the day that was agreed', '2026-02-20', TODAY, TODAY],
    ['after it', '2026-02-20', '2026-02-25', '2026-02-25'],
    ['not before it', '2026-02-20', '2026-03-03', null],
  ])('for a follow-up %s', async (_, happenedOn, nextOn, due) => {
    await interview(code);
    await note(code, happenedOn, nextOn);
    expect(await attentionOf(code)).toMatchObject({ followUpOn: due, attention: due ? ['follow-up-due'] : [] });
  });

  it('for no follow-up any more when somebody has talked with them since', async () => {
    await interview(code);
    await note(code, '2026-02-20', '2026-02-25');
    await note(code, '2026-02-26');
    expect(await attentionOf(code)).toMatchObject({ followUpOn: null, attention: [] });
  });

  it('for a follow-up by the day that was agreed last, and not by one that was corrected', async () => {
    await interview(code);
    const wrong = newId();
    const write = (body: object) =>
      as()
        .post(`/api/v1/clients/${code}/case-notes`, {
          kind: 'call',
          happenedOn: '2026-02-20',
          words: 'talked',
          ...body,
        })
        .expect(201);
    await write({ id: wrong, nextOn: '2026-02-21' });
    await write({ id: newId(), nextOn: '2026-03-20', corrects: wrong });
    expect(await attentionOf(code)).toMatchObject({ followUpOn: null });
  });

  it.each([
    ['three months', '2025-12-01', '2026-03-01'],
    ['six months', '2025-09-01', '2026-03-01'],
    ['twelve months', '2025-02-28', '2026-02-28'],
    ['not yet three months', '2025-12-03', null],
  ])('%s after the first payment, where nothing was agreed', async (_, settledOn, due) => {
    await interview(code, settledOn);
    const { client } = await enrolClient(service, await openFund(service), TODAY);
    await interview(client, settledOn);
    await sql(
      service.db.url,
      `set session_replication_role = replica;
       update payments.obligation set state = 'settled', settled_on = '${settledOn}' where instalment = 1 and client_id = (select id from casework.client where code = '${client}')`,
    );
    expect((await attentionOf(client))?.followUpOn).toBe(due);
  });

  it('while a payment is being checked, before all else', async () => {
    const { client } = await enrolClient(service, await openFund(service), TODAY);
    const run = await releaseRun(service, TODAY);
    await service
      .as('finance-preparer')
      .post(`/api/v1/runs/${run.id}/results`, { results: [] })
      .expect((answer) => expect([200, 422]).toContain(answer.status));
    await sql(
      service.db.url,
      `set session_replication_role = replica;
       update payments.obligation set state = 'unknown' where instalment = 1 and client_id = (select id from casework.client where code = '${client}')`,
    );
    const { items } = await page();
    expect(items[0]).toMatchObject({ code: client, attention: ['payment-unknown', 'no-interview'] });
  });
});

describe('The list', () => {
  it('has each client once through all its pages, in one order', async () => {
    const all = (await page()).items.map(({ code }) => code);
    const paged: string[] = [];
    let after: string | undefined;
    do {
      const { items, next } = await page({ after, limit: 3 });
      paged.push(...items.map(({ code }) => code));
      after = next ?? undefined;
    } while (after);
    expect(paged).toEqual(all);
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeGreaterThan(8);
  });

  it('is nobody else’s, and a supervisor’s is their team’s', async () => {
    expect((await page({}, 2)).items).toEqual([]);
    const team = await caseload().page(service.actor('supervisor'), { limit: 200 });
    // In another order: an unfinished interview is waiting for whoever holds it, and for nobody else.
    const codesOf = (items: { code: string }[]) => items.map(({ code }) => code).sort();
    expect(codesOf(team.items)).toEqual(codesOf((await page()).items));
    expect(team.items.some(({ attention }) => attention.includes('form-waiting'))).toBe(false);
    expect(new Set(team.items.map(({ caseworker }) => caseworker)).size).toBe(1);
  });

  it.each(['0', '9~~', "1~2026-03-01~C-X'; drop", '1~~C-8EAAT8NN~', '~'])(
    'takes a cursor of nobody (%s) for none',
    async (after) => {
      expect((await page({ after })).items.length).toBeGreaterThan(8);
    },
  );

  it('counts the work of each caseworker for their supervisor, and for nobody else', async () => {
    const load = await caseload().ofTeam(service.actor('supervisor'));
    const busy = load.find(({ clients }) => clients > 0);
    const items = (await page()).items;
    expect(busy).toMatchObject({ clients: items.length });
    expect(busy?.attention['follow-up-due']).toBe(items.filter(({ followUpOn }) => followUpOn).length);
    expect(busy?.overdue).toBe(items.filter(({ followUpOn }) => followUpOn && followUpOn < '2026-02-23').length);
    await expect(caseload().ofTeam(service.actor('caseworker'))).rejects.toThrow('forbidden');
  });
});
