/** `npm run chaos -- --seed N --schedules M`, or `--seed N --only K` to play one again. Exit code 1 when something was found. */
import 'reflect-metadata';
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { playChaos } from './chaos.js';

const { values } = parseArgs({
  options: { seed: { type: 'string' }, schedules: { type: 'string' }, only: { type: 'string' } },
});
const seed = Number(values.seed ?? randomInt(2 ** 31));
const schedules = Number(values.schedules ?? 2_000);
const only = values.only === undefined ? undefined : Number(values.only);
if (![seed, schedules, only ?? 0].every(Number.isSafeInteger))
  throw new Error('--seed, --schedules and --only are whole numbers');

process.stdout.write(`seed ${seed}\n`);
const startedMs = performance.now();
const perSecond = (played: number) => ((played * 1000) / (performance.now() - startedMs)).toPrecision(3);
const { played, faults, tally } = await playChaos({
  seed,
  schedules,
  only,
  onProgress: (done) => {
    if (done % 100 === 0) process.stderr.write(`${done} schedules, ${perSecond(done)} in a second\n`);
  },
});
for (const [what, count] of [...tally].sort(([one], [other]) => (one < other ? -1 : 1)))
  process.stdout.write(`${String(count).padStart(8)} ${what}\n`);
for (const fault of faults) process.stdout.write(`\n${fault}\n`);
process.stdout.write(
  `${played} schedules of seed ${seed}, ${perSecond(played)} in a second: ${faults.length === 0 ? 'all is well' : `${faults.length} with faults`}\n`,
);
process.exit(faults.length === 0 ? 0 : 1);
