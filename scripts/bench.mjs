/** `npm run bench:<name>`: runs bench/<name>.bench.ts on a PostgreSQL of its own; stdout carries its figures only, one JSON line each. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodeOf, projectRoot, Refusal, runChild, script } from './child.mjs';
import { withLock } from './lock.mjs';
import { prepare } from './prepare.mjs';
import { startTestDatabase } from './test-database.mjs';

const [name, ...args] = process.argv.slice(2);

await script(async () => {
  refuseUnknown();
  await prepare(process.stderr);
  await compileBenches();

  let interrupted;
  const remember = (signal) => (interrupted ??= signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, remember);
  let database;
  try {
    database = await startTestDatabase({ durable: true });
    if (interrupted) return exitCodeOf(interrupted);
    const bench = ['--enable-source-maps', `dist-bench/bench/${name}.bench.js`, ...args];
    const { code, asked } = await runChild(process.execPath, bench, { env: database.env, stdio: 'inherit' });
    return asked ? exitCodeOf(asked) : code;
  } finally {
    await database?.stop();
  }
});

function refuseUnknown() {
  if (name && existsSync(join(projectRoot, 'bench', `${name}.bench.ts`))) return;
  const files = existsSync(join(projectRoot, 'bench')) ? readdirSync(join(projectRoot, 'bench')) : [];
  const known = files.filter((file) => file.endsWith('.bench.ts')).map((file) => file.slice(0, -'.bench.ts'.length));
  throw new Refusal(`Say which benchmark: ${known.join(', ') || 'there is none yet'}.`);
}

/** The benches import from src/, so both are compiled side by side; under the lock, as two benches may be started at once. */
async function compileBenches() {
  const swc = ['src', 'bench', '-d', 'dist-bench', '--copy-files', '--ignore', '**/*.spec.ts', '--quiet'];
  const compile = () => {
    rmSync(join(projectRoot, 'dist-bench'), { recursive: true, force: true });
    return runChild(process.execPath, ['node_modules/@swc/cli/bin/swc.js', ...swc], { stdio: ['ignore', 2, 2] });
  };
  const { code } = await withLock(join(projectRoot, '.prepare.lock'), compile);
  if (code !== 0) throw new Refusal('The benchmarks do not compile.', code);
}
