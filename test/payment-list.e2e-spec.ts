/** The payment list: finance sees whom to pay, how much and how, of who is in a run, and nothing else of a person. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { clientBody, enrolClient, newId, openFund, prepareRun, releaseRun, type RunBody } from './support/builders.js';
import { issuedFor } from './support/cash.js';
import { sql } from './support/database.js';
import { expectProblem } from './support/raw-requests.js';
import { reissue, report } from './support/runs.js';
import { startTestService, type TestService } from './support/service.js';

const TODAY = '2026-03-02';
interface Line {
  transfer: string;
  client: string;
  amount: string;
  currency: string;
  rail: string;
  standing: string;
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
      isTopUp: false,
      amount: '4707.00',
      currency: 'THB',
      rail: 'manual',
      standing: 'not-yet',
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
      'select * from pii.open_payees($1, array[$2]::uuid[], array[$3]::uuid[], $4, $5, now())',
      [run.id, transfer?.id, newId(), service.actor('finance-preparer').userId, 'request'],
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

describe('a line of the payment list', () => {
  const lineIn = async (runId: string, code: string) => {
    const answer = await service.as('finance-releaser').get(`/api/v1/runs/${runId}/payment-list`).expect(200);
    return (answer.body as { items: Line[] }).items.find((one) => one.client === code);
  };
  const told = async (runId: string, code: string) => {
    const line = await lineIn(runId, code);
    return [line?.standing, line?.payTo?.names[0]?.text ?? null];
  };
  const say = (code: string, purpose: string, given: boolean) =>
    service.as('caseworker').post(`/api/v1/clients/${code}/consents`, { purpose, given, language: 'my' }).expect(204);
  const started = async (name: string) => {
    const { client: code, transfers } = await enrolClient(service, fund, TODAY, { name, country: 'TH' });
    return { code, transfer: transfers[0]?.id ?? '' };
  };

  it('names the payee while they are to be paid in that run, and not once the result is known or another run has them', async () => {
    const { code, transfer } = await started('Two Lists');
    const first = await releaseRun(service, TODAY, 'TH');
    expect(await told(first.id, code)).toEqual(['to-pay', 'Two Lists']);
    await report(service, first.id, { transfer, outcome: 'failed', code: 'not-collected' });
    expect(await told(first.id, code)).toEqual(['did-not-arrive', null]);
    await reissue(service, transfer);
    const second = await releaseRun(service, TODAY, 'TH');
    expect(await told(first.id, code)).toEqual(['did-not-arrive', null]);
    expect(await told(second.id, code)).toEqual(['to-pay', 'Two Lists']);
    await report(service, second.id, { transfer, outcome: 'settled' });
    expect(await told(second.id, code)).toEqual(['paid', null]);
  });

  it('names nobody once a run is sent back, also when another run has them', async () => {
    const { code } = await started('Sent Back');
    const first = await prepareRun(service, TODAY, 'TH');
    await service.as('finance-preparer').post(`/api/v1/runs/${first.id}/send-back`, { reason: 'test' }).expect(200);
    expect(await told(first.id, code)).toEqual(['left-run', null]);
    const second = await prepareRun(service, TODAY, 'TH');
    expect(await told(first.id, code)).toEqual(['left-run', null]);
    expect(await told(second.id, code)).toEqual(['not-yet', 'Sent Back']);
    await service.as('finance-preparer').post(`/api/v1/runs/${second.id}/send-back`, { reason: 'test' }).expect(200);
  });

  it.each(['be-paid', 'hold-data'])(
    'says not to pay once consent (%s) is withdrawn after the release',
    async (purpose) => {
      const { code } = await started('Stop Paying');
      const released = await releaseRun(service, TODAY, 'TH');
      await say(code, purpose, false);
      expect(await told(released.id, code)).toEqual(['may-not-be-paid', null]);
      const page = await service
        .as('finance-releaser')
        .get(`/runs/${released.id}/payment-list`)
        .set('accept', 'text/html')
        .expect(200);
      expect(page.text).toContain('Do not pay: consent was withdrawn');
      expect(page.text).not.toContain('Stop Paying');
      await say(code, purpose, true);
      expect(await told(released.id, code)).toEqual(['to-pay', 'Stop Paying']);
    },
  );

  it('says of what the service sends itself that nobody pays it by hand, and opens nobody for it', async () => {
    const payee = { bank: 'Lotus Bank', account: '1234567890', bankCode: '004' };
    const { client: byFile } = await enrolClient(service, fund, TODAY, { name: 'By File', rail: 'bank-file', payee });
    const prepared = await prepareRun(service, TODAY);
    const lineIn = async (id: string) => {
      const answer = await service.as('finance-preparer').get(`/api/v1/runs/${id}/payment-list`).expect(200);
      return (answer.body as { items: Line[] }).items.find((one) => one.client === byFile);
    };
    expect(await lineIn(prepared.id)).toMatchObject({ standing: 'not-yet', payTo: { payee } });
    const digest = { digest: prepared.digest };
    await service.as('finance-approver').post(`/api/v1/runs/${prepared.id}/approvals`, digest).expect(200);
    await service.as('finance-releaser').post(`/api/v1/runs/${prepared.id}/release`, digest).expect(200);
    expect(await lineIn(prepared.id)).toMatchObject({ standing: 'by-file', payTo: null });
  });
  it('says of cash that has a voucher that its envelope is handed out, and opens nobody for it', async () => {
    const { code, transfer } = await started('By Envelope');
    const released = await releaseRun(service, TODAY, 'TH');
    expect(await told(released.id, code)).toEqual(['to-pay', 'By Envelope']);
    await issuedFor(service, released.id, transfer);
    const answer = await service.as('finance-preparer').get(`/api/v1/runs/${released.id}/payment-list`).expect(200);
    expect(JSON.stringify(answer.body)).not.toContain('By Envelope');
    expect(await told(released.id, code)).toEqual(['by-voucher', null]);
    const opened = await sql<{ transfer: string }>(
      service.db.url,
      "select detail ->> 'transfer' transfer from access.audit_event where act = 'payee.read' and request_id = $1",
      [answer.headers['x-request-id']],
    );
    expect(opened.map((row) => row.transfer)).not.toContain(transfer);
    const page = await service.as('finance-releaser').get(`/runs/${released.id}/payment-list`).expect(200);
    expect(page.text).toContain('a voucher stands for it');
    expect(page.text).not.toContain('By Envelope');
  });
});
