/** Somebody with every right on the database changes the past: each time the verification says so, names the row, and says since when. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Fault, Findings } from '../src/ledger/verification/domain/findings.js';
import type { PublishedCheckpoint } from '../src/ledger/transparency-log/log-reader.service.js';
import { sql } from './support/database.js';
import { openLog, type TestLog } from './support/log.js';

/** The tables that the drills change, in an order in which they can be filled again. */
const TABLES = [
  'entry',
  'balance',
  'account',
  'epoch',
  'tile',
  'period_seal',
  'leaf',
  'leaf_salt',
  'checkpoint',
  'cosignature',
  'flow',
  'log_identity',
];

let log: TestLog;
let older: PublishedCheckpoint;
let kept: { name: string; note: string }[];

beforeAll(async () => {
  log = await openLog();
  await log.grants(30);
  await log.settled(); // other suites hold transactions open, longer than a publication waits
  await log.publishNextDay();
  await log.paidTransfer();
  await log.grants(10);
  await log.settled();
  await log.publishNextDay();
  older = await log.latest();
  kept = [{ name: 'kept by the donor', note: older.note }];
  // On into the next quarter, so that a seal is there too.
  for (let day = log.day(); day < 90; day += 1) log.nextDay();
  for (let k = 0; k < 3; k += 1) await log.publishNextDay();
  await tamper(TABLES.map((table) => `create table public.kept_${table} as table ledger.${table};`).join('\n'));
}, 120_000);
afterAll(() => log.close());
afterEach(() =>
  tamper(
    TABLES.map((table) => {
      const columns = table === 'account' ? 'id, fund_id, currency, kind, rail, holder_id' : '*';
      const into = table === 'account' ? `(${columns})` : '';
      return `delete from ledger.${table}; insert into ledger.${table} ${into} overriding system value select ${columns} from public.kept_${table};`;
    }).join('\n'),
  ),
);

/** Past every trigger and key, as only a superuser can. */
const tamper = (statements: string) => sql(log.db.url, `set session_replication_role = replica; ${statements}`);

const broken = (findings: Findings) =>
  findings.findings.filter((finding) => !finding.holds).map((finding) => finding.check);
const faults = (findings: Findings, check: string): Fault[] =>
  findings.findings.find((finding) => finding.check === check)?.faults ?? [];
const ids = async (order: string, where = 'true') =>
  (await sql<{ id: string; seq: string }>(
    log.db.url,
    `select id, seq::text from ledger.entry e where ${where} order by ${order} limit 2`,
  )) as {
    id: string;
    seq: string;
  }[];

it('finds nothing where nothing was done', async () => {
  const findings = await log.verify(kept);
  expect(broken(findings)).toEqual([]);
  expect(findings.findings.find((finding) => finding.check === 'seals')?.says).toMatch(/^[1-9]/);
});

describe('a row that is edited', () => {
  it.each([
    ['amount_minor', 'amount_minor + 1', 'fund, currency, amount, month or state'],
    ['kind', "'fail'", 'fund, currency, amount, month or state'],
    ['booked_on', "booked_on - interval '1 month'", 'fund, currency, amount, month or state'],
    ['happened_on', "'2020-02-02'", 'accounts, rail, evidence, days or phase'],
    ['rail', "'manual'", 'accounts, rail, evidence, days or phase'],
    ['evidence_sha256', "sha256('another')", 'accounts, rail, evidence, days or phase'],
    ['recorded_at', "recorded_at + interval '1 microsecond'", 'accounts, rail, evidence, days or phase'],
    ['obligation_id', 'gen_random_uuid()', 'the transfer or the cause'],
    ['source_id', 'gen_random_uuid()', 'the transfer or the cause'],
    ['id', 'gen_random_uuid()', 'accounts, rail, evidence, days or phase'],
    ['phase', "'pending'", 'accounts, rail, evidence, days or phase'],
  ])(
    'in its %s is named, with the fields and the checkpoint after which it was changed',
    async (column, value, fields) => {
      const [row] = await ids('e.seq', "kind = 'settle'");
      await tamper(`update ledger.entry set ${column} = ${value} where seq = ${row?.seq}`);
      const found = faults(await log.verify(), 'leaves');
      expect(found).toHaveLength(1);
      expect(found[0]?.row).toContain(`seq ${row?.seq}`);
      expect(found[0]?.what).toContain(fields);
      expect(found[0]?.since).toMatch(/^checkpoint of 2026-01-07T00:00Z \(512 leaves\)$/);
    },
  );

  it('in its debit account is found, even when both balances were made to fit', async () => {
    const [row] = await ids('e.seq', "kind = 'grant'");
    await tamper(`update ledger.entry e set debit_id = (select a.id from ledger.account a join ledger.account b on b.fund_id = a.fund_id
                  where b.id = e.debit_id and a.kind = 'paid') where seq = ${row?.seq}`);
    expect(broken(await log.verify())).toEqual(expect.arrayContaining(['leaves', 'balances']));
  });
});

