/** The accounts of the books by the database's number, as the log speaks of them. */
import type { EntityManager } from 'typeorm';
import type { LoggedAccount } from './domain/entry-leaf.js';

export async function loggedAccounts(manager: EntityManager): Promise<Map<number, LoggedAccount>> {
  const rows = await manager.query<({ id: number } & LoggedAccount)[]>(
    `select id::float8 id, fund_id::text fund, currency, concat_ws('/', kind, nullif(rail, ''), holder_id) as name from ledger.account`,
  );
  return new Map(rows.map(({ id, ...account }) => [id, account]));
}
