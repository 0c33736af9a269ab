/** The payment list: finance sees whom to pay, how much and how, of who is in a run, and nothing else of a person. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { clientBody, enrolClient, newId, openFund, prepareRun, type RunBody } from './support/builders.js';
import { sql } from './support/database.js';
import { expectProblem } from './support/raw-requests.js';
import { startTestService, type TestService } from './support/service.js';

const TODAY = '2026-03-02';
interface Line {
  transfer: string;
  client: string;
  amount: string;
  currency: string;
  rail: string;
  payTo: { names: { text: string }[]; guardian: { text: string }[] | null; payee: object | null } | null;
}

let service: TestService;
let fund: string;
let client: string;
let child: string;
let run: RunBody;
let notDue: string;

beforeAll(async () => {
  service = await startTestService({ today: TODAY });
  fund = await openFund(service);
  const body = clientBody({ name: 'Ma Thida' });
  const identity = { ...body.identity, phone: '+95 9 111', address: 'Home', payee: { bank: 'KBZ', account: '0042' } };
  const answer = await service
    .as('caseworker')
    .post('/api/v1/clients', { ...body, identity })
    .expect(201);
  client = (answer.body as { code: string }).code;
  await enrol(client);
  ({ client: child } = await enrolClient(service, fund, TODAY, {
    name: 'Nang Kham',
    dateOfBirth: null,
    guardian: true,
  }));
  ({ client: notDue } = await enrolClient(service, fund, '2026-06-01', { name: 'Not Due' }));
  run = await prepareRun(service, TODAY);
});
afterAll(() => service.close());

const enrol = (code: string) =>
  service
    .as('supervisor')
    .post('/api/v1/enrolments', { id: newId(), client: code, fund, anchorOn: TODAY, rail: 'manual' })
    .expect(201);
const list = (role: 'finance-preparer' | 'finance-approver' | 'finance-releaser' = 'finance-preparer', query = '') =>
  service.as(role).get(`/api/v1/runs/${run.id}/payment-list${query}`);
const lines = async () => ((await list().expect(200)).body as { items: Line[] }).items;

describe('the payment list of a run', () => {
  it('names whom to pay, with bank and account, amount and rail, and nothing else of them', async () => {
    const line = (await lines()).find((one) => one.client === client);
    expect(line).toEqual({
      transfer: expect.any(String),
      client,
      instalment: 1,
      amount: '4707.00',
      currency: 'THB',
      rail: 'manual',
      payTo: {
        names: [{ text: 'Ma Thida', script: 'Mymr', romanised: 'Aung Myint Oo' }],
        guardian: null,
        payee: { bank: 'KBZ', account: '0042' },
      },
    });
  });

  it('names who receives for a person presumed a child', async () => {
    const line = (await lines()).find((one) => one.client === child);
    expect(line?.payTo?.guardian?.[0]?.text).toBe('Daw Khin');
  });

  it('holds nobody whose transfer is not in the run', async () => {
    expect((await lines()).map((one) => one.client).sort()).toEqual([client, child].sort());
    expect(JSON.stringify(await lines())).not.toContain(notDue);
  });

  it.each(['finance-preparer', 'finance-approver', 'finance-releaser'] as const)('is read by a %s', async (role) => {
    await list(role).expect(200);
  });

  it('records each name that is read, in the same transaction, with the run and without the name', async () => {
    const count = async () => {
      const [row] = await sql<{ n: number }>(
        service.db.url,
        "select count(*)::int n from access.audit_event where act = 'payee.read' and detail ->> 'run' = $1",
        [run.id],
      );
      return row?.n ?? 0;
    };
    const before = await count();
    const answer = await list().expect(200);
    expect(await count()).toBe(before + 2);
    const rows = await sql<{ detail: object }>(
      service.db.url,
      'select detail from access.audit_event where request_id = $1',
      [answer.headers['x-request-id']],
    );
    expect(JSON.stringify(rows)).not.toMatch(/Thida|Kham|0042/);
  });

  it('comes in pages of at most 100', async () => {
    const first = await list('finance-preparer', '?limit=1').expect(200);
    const { items, next } = first.body as { items: Line[]; next: string };
    expect(items).toHaveLength(1);
    const rest = await list('finance-preparer', `?limit=1&after=${encodeURIComponent(next)}`).expect(200);
    expect((rest.body as { items: Line[] }).items[0]?.client).not.toBe(items[0]?.client);
    expectProblem(await list('finance-preparer', '?limit=101'), { status: 422, code: 'max', field: 'limit' });
  });

  it('opens nobody by the database function whose transfer is in no run', async () => {
    const [transfer] = await sql<{ id: string }>(
      service.db.url,
      'select o.id from payments.obligation o join casework.client c on c.id = o.client_id where c.code = $1 limit 1',
      [notDue],
    );
    const opened = await sql(
      service.db.url,
      'select * from pii.open_payees(array[$1]::uuid[], array[$2]::uuid[], $3, $4, now())',
      [transfer?.id, newId(), service.actor('finance-preparer').userId, 'request'],
      'uct_service',
    );
    expect(opened).toEqual([]);
  });

  it('is a page for finance, and for nobody else', async () => {
    const page = await service
      .as('finance-releaser')
      .get(`/runs/${run.id}/payment-list`)
      .set('accept', 'text/html')
      .expect(200);
    expect(page.text).toContain('Ma Thida');
    for (const role of ['auditor', 'caseworker', 'supervisor', 'donor', 'administrator'] as const) {
      expectProblem(await service.as(role).get(`/api/v1/runs/${run.id}/payment-list`), {
        status: 403,
        code: 'forbidden',
      });
      await service.as(role).get(`/runs/${run.id}/payment-list`).set('accept', 'text/html').expect(403);
    }
  });
});