describe('a row that is taken away', () => {
  it('as the last one, with its leaf, its salts and what it did to the balances, leaves a hole in the log', async () => {
    const [row] = await ids('e.seq desc');
    await tamper(`
      update ledger.balance b set debits_posted = debits_posted - e.amount_minor from ledger.entry e where e.seq = ${row?.seq} and b.account_id = e.debit_id;
      update ledger.balance b set credits_posted = credits_posted - e.amount_minor from ledger.entry e where e.seq = ${row?.seq} and b.account_id = e.credit_id;
      delete from ledger.leaf_salt where log_index = (select log_index from ledger.leaf where entry_seq = ${row?.seq});
      delete from ledger.leaf where entry_seq = ${row?.seq};
      delete from ledger.entry where seq = ${row?.seq};`);
    const findings = await log.verify();
    expect(faults(findings, 'tree')[0]?.what).toContain('a row was taken away');
    expect(faults(findings, 'tree')[0]?.since).toMatch(/512 leaves/);
    expect(broken(findings)).toEqual(expect.arrayContaining(['leaves', 'tree']));
  });

  it('alone leaves its leaf without a row', async () => {
    const [row] = await ids('e.seq');
    await tamper(`delete from ledger.entry where seq = ${row?.seq}`);
    const findings = await log.verify();
    expect(faults(findings, 'leaves')[0]).toMatchObject({ what: 'the row that it stands for is not there' });
    expect(faults(findings, 'leaves')[0]?.row).toContain(`seq ${row?.seq}`);
  });

  it('before it was ever logged shows in the balances', async () => {
    const [entry = ''] = await log.grants(1, '2026-04-20');
    await tamper(`delete from ledger.entry where id = '${entry}'`);
    expect(broken(await log.verify())).toEqual(['balances']);
  });
});

describe('rows that are swapped', () => {
  it('in what they say are both named', async () => {
    const [one, other] = await ids('e.seq');
    await tamper(`update ledger.entry set id = gen_random_uuid() where seq = ${one?.seq};
                  update ledger.entry set id = '${one?.id}' where seq = ${other?.seq};
                  update ledger.entry set id = '${other?.id}' where seq = ${one?.seq};`);
    const rows = faults(await log.verify(), 'leaves').map((fault) => fault.row);
    expect(rows).toHaveLength(2);
    expect(rows.join()).toContain(`seq ${one?.seq}`);
    expect(rows.join()).toContain(`seq ${other?.seq}`);
  });

  it('in their places in the log are both named', async () => {
    const [one, other] = await ids('e.seq');
    await tamper(`update ledger.leaf set entry_seq = -1 where entry_seq = ${one?.seq};
                  update ledger.leaf set entry_seq = ${one?.seq} where entry_seq = ${other?.seq};
                  update ledger.leaf set entry_seq = ${other?.seq} where entry_seq = -1;`);
    expect(faults(await log.verify(), 'leaves')).toHaveLength(2);
  });
});

describe('salts of subjects that nobody asked to be erased', () => {
  it('that are gone are found, all of them, so that the transfer behind a payment cannot be exchanged after its salt is gone', async () => {
    await tamper(
      `update ledger.leaf_salt set subject = null; update ledger.entry set obligation_id = gen_random_uuid() where obligation_id is not null;`,
    );
    const found = faults(await log.verify(), 'leaves');
    expect(found.every(({ what }) => what === "the salt of its subject's fields is gone")).toBe(true);
    expect(found.length).toBeGreaterThan(5);
  });

  it('are found when only the record of an erasure was put in', async () => {
    await tamper(`insert into ledger.subject_erasure select distinct obligation_id, '00000000-0000-7000-8000-000000000001'::uuid, now()
                  from ledger.entry where obligation_id is not null`);
    const found = faults(await log.verify(), 'leaves');
    await tamper('delete from ledger.subject_erasure');
    expect(found[0]?.what).toBe('its subject was erased, and its salt is still there');
  });
});

