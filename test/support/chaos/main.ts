/**
 * `npm run chaos -- --seed N --schedules M`, or `--seed N --only K` to play one again; `--within SECONDS` begins no schedule after them. Exit code 1
 * when something was found.
 */
import 'reflect-metadata';
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { playChaos } from './chaos.js';
import { neverDrawn } from './kinds.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    schedules: { type: 'string' },
    only: { type: 'string' },
    within: { type: 'string' },
  },
});
const seed = Number(values.seed ?? randomInt(2 ** 31));
const schedules = Number(values.schedules ?? 2_000);
const only = values.only === undefined ? undefined : Number(values.only);
const within = values.within === undefined ? undefined : Number(values.within);
if (![seed, schedules, only ?? 0, within ?? 0].every(Number.isSafeInteger))
  throw new Error('--seed, --schedules, --only and --within are whole numbers');

process.stdout.write(`seed ${seed}\n`);
const startedMs = performance.now();
const perSecond = (played: number) => ((played * 1000) / (performance.now() - startedMs)).toPrecision(3);
const {
  played,
  faults: found,
  tally,
} = await playChaos({
  seed,
  schedules,
  only,
  isOver: () => within !== undefined && performance.now() - startedMs > within * 1_000,
  onProgress: (done) => {
    if (done % 100 === 0) process.stderr.write(`${done} schedules, ${perSecond(done)} in a second\n`);
  },
});
const faults = [...found, ...neverDrawn(played, tally)];
for (const [what, count] of [...tally].sort(([one], [other]) => (one < other ? -1 : 1)))
  process.stdout.write(`${String(count).padStart(8)} ${what}\n`);
for (const fault of faults) process.stdout.write(`\n${fault}\n`);
process.stdout.write(
  `${played} of ${only === undefined ? schedules : 1} schedules of seed ${seed}, ${perSecond(played)} in a second: ${faults.length === 0 ? 'all is well' : `${faults.length} with faults`}\n`,
);
process.exit(faults.length === 0 ? 0 : 1);
