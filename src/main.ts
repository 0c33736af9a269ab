/** Starts the service: database, rooms, web, schedules; and, on an empty embedded database, the demonstration. Stops it cleanly. */
import 'reflect-metadata';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { demoAccounts } from './demo/demo-accounts.js';
import { startDemoWitnesses } from './demo/demo-witnesses.js';
import { rebuildPilot } from './demo/pilot-rebuild.js';
import { summarise } from './demo/summary.js';
import { Clock, TravellingClock } from './kernel/clock.js';
import { readConfig, type Config } from './kernel/config.js';
import { openEmbeddedHome, writePrivateFile } from './kernel/database/embedded-home.js';
import { migrateDatabase } from './kernel/database/migrate.js';
import { Readiness } from './kernel/readiness.js';
import { openSecretsAt } from './kernel/root-secret.js';
import { MasterKeys } from './kernel/secrets.js';
import { progressOn } from './cli/progress.js';
import { createService, registerSchedules } from './service.js';

const PORTS_TRIED = 50;

const say = (line: string) => process.stdout.write(`${line}\n`);
/** What was opened, to be closed in the opposite order. */
const toClose: (() => Promise<void> | void)[] = [];
let stopping: Promise<void> | undefined;

function stop(code: number): Promise<void> {
  stopping ??= (async () => {
    for (const close of toClose.reverse())
      await Promise.resolve(close()).catch((error: unknown) => say(`While stopping: ${String(error)}`));
    process.exit(code);
  })();
  return stopping;
}

let isAskedToStop = false;
let isRebuilding = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (!isAskedToStop) say('\nStopping ...');
    isAskedToStop = true;
    // The rebuild stops by itself between two days; everything else at once.
    if (!isRebuilding) void stop(0);
  });
}

try {
  await start(readConfig(process.env));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  await stop(1);
}

async function start(config: Config): Promise<void> {
  if (config.databaseUrl) return startOnOwnDatabase(config, config.databaseUrl);
  say('Starting the embedded PostgreSQL ...');
  const opening = openEmbeddedHome(config.dataDir);
  // Registered before it is open: a Ctrl-C meanwhile waits for it and closes it.
  toClose.push(() =>
    opening.then(
      (home) => home.stop(),
      () => undefined,
    ),
  );
  const home = await opening;
  home.onCrash(() => {
    if (isAskedToStop) return;
    say('The database has stopped by itself. Start the service again: what was committed is there.');
    void stop(1);
  });
  const clock = new TravellingClock();
  const queue = config.redisUrl
    ? ({ on: 'redis', url: config.redisUrl } as const)
    : ({ on: 'postgres', url: home.databaseUrl } as const);
  let { log } = config;
  if (!log.keyFile && !log.witnesses?.length) {
    const secrets = await openSecretsAt(home.databaseUrl, new MasterKeys(home.masterKey));
    const demo = await startDemoWitnesses(config.dataDir, secrets, clock, log.origin);
    toClose.push(() => demo.close());
    log = { ...log, witnesses: demo.witnesses };
  }
  const app = await createService({
    databaseUrl: home.databaseUrl,
    queue,
    masterKey: home.masterKey,
    keys: config.keys,
    clock,
    timeZone: config.timeZone,
    log,
    metricsToken: config.metricsToken,
    web: config.web,
    openId: config.openId,
    bankReports: config.bankReports,
    mobileMoney: config.mobileMoney,
    worksOnJobs: true,
  });
  toClose.push(() => app.close());
  const url = await listen(app, config);
  const runtimeFile = join(config.dataDir, 'runtime.json');
  writePrivateFile(
    runtimeFile,
    `${JSON.stringify({ url, databaseUrl: home.databaseUrl, pid: process.pid }, null, 2)}\n`,
  );
  toClose.push(() => rmSync(runtimeFile, { force: true }));

  isRebuilding = true;
  const showProgress = progressOn(process.stdout, 'Rebuilding the 2015-2016 pilot');
  const isComplete = await rebuildPilot(app, {
    dataDir: config.dataDir,
    clock,
    onProgress: showProgress,
    shouldStop: () => isAskedToStop,
  });
  isRebuilding = false;
  if (!isComplete || isAskedToStop) return stop(0);
  await registerSchedules(app);
  app.get(Readiness).markReady();
  say(await summarise(app, url, demoAccounts(config.dataDir)));
}

async function startOnOwnDatabase(config: Config, databaseUrl: string): Promise<void> {
  say('Migrating the database ...');
  await migrateDatabase(config.migrationDatabaseUrl ?? databaseUrl, { queueInDatabase: !config.redisUrl });
  const queue = config.redisUrl
    ? ({ on: 'redis', url: config.redisUrl } as const)
    : ({ on: 'postgres', url: databaseUrl } as const);
  const masterKey = Buffer.from(config.masterKey ?? '', 'base64');
  const app = await createService({
    databaseUrl,
    queue,
    masterKey,
    earlierMasterKeys: config.earlierMasterKeys.map((key) => Buffer.from(key, 'base64')),
    clock: new Clock(),
    timeZone: config.timeZone,
    keys: config.keys,
    log: config.log,
    metricsToken: config.metricsToken,
    web: config.web,
    openId: config.openId,
    bankReports: config.bankReports,
    mobileMoney: config.mobileMoney,
    worksOnJobs: config.worksOnJobs,
  });
  toClose.push(() => app.close());
  const url = await listen(app, config);
  if (config.worksOnJobs) await registerSchedules(app);
  app.get(Readiness).markReady();
  say(`Ready at ${url}`);
}

/** Listens on the port asked for or, when that is taken, on the next free one. */
async function listen(app: NestExpressApplication, config: Config): Promise<string> {
  for (let port = config.port; ; port++) {
    try {
      await app.listen(port, config.host);
      return (await app.getUrl()).replace('[::1]', 'localhost');
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!isTaken || config.port === 0 || port >= config.port + PORTS_TRIED) throw error;
      say(`Port ${port} is taken, trying ${port + 1}.`);
    }
  }
}
