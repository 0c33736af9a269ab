/** Every role tries every verb on every table: what the database lets through is what test/support/rights.ts decides, and nothing else. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { sql } from '../support/database.js';
import { startFullService, type FullService } from '../support/every-table.js';
import { outcomesAs } from '../support/outcomes.js';
import {
  APPEND_ONLY,
  FUNCTIONS,
  NOT_OURS,
  SCHEMAS,
  SEQUENCES,
  TABLES,
  VIEWS,
  type May,
  type TableRights,
} from '../support/rights.js';

/** `may`: whatever else comes of it. */
type Ending = 'may' | 'forbidden' | 'append-only';

type Verb = keyof May | 'truncate' | 'trigger';

interface Try {
  statement: string;
  expected: Ending;
}

/** Somebody with a login of their own, to whom nothing was granted. */
const STRANGER = `stranger_${randomBytes(6).toString('hex')}`;

let full: FullService;
let url: string;
let columns: Map<string, string[]>;

beforeAll(async () => {
  full = await startFullService();
  url = full.db.url;
  await sql(url, `create role ${STRANGER} login`);
  columns = await columnsByTable();
}, 60_000);
afterAll(async () => {
  await sql(url, `drop role ${STRANGER}`);
  await full.close();
});

const OURS = `n.nspname !~ '^pg_' and n.nspname not in ('information_schema', ${NOT_OURS.map((name) => `'${name}'`).join()})`;

async function namesOf(kinds: string): Promise<string[]> {
  const rows = await sql<{ name: string }>(
    url,
    `select n.nspname || '.' || c.relname name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where ${OURS} and c.relkind = any ($1) order by 1`,
    [kinds.split('')],
  );
  return rows.map(({ name }) => name);
}

async function columnsByTable(): Promise<Map<string, string[]>> {
  const rows = await sql<{ name: string; columns: string[] }>(
    url,
    `select n.nspname || '.' || c.relname name, array_agg(a.attname::text order by a.attname) columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
     where ${OURS} and c.relkind in ('r', 'p', 'f') and a.attnum > 0 and not a.attisdropped group by 1`,
  );
  return new Map(rows.map((row) => [row.name, row.columns]));
}

/** Each verb on each table, each column by itself where columns can be told apart, and how it must end for that role. */
function triesOf(endingOf: (name: string, verb: Verb, column: string) => Ending): Try[] {
  return Object.keys(TABLES).flatMap((name): Try[] => [
    ...(columns.get(name) ?? []).flatMap((column): Try[] => [
      { statement: `select ${column} from ${name} limit 1`, expected: endingOf(name, 'select', column) },
      // To its default, which needs no right to read it.
      { statement: `update ${name} set ${column} = default`, expected: endingOf(name, 'update', column) },
    ]),
    { statement: `insert into ${name} default values`, expected: endingOf(name, 'insert', '') },
    { statement: `delete from ${name}`, expected: endingOf(name, 'delete', '') },
    // With all that hangs on it, where it is said that nothing of it goes.
    {
      statement: `truncate ${name} ${TABLES[name]?.kept === 'append-only' ? 'cascade' : ''}`,
      expected: endingOf(name, 'truncate', ''),
    },
    {
      statement: `create trigger mine before insert on ${name} execute function access.refuse_change()`,
      expected: endingOf(name, 'trigger', ''),
    },
  ]);
}

/** Of a role that was granted this and owns nothing. */
const asGranted =
  (granted: (rights: TableRights) => May) =>
  (name: string, verb: Verb, column: string): Ending => {
    if (verb === 'truncate' || verb === 'trigger') return 'forbidden';
    const may = granted(TABLES[name] as TableRights)[verb];
    if (may === undefined) return 'forbidden';
    return may === true || may === 'all' || may.includes(column) ? 'may' : 'forbidden';
  };

