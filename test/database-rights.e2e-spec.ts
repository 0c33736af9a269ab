/** What the database refuses by itself, whoever asks: changes to what is append-only, ways round the posting function, and identity. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { enrolClient, newId, openFund, ranks, releaseRun } from './support/builders.js';
import { createTestDatabase, sql, type TestDatabase } from './support/database.js';
import { report } from './support/runs.js';
import { startTestService, travel, type TestService } from './support/service.js';
import { scheduleActor } from '../src/access/domain/actor.js';
import { SequencerService } from '../src/ledger/transparency-log/sequencer.service.js';
import { VerificationService } from '../src/ledger/verification/verification.service.js';
import { DonorReportsService } from '../src/donor-reports/donor-reports.service.js';

const TODAY = '2026-03-02';

const APPEND_ONLY = [
  'access.audit_event',
  'access.idempotent_answer',
  'access.master_key_check',
  'casework.consent',
  'casework.need',
  'casework.need_rank',
  'casework.needs_assessment',
  'casework.plan_item',
  'casework.plan_tracking',
  'casework.spending_plan',
  'casework.tracked_item',
  'ledger.account',
  'ledger.checkpoint',
  'ledger.cosignature',
  'ledger.currency',
  'ledger.entry',
  'ledger.epoch',
  'ledger.flow',
  'ledger.leaf',
  'ledger.log_identity',
  'ledger.period_closing',
  'ledger.period_seal',
  'ledger.subject_erasure',
  'ledger.tile',
  'ledger.verification',
  'payments.decided_amount',
  'payments.evidence',
  'payments.exchange',
  'payments.exchange_rate',
  'payments.grant_received',
  'payments.grant_reversal',
  'payments.run',
  'payments.run_item',
  'payments.run_signature',
  'payments.wage_rate',
  'reports.donor_report',
];

/** What the service may change in the other tables; a table that is in neither list fails a test. */
const CHANGEABLE: Record<string, { update?: string[]; delete?: boolean; insert?: boolean }> = {
  'access.app_user': { insert: true, update: ['disabled_at', 'display_name', 'password_hash'] },
  'access.session': { insert: true, update: ['revoked_at'] },
  'access.user_role': { insert: true, delete: true },
  'casework.client': { insert: true, update: ['age_band', 'caseworker_id', 'guardian_on_record', 'region'] },
  'ledger.balance': {},
  'ledger.leaf_salt': {},
  'payments.attempt': { insert: true, update: ['settled_on', 'state', 'superseded', 'unknown_since'] },
  'payments.donor': { insert: true },
  'payments.donor_member': { insert: true },
  'payments.enrolment': { insert: true, update: ['approved_at', 'approved_by', 'cancelled_at', 'payee_ref', 'rail'] },
  'payments.fund': { insert: true },
  'payments.obligation': { insert: true, update: ['cancelled_at', 'hold_reason', 'run_id', 'settled_on', 'state'] },
  'pii.data_key': {},
  'pii.identity': {},
};

/** A row in each table that the above leaves empty. */
const WHAT_NOBODY_DOES_HERE = `
  insert into ledger.currency values ('USD', 2, 100) on conflict do nothing;
  insert into payments.exchange_rate select gen_random_uuid(), 'USD', 'THB', 35, current_date, 'bank', id, now() from access.app_user limit 1;
  insert into payments.exchange select gen_random_uuid(), f.id, r.id, 100, 3500, current_date, 'slip', r.recorded_by, now()
  from payments.fund f, payments.exchange_rate r limit 1;
  insert into payments.grant_reversal select gen_random_uuid(), id, 'recorded twice', recorded_by, now() from payments.grant_received limit 1;
  insert into ledger.cosignature select size, 'witness', 'key', 'line', now() from ledger.checkpoint limit 1;
  insert into ledger.subject_erasure select gen_random_uuid(), id, now() from access.app_user limit 1;`;

const OUR_SCHEMAS = "('access', 'casework', 'ledger', 'payments', 'pii', 'reports')";

