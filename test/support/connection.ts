/** One session at the database that the test drives by hand, for what only happens when two meet. */
import pg from 'pg';
import { sql } from './database.js';

export interface Connection {
  query(statement: string, parameters?: unknown[]): Promise<unknown>;
  /** Until another session stands in line behind this one's locks. */
  waitUntilSomebodyWaits(): Promise<void>;
  end(): Promise<void>;
}

export async function connect(url: string): Promise<Connection> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const [own] = (await client.query<{ pid: number }>('select pg_backend_pid() pid')).rows;
  return {
    query: (statement, parameters = []) => client.query(statement, parameters),
    waitUntilSomebodyWaits: async () => {
      for (let tries = 0; tries < 400; tries += 1) {
        const waiting = await sql(url, 'select 1 from pg_stat_activity where $1 = any (pg_blocking_pids(pid))', [
          own?.pid,
        ]);
        if (waiting.length > 0) return;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throw new Error('nobody came to wait');
    },
    end: () => client.end(),
  };
}
