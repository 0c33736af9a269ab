/** `npm test [-- jest's arguments]`: installs, builds, runs the tests on a PostgreSQL (and a Redis) of their own, and counts. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodeOf, Refusal, runChild, script } from './child.mjs';
import { prepare } from './prepare.mjs';
import { findTestBrowser } from './test-browser.mjs';
import { startTestDatabase } from './test-database.mjs';
import { startTestRedis } from './test-redis.mjs';
import { findTestSchemas } from './test-schemas.mjs';

await script(async () => {
  const { passed, failed, skipped } = await runTests().catch((error) => {
    if (error instanceof Refusal && error.exitCode !== 1) throw error; // interrupted: there is nothing to count
    console.error(error instanceof Refusal ? error.message : error);
    return { passed: 0, failed: 1, skipped: 0 };
  });
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return failed === 0 ? 0 : 1;
});

async function runTests() {
  await prepare(process.stdout);

  let interrupted;
  const remember = (signal) => (interrupted ??= signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, remember);
  const toStop = [];
  const started = async (starting) => {
    const server = await starting;
    if (server) toStop.unshift(server);
    return server;
  };
  try {
    const redis = await started(startTestRedis());
    if (!redis) console.log('No redis-server on this machine: the tests of the queue on Redis are skipped.');
    const browser = findTestBrowser();
    if (!browser) console.log('No Chromium on this machine: the test of the offline page in a browser is skipped.');
    const schemas = findTestSchemas();
    if (!schemas)
      console.log('No schemas of ISO 20022 here: the tests that hold what is written against them are skipped.');
    const database = interrupted ? undefined : await started(startTestDatabase({ durable: false }));
    const env = {
      ...database?.env,
      UCT_TEST_REDIS_URL: redis?.url ?? '',
      UCT_TEST_CHROMIUM: browser ?? '',
      ISO20022_XSD_DIR: schemas ?? '',
    };
    if (!interrupted) return await runJest(join(database.home, 'results.json'), env);
  } catch (error) {
    if (!interrupted) throw error;
  } finally {
    for (const server of toStop) await server.stop();
  }
  throw new Refusal('Interrupted.', exitCodeOf(interrupted));
}

/** Runs jest with the arguments given to `npm test` and answers how many tests passed, failed and were skipped. */
async function runJest(resultsFile, env) {
  const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--config', 'jest.config.mjs'];
  const reported = ['--json', `--outputFile=${resultsFile}`, ...process.argv.slice(2)];
  const { code, asked } = await runChild(process.execPath, [...jest, ...reported], {
    env: { ...env, NODE_ENV: 'test', NODE_NO_WARNINGS: '1' },
    stdio: 'inherit',
  });
  if (asked) throw new Refusal('Interrupted.', exitCodeOf(asked));
  if (!existsSync(resultsFile)) return { passed: 0, failed: 1, skipped: 0 };
  const results = JSON.parse(readFileSync(resultsFile, 'utf8'));
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  const ran = results.numPassedTests + failed > 0;
  return {
    passed: results.numPassedTests,
    // Jest may have a fault that no test has: nothing was found, coverage is too low.
    failed: code === 0 && ran ? failed : Math.max(1, failed),
    skipped: results.numPendingTests + results.numTodoTests,
  };
}
