/**
 * The random schedules find faults: the service is spoilt in ways in which others have failed, and they say so, with seed and schedule. The rail is
 * drawn from what brings the fault about, so that a few schedules are enough.
 */
import { describe, expect, it, jest } from '@jest/globals';
import { PostingService } from '../src/ledger/posting.service.js';
import { DispatchService } from '../src/transfers/rails/mobile-money/dispatch.service.js';
import { EnquiriesService } from '../src/transfers/rails/mobile-money/enquiries.service.js';
import { Operator } from '../src/transfers/rails/mobile-money/operator.js';
import type { RailPort, RailReply } from '../src/transfers/rails/rail-port.js';
import { RunsService } from '../src/transfers/runs.service.js';
import { playChaos } from './support/chaos/chaos.js';
import type { Draw } from './support/chaos/scene.js';
import type { World } from './support/chaos/world.js';

const SEED = 20_260_302;
/** Each schedule of what is drawn here has an even chance or better to find the fault. */
const MOST = 40;
jest.setTimeout(600_000);

type Spoil = (world: World) => Promise<void> | void;

/** Schedules until the first fault is found. */
async function found(draw: Draw, spoil: Spoil, expected: RegExp): Promise<void> {
  const { faults } = await playChaos({ seed: SEED, schedules: MOST, draw, spoil, mostFaulty: 1 });
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

/** What the operator answered is taken for something else. */
function answeredOtherwise(world: World, otherwise: (reply: RailReply) => RailReply): void {
  const rail = railOf(world);
  const send = rail.send.bind(rail);
  rail.send = async (instruction) => otherwise(await send(instruction));
}

const isUnclear = ({ answer }: RailReply, why: string) => answer.kind === 'unclear' && answer.why === why;

describe('A fault of the service is found, where it', () => {
  it('sends again what was not answered, to a rail that does not know its ids again', () =>
    found(
      { rails: ['mobile-money'], modes: ['timeout-paid'] },
      (world) => {
        const rail = railOf(world);
        const send = rail.send.bind(rail);
        rail.send = async (instruction) => {
          const reply = await send(instruction);
          return isUnclear(reply, 'no-answer') ? send(instruction) : reply;
        };
      },
      /was paid twice|was sent twice/,
    ));

  it('takes silence for a failure', () =>
    found(
      { rails: ['mobile-money'], modes: ['timeout-paid'] },
      (world) =>
        answeredOtherwise(world, (reply) =>
          isUnclear(reply, 'no-answer') ? { ...reply, answer: { kind: 'failed', code: 'formatError' } } : reply,
        ),
      /paid twice|and the rail says settled/,
    ));

  it('takes a duplicate for a failure', () =>
    found(
      { rails: ['mobile-money'], modes: ['duplicate-refusal'] },
      (world) =>
        answeredOtherwise(world, (reply) =>
          isUnclear(reply, 'duplicate') ? { ...reply, answer: { kind: 'failed', code: 'identifierError' } } : reply,
        ),
      /paid twice|and the rail says settled/,
    ));

  it('loses an entry of the books', () =>
    found(
      { modes: ['settle-then-return'] },
      (world) => {
        const posting = world.service.app.get(PostingService);
        const postAll = posting.postAll.bind(posting);
        posting.postAll = (manager, entries, on) =>
          postAll(
            manager,
            entries.filter(({ kind }) => kind !== 'return'),
            on,
          );
      },
      /by our books/,
    ));
});

/** What the operator of mobile money has paid and does not say so. */
const PAID_AND_UNKNOWN: Draw = { rails: ['mobile-money'], modes: ['timeout-paid', 'error-paid', 'duplicate-refusal'] };

/** Before each run, what is unknown is put back to be paid, as if a script had set it right by hand; and nobody asks the operator about it. */
function putBackUnknown(world: World): void {
  const { app } = world.service;
  const runs = app.get(RunsService);
  app.get(EnquiriesService).askDue = () => Promise.resolve(0);
  const putBack = async () => {
    await app.get(DispatchService).dispatchDue(world.people.schedule);
    await world.look("update payments.obligation set state = 'scheduled', run_id = null where state = 'unknown'");
  };
  const prepare = runs.prepare.bind(runs);
  const prepareDue = runs.prepareDue.bind(runs);
  runs.prepare = (actor, input) => putBack().then(() => prepare(actor, input));
  runs.prepareDue = (actor, country) => putBack().then(() => prepareDue(actor, country));
}

const DEAD_PREDECESSOR = 'drop trigger require_dead_predecessor on payments.attempt';
const SUPERSEDING = 'drop trigger refuse_superseding_the_living on payments.attempt';
const REISSUE = 'drop trigger require_reissue on payments.attempt';

function puttingBackWithout(...rules: string[]): Spoil {
  return async (world) => {
    for (const rule of rules) await world.look(rule);
    putBackUnknown(world);
  };
}

describe('When somebody puts back by hand what is unknown', () => {
  it.each([
    {
      kept: 'nothing follows what may have paid',
      gone: [SUPERSEDING, REISSUE],
      says: /attempt \d needs attempt \d to have failed/,
    },
    {
      kept: 'what may have paid is not superseded',
      gone: [DEAD_PREDECESSOR, REISSUE],
      says: /that may have paid cannot be superseded/,
    },
    {
      kept: 'what nobody put back is not paid again',
      gone: [SUPERSEDING, DEAD_PREDECESSOR],
      says: /a second try follows one that somebody put back/,
    },
  ])('one rule of the database is enough to keep it from being paid again: $kept', ({ gone, says }) =>
    found(PAID_AND_UNKNOWN, puttingBackWithout(...gone), says),
  );

  it('it is found paid twice once all are gone', () =>
    found(PAID_AND_UNKNOWN, puttingBackWithout(SUPERSEDING, DEAD_PREDECESSOR, REISSUE), /was paid twice/));
});
