/** What the whole database holds, table by table: the same before and after means that nothing was written, not even half. */
import { sql } from './database.js';

/** For each table its number of rows and a digest of all their values. */
export async function everyRow(url: string): Promise<Record<string, string>> {
  const rows = await sql<{ name: string; held: string }>(url, EVERY_ROW);
  return Object.fromEntries(rows.map(({ name, held }) => [name, held]));
}

/** Every value of every table as text, bytes as hexadecimal, keyed by table. */
export async function dump(url: string): Promise<Record<string, string>> {
  const tables = await sql<{ name: string }>(url, TABLES);
  const dumped: Record<string, string> = {};
  for (const { name } of tables) {
    const rows = await sql<{ row: string }>(url, `select t::text row from ${name} t`);
    dumped[name] = rows.map(({ row }) => row).join('\n');
  }
  return dumped;
}

const TABLES = `
  select format('%I.%I', n.nspname, c.relname) name from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%' order by 1`;

const EVERY_ROW = `
  select name, (xpath('/row/held/text()', query_to_xml(
    format('select count(*) || '':'' || md5(coalesce(string_agg(t::text, ''|'' order by t::text), '''')) held from %s t', name),
    false, true, '')))[1]::text held
  from (${TABLES}) tables`;
