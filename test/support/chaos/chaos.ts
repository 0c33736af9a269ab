/** Plays many schedules, some hundred to a world, and says of each fault with which seed and number it comes again. */
import { foldEvidence, type AttemptState, type EvidenceKind } from '../../../src/transfers/domain/attempt-state.js';
import { SelfCheckService } from '../../../src/transfers/self-check.service.js';
import { chanceOf, type Chance } from '../chance.js';
import { playSchedule, type Incidents } from './schedule.js';
import { startWorld, type World } from './world.js';
import type { Draw, Tally } from './scene.js';

export interface ChaosOptions {
  seed: number;
  schedules: number;
  /** The one schedule to play, of those of the seed. */
  only?: number;
  /** Done to each world before anything is played in it: a fault of the service that has to be found. */
  spoil?: (world: World) => Promise<void> | void;
  draw?: Draw;
  onProgress?: (played: number, tally: Tally) => void;
  /** Whether no further schedule is begun. */
  isOver?: () => boolean;
  /** Faulty schedules after which it is enough. */
  mostFaulty?: number;
}

export interface ChaosReport {
  played: number;
  /** Each with the seed and the number of its schedule, and what happened in it. */
  faults: string[];
  tally: Tally;
}

/** Tables grow in a world and slow it down, and starting one takes seconds. */
const SCHEDULES_OF_A_WORLD = 500;
/** Worlds side by side: while one waits for its database, the others go on. Of a few schedules each world costs more than it saves. */
const LANES = 4;
const FEW = 50;

export async function playChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { schedules, only } = options;
  const all = only === undefined ? Array.from({ length: schedules }, (_, n) => n) : [only];
  const report: ChaosReport = { played: 0, faults: [], tally: new Map() };
  const lanes = Math.min(LANES, Math.ceil(all.length / FEW));
  const size = Math.ceil(all.length / lanes / Math.ceil(all.length / lanes / SCHEDULES_OF_A_WORLD));
  const lane = async () => {
    while (all.length > 0 && !isEnough(options, report)) await playInAWorld(options, all.splice(0, size), report);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return report;
}

async function playInAWorld(options: ChaosOptions, numbers: readonly number[], report: ChaosReport): Promise<void> {
  const { seed, spoil, onProgress } = options;
  const { tally, faults } = report;
  const world = await startWorld();
  try {
    await spoil?.(world);
    const incidents: Incidents = { paidTwice: 0, paidMoreThanThree: 0 };
    for (const number of numbers) {
      if (isEnough(options, report)) break;
      const one = await playSchedule(world, seed, number, tally, options.draw);
      report.played += 1;
      incidents.paidTwice += one.incidents.paidTwice;
      incidents.paidMoreThanThree += one.incidents.paidMoreThanThree;
      if (one.faults.length > 0) faults.push(told(seed, number, one.faults, one.log));
      onProgress?.(report.played, tally);
    }
    const deep = [
      ...(await brokenRules(world, incidents)),
      ...(await foldedOtherwise(world, chanceOf(seed))),
      ...(await sentTogether(world)),
    ];
    if (deep.length > 0) faults.push(told(seed, `one of ${numbers[0]}..${numbers.at(-1)}`, deep, []));
  } finally {
    await world.close();
  }
}

const isEnough = ({ mostFaulty = 5, isOver }: ChaosOptions, { faults }: ChaosReport): boolean =>
  faults.length >= mostFaulty || isOver?.() === true;

function told(seed: number, number: number | string, faults: readonly string[], log: readonly string[]): string {
  const again = typeof number === 'number' ? `again with: npm run chaos -- --seed ${seed} --only ${number}` : '';
  return [
    `seed ${seed}, schedule ${number}; ${again}`,
    ...faults.map((fault) => `  ! ${fault}`),
    ...log.map((line) => `    ${line}`),
  ].join('\n');
}

/** The self-check finds nothing but what false proofs have brought about, and all of that. */
async function brokenRules(world: World, { paidTwice, paidMoreThanThree }: Incidents): Promise<string[]> {
  const expected = new Map([
    ['nobody was paid an instalment twice, or is about to be', paidTwice],
    ['nobody was paid more than three transfers', paidMoreThanThree],
  ]);
  const { checks } = await world.service.app.get(SelfCheckService).run(world.people.schedule);
  return checks.flatMap(({ name, faults }) => {
    const wanted = expected.get(name) ?? 0;
    return faults === wanted ? [] : [`the self-check: ${name}: ${faults}, of ${wanted}`];
  });
}

/** All evidence of each attempt, from nothing and in several orders, gives the state that is stored. */
async function foldedOtherwise(world: World, chance: Chance): Promise<string[]> {
  const rows = await world.look<{ id: string; state: AttemptState; kinds: EvidenceKind[] }>(
    `select a.id, a.state, array(select e.kind from payments.evidence e where e.attempt_id = a.id) kinds from payments.attempt a`,
  );
  return rows.flatMap(({ id, state, kinds }) => {
    const folded = new Set([kinds, chance.shuffled(kinds), chance.shuffled(kinds)].map((order) => foldEvidence(order)));
    return folded.size === 1 && folded.has(state)
      ? []
      : [`attempt ${id} is ${state}, and its evidence says ${[...folded].join(', ')}`];
  });
}

/** Two instalments that an operator was sent in one month, without having been signed as a catch-up. */
async function sentTogether(world: World): Promise<string[]> {
  const rows = await world.look<{ attempt_id: string }>(
    `with sent as (
       select o.client_id, o.instalment, d.attempt_id, date_trunc('month', d.dispatched_at at time zone e.time_zone) sent_in
       from payments.dispatch d join payments.attempt a on a.id = d.attempt_id join payments.obligation o on o.id = a.obligation_id
       join payments.enrolment e on e.id = o.enrolment_id join payments.run r on r.id = a.run_id
       where not r.catch_up and o.tops_up is null and a.state not in ('failed', 'returned', 'reversed'))
     select other.attempt_id from sent one join sent other using (client_id, sent_in) where one.instalment < other.instalment`,
  );
  return rows.map(({ attempt_id: attempt }) => `attempt ${attempt} was sent in the month of another instalment`);
}
