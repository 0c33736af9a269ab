/** What the whole database holds, table by table: the same before and after means that nothing was written, not even half. */
import pg from 'pg';

export interface RowWatch {
  /** For each table its number of rows and a digest of all their values. */
  now(): Promise<Record<string, string>>;
  /** Every value of every table as text, bytes as hexadecimal, keyed by table. */
  dump(): Promise<Record<string, string>>;
  stop(): Promise<void>;
}

/** All but the audit trail, in which a refusal leaves its trace. */
export function withoutTrail(rows: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(rows).filter(([table]) => !/^access\.audit_(event|unchained)$/.test(table)));
}

/** Looks through a connection of its own, as the superuser, at every table of every schema. */
export async function watchRows(url: string): Promise<RowWatch> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const tables = (await client.query<{ name: string }>(TABLES)).rows.map(({ name }) => name);
  const everyTable = tables
    .map(
      (name) =>
        `select '${name}' name, count(*) || ':' || coalesce(sum(hashtextextended(t::text, 0)), 0) held from ${name} t`,
    )
    .join(' union all ');
  return {
    now: async () => {
      const { rows } = await client.query<{ name: string; held: string }>({ name: 'every-row', text: everyTable });
      return Object.fromEntries(rows.map(({ name, held }) => [name, held]));
    },
    dump: async () => {
      const dumped: Record<string, string> = {};
      for (const name of tables) {
        const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
        dumped[name] = rows.map(({ row }) => row).join('\n');
      }
      return dumped;
    },
    stop: () => client.end(),
  };
}

const TABLES = `
  select format('%I.%I', n.nspname, c.relname) name from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%' order by 1`;
