/** Brings a database up to date: our migrations, BullMQ's tables and the service's rights on them. Safe to run at every start. */
import { runMigrations as migrateQueue } from 'bullmq';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { sqlMigrations } from './migrations.js';

/** `url`: somebody who may create schemas and roles. `queueInDatabase`: BullMQ works on this PostgreSQL, not on Redis. */
export async function migrateDatabase(url: string, options: { queueInDatabase: boolean }): Promise<void> {
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    migrations: sqlMigrations(),
    migrationsTableName: 'uct_migration',
    migrationsTransactionMode: 'each',
    applicationName: 'uct-ledger migrate',
  });
  await dataSource.initialize();
  try {
    // One migrator at a time, when several processes start together.
    await dataSource.query("select pg_advisory_lock(hashtext('uct-ledger migrations'))");
    await dataSource.runMigrations();
  } finally {
    await dataSource.destroy();
  }
  if (options.queueInDatabase) await prepareQueue(url);
}

async function prepareQueue(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await migrateQueue(client, 'bullmq');
    // BullMQ makes a sequence for each queue as it goes, so the service may create there: the queue's tables hold nothing worth keeping.
    await client.query(`
      grant usage, create on schema bullmq to uct_service;
      grant select, insert, update, delete on all tables in schema bullmq to uct_service;
      grant usage on all sequences in schema bullmq to uct_service;
      grant execute on all functions in schema bullmq to uct_service;`);
  } finally {
    await client.end();
  }
}
