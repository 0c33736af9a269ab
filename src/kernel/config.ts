/** What the environment says, read once at start and checked; nothing else reads `process.env`. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readKeySettings, readMasterKeys } from './config-of-keys.js';
import { readMobileMoneySettings } from './config-of-mobile-money.js';
import { readOpenIdSettings } from './config-of-openid.js';
import {
  DEFAULT_REPORT_MEGABYTES,
  DEFAULT_REQUESTS_PER_MINUTE,
  type BankReportSettings,
  type KeySettings,
  type LogSettings,
  type MobileMoneySettings,
  type OpenIdSettings,
  type WebSettings,
} from './settings.js';
import { weaknessOfDatabaseUrl, weaknessOfToken } from './weak-secrets.js';

const LEAST_TOKEN = 24;

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
  /** Those before it that something may still be sealed under, the latest first. */
  earlierMasterKeys: string[];
  /** Who wraps the clients' data keys. */
  keys: KeySettings;
  /** Whether this process works on jobs too; off when workers of their own do. */
  worksOnJobs: boolean;
  log: LogSettings;
  metricsToken?: string;
  web: WebSettings;
  openId?: OpenIdSettings;
  bankReports: BankReportSettings;
  mobileMoney?: MobileMoneySettings;
}

/** Throws an Error with every fault in one readable list. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  // Compose hands on as an empty text what nobody filled in.
  const env: NodeJS.ProcessEnv = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const faults: string[] = [];
  const port = Number(env.PORT ?? '3000');
  if (!Number.isInteger(port) || port < 0 || port > 65535) faults.push('PORT must be a number from 0 to 65535');
  for (const name of ['DATABASE_URL', 'MIGRATION_DATABASE_URL'] as const) {
    const url = env[name];
    if (!url) continue;
    if (!/^postgres(ql)?:\/\//.test(url)) faults.push(`${name} must begin with postgres://`);
    else if (weaknessOfDatabaseUrl(url, env)) faults.push(`${name} ${weaknessOfDatabaseUrl(url, env)}`);
  }
  if (env.REDIS_URL && !/^rediss?:\/\//.test(env.REDIS_URL))
    faults.push('REDIS_URL must begin with redis:// or rediss://');
  const timeZone = env.UCT_TIME_ZONE ?? 'Asia/Bangkok';
  if (!isTimeZone(timeZone)) faults.push('UCT_TIME_ZONE must be an IANA zone like Asia/Bangkok');
  const { masterKey, earlierMasterKeys } = readMasterKeys(env, faults);
  const keys = readKeySettings(env, faults);
  const log = readLogSettings(env, faults);
  const web = readWebSettings(env, faults);
  const openId = readOpenIdSettings(env, faults);
  const bankReports = readBankReportSettings(env, faults);
  const mobileMoney = readMobileMoneySettings(env, faults);
  const metricsWeakness =
    env.UCT_METRICS_TOKEN === undefined ? undefined : weaknessOfToken(env.UCT_METRICS_TOKEN, LEAST_TOKEN);
  if (metricsWeakness) faults.push(`UCT_METRICS_TOKEN ${metricsWeakness}`);
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
    earlierMasterKeys,
    keys,
    worksOnJobs: env.UCT_JOBS !== 'off',
    log,
    metricsToken: env.UCT_METRICS_TOKEN,
    web,
    openId,
    bankReports,
    mobileMoney,
  };
}

function readLogSettings(env: NodeJS.ProcessEnv, faults: string[]): LogSettings {
  const everyHours = Number(env.UCT_LOG_EVERY_HOURS ?? '24');
  if (!Number.isInteger(everyHours) || everyHours < 1 || 24 % everyHours !== 0)
    faults.push('UCT_LOG_EVERY_HOURS must divide the day: 1, 2, 3, 4, 6, 8, 12 or 24');
  const leastEpoch = Number(env.UCT_LOG_LEAST_EPOCH ?? '256');
  if (![256, 1024, 4096, 16384, 65536].includes(leastEpoch))
    faults.push('UCT_LOG_LEAST_EPOCH must be 256, 1024, 4096, 16384 or 65536');
  if (env.UCT_LOG_ORIGIN !== undefined && !/^[^\s+]{1,200}$/.test(env.UCT_LOG_ORIGIN))
    faults.push('UCT_LOG_ORIGIN must be a name like log.example.org, without spaces and plus signs');
  if (env.UCT_LOG_KEY_FILE && !existsSync(env.UCT_LOG_KEY_FILE)) faults.push('UCT_LOG_KEY_FILE is not there');
  const witnesses = (env.UCT_LOG_WITNESSES ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => {
      const [vkey = '', url = ''] = part.split(/\s+/);
      if (!/^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+$/.test(vkey) || !/^https?:\/\//.test(url))
        faults.push('UCT_LOG_WITNESSES must list "KEY URL" of each witness, with commas between them');
      return { vkey, url };
    });
  return { origin: env.UCT_LOG_ORIGIN, keyFile: env.UCT_LOG_KEY_FILE, everyHours, leastEpoch, witnesses };
}

/** A wrong number of proxies would let anybody choose the address that we see of them, or make everybody one and the same. */
function readWebSettings(env: NodeJS.ProcessEnv, faults: string[]): WebSettings {
  const trustProxy = Number(env.UCT_TRUST_PROXY ?? '0');
  if (!Number.isInteger(trustProxy) || trustProxy < 0 || trustProxy > 10)
    faults.push('UCT_TRUST_PROXY must be the number of proxies before the service, from 0 to 10');
  const requestsPerMinute = Number(env.UCT_RATE_LIMIT_PER_MINUTE ?? DEFAULT_REQUESTS_PER_MINUTE);
  if (!Number.isInteger(requestsPerMinute) || requestsPerMinute < 60)
    faults.push('UCT_RATE_LIMIT_PER_MINUTE must be a whole number of requests, 60 or more');
  const exitTo = env.UCT_EXIT_TO;
  if (exitTo !== undefined && !(URL.canParse(exitTo) && /^https?:/.test(exitTo)))
    faults.push('UCT_EXIT_TO must be an address like https://www.example.org');
  const formsOnDevices = env.UCT_FORMS_ON_DEVICES ?? 'on';
  if (formsOnDevices !== 'on' && formsOnDevices !== 'off') faults.push('UCT_FORMS_ON_DEVICES must be on or off');
  return { trustProxy, requestsPerMinute, exitTo, formsOnDevices: formsOnDevices === 'on' };
}

function readBankReportSettings(env: NodeJS.ProcessEnv, faults: string[]): BankReportSettings {
  const megabytes = Number(env.UCT_BANK_REPORT_LIMIT_MB ?? DEFAULT_REPORT_MEGABYTES);
  if (!Number.isInteger(megabytes) || megabytes < 1 || megabytes > 2_000)
    faults.push('UCT_BANK_REPORT_LIMIT_MB must be a whole number of megabytes, from 1 to 2000');
  return { limitBytes: megabytes * 1024 * 1024, directory: env.UCT_UPLOAD_DIR };
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
