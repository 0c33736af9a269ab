/** Nothing is written without a trace: every transaction of the service that changes a row has its row in the audit trail. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { enrolClient, newId, openFund, prepareRun } from './support/builders.js';
import { sql } from './support/database.js';
import { startFullService, type FullService } from './support/every-table.js';
import { TABLES } from './support/rights.js';

/** Written without anybody acting, or beside what is recorded; each with its reason. */
const WITHOUT_A_TRACE: Readonly<Record<string, string>> = {
  'access.audit_link': 'gives events their places in the chain, and is itself the proof',
  'access.audit_unchained': 'emptied by the chaining',
  'access.idempotent_answer': 'the answer to a request whose work was recorded when it was done',
  'access.master_key_check': 'at the first start',
  'access.root_secret': 'at the first start',
  'access.sign_in_failure': 'counts attempts before the password is looked at; how each ended is recorded',
  'casework.need': 'the catalogue, at the start',
  'ledger.currency': 'reference data, at the start',
  'ledger.log_identity': 'at the first opening of the log',
  'payments.enquiry': 'a plan of when to ask; what comes of it is recorded',
  'payments.decided_amount': 'reference data, at the start',
  'payments.wage_rate': 'reference data, at the start',
};

/** Notes each change of a row with its transaction; `role` is none when a test writes by hand. */
const NOTE_WRITES = `
  create table public.row_written (place text, op text, xact xid8, role text);
  create function public.note_write() returns trigger language plpgsql security definer set search_path = public as $$
  begin
    insert into row_written values (tg_table_schema || '.' || tg_table_name, lower(tg_op), pg_current_xact_id(), current_setting('role'));
    return null;
  end $$;
  ${Object.keys(TABLES)
    .filter((name) => name !== 'public.uct_migration')
    .map(
      (name) =>
        `create trigger note_write after insert or update or delete on ${name} for each row execute function public.note_write();`,
    )
    .join('\n')}`;

let full: FullService;

beforeAll(async () => {
  full = await startFullService(async (url) => void (await sql(url, NOTE_WRITES)));
  const { service } = full;
  const { client } = await enrolClient(service, await openFund(service), '2026-03-02');
  for (const given of [true, false])
    await service
      .as('caseworker')
      .post(`/api/v1/clients/${client}/consents`, { purpose: 'be-quoted', given, language: 'my' })
      .expect(204);
  const run = await prepareRun(service, '2026-03-02');
  await service.as('finance-preparer').post(`/api/v1/runs/${run.id}/send-back`, { reason: 'too early' }).expect(200);
  const rate = { id: newId(), base: 'USD', quote: 'THB', rate: '35.1', asOf: '2026-03-02', source: 'bank' };
  await service.as('finance-preparer').post('/api/v1/exchange-rates', rate).expect(201);
  await service.as('finance-approver').post(`/api/v1/exchange-rates/${rate.id}/confirmation`).expect(200);
  await service.as('donor').get(`/api/v1/clients/${client}`).expect(403);
  await service.as('caseworker', 2).get(`/api/v1/clients/${client}`).expect(404);
  await service.as('administrator', 2).delete('/api/v1/sessions/current').expect(204);
}, 120_000);
afterAll(() => full.close());

describe('a transaction of the service', () => {
  it('that changes a row has its row in the audit trail', async () => {
    const rows = await sql<{ place: string; op: string }>(
      full.db.url,
      `select distinct place, op from public.row_written w
       where role <> 'none' and not exists (select from public.row_written a where a.place = 'access.audit_event' and a.xact = w.xact)
       order by place, op`,
    );
    expect(rows.filter(({ place }) => !Object.hasOwn(WITHOUT_A_TRACE, place))).toEqual([]);
  });

  it('was looked at for most tables', async () => {
    const rows = await sql<{ place: string }>(
      full.db.url,
      "select distinct place from public.row_written where role <> 'none'",
    );
    expect(rows.length).toBeGreaterThan(35);
    const unknown = Object.keys(WITHOUT_A_TRACE).filter((name) => !Object.hasOwn(TABLES, name));
    expect(unknown).toEqual([]);
  });
});