let service: TestService;
let db: TestDatabase;

/** At least one row in every append-only table, made as people make them. */
beforeAll(async () => {
  db = await createTestDatabase();
  service = await startTestService({ today: TODAY, db });
  const fund = await openFund(service);
  const { client, transfers } = await enrolClient(service, fund, TODAY);
  const work = `/api/v1/clients/${client}`;
  await service
    .as('caseworker')
    .post(`${work}/needs-assessments`, { id: newId(), assessedOn: TODAY, ranks: ranks('debt') })
    .expect(201);
  const plan = newId();
  const item = { need: 'debt', description: 'to pay back my aunt', amount: '4000.00', currency: 'THB' };
  await service
    .as('caseworker')
    .post(`${work}/spending-plans`, { id: plan, items: [item] })
    .expect(201);
  const told = { item: 1, spent: '3500.00', currency: 'THB', cameOf: 'she is paid' };
  await service
    .as('caseworker')
    .post(`${work}/spending-plans/${plan}/tracking`, { id: newId(), toldOn: TODAY, items: [told] })
    .expect(201);
  const run = await releaseRun(service, TODAY);
  await report(service, run.id, { transfer: transfers[0]?.id ?? '', outcome: 'settled' });
  await service
    .as('finance-preparer')
    .post(`/api/v1/transfers/${transfers[1]?.id}/hold`, { reason: 'safety' })
    .set('idempotency-key', newId())
    .expect(204);
  travel(service, '2026-04-01');
  await service.app.get(DonorReportsService).make(service.actor('finance-preparer'), { fund, period: '2026-Q1' });
  for (const day of ['2026-04-02', '2026-04-03']) {
    travel(service, day);
    await service.app.get(SequencerService).publishDue(scheduleActor('test'));
  }
  await service.app.get(VerificationService).run(scheduleActor('test'));
  travel(service, TODAY);
  await sql(db.url, WHAT_NOBODY_DOES_HERE);
}, 60_000);
afterAll(async () => {
  await service.close();
  await db.drop();
});

/** Runs statements one by one as a role, each undone, and says of each how it ended: 'done' or the SQLSTATE. */
async function outcomes(role: string | null, statements: readonly string[]): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: db.url });
  await client.connect();
  const ended: Record<string, string> = {};
  try {
    if (role) await client.query(`set role ${role}`);
    for (const statement of statements) {
      await client.query('begin');
      ended[statement] = await client.query(statement).then(
        () => 'done',
        (error: unknown) => (error as { code: string }).code,
      );
      await client.query('rollback');
    }
  } finally {
    await client.end();
  }
  return ended;
}

const all = (statements: readonly string[], outcome: string) =>
  Object.fromEntries(statements.map((statement) => [statement, outcome]));

async function columnsOf(): Promise<Map<string, string[]>> {
  const rows = await sql<{ name: string; columns: string[] }>(
    db.url,
    `select n.nspname || '.' || c.relname name, array_agg(a.attname::text order by a.attnum) columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
     where n.nspname in ${OUR_SCHEMAS} and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped and a.attidentity = '' and a.attgenerated = ''
     group by 1 order by 1`,
  );
  return new Map(rows.map((row) => [row.name, row.columns]));
}

