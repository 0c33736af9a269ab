/** The ledger beside a model of it: after each of many random steps both gave the same answer and hold the same in every account. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { EntryInput, PostResult } from '../../src/ledger/domain/entry.js';
import { replayOf, replaySeed, seedFor } from '../support/chance.js';
import { entriesOf, Rolls, STEP_NAMES } from '../support/ledger-steps.js';
import { openModelBooks, type ModelBooks, type World } from '../support/model-books.js';

/** All of it: UCT_MODEL_STEPS=100000 npm test -- ledger/model */
const STEPS = Number(process.env.UCT_MODEL_STEPS ?? (process.env.CI === 'true' ? 10_000 : 3_000));
const LONGEST_RUN = 500;
const FIRST_DAY = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;

/** A model that never met one of these has shown nothing about it. The last two refuse a whole transaction. */
const EVERY_ENDING: readonly (PostResult | '23505' | 'UCT08')[] = [
  'created',
  'exists',
  'conflict',
  'insufficient',
  'currency-not-held',
  'other-fund',
  'accounts-not-of-kind',
  'period-closed',
  'pending-mismatch',
  'already-resolved',
  'reversal-mismatch',
  'already-reversed',
  'never-paid',
  'already-returned',
  'link-refused',
  '23505',
  'UCT08',
];

let books: ModelBooks;
const met = new Map<string, number>();
let taken = 0;

beforeAll(async () => {
  books = await openModelBooks();
});
afterAll(() => books.close());

/** Posts what some steps come to, here and in the model, and compares. */
class Post implements fc.AsyncCommand<World, ModelBooks> {
  constructor(
    private readonly names: readonly string[],
    private readonly drawn: readonly number[],
    private readonly daysBack: number,
  ) {}

  check = (world: Readonly<World>): boolean => this.entries(world).length > 0;

  async run(world: World): Promise<void> {
    const items = this.entries(world);
    const day = dayOf(world.day - this.daysBack);
    const expected = world.model.post(items, day);
    const answered = await books.post(items, day, world);
    // The comparison that tells well is the slow one.
    const agreed = { ...expected, balances: world.balances() };
    if (JSON.stringify(answered) !== JSON.stringify(agreed))
      expect({ ...answered, items }).toEqual({ ...agreed, items });
    for (const ending of 'results' in expected ? expected.results : [expected.refused])
      met.set(ending, (met.get(ending) ?? 0) + 1);
    taken += 1;
  }

  toString = (): string => `${this.names.join(' + ')} (${this.drawn.join()})${'-'.repeat(this.daysBack)}`;

  private entries(world: Readonly<World>): EntryInput[] {
    return entriesOf(this.names, world, new Rolls(this.drawn));
  }
}

/** Closes the books of a fund, and the next day begins. */
class Close implements fc.AsyncCommand<World, ModelBooks> {
  constructor(
    private readonly which: number,
    private readonly daysBack: number,
  ) {}

  check = (): boolean => true;

  async run(world: World): Promise<void> {
    const { fundId } = (world.purses[this.which % world.purses.length] as World['purses'][number]).accounts;
    const through = dayOf(world.day - this.daysBack);
    world.model.closePeriod(fundId, through);
    await books.closePeriod(fundId, through);
    world.day += 1;
    taken += 1;
  }

  toString = (): string => `close (${this.which})${'-'.repeat(this.daysBack)}`;
}

const dayOf = (day: number): string => new Date(FIRST_DAY + day * DAY_MS).toISOString().slice(0, 10);

const rolls = fc.array(fc.nat(99_999), { minLength: 12, maxLength: 12 });
const daysBack = fc.oneof(
  { weight: 14, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }) },
);
const aStep = fc.constantFrom(...STEP_NAMES);
const single = fc
  .tuple(
    aStep.map((name) => [name]),
    rolls,
    daysBack,
  )
  .map((drawn) => new Post(...drawn));
const mixed = fc
  .tuple(fc.array(aStep, { minLength: 2, maxLength: 8 }), rolls, daysBack)
  .map((drawn) => new Post(...drawn));
const closing = fc.tuple(fc.nat(3), fc.integer({ min: 0, max: 2 })).map((drawn) => new Close(...drawn));
const someSteps = (replayPath?: string) =>
  fc.commands([...Array.from({ length: 18 }, () => single), ...Array.from({ length: 6 }, () => mixed), closing], {
    maxCommands: LONGEST_RUN,
    size: 'max',
    replayPath,
  });

describe('the ledger and its model', () => {
  it(`answer and hold the same after each of ${STEPS} random steps`, async () => {
    const seed = seedFor('ledger model');
    const { path, replayPath } = replayOf();
    const beganMs = performance.now();
    const property = fc.asyncProperty(someSteps(replayPath), async (steps) => {
      const world = await books.newWorld();
      await fc.asyncModelRun(() => ({ model: world, real: books }), steps);
    });
    for (let round = 0; taken < STEPS; round += 1) {
      const numRuns = Math.min(40, Math.ceil((STEPS - taken) / (LONGEST_RUN / 4)));
      const found = await fc.check(property, { seed: seed + round, path, numRuns });
      if (found.failed)
        throw new Error(`again with UCT_TEST_SEED=${replaySeed(found)}\n${fc.defaultReportMessage(found)}`, {
          cause: found.errorInstance,
        });
      expect(await books.faults()).toEqual([]);
      if (path) return;
    }
    const tookMs = performance.now() - beganMs;
    process.stdout.write(`ledger model: ${taken} steps, ${(tookMs / taken).toPrecision(3)} ms each\n`);
    expect(EVERY_ENDING.filter((ending) => !met.has(ending))).toEqual([]);
  }, 1_200_000);
});
