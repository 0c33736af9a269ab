/** What a verification reads of the database; a failure to read says nothing about the ledger, so it is told from a row that makes no sense. */
import type pg from 'pg';

/** The database could not be read; `cause` says why. */
export class ReadingFailed extends Error {
  constructor(cause: unknown) {
    super('the database could not be read', { cause });
  }
}

export async function reading<Result>(result: Promise<Result>): Promise<Result> {
  return result.catch((error: unknown) => {
    throw error instanceof ReadingFailed ? error : new ReadingFailed(error);
  });
}

export async function rowsOf<Row extends object>(
  client: pg.ClientBase,
  sql: string,
  parameters: unknown[] = [],
): Promise<Row[]> {
  return (await reading(client.query(sql, parameters))).rows as Row[];
}