describe('an entry that is put in by hand', () => {
  const forged = (kind: string, debit: string, credit: string) => `
    insert into ledger.entry (id, debit_id, credit_id, currency, amount_minor, phase, kind, source_id, obligation_id, rail, reverses_id, booked_on, recorded_at)
    select gen_random_uuid(), d.id, c.id, 'THB', 500, 'single', '${kind}', gen_random_uuid(),
           case when '${kind}' = 'return' then gen_random_uuid() end, case when '${kind}' = 'return' then 'cash' end,
           case when '${kind}' = 'reversal' then (select min(id::text)::uuid from ledger.entry) end, '2026-04-20', '2026-04-04T00:00:00Z'
    from ledger.account d join ledger.account c on c.fund_id = d.fund_id
    where d.fund_id = '${log.fund.fundId}' and d.kind = '${debit}' and c.kind = '${credit}';
    update ledger.balance b set debits_posted = f.debits_posted, credits_posted = f.credits_posted from ledger.folded_balance f where f.account_id = b.account_id;`;

  it.each([
    ['a grant that comes from what was paid', 'grant', 'paid', 'fund', 'accounts'],
    ['a return of what was never paid', 'return', 'bank', 'returned', 'phases'],
    ['a reversal of another amount', 'reversal', 'fund', 'bank', 'phases'],
  ])('is found, although the balances were made to fit: %s', async (_, kind, debit, credit, check) => {
    await tamper(forged(kind, debit, credit));
    expect(broken(await log.verify())).toContain(check);
  });

  it('and waits for two checkpoints is found, although none came', async () => {
    const [entry = ''] = await log.grants(1, '2026-04-20');
    await tamper(`update ledger.entry set recorded_at = '2026-03-01T00:00:00Z' where id = '${entry}'`);
    // What another suite holds open in the same cluster excuses it for as long.
    let found = await log.verify();
    for (let tries = 0; tries < 100 && found.holds; tries += 1) found = await log.verify();
    expect(broken(found)).toEqual(['waiting']);
  });
});

describe('what was kept beside the rows', () => {
  it.each([
    [
      'a balance',
      'update ledger.balance set debits_posted = debits_posted + 100, credits_posted = credits_posted + 100 where account_id = (select min(account_id) from ledger.balance)',
      'balances',
    ],
    [
      'a leaf’s commitments',
      'update ledger.leaf set commitments = set_byte(commitments, 5, (get_byte(commitments, 5) + 1) % 256) where log_index = (select min(log_index) from ledger.leaf)',
      'leaves',
    ],
    [
      'a salt',
      "update ledger.leaf_salt set donor = sha256('x') where log_index = (select min(log_index) from ledger.leaf_salt)",
      'leaves',
    ],
    [
      'a row of salts',
      'delete from ledger.leaf_salt where log_index = (select min(log_index) from ledger.leaf_salt)',
      'leaves',
    ],
    [
      'a hash in a tile',
      'update ledger.tile set hashes = set_byte(hashes, 77, (get_byte(hashes, 77) + 1) % 256) where level = 0 and index = 0',
      'tree',
    ],
    ['a tile', 'delete from ledger.tile where level = 0 and index = 1', 'tree'],
    ['the key of an epoch’s dummies', "update ledger.epoch set dummy_key = sha256('x') where number = 1", 'tree'],
    ['the right edge of the tree', "update ledger.epoch set frontier = sha256('x') where number = 2", 'tree'],
    ['the last epoch', 'delete from ledger.epoch where number = (select max(number) from ledger.epoch)', 'checkpoints'],
    [
      'a checkpoint’s text',
      "update ledger.checkpoint set note = replace(note, E'\\n512\\n', E'\\n513\\n') where size = 512",
      'checkpoints',
    ],
    [
      'the last checkpoint',
      'delete from ledger.checkpoint where size = (select max(size) from ledger.checkpoint)',
      'checkpoints',
    ],
    [
      'what a seal says of its sums',
      `update ledger.period_seal set donor_text = replace(donor_text, '"paid":"4', '"paid":"5') where donor_text like '%"paid":"4%'`,
      'seals',
    ],
    [
      'a floor',
      'update ledger.balance set floor_minor = -1000000000000000 where account_id = (select min(account_id) + 1 from ledger.balance)',
      'balances',
    ],
    [
      'a tile that the tree has not',
      "insert into ledger.tile values (3, 0, decode(repeat('00', 8192), 'hex'), decode(repeat('00', 32), 'hex'))",
      'tree',
    ],
    ['what kinds of entries may move between', "insert into ledger.flow values ('grant', 'paid', 'fund')", 'phases'],
    ['the name of the log', "update ledger.log_identity set origin = 'another.log'", 'checkpoints'],
    [
      'a checkpoint between two others',
      'delete from ledger.cosignature where size = 256; delete from ledger.checkpoint where size = 256',
      'checkpoints',
    ],
    [
      'the hour of the last checkpoint',
      "update ledger.checkpoint set slot = '2099-01-01' where size = (select max(size) from ledger.checkpoint)",
      'checkpoints',
    ],
    [
      'a seal that is taken out of the log',
      'delete from ledger.leaf_salt where log_index in (select log_index from ledger.leaf where seal_id is not null); delete from ledger.leaf where seal_id is not null',
      'seals',
    ],
    [
      'an account’s fund',
      'update ledger.account set fund_id = gen_random_uuid() where id = (select e.debit_id from ledger.entry e order by seq limit 1)',
      'accounts',
    ],
  ])('cannot be changed unseen: %s', async (_, statement, check) => {
    await tamper(statement);
    expect(broken(await log.verify())).toContain(check);
  });
});

