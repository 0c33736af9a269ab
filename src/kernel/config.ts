/** What the environment says, read once at start and checked; nothing else reads `process.env`. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json, from the compiled file as well as from the source. */
export const projectRoot = findRoot(dirname(fileURLToPath(import.meta.url)));

export interface Config {
  /** Own PostgreSQL; absent: the embedded one under `dataDir`. */
  databaseUrl?: string;
  /** Who may create schemas and roles there; absent: the same as `databaseUrl`. */
  migrationDatabaseUrl?: string;
  /** BullMQ on Redis; absent: BullMQ on PostgreSQL. */
  redisUrl?: string;
  dataDir: string;
  host: string;
  port: number;
  /** Zone in which the organisation's quarters and nights end. */
  timeZone: string;
  /** 32 bytes, base64; with an own database it must be given, the embedded one makes and keeps its own. */
  masterKey?: string;
  /** Whether this process works on jobs too; off when workers of their own do. */
  worksOnJobs: boolean;
}

/** Throws an Error with every fault in one readable list. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const faults: string[] = [];
  const port = Number(env.PORT ?? '3000');
  if (!Number.isInteger(port) || port < 0 || port > 65535) faults.push('PORT must be a number from 0 to 65535');
  for (const name of ['DATABASE_URL', 'MIGRATION_DATABASE_URL'] as const) {
    if (env[name] && !/^postgres(ql)?:\/\//.test(env[name])) faults.push(`${name} must begin with postgres://`);
  }
  if (env.REDIS_URL && !/^rediss?:\/\//.test(env.REDIS_URL))
    faults.push('REDIS_URL must begin with redis:// or rediss://');
  const timeZone = env.UCT_TIME_ZONE ?? 'Asia/Bangkok';
  if (!isTimeZone(timeZone)) faults.push('UCT_TIME_ZONE must be an IANA zone like Asia/Bangkok');
  const masterKey = env.UCT_MASTER_KEY;
  if (masterKey !== undefined && Buffer.from(masterKey, 'base64').length !== 32) {
    faults.push('UCT_MASTER_KEY must be 32 bytes in base64 (make one: openssl rand -base64 32)');
  }
  if (env.DATABASE_URL && !masterKey)
    faults.push('UCT_MASTER_KEY is needed with DATABASE_URL: it protects the identity of clients');
  if (faults.length > 0)
    throw new Error(`The environment is not right:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  return {
    databaseUrl: env.DATABASE_URL,
    migrationDatabaseUrl: env.MIGRATION_DATABASE_URL,
    redisUrl: env.REDIS_URL,
    dataDir: env.UCT_DATA_DIR ?? join(projectRoot, '.data'),
    host: env.HOST ?? '127.0.0.1',
    port,
    timeZone,
    masterKey,
    worksOnJobs: env.UCT_JOBS !== 'off',
  };
}

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

function findRoot(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error('package.json was not found above the code');
  return findRoot(parent);
}
