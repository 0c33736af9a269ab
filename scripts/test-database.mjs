/** A PostgreSQL of its own for one run of the tests or of a benchmark, and in it a template database with every migration applied. */
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isAlive, projectRoot, Refusal } from './child.mjs';
import { stopLeftBehindPostgres } from './left-behind.mjs';

const TEMPLATE = 'uct_template';
const PREFIX = 'uct-test-';
/** What would lead a test to somebody's real data. */
const SERVICE_VARIABLES = [
  'DATABASE_URL',
  'MIGRATION_DATABASE_URL',
  'REDIS_URL',
  'UCT_MASTER_KEY',
  'UCT_DATA_DIR',
  'UCT_TIME_ZONE',
  'UCT_JOBS',
  'HOST',
  'PORT',
];

/** What is tested is small: other processes that help to read it are started for longer than they read. */
const QUICK = { fsync: 'off', full_page_writes: 'off', max_parallel_workers_per_gather: '0' };

/**
 * Starts it and answers `{ env, home, stop }`: the environment for what uses it, a folder that goes with it, and how to stop and remove
 * all this. Needs dist/.
 * `durable: false` waits for no disk; what is written survives a kill -9 all the same, only no loss of power.
 */
export async function startTestDatabase({ durable }) {
  const embedded = await import(compiled('kernel/database/embedded-postgres.js'));
  const { migrateDatabase } = await import(compiled('kernel/database/migrate.js'));
  await removeAbandoned(embedded.removeCluster);

  const home = mkdtempSync(join(tmpdir(), PREFIX));
  chmodSync(home, 0o711); // when root tests, PostgreSQL runs as another user, who must get through
  writeFileSync(join(home, 'owner'), String(process.pid));
  const dataDir = join(home, 'postgres');
  let cluster;
  const stop = async () => {
    await cluster?.stop();
    embedded.removeCluster(dataDir);
    rmSync(home, { recursive: true, force: true });
  };
  try {
    const settings = durable ? {} : QUICK;
    cluster = await embedded.startEmbeddedPostgres({ dataDir, password: embedded.newClusterPassword(), settings });
    await createDatabase(cluster.adminUrl('postgres'));
    await migrateDatabase(cluster.adminUrl(TEMPLATE), { queueInDatabase: true });
  } catch (error) {
    const log = readIfThere(`${dataDir}.log`).trimEnd();
    await stop();
    throw new Refusal(`The database for the tests could not be made ready: ${error.message}\n${log}`.trimEnd());
  }
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !SERVICE_VARIABLES.includes(name)));
  return { env: { ...env, UCT_TEST_ADMIN_URL: cluster.adminUrl('postgres'), UCT_TEST_TEMPLATE: TEMPLATE }, home, stop };
}

async function createDatabase(url) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`create database ${TEMPLATE}`);
  } finally {
    await client.end();
  }
}

/** A run that was killed leaves its server running and its files lying. */
async function removeAbandoned(removeCluster) {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const home = join(tmpdir(), name);
    const owner = Number(readIfThere(join(home, 'owner')));
    if (!owner || isAlive(owner)) continue;
    try {
      if (!(await stopLeftBehindPostgres(join(home, 'postgres')))) continue;
      removeCluster(join(home, 'postgres'));
      rmSync(home, { recursive: true, force: true });
    } catch {
      // Another user's: theirs to remove.
    }
  }
}

function readIfThere(file) {
  try {
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  } catch {
    return '';
  }
}

function compiled(module) {
  return pathToFileURL(join(projectRoot, 'dist', module)).href;
}
