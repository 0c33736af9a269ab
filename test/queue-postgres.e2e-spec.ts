/** The queue on PostgreSQL, which is where it is unless a Redis is named. */
import { describe } from '@jest/globals';
import { sql } from './support/database.js';
import { killedWorkerRules, queueRules, type QueueMachine } from './support/queue-rules.js';

const machine: QueueMachine = {
  connection: (db) => ({ on: 'postgres', url: db.url }),
  wipe: async (db) => {
    const tables = await sql<{ name: string }>(
      db.url,
      "select format('%I.%I', schemaname, tablename) name from pg_tables where schemaname = 'bullmq' and tablename not like '%migration%'",
    );
    await sql(db.url, `truncate ${tables.map(({ name }) => name).join(', ')}`);
  },
};

describe('the queue on PostgreSQL', () => queueRules(machine));
describe('a worker on PostgreSQL that is killed in the middle of a job', () => killedWorkerRules(machine));
