/** What the database refuses by itself, whoever asks: changes to what is append-only, ways round the posting function, and identity. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql, type TestDatabase } from './support/database.js';
import { startFullService, type FullService } from './support/every-table.js';
import { outcomesAs } from './support/outcomes.js';
import type { TestService } from './support/service.js';

let full: FullService;
let service: TestService;
let db: TestDatabase;

beforeAll(async () => {
  full = await startFullService();
  ({ service, db } = full);
}, 60_000);
afterAll(() => full.close());

const outcomes = (role: string | null, statements: readonly string[]) => outcomesAs(db.url, role, statements);
const all = (statements: readonly string[], outcome: string) =>
  Object.fromEntries(statements.map((statement) => [statement, outcome]));

describe('append-only', () => {
  it('refuse a change that comes round a corner: by merge, by upsert, by a cascade', async () => {
    const statements = [
      'merge into ledger.entry e using (select 1) one on true when matched then delete',
      'insert into ledger.currency select * from ledger.currency on conflict (code) do update set minor_units = 4',
      'truncate payments.enrolment, payments.obligation, payments.attempt cascade',
      'truncate access.app_user cascade',
    ];
    expect(await outcomes(null, statements)).toEqual(all(statements, 'UCT01'));
  });
});

describe('the salts of the log', () => {
  it('can lose what is the subject’s, and nothing else of them can change, whoever tries', async () => {
    const refused = [
      'update ledger.leaf_salt set donor = auditor',
      'update ledger.leaf_salt set auditor = donor',
      'update ledger.leaf_salt set subject = donor',
      'update ledger.leaf_salt set subject = null, donor = auditor',
      'update ledger.leaf_salt set log_index = log_index + 1000000',
      'delete from ledger.leaf_salt',
      'truncate ledger.leaf_salt',
      // Of what nobody asked to be erased.
      'update ledger.leaf_salt set subject = null',
    ];
    const erased = `select ledger.erase_subjects(array[(select obligation_id from ledger.entry where obligation_id is not null limit 1)],
                                                 '00000000-0000-7000-8000-000000000001', now())`;
    for (const role of ['uct_owner', null])
      expect(await outcomes(role, [...refused, erased])).toEqual({ ...all(refused, 'UCT01'), [erased]: 'done' });
    for (const role of ['uct_service', 'uct_reports'])
      expect(await outcomes(role, refused)).toEqual(all(refused, '42501'));
    expect(await outcomes('uct_service', [erased])).toEqual({ [erased]: 'done' });
    expect(await outcomes('uct_reports', [erased])).toEqual({ [erased]: '42501' });
    expect(
      await outcomes('uct_reports', ['select * from ledger.leaf_salt', 'select dummy_key from ledger.epoch']),
    ).toEqual(all(['select * from ledger.leaf_salt', 'select dummy_key from ledger.epoch'], '42501'));
  });
});

describe('the role that the service works as', () => {
  it('writes to the ledger by its functions only', async () => {
    const statements = [
      `insert into ledger.entry (id, debit_id, credit_id, currency, amount_minor, phase, kind, source_id, booked_on, recorded_at)
       select gen_random_uuid(), debit_id, credit_id, currency, amount_minor, phase, kind, gen_random_uuid(), booked_on, recorded_at from ledger.entry limit 1`,
      "insert into ledger.account (fund_id, currency, kind, rail) select fund_id, currency, 'clearing', 'own' from ledger.account limit 1",
      'insert into ledger.balance (account_id, normal_side) select account_id, normal_side from ledger.balance limit 1',
      'update ledger.balance set floor_minor = -1',
      'update ledger.balance set credits_posted = credits_posted + 1',
      'delete from ledger.balance',
      'select ledger.post_one(e) from ledger.entry e limit 1',
      'select ledger.post_together(array_agg(e)) from ledger.entry e',
    ];
    expect(await outcomes('uct_service', statements)).toEqual(all(statements, '42501'));
    expect(await outcomes('uct_reports', statements)).toEqual(all(statements, '42501'));
  });

  it('cannot make itself more than it is', async () => {
    const statements = [
      'alter table ledger.entry disable trigger all',
      'drop trigger append_only_rows on ledger.entry',
      'alter table ledger.balance drop constraint balance_not_below_floor',
      'create or replace function access.refuse_change() returns trigger language plpgsql as $$ begin return new; end $$',
      'create table ledger.mine (id int)',
      'create function payments.mine() returns int language sql as $$ select 1 $$',
      'set session_replication_role = replica',
      'grant uct_owner to uct_service',
      'alter role uct_service superuser',
    ];
    expect(await outcomes('uct_service', statements)).toEqual(all(statements, '42501'));
    const [member] = await sql<{ owner: boolean }>(
      db.url,
      "select pg_has_role('uct_service', 'uct_owner', 'member') owner",
    );
    expect(member?.owner).toBe(false);
  });

  it('does not reach identity but by the functions that record the reading', async () => {
    const statements = ['pii.identity', 'pii.data_key', 'pii.person_token', 'pii.person_birth'].flatMap((table) => [
      `select * from ${table}`,
      `insert into ${table} select * from ${table}`,
      `update ${table} set client_id = client_id`,
      `delete from ${table}`,
      `truncate ${table}`,
      `copy ${table} to stdout`,
    ]);
    expect(await outcomes('uct_service', statements)).toEqual(all(statements, '42501'));
    const [client] = await sql<{ id: string }>(db.url, 'select id from casework.client limit 1');
    const read = "select count(*)::int n from access.audit_event where act = 'identity.read'";
    const before = await sql<{ n: number }>(db.url, read);
    const [opened] = await sql<{ sealed: Buffer }>(
      db.url,
      'select * from pii.open_identity($1, gen_random_uuid(), $2, $3, $4, now())',
      [client?.id, service.actor('caseworker').userId, 'a request', 'a-reason'],
      'uct_service',
    );
    expect(opened?.sealed.length).toBeGreaterThan(29);
    expect((await sql<{ n: number }>(db.url, read))[0]?.n).toBe((before[0]?.n ?? 0) + 1);
  });
});

describe('the role that writes donor reports', () => {
  it('reaches no identity, by no table and by no function', async () => {
    const functions = await sql<{ call: string }>(
      db.url,
      `select 'select ' || p.oid::regproc || '(' || coalesce((select string_agg('null::' || format_type(t, null), ', ') from unnest(p.proargtypes) t), '') || ')' call
       from pg_proc p where p.pronamespace = 'pii'::regnamespace`,
    );
    expect(functions.length).toBeGreaterThanOrEqual(4);
    const statements = [
      ...functions.map((row) => row.call),
      'select * from pii.identity',
      'select * from pii.data_key',
    ];
    expect(await outcomes('uct_reports', statements)).toEqual(all(statements, '42501'));
  });

  it('reads neither client codes, nor what clients said, nor who works with them', async () => {
    const statements = [
      'select code from casework.client',
      'select caseworker_id from casework.client',
      'select region from casework.client',
      'select * from casework.client',
      'select * from casework.consent',
      'select interpretation_sealed from casework.need_rank',
      'select * from casework.spending_plan',
      'select * from casework.plan_item',
      'select * from casework.tracked_item',
      'select * from casework.case_note',
      'select * from access.app_user',
      'select * from access.session',
      'select * from access.audit_event',
    ];
    expect(await outcomes('uct_reports', statements)).toEqual(all(statements, '42501'));
  });
});
