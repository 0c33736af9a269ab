/**
 * The random schedules find faults: the service is spoilt in ways in which others have failed, and each time they say so, with seed and schedule.
 * It takes minutes, so it runs when asked for: UCT_CHAOS_FAULTS=yes npm test -- chaos-finds-faults
 */
import { describe, expect, it, jest } from '@jest/globals';
import { PostingService } from '../src/ledger/posting.service.js';
import { Operator } from '../src/transfers/rails/mobile-money/operator.js';
import type { RailPort, RailReply } from '../src/transfers/rails/rail-port.js';
import { RunsService } from '../src/transfers/runs.service.js';
import { playChaos } from './support/chaos/chaos.js';
import type { World } from './support/chaos/world.js';

const SEED = 20_260_302;
jest.setTimeout(600_000);
const MOST = 60;

/** Schedules until the first fault is found. */
async function found(spoil: (world: World) => Promise<void> | void, expected: RegExp): Promise<void> {
  const { faults } = await playChaos({ seed: SEED, schedules: MOST, spoil, mostFaulty: 1 });
  expect(faults.length).toBeGreaterThan(0);
  expect(faults[0]).toMatch(
    new RegExp(`^seed ${SEED}, schedule \\d+; again with: npm run chaos -- --seed ${SEED} --only \\d+\n`),
  );
  expect(faults[0]).toMatch(expected);
}

function railOf(world: World): RailPort {
  const { connected } = world.service.app.get(Operator);
  if (!connected) throw new Error('there is no operator');
  return connected.rail;
}

const isNoAnswer = ({ answer }: RailReply) => answer.kind === 'unclear' && answer.why === 'no-answer';

const whenAskedFor = process.env.UCT_CHAOS_FAULTS ? describe : describe.skip;

whenAskedFor('A fault of the service is found, where it', () => {
  it('sends again what was not answered, to a rail that does not know its ids again', () =>
    found((world) => {
      const rail = railOf(world);
      const send = rail.send.bind(rail);
      rail.send = async (instruction) => {
        const reply = await send(instruction);
        return isNoAnswer(reply) ? send(instruction) : reply;
      };
    }, /was paid twice|was sent twice/));

  it('takes silence for a failure', () =>
    found((world) => {
      const rail = railOf(world);
      const send = rail.send.bind(rail);
      rail.send = async (instruction) => {
        const reply = await send(instruction);
        return isNoAnswer(reply) ? { ...reply, answer: { kind: 'failed', code: 'formatError' } } : reply;
      };
    }, /paid twice|and the rail says settled/));

  it('takes a duplicate for a failure', () =>
    found((world) => {
      const rail = railOf(world);
      const send = rail.send.bind(rail);
      rail.send = async (instruction) => {
        const reply = await send(instruction);
        const isDuplicate = reply.answer.kind === 'unclear' && reply.answer.why === 'duplicate';
        return isDuplicate ? { ...reply, answer: { kind: 'failed', code: 'identifierError' } } : reply;
      };
    }, /paid twice|and the rail says settled/));

  it('loses an entry of the books', () =>
    found((world) => {
      const posting = world.service.app.get(PostingService);
      const postAll = posting.postAll.bind(posting);
      posting.postAll = (manager, entries, on) =>
        postAll(
          manager,
          entries.filter(({ kind }) => kind !== 'return'),
          on,
        );
    }, /by our books/));
});

/** Before each run, what is unknown is put back to be paid, as if a script had set it right by hand. */
function putBackUnknown(world: World): void {
  const runs = world.service.app.get(RunsService);
  const putBack = () =>
    world.look("update payments.obligation set state = 'scheduled', run_id = null where state = 'unknown'");
  const prepare = runs.prepare.bind(runs);
  const prepareDue = runs.prepareDue.bind(runs);
  runs.prepare = (actor, input) => putBack().then(() => prepare(actor, input));
  runs.prepareDue = (actor, country) => putBack().then(() => prepareDue(actor, country));
}

describe('When somebody puts back by hand what is unknown', () => {
  it('the database keeps it from being paid again', async () => {
    const { faults } = await playChaos({ seed: SEED, schedules: MOST, spoil: putBackUnknown });
    expect(faults.join('\n')).not.toMatch(/paid twice/);
  });

  it('it is found paid twice once the rules of the database are gone that keep it from that', () =>
    found(async (world) => {
      await world.look('drop index payments.one_live_attempt');
      await world.look('drop trigger require_dead_predecessor on payments.attempt');
      await world.look('drop trigger refuse_superseding_the_living on payments.attempt');
      putBackUnknown(world);
    }, /was paid twice/));
});
