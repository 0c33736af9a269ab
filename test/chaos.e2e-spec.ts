/**
 * Random schedules of faults against the simulated rail: the service dies at any statement, is asked twice, hears things late, twice, in any order or
 * never; and at the end the rail's own ledger says that nobody was paid twice and that both books agree. Four or five take a second on two cores, so
 * these take some minutes; UCT_CHAOS_SCHEDULES=150 for fewer, and `npm run chaos` plays any number.
 */
import { expect, it } from '@jest/globals';
import { playChaos } from './support/chaos/chaos.js';
import { MODES } from './support/rail-simulator/core.js';

const SCHEDULES = Number(process.env.UCT_CHAOS_SCHEDULES ?? '2000');
/** The same in every run, so that few schedules are a regression test; `npm run chaos` looks for what is new. */
const SEED = Number(process.env.UCT_TEST_SEED ?? '380365758');

const KINDS = [
  'died in: prepare',
  'died in: approve',
  'died in: release',
  'died in: send',
  'died in: ask',
  'died before the operator received',
  'died after the operator received',
  'twice at once',
  'six approve at once',
  'callback late',
  'callback twice',
  'callback before the answer',
  'a week of downtime',
  'reissued',
  'stopped and not paid',
  'consent withdrawn',
  'consent given again',
  'stranger on a statement',
  'died with its connections',
  'file handed over',
  'only what was rejected is reported',
  'taken in: pain.002',
  'taken in: camt.053',
  'taken in: camt.054',
  'bank report twice',
  'booked as one batch',
  'stranger on a bank statement',
  'voucher handed over',
  'voucher brought back',
  'voucher given back',
  'voucher never handed out',
  'file abandoned',
  'taken and abandoned at once',
  'rail changed',
  'wage risen',
  'topped up',
  ...MODES.map((mode) => `rail: ${mode}`),
];

it(`whatever fails in ${SCHEDULES} schedules, nobody is paid twice and both books agree`, async () => {
  const { played, faults, tally } = await playChaos({ seed: SEED, schedules: SCHEDULES });
  expect(faults).toEqual([]);
  expect(played).toBe(SCHEDULES);
  // What is not drawn proves nothing; a few schedules draw little.
  const expected = SCHEDULES < 500 ? [] : KINDS;
  expect(expected.filter((kind) => !tally.has(kind))).toEqual([]);
}, 3_600_000);
