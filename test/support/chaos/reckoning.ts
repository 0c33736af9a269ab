/** After the faults: everything is delivered, asked about, told and resolved; and then what we say is held against what the rail did. */
import { RunsService } from '../../../src/transfers/runs.service.js';
import { DispatchService } from '../../../src/transfers/rails/mobile-money/dispatch.service.js';
import { EnquiriesService } from '../../../src/transfers/rails/mobile-money/enquiries.service.js';
import { ResultsService } from '../../../src/transfers/results.service.js';
import type { Cast } from './cast.js';
import type { Attempt, Scene } from './scene.js';

const OPEN = ['instructed', 'accepted', 'unknown'];
/** Where a transfer may be at the end; each says by itself what comes next. */
const EXPLAINED = ['scheduled', 'on_hold', 'settled', 'failed', 'returned', 'reversed'];
const MOST_ROUNDS = 15;

/** Throws when something stays open for good. */
export async function reckon(scene: Scene, { acts, payers, bank, cashiers }: Cast): Promise<void> {
  const { world } = scene;
  const { app } = world.service;
  const { schedule, approver } = world.people;
  scene.log.push('-- reckoning');
  await acts.finishReleases();
  for (const run of await scene.openRuns()) await app.get(RunsService).sendBack(approver, run.id, 'the end');
  for (let round = 1; ; round += 1) {
    await app.get(DispatchService).dispatchDue(schedule);
    scene.collect();
    for (const callback of scene.callbacks.splice(0)) await acts.receive(callback);
    await app.get(EnquiriesService).askDue(schedule);
    await bank?.settle();
    await cashiers?.settle();
    await payers.pay();
    payers.undoLies(await scene.attempts());
    await payers.tellAll();
    await app.get(ResultsService).noticeSilence(schedule);
    await payers.resolve(await scene.attempts());
    const open = (await scene.attempts()).filter(({ state }) => OPEN.includes(state));
    const isQuiet =
      !bank?.hasNews() &&
      scene.callbacks.length === 0 &&
      scene.heard.length === 0 &&
      scene.heardByBank.length === 0 &&
      !payers.hasNews();
    // What the rail still does of itself, like giving money back, it does within five days.
    if (open.length === 0 && isQuiet && round > 2) return;
    if (round === MOST_ROUNDS) throw new Error(`stays open: ${JSON.stringify(open)}`);
    scene.pass(3 * 24 * 60);
  }
}

/** What does not agree; empty when all is well. */
export async function faultsOf(scene: Scene): Promise<string[]> {
  const attempts = await scene.attempts();
  const byId = new Map(attempts.map((attempt) => [attempt.id, attempt]));
  return [
    ...paidTwice(scene, byId),
    ...sentWithoutRight(scene, byId),
    ...sentAgainstTheirWill(scene, byId),
    ...attempts.flatMap((attempt) => disagreement(scene, attempt)),
    ...twoInAMonth(scene, attempts),
    ...(await unexplained(scene)),
    ...(await booksDiffer(scene)),
  ];
}

/** At no moment has a client more than once what they are owed, whatever was given back by then. */
function paidTwice(scene: Scene, byId: ReadonlyMap<string, Attempt>): string[] {
  const has = new Map<string, number>();
  return scene.simulator.ledger.flatMap(({ id, kind }) => {
    const transfer = byId.get(id)?.transfer;
    if (!transfer) return [`the rail moved money for ${id}, which is no attempt of ours`];
    const count = (has.get(transfer) ?? 0) + (kind === 'paid' ? 1 : -1);
    has.set(transfer, count);
    return count > 1 && !scene.lies.has(transfer) ? [`transfer ${transfer} was paid twice`] : [];
  });
}

function sentWithoutRight(scene: Scene, byId: ReadonlyMap<string, Attempt>): string[] {
  const seen = new Set<string>();
  return scene.simulator.received.flatMap((id) => {
    const wasSeen = seen.has(id);
    seen.add(id);
    if (wasSeen) return [`${id} was sent twice`];
    const attempt = byId.get(id);
    return attempt && !attempt.released ? [`${id} was sent and its run is not released`] : [];
  });
}

