/**
 * Random schedules of faults against the simulated rail: the service dies at any statement, is asked twice, hears things late, twice, in any order or
 * never; and at the end the rail's own ledger says that nobody was paid twice and that both books agree. A few of one seed here, so that every test
 * run has them; CI plays up to 2,000 of the same seed after the tests, and `npm run chaos` any number.
 */
import { expect, it } from '@jest/globals';
import { playChaos } from './support/chaos/chaos.js';
import { neverDrawn } from './support/chaos/kinds.js';

const SCHEDULES = Number(process.env.UCT_CHAOS_SCHEDULES ?? '150');
/** The same in every run, so that few schedules are a regression test; `npm run chaos` looks for what is new. */
const SEED = Number(process.env.UCT_TEST_SEED ?? '380365758');

it(`whatever fails in ${SCHEDULES} schedules, nobody is paid twice and both books agree`, async () => {
  const { played, faults, tally } = await playChaos({ seed: SEED, schedules: SCHEDULES });
  expect(faults).toEqual([]);
  expect(played).toBe(SCHEDULES);
  expect(neverDrawn(played, tally)).toEqual([]);
}, 3_600_000);
