/** One random schedule: clients are enrolled, months pass, people and the rail do what they do in any order, the service dies now and then. */
import { addMonths, type PlainDate } from '../../../src/kernel/domain/plain-date.js';
import { rails, type Rail } from '../../../src/funds/rails.js';
import { chanceOf, seedOf } from '../chance.js';
import { Acts } from './acts.js';
import { Bank } from './bank.js';
import { Cashiers } from './cashiers.js';
import type { Cast } from './cast.js';
import { Midway } from './midway.js';
import { Payers } from './payers.js';
import { faultsOf, reckon } from './reckoning.js';
import { Scene, type Draw, type Tally } from './scene.js';
import type { World } from './world.js';

/** What somebody's false proof has brought about. */
export interface Incidents {
  /** Transfers that were paid twice. */
  paidTwice: number;
  /** Clients who got more than three transfers by that. */
  paidMoreThanThree: number;
}

export interface Played {
  number: number;
  faults: string[];
  incidents: Incidents;
  log: string[];
}

/** Days on which months begin and end, of leap years and others. */
const DAYS = ['01', '27', '28', '29', '30', '31', '15'];
const COUNTRIES = ['MM', 'MM', 'TH', 'LA'];

export async function playSchedule(
  world: World,
  seed: number,
  number: number,
  tally: Tally,
  draw: Draw = {},
): Promise<Played> {
  const chance = chanceOf(seedOf(`${seed}/${number}`));
  const start = startDay(chance.integer(2026, 2032), chance.integer(1, 12), chance.pick(DAYS));
  const time = chance.pick(['00:10', '10:00', '10:00', '23:50']);
  const isCalm = chance.percent(15);
  const scene = new Scene(
    world,
    seedOf(`${seed}/${number}/rail`),
    chance,
    tally,
    new Date(`${start}T${time}:00+07:00`),
    isCalm,
    draw,
  );
  const faults: string[] = [];
  try {
    await play(scene, start, draw.rails);
    faults.push(...(await faultsOf(scene)));
  } catch (error) {
    faults.push(`threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  } finally {
    await world.process.revive();
  }
  await leaveNothingDue(world);
  const { simulator, lies } = scene;
  const attempts = await scene.attempts();
  const settled = attempts.filter(({ state }) => state === 'settled');
  const paidTwice = [...lies].filter((transfer) => settled.filter((one) => one.transfer === transfer).length > 1);
  const clients = new Set(settled.filter(({ transfer }) => paidTwice.includes(transfer)).map(({ client }) => client));
  const paidMoreThanThree = [...clients].filter(
    (client) => settled.filter((one) => one.client === client && !one.is_top_up).length > 3,
  );
  tally.set('payments of the rail', (tally.get('payments of the rail') ?? 0) + simulator.ledger.length);
  tally.set('attempts', (tally.get('attempts') ?? 0) + attempts.length);
  if (paidTwice.length > 0) scene.count('paid twice on false proof, and raised');
  const incidents = { paidTwice: paidTwice.length, paidMoreThanThree: paidMoreThanThree.length };
  return { number, faults, incidents, log: scene.log };
}

async function play(scene: Scene, start: PlainDate, only?: readonly Rail[]): Promise<void> {
  const { chance } = scene;
  const acts = new Acts(scene);
  const payers = new Payers(scene);
  const midway = new Midway(scene);
  const mayLie = chance.percent(4);
  if (chance.percent(20)) {
    scene.region = `Region of ${scene.chance.id()}`;
    await midway.firstWage();
  }
  const fund = await acts.openFund(chance.percent(6) ? '9414.00' : '1000000.00');
  const bank = chance.percent(60) ? new Bank(scene, fund) : undefined;
  await bank?.openAccount();
  const cashiers = chance.percent(60) ? new Cashiers(scene) : undefined;
  const cast: Cast = { acts, payers, midway, bank, cashiers };
  const oneRail = only || chance.percent(50) ? chance.pick(only ?? rails) : undefined;
  const anchorOn = addMonths(start, -chance.pick([0, 0, 0, 1, 2]));
  const clients = chance.pick([1, 1, 1, 2, 2, 3]);
  for (let n = 0; n < clients; n += 1)
    await acts.enrol(scene.region ? 'TH' : chance.pick(COUNTRIES), oneRail ?? railFor(chance.integer(0, 99)), anchorOn);
  const months = chance.pick([1, 1, 2, 2, 3]);
  for (let month = 0; month < months; month += 1) {
    if (month > 0) await toNextMonth(scene);
    await pay(scene, acts);
    const steps = chance.integer(3, 7);
    for (let n = 0; n < steps; n += 1) await anything(scene, cast, mayLie);
  }
  await reckon(scene, cast);
}

/** Mobile money has the most that can go wrong. */
const railFor = (draw: number): Rail =>
  draw < 50 ? 'mobile-money' : draw < 67 ? 'bank-file' : draw < 84 ? 'cash' : 'manual';

/** The next due day, or a week after it: downtime over a month's end. */
async function toNextMonth(scene: Scene): Promise<void> {
  const today = scene.railDay();
  const [next] = (await scene.transfers()).map(({ due_on: day }) => day).filter((day) => day > today);
  const late = scene.chance.pick([0, 0, 0, 1, 7]);
  if (late === 7) scene.count('a week of downtime');
  if (next) scene.passUntil(next);
  if (late > 0) scene.pass(late * 24 * 60);
}

/** What is due is prepared and signed, as far as it comes. */
async function pay(scene: Scene, acts: Acts): Promise<void> {
  const { chance } = scene;
  if (chance.percent(40)) {
    for (const country of new Set(scene.clients.map((client) => client.country))) await acts.prepareBySchedule(country);
  } else {
    await acts.prepareByHand(chance.pick([0, 0, 1, 14]), chance.percent(15));
  }
  await sign(scene, acts);
}

async function sign(scene: Scene, acts: Acts): Promise<void> {
  const { chance } = scene;
  for (const run of await scene.openRuns()) {
    if (chance.percent(5)) await acts.sendBack(run);
    if (chance.percent(8)) await acts.hold(chance.pick(scene.transferIds));
    if (!run.acts.includes('approve')) await acts.approve(run);
    if (chance.percent(90)) await acts.release(run);
  }
}

type Act = (scene: Scene, cast: Cast) => Promise<unknown> | void;

/** What may happen next, and how often of a hundred. */
const ACTS: readonly (readonly [number, Act])[] = [
  [14, (_, { acts }) => acts.send()],
  [13, (_, { acts }) => acts.ask()],
  [14, (_, { acts }) => acts.deliver()],
  [
    11,
    (_, { payers, bank, cashiers }) =>
      payers
        .pay()
        .then(() => bank?.send())
        .then(() => cashiers?.goOn()),
  ],
  [
    11,
    (_, { payers, bank, cashiers }) =>
      payers
        .tell()
        .then(() => bank?.takeIn())
        .then(() => cashiers?.goOn()),
  ],
  [
    4,
    (scene, { payers, bank }) =>
      payers.statement().then(() => bank?.statement(scene.dayAfter(-scene.chance.integer(0, 3)))),
  ],
  [4, (_, { acts }) => acts.follow()],
  [5, (scene) => scene.pass(scene.chance.pick([1, 20, 90, 360]))],
  [4, (scene) => scene.pass(scene.chance.pick([1, 1, 2, 4]) * 24 * 60)],
  [2, (_, { acts }) => acts.changeMind()],
  [2, (_, { midway }) => midway.changeRail()],
  [2, (scene, { acts }) => acts.hold(scene.chance.pick(scene.transferIds))],
  [2, (scene, { acts }) => acts.endHold(scene.chance.pick(scene.transferIds))],
  [6, (scene, { acts }) => putBack(scene, acts)],
  [2, (scene, { acts }) => sign(scene, acts)],
  [2, (scene, { acts }) => askBack(scene, acts)],
  [2, async (scene, { payers }) => payers.resolve(await scene.attempts())],
];

async function anything(scene: Scene, cast: Cast, mayLie: boolean): Promise<void> {
  if (mayLie && scene.chance.percent(30)) return cast.payers.lie();
  if (scene.region && scene.chance.percent(12)) return cast.midway.raiseWage();
  let draw = scene.chance.integer(1, 100);
  for (const [share, act] of ACTS) {
    draw -= share;
    if (draw <= 0) return void (await act(scene, cast));
  }
}

async function putBack(scene: Scene, acts: Acts): Promise<void> {
  const back = (await scene.transfers()).filter(({ state }) => ['failed', 'returned', 'reversed'].includes(state));
  for (const { id } of back) await acts.reissue(id);
  if (back.length > 0) await pay(scene, acts);
}

async function askBack(scene: Scene, acts: Acts): Promise<void> {
  const paid = (await scene.attempts()).find(({ rail, state }) => rail === 'mobile-money' && state === 'settled');
  if (paid) await acts.askBack(paid.transfer, paid.attempt_no);
}

function startDay(year: number, month: number, day: string): PlainDate {
  const first = `${year}-${String(month).padStart(2, '0')}-01`;
  const wished = `${first.slice(0, 8)}${day}`;
  const end = new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
  const start = wished > end ? end : wished;
  // Before this day there is no grant to pay from.
  return start < '2026-03-01' ? '2026-03-01' : start;
}

/** So that the next schedule finds a world in which nothing is to be done but its own. */
async function leaveNothingDue(world: World): Promise<void> {
  await world.look(
    `update payments.obligation set state = 'cancelled', cancelled_at = now(), hold_reason = null, run_id = null
     where state in ('planned', 'scheduled', 'on_hold', 'in_run', 'approved')`,
  );
  await world.look('update payments.enquiry set next_at = null where next_at is not null');
}
