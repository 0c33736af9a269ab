/** A process that only works on jobs, beside web processes that run with UCT_JOBS=off. Needs DATABASE_URL. */
import 'reflect-metadata';
import { Clock } from './kernel/clock.js';
import { readConfig } from './kernel/config.js';
import { createService, registerSchedules } from './service.js';

try {
  const config = readConfig(process.env);
  if (!config.databaseUrl)
    throw new Error('A worker of its own needs DATABASE_URL; the embedded service works on its jobs itself.');
  const queue = config.redisUrl
    ? ({ on: 'redis', url: config.redisUrl } as const)
    : ({ on: 'postgres', url: config.databaseUrl } as const);
  const masterKey = Buffer.from(config.masterKey ?? '', 'base64');
  const app = await createService({
    databaseUrl: config.databaseUrl,
    queue,
    masterKey,
    earlierMasterKeys: config.earlierMasterKeys.map((key) => Buffer.from(key, 'base64')),
    clock: new Clock(),
    timeZone: config.timeZone,
    keys: config.keys,
    log: config.log,
    mobileMoney: config.mobileMoney,
    worksOnJobs: true,
  });
  await registerSchedules(app);
  process.stdout.write('Working on jobs.\n');
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void app.close().then(() => process.exit(0)));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
