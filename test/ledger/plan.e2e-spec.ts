/**
 * How much a batch reads does not depend on how much was posted before: no table of the ledger is read from end to end, and every entry costs
 * the same few look-ups, whatever the statistics say and whenever the session had planned what it does. Nothing here is about time.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { EntryInput, PostResult } from '../../src/ledger/domain/entry.js';
import { PostingService, type FundAccounts } from '../../src/ledger/posting.service.js';
import { Clock } from '../../src/kernel/clock.js';
import { Ids } from '../../src/kernel/ids.js';
import { BOOKED_ON, openBooks, type Books } from '../support/books.js';
import { sql } from '../support/database.js';
import {
  commit,
  entry,
  exchange,
  grant,
  next,
  reserve,
  reversalOf,
  reversalsOf,
  type Rate,
} from '../support/entries.js';
import { FILL, FILL_ACCOUNTS } from '../support/many-entries.js';
import { readsOf, type Reads } from '../support/reads.js';

const ROWS = Number(process.env.UCT_PLAN_ROWS ?? 100_000);
const FUNDS = Math.max(20, Math.round(ROWS / 5_000));
const BATCH = 1_000;
const ROUNDS = 9;
/** Of one look-up or row for each entry: pages are full at other places. */
const TOLERATED = 0.5;
/** Reads old versions of a balance with it: as many as the batch has made and as happen to be cleared away, however much was posted before. */
const HAS_VERSIONS = 'balance_pkey';
const PATIENCE_MS = 1_800_000;

const posting = new PostingService(new Clock());
const ids = new Ids(new Clock());

let books: Books;
let fund: FundAccounts;
let dollars: FundAccounts;
let rate: Rate;
/** Has planned everything while there was nothing, and stays. */
let early: pg.Client;

beforeAll(async () => {
  books = await openBooks();
  fund = await books.openFund('THB');
  dollars = await books.openCurrency(fund, 'USD');
  rate = await books.recordRate('USD', 'THB', '35.17');
  // What nobody asked for is not read meanwhile, and old statistics stay old.
  for (const table of ['entry', 'account', 'balance'])
    await sql(books.db.url, `alter table ledger.${table} set (autovacuum_enabled = off)`);
  await books.post(grant(fund, 10 ** 12), grant(dollars, 10 ** 12));
  early = await session();
});
afterAll(async () => {
  await early.end();
  await books.close();
});

async function session(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: books.db.url, options: '-c role=uct_service' });
  await client.connect();
  return client;
}

/** As the service makes them: ids that lie beside each other. */
const named = (entries: readonly EntryInput[]): EntryInput[] => {
  const renamed = new Map(entries.map(({ id }) => [id, ids.newId()]));
  const to = (id: string | null | undefined) => (id ? (renamed.get(id) ?? id) : id);
  return entries.map((of) => ({
    ...of,
    id: to(of.id) as string,
    pendingId: to(of.pendingId),
    reversesId: to(of.reversesId),
  }));
};

/** A batch that is one statement. */
const plain = (): EntryInput[] => named(Array.from({ length: BATCH }, () => entry(fund, 'instruct', 1)));

/** A batch of everything that is looked at item by item, and whether it was there is too. */
function oneByOne(): EntryInput[] {
  const stories = Array.from({ length: BATCH / 20 }, () => {
    const reserved = reserve(fund, 2);
    const sent = entry(fund, 'instruct', 1);
    const received = grant(fund, 1);
    const rows = exchange(dollars, fund, rate, 100, 1);
    const story = [
      reserved,
      commit(fund, reserved),
      sent,
      next(fund, 'settle', sent),
      next(fund, 'return', sent),
      received,
      reversalOf(received),
      ...rows,
      ...reversalsOf(rows),
    ];
    return [...story, ...story.slice(0, 7)];
  });
  return named(stories.flat());
}

async function post(client: pg.Client, entries: readonly EntryInput[]): Promise<PostResult[]> {
  const manager = {
    query: async (statement: string, values?: unknown[]) =>
      (await client.query<pg.QueryResultRow>(statement, values)).rows,
  };
  await client.query('begin');
  const results = await posting.post(manager as never, entries, BOOKED_ON);
  await client.query('commit');
  return results;
}

