/** `npm run chaos -- --seed N --schedules M`: plays random schedules of faults on a PostgreSQL of its own, as test/support/chaos/main.ts says. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodeOf, projectRoot, Refusal, runChild, script } from './child.mjs';
import { withLock } from './lock.mjs';
import { prepare } from './prepare.mjs';
import { startTestDatabase } from './test-database.mjs';

await script(async () => {
  await prepare(process.stderr);
  await compileChaos();

  let interrupted;
  const remember = (signal) => (interrupted ??= signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, remember);
  let database;
  try {
    database = await startTestDatabase({ durable: false });
    if (interrupted) return exitCodeOf(interrupted);
    const chaos = ['--enable-source-maps', 'dist-chaos/test/support/chaos/main.js', ...process.argv.slice(2)];
    const { code, asked } = await runChild(process.execPath, chaos, { env: database.env, stdio: 'inherit' });
    return asked ? exitCodeOf(asked) : code;
  } finally {
    await database?.stop();
  }
});

/** It imports from src/ and from test/support/, which are compiled side by side; under the lock, as two may be started at once. */
async function compileChaos() {
  const swc = ['src', 'test/support', '-d', 'dist-chaos', '--copy-files', '--ignore', '**/*.spec.ts', '--quiet'];
  const compile = () => {
    rmSync(join(projectRoot, 'dist-chaos'), { recursive: true, force: true });
    return runChild(process.execPath, ['node_modules/@swc/cli/bin/swc.js', ...swc], { stdio: ['ignore', 2, 2] });
  };
  const { code } = await withLock(join(projectRoot, '.prepare.lock'), compile);
  if (code !== 0) throw new Refusal('The schedules do not compile.', code);
}
