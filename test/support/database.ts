/** A fresh database for a suite, copied from the migrated template, on the real PostgreSQL that `npm test` started. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';

export interface TestDatabase {
  /** Superuser's URL; the service cuts itself down to role uct_service. */
  url: string;
  drop(): Promise<void>;
}

export async function createTestDatabase(): Promise<TestDatabase> {
  const adminUrl = process.env.UCT_TEST_ADMIN_URL;
  const template = process.env.UCT_TEST_TEMPLATE;
  if (!adminUrl || !template) throw new Error('Run the tests with: npm test -- <pattern>');
  const name = `t_${randomBytes(6).toString('hex')}`;
  await onServer(adminUrl, `create database ${name} template ${template}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return { url: url.toString(), drop: () => onServer(adminUrl, `drop database if exists ${name} with (force)`) };
}

/** Runs statements as the superuser, or as another role, in one session. */
export async function sql<Row extends pg.QueryResultRow>(
  url: string,
  statement: string,
  parameters: unknown[] = [],
  role?: string,
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    if (role) await client.query(`set role ${role}`);
    return (await client.query<Row>(statement, parameters)).rows;
  } finally {
    await client.end();
  }
}

async function onServer(adminUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    // Several suites may copy the template at the same moment; PostgreSQL wants one at a time.
    await client.query("select pg_advisory_lock(hashtext('uct test databases'))");
    await client.query(statement);
  } finally {
    await client.end();
  }
}