const BATCHES: readonly (readonly [string, () => EntryInput[]])[] = [
  ['in one statement', plain],
  ['item by item', oneByOne],
];

/** What posting reads, per entry, and how long a batch took; several times, as PostgreSQL changes its plans after some. */
async function postMany(client: pg.Client, batch: () => EntryInput[]): Promise<{ reads: Reads; tookMs: number }> {
  let posted = 0;
  const tookMs: number[] = [];
  const reads = await readsOf(books.db.url, client, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const entries = batch();
      const beganMs = performance.now();
      const results = await post(client, entries);
      tookMs.push(performance.now() - beganMs);
      expect(results.filter((result) => result !== 'created' && result !== 'exists')).toEqual([]);
      posted += entries.length;
    }
    return posted;
  });
  return { reads, tookMs: tookMs.sort((one, other) => one - other)[Math.floor(ROUNDS / 2)] as number };
}

/** What more is read per entry than when the ledger was empty: rows and look-ups by index. */
function moreThan(before: Reads, now: Reads): string[] {
  return (['indexScans', 'rowsRead'] as const).flatMap((counted) =>
    Object.entries(now[counted]).flatMap(([index, perEntry]) => {
      const was = before[counted][index] ?? 0;
      return perEntry > was + TOLERATED && !(counted === 'rowsRead' && index === HAS_VERSIONS)
        ? [`${counted} ${index}: ${perEntry} instead of ${was}`]
        : [];
    }),
  );
}

const whenEmpty = new Map<string, { reads: Reads; tookMs: number }>();

async function expectTheSameAsWhenEmpty(client: pg.Client, when: string): Promise<void> {
  for (const [how, batch] of BATCHES) {
    const { reads, tookMs } = await postMany(client, batch);
    const before = whenEmpty.get(how) as { reads: Reads; tookMs: number };
    process.stdout.write(
      `posting ${how}, ${when}: ${(tookMs / before.tookMs).toPrecision(3)} times as long as when empty\n`,
    );
    expect({ how, seqScans: reads.seqScans, more: moreThan(before.reads, reads) }).toEqual({
      how,
      seqScans: {},
      more: [],
    });
  }
}

describe('what posting reads', () => {
  it('of an empty ledger is a few rows for each entry', async () => {
    for (const [how, batch] of BATCHES) {
      const measured = await postMany(early, batch);
      whenEmpty.set(how, measured);
      const { seqScans, indexScans } = measured.reads;
      const lookUps = Object.values(indexScans).reduce((sum, scans) => sum + scans, 0);
      expect({ how, seqScans, few: lookUps > 1 && lookUps < 15 }).toEqual({ how, seqScans: {}, few: true });
    }
  });

  it(
    `of one of ${ROWS} entries is no more, when the statistics say that it is empty`,
    async () => {
      await sql(books.db.url, 'analyze ledger.entry, ledger.account, ledger.balance');
      await sql(books.db.url, FILL_ACCOUNTS, [FUNDS]);
      await sql(books.db.url, FILL, [ROWS]);
      await expectTheSameAsWhenEmpty(early, 'planned when empty');
      await aFreshSession((fresh) => expectTheSameAsWhenEmpty(fresh, 'planned with stale statistics'));
    },
    PATIENCE_MS,
  );

  it(
    'is no more when the statistics know of all of it',
    async () => {
      await sql(books.db.url, 'analyze ledger.entry, ledger.account, ledger.balance');
      await expectTheSameAsWhenEmpty(early, 'planned anew');
      await aFreshSession((fresh) => expectTheSameAsWhenEmpty(fresh, 'planned with fresh statistics'));
      expect(await books.faults()).toEqual([]);
    },
    PATIENCE_MS,
  );
});

async function aFreshSession(work: (fresh: pg.Client) => Promise<void>): Promise<void> {
  const fresh = await session();
  try {
    await work(fresh);
  } finally {
    await fresh.end();
  }
}
