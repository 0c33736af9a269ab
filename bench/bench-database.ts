/** A database of its own for a benchmark, copied from the migrated template, and the kernel's parts that work on it. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { DataSource } from 'typeorm';

export interface BenchDatabase {
  url: string;
  service: DataSource;
  admin: pg.Client;
  close(): Promise<void>;
}

export async function benchDatabase(): Promise<BenchDatabase> {
  const adminUrl = process.env.UCT_TEST_ADMIN_URL;
  const template = process.env.UCT_TEST_TEMPLATE;
  if (!adminUrl || !template)
    throw new Error('Run the benchmarks with: npm run bench:<name>, as package.json lists them');
  const name = `b_${randomBytes(6).toString('hex')}`;
  const server = new pg.Client({ connectionString: adminUrl });
  await server.connect();
  await server.query(`create database ${name} template ${template}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  const admin = new pg.Client({ connectionString: url.toString() });
  await admin.connect();
  const service = new DataSource({
    type: 'postgres',
    url: url.toString(),
    extra: { options: '-c role=uct_service', max: 10 },
  });
  await service.initialize();
  return {
    url: url.toString(),
    service,
    admin,
    close: async () => {
      await service.destroy();
      await admin.end();
      await server.query(`drop database if exists ${name} with (force)`);
      await server.end();
    },
  };
}
