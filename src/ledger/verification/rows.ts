import type pg from 'pg';

export async function rowsOf<Row extends object>(
  client: pg.ClientBase,
  sql: string,
  parameters: unknown[] = [],
): Promise<Row[]> {
  return (await client.query(sql, parameters)).rows as Row[];
}
