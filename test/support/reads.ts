/** What a session reads of the ledger's tables, as PostgreSQL itself counts it. */
import type pg from 'pg';
import { sql } from './database.js';

/** Per entry. `seqScans`: times that a table was read from end to end, in all. */
export interface Reads {
  seqScans: Record<string, number>;
  indexScans: Record<string, number>;
  rowsRead: Record<string, number>;
}

const COUNTERS = `
  select 'seq ' || relname what, seq_scan count from pg_stat_user_tables where schemaname = 'ledger'
  union all select 'scans ' || indexrelname, idx_scan from pg_stat_user_indexes where schemaname = 'ledger'
  union all select 'rows ' || indexrelname, idx_tup_read from pg_stat_user_indexes where schemaname = 'ledger'`;

/** `work` answers how many entries it posted. */
export async function readsOf(url: string, client: pg.Client, work: () => Promise<number>): Promise<Reads> {
  const now = async () => {
    await client.query('select pg_stat_force_next_flush()');
    await client.query('select 1');
    const rows = await sql<{ what: string; count: string }>(url, COUNTERS);
    return new Map(rows.map(({ what, count }) => [what, Number(count)]));
  };
  const before = await now();
  const entries = await work();
  const after = await now();
  const reads: Reads = { seqScans: {}, indexScans: {}, rowsRead: {} };
  for (const [what, count] of after) {
    const more = count - (before.get(what) ?? 0);
    if (more === 0) continue;
    const [kind, name = ''] = what.split(' ');
    if (kind === 'seq') reads.seqScans[name] = more;
    else (kind === 'scans' ? reads.indexScans : reads.rowsRead)[name] = more / entries;
  }
  return reads;
}
