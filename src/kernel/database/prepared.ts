/** Questions that every request asks: each connection parses and plans them once, which is most of what such a small one costs. */
import type pg from 'pg';
import type { DataSource } from 'typeorm';

export interface PreparedQuestion {
  /** Its own among all of them; PostgreSQL keeps the plan under it, so a pooler in front must know prepared statements. */
  name: string;
  text: string;
}

/** Outside of any transaction. What fails is thrown as the driver throws it. */
export async function askPrepared<Row extends object>(
  db: DataSource,
  question: PreparedQuestion,
  values: readonly unknown[],
): Promise<Row[]> {
  const { rows } = await poolOf(db).query<Row>({ ...question, values: [...values] });
  return rows;
}

/** TypeORM has no way to name a statement. */
function poolOf(db: DataSource): pg.Pool {
  return (db.driver as unknown as { master: pg.Pool }).master;
}
