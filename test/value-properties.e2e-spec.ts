/** Whatever the order of wages, reviews and payments: what a client gets for an instalment is the most that any decision gave, and the books have it. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { enrolClient, newId, prepareRun } from './support/builders.js';
import { chanceOf, seedFor } from './support/chance.js';
import { books, brokenRules, callOffWhatIsDue, report, transfersOf, type TransferBody } from './support/runs.js';
import { startTestService, travel, type TestService } from './support/service.js';
import { confirmWage, openWageFund, regionWithWage, wageFrom } from './support/wages.js';

const TODAY = '2026-03-02';
/** Month ends, so that clamped due days and days of effect meet. */
const ANCHORS = ['2025-12-31', '2026-01-30', '2026-01-31', '2026-02-28', '2026-03-02', '2025-11-30'];
const STORIES = 6;
const STEPS = 9;

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ today: TODAY });
}, 60_000);
afterAll(() => service.close());

/** A wage as the model knows it; the later in force wins, and of two from one day the one that was confirmed later. */
interface Known {
  id: string;
  daily: number;
  from: string;
}

describe('The value of an instalment', () => {
  const seed = seedFor('value over time');
  for (let story = 0; story < STORIES; story += 1)
    it(`is the most that any decision gave (seed ${seed}, story ${story})`, () => tell(seed + story));
});

async function tell(seed: number): Promise<void> {
  const draw = chanceOf(seed);
  const said: string[] = [];
  try {
    const fund = await openWageFund(service, 'raise_only');
    const region = await regionWithWage(service, '400');
    const anchorOn = draw.pick(ANCHORS);
    const { client, transfers } = await enrolClient(service, fund, anchorOn, { country: 'TH', region });
    said.push(`anchored on ${anchorOn}, which is due on ${transfers.map(({ dueOn }) => dueOn).join(', ')}`);
    const known: Known[] = [{ id: '', daily: 400, from: '2025-01-01' }];
    const model = new Map(transfers.map(({ instalment, dueOn }) => [instalment, { dueOn, worth: 400 * 30 * 100 }]));
    const effective = [...transfers.map(({ dueOn }) => dueOn), '2026-02-01', '2026-03-01', '2026-03-29'];
    const unsettled: { run: string; transfer: string }[] = [];
    for (let step = 0; step < STEPS; step += 1) {
      const act = draw.pick(['wage', 'wage', 'review', 'review', 'pay', 'settle'] as const);
      if (act === 'wage') {
        const from = draw.pick(effective);
        if (known.some((one) => one.from === from)) continue; // a correction of it would be known from the same day
        const daily = 380 + draw.integer(0, 79);
        known.push({ id: await confirmWage(service, wageFrom('TH', String(daily), from, region)), daily, from });
        said.push(`${daily} a day from ${from}`);
      } else if (act === 'review' && known.length > 1) {
        const wage = draw.pick(known.slice(1));
        const id = newId();
        const { status } = await service
          .as('finance-preparer')
          .post('/api/v1/value-reviews', { id, fund, wageRate: wage.id });
        const expected = [...model.values()].filter(
          (one) => inForce(known, one.dueOn) === wage && wage.daily * 3000 > one.worth,
        );
        expect(status).toBe(expected.length > 0 ? 201 : 422);
        for (const one of expected) one.worth = wage.daily * 3000;
        if (expected.length > 0)
          await service.as('finance-approver').post(`/api/v1/value-reviews/${id}/approval`).expect(200);
        said.push(`a review of ${wage.daily}: ${expected.length} worth more`);
      } else if (act === 'pay') {
        const due = (await transfersOf(service, client)).filter(
          ({ state, dueOn }) => state === 'scheduled' && dueOn <= TODAY,
        );
        if (due.length === 0) continue;
        const run = await prepareRun(service, TODAY, 'TH', true);
        said.push(`a run of ${run.count}`);
        if (draw.percent(25)) {
          await service
            .as('finance-preparer')
            .post(`/api/v1/runs/${run.id}/send-back`, { reason: 'by chance' })
            .expect(200);
          said.push('sent back');
          continue;
        }
        await service
          .as('finance-approver')
          .post(`/api/v1/runs/${run.id}/approvals`, { digest: run.digest })
          .expect(200);
        await service.as('finance-releaser').post(`/api/v1/runs/${run.id}/release`, { digest: run.digest }).expect(200);
        unsettled.push(...due.map(({ id }) => ({ run: run.id, transfer: id })));
      } else if (act === 'settle' && unsettled.length > 0) {
        const { run, transfer } = unsettled.splice(
          draw.integer(0, unsettled.length - 1),
          1,
        )[0] as (typeof unsettled)[number];
        await report(service, run, { transfer, outcome: 'settled' });
        said.push('one is settled');
      }
      hold(await transfersOf(service, client), model);
    }
    for (const { run, transfer } of unsettled) await report(service, run, { transfer, outcome: 'settled' });
    const paid = (await transfersOf(service, client)).filter(({ state }) => state === 'settled');
    expect(await books(service, fund)).toMatchObject({ paid: major(sum(paid)), committed: major(sum(paid)) });
    expect(await brokenRules(service)).toEqual([]);
  } catch (error) {
    throw new Error(`seed ${seed}: ${said.join('; ')}`, { cause: error });
  } finally {
    await callOffWhatIsDue(service);
    travel(service, TODAY);
  }
}

/** Never below what it was, never a fourth transfer, and the transfer with its top-ups is what the model says. */
function hold(all: readonly TransferBody[], model: ReadonlyMap<number, { worth: number }>): void {
  expect(all.filter(({ topsUp }) => topsUp === null)).toHaveLength(3);
  for (const [instalment, { worth }] of model)
    expect({ instalment, minor: sum(all.filter((one) => one.instalment === instalment)) }).toEqual({
      instalment,
      minor: BigInt(worth),
    });
}

function inForce(known: readonly Known[], on: string): Known | undefined {
  return [...known].filter(({ from }) => from <= on).sort((a, b) => (a.from < b.from ? 1 : -1))[0];
}

const minorOf = (amount: string) => BigInt(amount.replace('.', ''));
const sum = (transfers: readonly TransferBody[]) => transfers.reduce((all, { amount }) => all + minorOf(amount), 0n);
const major = (minor: bigint) => `${minor / 100n}.${String(minor % 100n).padStart(2, '0')}`;