describe('append-only', () => {
  it('are the tables that this test knows, and every other table is known to be changeable', async () => {
    const withTriggers = await sql<{ name: string }>(
      db.url,
      `select n.nspname || '.' || c.relname name
       from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
       where t.tgfoid = 'access.refuse_change'::regproc and t.tgenabled in ('O', 'A')
       group by 1
       -- BEFORE (2): each row (1) of an update (16) or a delete (8); and the statement of a truncate (32).
       having bool_or(t.tgtype = 1 + 2 + 8 + 16 and t.tgqual is null and t.tgattr = '') and bool_or(t.tgtype = 2 + 32) order by 1`,
    );
    expect(withTriggers.map((row) => row.name)).toEqual(APPEND_ONLY);
    expect([...(await columnsOf()).keys()]).toEqual([...APPEND_ONLY, ...Object.keys(CHANGEABLE)].sort());
  });

  it('have a row each here, without which a trigger on rows would not be tried', async () => {
    for (const table of APPEND_ONLY)
      expect({ table, rows: (await sql(db.url, `select 1 from ${table} limit 1`)).length }).toEqual({ table, rows: 1 });
  });

  it.each([
    ['the service', 'uct_service', '42501'],
    ['who writes reports', 'uct_reports', '42501'],
    ['their owner', 'uct_owner', 'UCT01'],
    ['the superuser', null, 'UCT01'],
  ])('refuse every change by %s', async (_, role, code) => {
    const columns = await columnsOf();
    const updates = APPEND_ONLY.flatMap((table) =>
      (columns.get(table) ?? []).map((column) => `update ${table} set ${column} = ${column}`),
    );
    const statements = [
      ...updates,
      ...APPEND_ONLY.flatMap((table) => [`delete from ${table}`, `truncate ${table} cascade`]),
    ];
    expect(statements.length).toBeGreaterThan(150);
    expect(await outcomes(role, statements)).toEqual(all(statements, code));
  });

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
    ];
    const erased = 'update ledger.leaf_salt set subject = null';
    for (const role of ['uct_owner', null])
      expect(await outcomes(role, [...refused, erased])).toEqual({ ...all(refused, 'UCT01'), [erased]: 'done' });
    for (const role of ['uct_service', 'uct_reports'])
      expect(await outcomes(role, [...refused, erased])).toEqual(all([...refused, erased], '42501'));
    expect(
      await outcomes('uct_reports', ['select * from ledger.leaf_salt', 'select dummy_key from ledger.epoch']),
    ).toEqual(all(['select * from ledger.leaf_salt', 'select dummy_key from ledger.epoch'], '42501'));
  });
});

describe('the role that the service works as', () => {
  it('may change what this test lists and nothing else', async () => {
    const columns = await columnsOf();
    const mayAlso: string[] = [];
    for (const [table, allowed] of Object.entries(CHANGEABLE)) {
      const rows = await sql<{ column: string }>(
        db.url,
        `select c as column from unnest($2::text[]) c where has_column_privilege('uct_service', $1, c, 'update') order by 1`,
        [table, columns.get(table)],
      );
      expect({ table, update: rows.map((row) => row.column) }).toEqual({ table, update: allowed.update ?? [] });
      for (const [right, expected] of [
        ['delete', allowed.delete],
        ['insert', allowed.insert],
        ['truncate', false],
      ] as const) {
        const [has] = await sql<{ has: boolean }>(db.url, 'select has_table_privilege($1, $2, $3) has', [
          'uct_service',
          table,
          right,
        ]);
        if (has?.has !== (expected ?? false)) mayAlso.push(`${right} ${table}`);
      }
    }
    expect(mayAlso).toEqual([]);
  });

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
    const statements = ['pii.identity', 'pii.data_key'].flatMap((table) => [
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
      [client?.id, service.actor('caseworker').userId, 'a request', 'a reason'],
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
      'select * from access.app_user',
      'select * from access.session',
      'select * from access.audit_event',
    ];
    expect(await outcomes('uct_reports', statements)).toEqual(all(statements, '42501'));
  });

  it('writes nothing but reports', async () => {
    const writable = await sql<{ name: string }>(
      db.url,
      `select n.nspname || '.' || c.relname name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ${OUR_SCHEMAS} and c.relkind in ('r', 'p', 'v')
         and (has_any_column_privilege('uct_reports', c.oid, 'insert, update') or has_table_privilege('uct_reports', c.oid, 'delete, truncate')) order by 1`,
    );
    expect(writable.map((row) => row.name)).toEqual(['reports.donor_report']);
    const executable = await sql<{ name: string }>(
      db.url,
      `select p.oid::regproc::text name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where n.nspname in ('ledger', 'pii') and has_function_privilege('uct_reports', p.oid, 'execute') order by 1`,
    );
    expect(executable).toEqual([]);
  });
});