/** Of the owner and of the superuser, whom no grant holds back. */
const asTheMighty =
  (isOwner: boolean) =>
  (name: string, verb: Verb): Ending => {
    const { kept, ofTheMigrator } = TABLES[name] as TableRights;
    if (isOwner && ofTheMigrator) return 'forbidden';
    const changes = verb === 'update' || verb === 'delete' || verb === 'truncate';
    return changes && kept === 'append-only' ? 'append-only' : 'may';
  };

const ENDINGS: Readonly<Record<string, Ending>> = { '42501': 'forbidden', UCT01: 'append-only' };

async function expectEndings(role: string | null, tries: readonly Try[]): Promise<void> {
  expect(tries.length).toBeGreaterThan(500);
  const ended = await outcomesAs(
    url,
    role,
    tries.map(({ statement }) => statement),
  );
  const found = tries.flatMap(({ statement, expected }) => {
    const ending = ENDINGS[ended[statement] as string] ?? 'may';
    return ending === expected ? [] : [`${statement}: ${ending} (${ended[statement]}), decided: ${expected}`];
  });
  expect(found).toEqual([]);
}

describe('what is decided', () => {
  it('is decided of every table, view, sequence, function and schema that there is', async () => {
    expect(await namesOf('rpf')).toEqual(Object.keys(TABLES).sort());
    expect(await namesOf('vm')).toEqual(Object.keys(VIEWS).sort());
    expect(await namesOf('S')).toEqual(expect.arrayContaining(Object.keys(SEQUENCES)));
    const functions = await sql<{ name: string }>(
      url,
      `select distinct n.nspname || '.' || p.proname name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where ${OURS} and p.prorettype <> 'trigger'::regtype order by 1`,
    );
    expect(functions.map(({ name }) => name)).toEqual(Object.keys(FUNCTIONS).sort());
    const schemas = await sql<{ name: string }>(
      url,
      `select nspname::text name from pg_namespace n where ${OURS} order by 1`,
    );
    expect(schemas.map(({ name }) => name)).toEqual(Object.keys(SCHEMAS).sort());
  });

  it('to be append-only is kept so by triggers on rows and on the table, which hold for every column and always', async () => {
    const guarded = await sql<{ name: string }>(
      url,
      `select n.nspname || '.' || c.relname name
       from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
       where t.tgfoid = 'access.refuse_change'::regproc and t.tgenabled in ('O', 'A')
       group by 1
       -- BEFORE (2): each row (1) of an update (16) or a delete (8); and the statement of a truncate (32).
       having bool_or(t.tgtype = 1 + 2 + 8 + 16 and t.tgqual is null and t.tgattr = '') and bool_or(t.tgtype = 2 + 32) order by 1`,
    );
    expect(guarded.map(({ name }) => name)).toEqual([...APPEND_ONLY].sort());
  });

  it('is tried on a row in each table, without which a trigger on rows would not be', async () => {
    const empty: string[] = [];
    for (const name of Object.keys(TABLES))
      if ((await sql(url, `select from ${name} limit 1`)).length === 0) empty.push(name);
    expect(empty).toEqual([]);
  });
});

describe('every verb on every table', () => {
  it('by the service ends as decided', () =>
    expectEndings('uct_service', triesOf(asGranted(({ service }) => service))));

  it('by who writes reports ends as decided', () =>
    expectEndings('uct_reports', triesOf(asGranted(({ reports }) => reports))));

  it('by somebody to whom nothing was granted is forbidden', () =>
    expectEndings(
      STRANGER,
      triesOf(() => 'forbidden'),
    ));

  it('by the owner is refused where it would change what is append-only', () =>
    expectEndings('uct_owner', triesOf(asTheMighty(true))));

  it('by the superuser is refused where it would change what is append-only', () =>
    expectEndings(null, triesOf(asTheMighty(false))));
});