function sentAgainstTheirWill(
  { simulator, unwilling, whileUnwilling }: Scene,
  byId: ReadonlyMap<string, Attempt>,
): string[] {
  const still = [...unwilling].map(([client, from]) => ({ client, from, to: simulator.received.length }));
  return [...whileUnwilling, ...still].flatMap(({ client, from, to }) =>
    simulator.received
      .slice(from, to)
      .filter((id) => byId.get(id)?.client === client && byId.get(id)?.rail !== 'cash') // what was carried out before is given or not
      .map((id) => `${id} was sent while its client did not want to be paid`),
  );
}

function disagreement({ simulator }: Scene, { id, state, rail, evidence }: Attempt): string[] {
  const movements = simulator.ledger.filter((movement) => movement.id === id).map(({ kind }) => kind);
  const expected = movements.includes('reversed')
    ? 'reversed'
    : movements.includes('returned')
      ? 'returned'
      : movements.includes('paid')
        ? 'settled'
        : 'failed';
  // Money that an operator took back is 'returned' by its own word, and 'reversed' by the answer to our request.
  const back = ['reversed', 'returned'];
  const isSame = state === expected || (back.includes(expected) && back.includes(state));
  return isSame ? [] : [`${rail} ${id} is ${state}, and the rail says ${expected}; evidence: ${evidence.join(', ')}`];
}

/** What was proven at the time not to have been paid does not count as the other one. */
function twoInAMonth(scene: Scene, attempts: readonly Attempt[]): string[] {
  const live = attempts.filter(
    (one) => !one.catch_up && !one.is_top_up && !scene.lies.has(one.transfer) && hasNoDeath(one),
  );
  return live.flatMap((one, at) =>
    live
      .slice(at + 1)
      .filter(
        (other) =>
          other.client === one.client &&
          other.instalment !== one.instalment &&
          other.instructed_on.slice(0, 7) === one.instructed_on.slice(0, 7),
      )
      .map(
        () => `client ${one.client} was sent two instalments in ${one.instructed_on.slice(0, 7)} without a catch-up`,
      ),
  );
}

const hasNoDeath = ({ evidence }: Attempt): boolean =>
  !evidence.some((kind) => ['failed', 'resolved-not-paid', 'returned', 'reversed'].includes(kind));

async function unexplained(scene: Scene): Promise<string[]> {
  return (await scene.transfers())
    .filter(({ state }) => !EXPLAINED.includes(state))
    .map(({ id, state }) => `transfer ${id} is left ${state}`);
}

/** What the books say is paid, came back and is on its way, against what the rail moved. */
async function booksDiffer(scene: Scene): Promise<string[]> {
  const rows = await scene.world.look<{ kind: string; balance: string; pending: string }>(
    `select a.kind, sum(b.debits_posted - b.credits_posted)::text balance, sum(b.debits_pending + b.credits_pending)::text pending
     from ledger.account a join ledger.balance b on b.account_id = a.id where a.fund_id = $1 group by a.kind`,
    [scene.fundId],
  );
  const held = (kind: string) => BigInt(rows.find((row) => row.kind === kind)?.balance ?? '0');
  const moved = (isPaid: boolean) =>
    scene.simulator.ledger
      .filter(({ kind }) => (kind === 'paid') === isPaid)
      .reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  const sides: [string, bigint, bigint][] = [
    ['paid', held('paid'), moved(true)],
    ['returned', -held('returned'), moved(false)],
    ['in clearing', held('clearing'), 0n],
    ['reserved', rows.reduce((sum, { pending }) => sum + BigInt(pending), 0n), 0n],
  ];
  return sides.flatMap(([what, ours, theirs]) =>
    ours === theirs ? [] : [`by our books ${ours} is ${what}, by the rail's ${theirs}`],
  );
}