describe('entries that are put in where the log does not look again', () => {
  const hidden = (seq: number, more: string) => `
    insert into ledger.entry (seq, id, debit_id, credit_id, currency, amount_minor, phase, kind, source_id, booked_on, recorded_at, xact) overriding system value
    select ${seq}, gen_random_uuid(), e.debit_id, e.credit_id, 'THB', 500, 'single', 'grant', gen_random_uuid(), '2026-04-20', ${more}
    from ledger.entry e where e.kind = 'grant' order by e.seq limit 1;
    update ledger.balance b set debits_posted = f.debits_posted, credits_posted = f.credits_posted from ledger.folded_balance f where f.account_id = b.account_id;`;
  const [early, soon] = ["'2026-01-01T00:00:00Z', '1'", "'2026-04-04T00:00:00Z', '1'"];

  it.each([
    ['below what it has finished with', hidden(0, soon)],
    ['below zero, several of them', hidden(-1, soon) + hidden(-2, soon) + hidden(-3, soon)],
    ['with a time that has not come', hidden(0, "'2099-01-01T00:00:00Z', '1'")],
    ['with a transaction that has not begun', hidden(0, "'2026-01-01T00:00:00Z', '999999999999'")],
    ['above all others and for later', hidden(9_000_000_000, "'2099-01-01T00:00:00Z', '1'")],
    [
      'above all others, as if an open transaction held them up',
      hidden(9_000_000_000, "'2026-01-01T00:00:00Z', '999999999999'"),
    ],
    ['long ago', hidden(9_000_000_000, early)],
    [
      'and the log is told that it has finished with everything',
      'update ledger.epoch set seq_finished = 9000000000000',
    ],
  ])('are found: %s', async (_, statement) => {
    await tamper(statement);
    expect(broken(await log.verify())).toContain('waiting');
  });

  it('are each found, also when their numbers are none', async () => {
    await tamper(hidden(-1, soon) + hidden(-2, soon) + hidden(-3, soon));
    const findings = await log.verify();
    expect(faults(findings, 'accounts')).toHaveLength(3);
    expect(findings.findings.find(({ check }) => check === 'waiting')?.says).toMatch(/^3 entries wait/);
  });
});

describe('a log that is made anew from changed rows', () => {
  it('agrees with itself, and not with a checkpoint that somebody kept', async () => {
    await log.rewritePast();
    const itself = await log.verify();
    expect(broken(itself)).toEqual([]);
    const findings = await log.verify(kept);
    expect(broken(findings)).toEqual(['kept']);
    expect(faults(findings, 'kept')[0]?.row).toBe('kept by the donor');
    expect(faults(findings, 'kept')[0]?.since).toContain('512 leaves');
  });

  it('without any change disagrees too: its salts and places are others', async () => {
    await log.rewritePast();
    await tamper(
      'update ledger.entry set amount_minor = amount_minor - 1 where seq = (select min(seq) from ledger.entry)',
    );
    expect(broken(await log.verify(kept))).toContain('kept');
  });
});

describe('a checkpoint that was kept', () => {
  it.each([
    ['is of another log', (note: string) => note.replace(/^.*/, 'another.log')],
    [
      'has another root',
      (note: string) => note.replace(/\n[A-Za-z0-9+/=]{44}\n/, `\n${Buffer.alloc(32).toString('base64')}\n`),
    ],
    ['has another size', (note: string) => note.replace('\n512\n', '\n256\n')],
    ['is nothing of the kind', () => 'hello'],
  ])('and %s is not taken for one of this ledger', async (_, change) => {
    expect(broken(await log.verify([{ name: 'file', note: change(older.note) }]))).toEqual(['kept']);
  });
});