describe.each([
  ['service', 'uct_service'],
  ['reports', 'uct_reports'],
  ['stranger', STRANGER],
] as const)('beside the tables, the role of the %s', (who, role) => {
  const has = async (question: string): Promise<string[]> =>
    (await sql<{ name: string }>(url, question, [role])).map(({ name }) => name);
  const decided = (of: Readonly<Record<string, readonly string[]>>) =>
    Object.keys(of)
      .filter((name) => of[name]?.includes(who))
      .sort();

  it('reads the views that were decided and writes through none', async () => {
    const views = (right: string) =>
      has(
        `select n.nspname || '.' || c.relname name from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where ${OURS} and c.relkind in ('v', 'm') and ${right} order by 1`,
      );
    expect(await views("has_any_column_privilege($1, c.oid, 'select')")).toEqual(decided(VIEWS));
    expect(
      await views(
        "(has_any_column_privilege($1, c.oid, 'insert, update') or has_table_privilege($1, c.oid, 'delete, truncate, trigger'))",
      ),
    ).toEqual([]);
  });

  it('has no right on a table or a sequence beyond the four verbs', async () => {
    const on = (kinds: string, right: string) =>
      has(
        `select n.nspname || '.' || c.relname name from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where ${OURS} and c.relkind in (${kinds}) and ${right} order by 1`,
      );
    expect(
      await on(
        "'r', 'p'",
        "(has_table_privilege($1, c.oid, 'truncate, trigger, maintain') or has_any_column_privilege($1, c.oid, 'references'))",
      ),
    ).toEqual([]);
    expect(await on("'S'", "case when c.relkind = 'S' then has_sequence_privilege($1, c.oid, 'select') end")).toEqual(
      decided(SEQUENCES),
    );
    expect(
      await on("'S'", "case when c.relkind = 'S' then has_sequence_privilege($1, c.oid, 'usage, update') end"),
    ).toEqual([]);
  });

  it('finds the schemas that were decided and makes nothing in them', async () => {
    const schemas = (right: string) =>
      has(
        `select nspname::text name from pg_namespace n where ${OURS} and has_schema_privilege($1, n.oid, '${right}') order by 1`,
      );
    expect(await schemas('usage')).toEqual(who === 'stranger' ? ['public'] : decided(SCHEMAS));
    expect(await schemas('create')).toEqual([]);
  });

  it('calls the functions that were decided', async () => {
    const callable = await has(
      `select distinct n.nspname || '.' || p.proname name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where ${OURS} and p.prorettype <> 'trigger'::regtype and has_schema_privilege($1, n.oid, 'usage')
         and has_function_privilege($1, p.oid, 'execute') order by 1`,
    );
    const reachable = decided(FUNCTIONS).filter((name) => decided(SCHEMAS).includes(name.split('.')[0] ?? ''));
    expect(callable).toEqual(reachable);
  });

  it('owns nothing, and is nobody with more rights', async () => {
    const owned = await has(
      `select c.oid::regclass::text name from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${OURS} and pg_get_userbyid(c.relowner) = $1
       union all select p.oid::regproc::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${OURS} and pg_get_userbyid(p.proowner) = $1`,
    );
    expect(owned).toEqual([]);
    const mighty = await has(
      `select rolname::text name from pg_roles where pg_has_role($1, oid, 'member') and rolname <> $1
       union all select 'mighty' from pg_roles where rolname = $1 and (rolsuper or rolcreaterole or rolcreatedb or rolbypassrls or rolreplication)`,
    );
    expect(mighty).toEqual(who === 'service' ? ['uct_reports'] : []);
  });
});

describe('a function that works with its owner’s rights', () => {
  it('says where it finds what it names, so that nobody puts something else in its way', async () => {
    const loose = await sql(
      url,
      `select p.oid::regprocedure::text name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where ${OURS} and p.prosecdef and not exists (select from unnest(p.proconfig) c where c like 'search_path=%pg_temp')`,
    );
    expect(loose).toEqual([]);
  });
});
