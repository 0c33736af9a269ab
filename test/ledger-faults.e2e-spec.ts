/**
 * What the ledger is worth when things break: the posting process, PostgreSQL and the connection between them are killed at random moments
 * while batches are posted; what was not acknowledged is sent again with the same ids, and then every rule must hold.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { rails } from '../src/funds/rails.js';
import { Clock } from '../src/kernel/clock.js';
import { PostingService, type FundAccounts } from '../src/ledger/posting.service.js';
import { BOOKED_ON, OPEN_FUND, PLACE_FOR_FUNDS, SOMEBODY } from './support/books.js';
import { chanceFor, chanceOf } from './support/chance.js';
import { grant } from './support/entries.js';
import { Acknowledgements, CONTENT_OF_ROWS } from './support/faults/account-of-acknowledgements.js';
import type { Cut } from './support/faults/cutting-proxy.js';
import { startLine, type Line } from './support/faults/line.js';
import { query, startOwnCluster, type Kill, type OwnCluster } from './support/faults/own-cluster.js';
import { batchesOf, type Episode, type Money } from './support/faults/stories.js';
import { ledgerFaults } from './support/ledger-invariants.js';

/** All of it: UCT_FAULTS=300 npm test -- ledger-faults */
const FAULTS = Number(process.env.UCT_FAULTS ?? (process.env.CI === 'true' ? 60 : 30));
const LINES = 2;
const FAULTS_BETWEEN_CHECKS = 25;

const CUTS: readonly Cut[] = ['now', 'before the commit', 'after the commit', 'before the answer'];
/** The whole restart is the slow one. */
const KILLS: readonly Kill[] = ['the whole server', 'the postmaster', 'a backend', 'a backend'];

let cluster: OwnCluster;
let money: Money;
/** What the funds began with; no line sent it. */
let opening: Set<string>;

beforeAll(async () => {
  cluster = await startOwnCluster();
  money = await openMoney(cluster.url());
}, 120_000);
afterAll(() => cluster.stop());

async function openMoney(url: string): Promise<Money> {
  await query(url, PLACE_FOR_FUNDS);
  const dataSource = await new DataSource({ type: 'postgres', url, extra: { max: 1 } }).initialize();
  const posting = new PostingService(new Clock());
  const { manager } = dataSource;
  const openFund = async (): Promise<FundAccounts> => {
    const id = randomUUID();
    await manager.query(OPEN_FUND, [id, `fund-${id.slice(0, 8)}`, 'THB']);
    await posting.openFundAccounts(manager, id, 'THB', rails);
    return posting.openFloat(manager, id, 'THB', SOMEBODY);
  };
  try {
    const rich = [await openFund(), await openFund(), await openFund()];
    const dollars = await Promise.all(
      rich.map(({ fundId }) => posting.openFundAccounts(manager, fundId, 'USD', rails)),
    );
    const rate = { id: randomUUID(), base: 'USD', quote: 'THB', rate: '35.1234567891' };
    await manager.query(
      "insert into payments.exchange_rate values ($1, $2, $3, $4, current_date, 'the bank', $5, now())",
      [rate.id, rate.base, rate.quote, rate.rate, SOMEBODY],
    );
    const plenty = [...rich, ...dollars].map((of) => grant(of, 10 ** 12));
    await posting.postAll(manager, plenty, BOOKED_ON);
    opening = new Set(plenty.map(({ id }) => id));
    return { rich, dollars, holder: SOMEBODY, rate, poor: await openFund() };
  } finally {
    await dataSource.destroy();
  }
}

/** Where each line takes its next batch from: its own stories, and now and then what another one has posted or is posting. */
function takeTurns(seed: number): (line: number) => () => Episode[] {
  const lately: Episode[][] = [];
  return (line) => {
    const chance = chanceOf(seed + line);
    const own = batchesOf(money, chance);
    return () => {
      if (lately.length > 0 && chance.percent(10)) return chance.pick(lately);
      const batch = own.next().value;
      // Whether a refusal for want of money is the last word depends on who asks last.
      lately.push(batch.filter(({ mayBeRefused }) => !mayBeRefused));
      if (lately.length > 6) lately.shift();
      return batch;
    };
  };
}