/** With no constraint left either. Last in this file, because none of them comes back. */
describe('a row that makes no sense', () => {
  beforeAll(() =>
    sql(
      log.db.url,
      `do $$ declare c record; begin
         for c in select conrelid::regclass t, conname n from pg_constraint where connamespace = 'ledger'::regnamespace and contype = 'c' loop
           execute format('alter table %s drop constraint %I', c.t, c.n);
         end loop;
         for c in select attrelid::regclass t, attname n from pg_attribute join pg_class on pg_class.oid = attrelid
                  where relnamespace = 'ledger'::regnamespace and relkind = 'r' and attnotnull and attnum > 0 and attidentity = ''
                    and not exists (select from pg_index i where i.indrelid = attrelid and i.indisprimary and attnum = any (i.indkey)) loop
           execute format('alter table %s alter column %I drop not null', c.t, c.n);
         end loop;
       end $$`,
    ),
  );

  it.each<[string, string]>([
    [
      'an entry’s day',
      "update ledger.entry set booked_on = 'infinity' where seq = (select min(seq) from ledger.entry)",
    ],
    [
      'an entry’s evidence',
      "update ledger.entry set evidence_sha256 = decode(repeat('00', 40000), 'hex') where seq = (select min(seq) from ledger.entry)",
    ],
    [
      'an entry’s rail',
      "update ledger.entry set rail = repeat('x', 1000000) where seq = (select min(seq) from ledger.entry)",
    ],
    [
      'an entry’s amount',
      'update ledger.entry set amount_minor = null where seq = (select min(seq) from ledger.entry)',
    ],
    ['an account’s kind', "update ledger.account set kind = 'purse' where kind = 'bank'"],
    ['a balance’s floor', 'update ledger.balance set floor_minor = null'],
    [
      'a leaf’s entry',
      'update ledger.leaf set entry_seq = -7 where log_index = (select min(log_index) from ledger.leaf where entry_seq is not null)',
    ],
    [
      'a leaf’s epoch',
      'update ledger.leaf set epoch = null where log_index = (select min(log_index) from ledger.leaf)',
    ],
    [
      'a leaf’s commitments',
      'update ledger.leaf set commitments = null where log_index = (select min(log_index) from ledger.leaf)',
    ],
    [
      'a leaf’s commitments, longer',
      "update ledger.leaf set commitments = commitments || '\\x00' where log_index = (select min(log_index) from ledger.leaf)",
    ],
    [
      'a salt, longer',
      "update ledger.leaf_salt set donor = donor || '\\x00' where log_index = (select min(log_index) from ledger.leaf_salt)",
    ],
    ['the hashes of a tile', 'update ledger.tile set hashes = null where level = 0 and index = 0'],
    [
      'the hashes of a tile, shorter',
      'update ledger.tile set hashes = substring(hashes from 1 for 100) where level = 0 and index = 1',
    ],
    ['the root of a tile', 'update ledger.tile set root = null where level = 0 and index = 0'],
    ['the size of an epoch', 'update ledger.epoch set size = 255 where number = 1'],
    ['the size of an epoch, immense', 'update ledger.epoch set size = 2147483392 where number = 2'],
    ['the size of an epoch, below zero', 'update ledger.epoch set size = -256 where number = 1'],
    ['the key of an epoch', "update ledger.epoch set dummy_key = '\\x01' where number = 1"],
    ['the edge of an epoch', 'update ledger.epoch set frontier = null where number = 1'],
    ['the slot of a checkpoint', "update ledger.checkpoint set slot = 'infinity' where size = 512"],
    ['the slot of a checkpoint, which is gone', 'update ledger.checkpoint set slot = null where size = 512'],
    ['the hour of a checkpoint', "update ledger.checkpoint set made_at = 'infinity' where size = 512"],
    ['the key of the log', "update ledger.log_identity set vkey = 'a key'"],
    ['the content of a seal', "update ledger.period_seal set donor_text = '{}'"],
    ['the salt of a seal', `update ledger.period_seal set auditor_text = '{"digestSalt":7}'`],
  ])('is found and told, and ends no verification: %s', async (_, statement) => {
    await tamper(statement);
    const findings = await log.verify(kept);
    expect(findings.holds).toBe(false);
    const told = findings.findings.flatMap(({ faults: some }) => some);
    expect(told.length).toBeGreaterThan(0);
    for (const { what, row } of told) expect([what.length > 10, row.length > 3]).toEqual([true, true]);
  });

  it('does not keep the next verification from its connections', async () => {
    await tamper('update ledger.epoch set size = 2147483392 where number = 2');
    for (let round = 0; round < 12; round += 1) expect((await log.verify()).holds).toBe(false);
    await tamper('update ledger.epoch set size = 256 where number = 2');
    expect((await log.verify()).holds).toBe(true);
  });
});
