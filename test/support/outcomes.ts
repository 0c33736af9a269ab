/** What the database says to statements that somebody tries, each of them undone. */
import pg from 'pg';

/** Of each statement, tried by itself as that role (or as the superuser), how it ended: 'done' or the SQLSTATE. */
export async function outcomesAs(
  url: string,
  role: string | null,
  statements: readonly string[],
): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: url });
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