describe('whatever is killed while entries are posted', () => {
  it(`each entry is there once and every rule of the ledger holds, after ${FAULTS} faults`, async () => {
    const chance = chanceFor('ledger faults');
    const acknowledgements = new Acknowledgements();
    const turns = takeTurns(chance.seed);
    const lines: Line[] = [];
    for (let n = 0; n < LINES; n += 1) {
      lines.push(
        await startLine({
          day: BOOKED_ON,
          postgresPort: cluster.port(),
          reach: (port) => `postgres://postgres:${cluster.password}@127.0.0.1:${port}/faults`,
          nextBatch: turns(n),
          acknowledgements,
        }),
      );
    }
    const done = new Map<string, number>();
    const count = (what: string) => done.set(what, (done.get(what) ?? 0) + 1);

    const inject: Record<string, (line: Line) => Promise<void>> = {
      'the poster killed': async (line) => {
        line.killPoster();
        await Promise.resolve();
      },
      'PostgreSQL killed': async () => {
        const how = chance.pick(KILLS);
        count(how);
        await cluster.kill(how);
        for (const { proxy } of lines) proxy.leadTo(cluster.port());
      },
      'the connection cut': async (line) => {
        const how = chance.pick(CUTS);
        count(how);
        await line.proxy.cut(how);
      },
    };
    const kinds = Object.keys(inject);

    const everythingAcknowledgedIsThere = async () => {
      const ids = acknowledgements.takeUnchecked();
      const missing = await query(
        cluster.url(),
        `select id from unnest('{${ids.join()}}'::uuid[]) id where not exists (select from ledger.entry e where e.id = id.id)`,
      );
      expect(missing).toEqual([]);
    };

    try {
      await untilAllAcknowledge(lines);
      for (let fault = 1; fault <= FAULTS; fault += 1) {
        const kind = kinds[fault % kinds.length] as string;
        const line = chance.pick(lines);
        await line.nextSend();
        await sleep((chance.integer(0, 100) / 80) * line.usualMs());
        await inject[kind]?.(line);
        count(kind);
        await everythingAcknowledgedIsThere();
        await untilAllAcknowledge(lines);
        expect(acknowledgements.contradictions).toEqual([]);
        if (fault % FAULTS_BETWEEN_CHECKS === 0) expect(await rulesBroken()).toEqual([]);
      }
      await Promise.all(lines.map((line) => line.finish()));
    } catch (error) {
      await Promise.all(lines.map((line) => line.abandon()));
      throw error;
    }

    expect(await rulesBroken()).toEqual([]);
    const rows = (await query(cluster.url(), CONTENT_OF_ROWS)) as { id: string; content: string }[];
    expect(acknowledgements.differencesFrom(rows.filter(({ id }) => !opening.has(id)))).toEqual([]);

    const retried = {
      wasThere: lines.reduce((sum, line) => sum + line.retried.wasThere, 0),
      wasNot: lines.reduce((sum, line) => sum + line.retried.wasNot, 0),
    };
    process.stdout.write(
      `ledger faults: ${JSON.stringify({ ...Object.fromEntries(done), retried, ...acknowledgements.counted })}\n`,
    );
    // Faults that never hit a batch under way have shown nothing.
    for (const kind of kinds) expect(done.get(kind)).toBeGreaterThanOrEqual(Math.floor(FAULTS / 3));
    expect(retried.wasThere).toBeGreaterThan(0);
    expect(retried.wasNot).toBeGreaterThan(0);
    expect(retried.wasThere + retried.wasNot).toBeGreaterThan(FAULTS / 3);
    expect(acknowledgements.counted.refused).toBeGreaterThan(0);
  }, 1_800_000);
});

const rulesBroken = () =>
  ledgerFaults((statement) => query(cluster.url(), statement) as Promise<{ rule: string; broken_by: string }[]>);

/** Until each line has had another batch acknowledged: whatever was broken is whole again. */
async function untilAllAcknowledge(lines: readonly Line[]): Promise<void> {
  const before = lines.map((line) => line.acknowledged());
  while (lines.some((line, index) => line.acknowledged() === before[index])) {
    await Promise.race([sleep(5), ...lines.map((line) => line.nextSend())]);
  }
}
