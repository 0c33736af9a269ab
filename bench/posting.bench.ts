/**
 * Posting against COPY: batches of 1,000 entries through the posting function (durable, guarded, idempotent, one transaction each) and
 * the same rows by COPY into the same table with the same indexes and keys, turn by turn, to one hot fund and to a hundred; and posting
 * without what the log needs in the table. Wanted: 0.7 and 0.5 of COPY at least, 5 % for the log at most. Then single calls from
 * 8 connections. `npm run bench:posting [-- rounds]`
 */
import 'reflect-metadata';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { from as copyFrom } from 'pg-copy-streams';
import { Clock } from '../src/kernel/clock.js';
import { Ids } from '../src/kernel/ids.js';
import type { EntryInput } from '../src/ledger/domain/entry.js';
import { PostingService, type FundAccounts } from '../src/ledger/posting.service.js';
import { benchDatabase, type BenchDatabase } from './bench-database.js';
import { figure, median, progress, seconds } from './measured.js';

const BATCH = 1_000;
const BATCHES_A_ROUND = 20;
const SINGLE_CALLS = 4_000;
const CONNECTIONS = 8;
const rounds = Number(process.argv[2] ?? '7');

const clock = new Clock();
const ids = new Ids(clock);
const posting = new PostingService(clock);

const MANY_FUNDS = 100;

const posted = await benchDatabase();
const copied = await benchDatabase();
const withoutLog = await benchDatabase();
try {
  // What the log needs of the table of entries: their number, to find and to point to.
  await withoutLog.admin.query(
    'alter table ledger.leaf drop constraint leaf_entry_seq_fkey; drop index ledger.entry_seq',
  );
  const places = await Promise.all([posted, copied, withoutLog].map((db) => openFunds(db, MANY_FUNDS)));
  const [here, there, bare] = places as [FundAccounts[], FundAccounts[], FundAccounts[]];
  const postRates: number[] = [];
  for (const [funds, wantedAtLeast] of [
    [1, 0.7],
    [MANY_FUNDS, 0.5],
  ] as const) {
    const ratios: number[] = [];
    const logShares: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const amounts = Array.from({ length: BATCH * BATCHES_A_ROUND }, (_, k) => k % funds);
      const made = (accounts: FundAccounts[]) => amounts.map((fund) => instruction(fundAt(accounts, fund)));
      const [ours, same, others] = [made(here), made(there), made(bare)];
      const postSeconds = await seconds(() => postIn(posted, ours));
      const copySeconds = await seconds(() => copyIn(copied, same.map(copyLine)));
      const bareSeconds = await seconds(() => postIn(withoutLog, others));
      if (round === 0) continue; // the first round warms caches and plans
      ratios.push(copySeconds / postSeconds);
      logShares.push(postSeconds / bareSeconds - 1);
      if (funds === 1) postRates.push(ours.length / postSeconds);
      progress(
        `round ${round}, ${funds} fund(s): post ${Math.round(ours.length / postSeconds)}/s, COPY ${Math.round(ours.length / copySeconds)}/s`,
      );
    }
    const shown = (values: number[]) => values.map((value) => Number(value.toPrecision(3)));
    figure(`posting batches of ${BATCH} to ${funds} fund(s) against COPY of the same rows`, {
      ratio: median(ratios),
      wantedAtLeast,
      ratios: shown(ratios),
    });
    figure(`what the log adds to posting to ${funds} fund(s)`, {
      share: median(logShares),
      wantedAtMost: 0.05,
      shares: shown(logShares),
    });
  }
  const accounts = fundAt(here, 0);

  const single = Array.from({ length: SINGLE_CALLS }, () => instruction(accounts));
  const singleSeconds = await seconds(() =>
    Promise.all(
      Array.from({ length: CONNECTIONS }, async (_, connection) => {
        for (let k = connection; k < SINGLE_CALLS; k += CONNECTIONS) {
          const entry = single[k];
          if (entry) await posted.service.transaction((manager) => posting.postAll(manager, [entry], '2026-01-05'));
        }
      }),
    ),
  );
  figure('single calls from 8 connections against batches', {
    ratio: SINGLE_CALLS / singleSeconds / median(postRates),
    postedPerSecond: SINGLE_CALLS / singleSeconds,
  });

  const again = Array.from({ length: BATCH }, () => instruction(accounts));
  await posted.service.transaction((manager) => posting.postAll(manager, again, '2026-01-05'));
  const results = await posted.service.transaction((manager) => posting.post(manager, again, '2026-01-05'));
  if (results.some((result) => result !== 'exists')) throw new Error('a repeated batch was posted again');
} finally {
  await posted.close();
  await copied.close();
  await withoutLog.close();
}

async function postIn(db: BenchDatabase, entries: EntryInput[]): Promise<void> {
  for (let from = 0; from < entries.length; from += BATCH)
    await db.service.transaction((manager) =>
      posting.postAll(manager, entries.slice(from, from + BATCH), '2026-01-05'),
    );
}

function fundAt(accounts: readonly FundAccounts[], number: number): FundAccounts {
  const found = accounts[number];
  if (!found) throw new Error('no such fund');
  return found;
}

async function openFunds(db: BenchDatabase, count: number): Promise<FundAccounts[]> {
  const donorId = ids.newId();
  await db.admin.query(
    "insert into ledger.currency (code, minor_units, payable_step_minor) values ('THB', 2, 100) on conflict do nothing",
  );
  await db.admin.query("insert into payments.donor (id, name, created_at) values ($1, 'bench', now())", [donorId]);
  const opened: FundAccounts[] = [];
  for (let k = 0; k < count; k++) {
    const fundId = ids.newId();
    await db.admin.query(
      "insert into payments.fund (id, donor_id, code, name, currency, opened_at) values ($1, $2, $3, 'bench', 'THB', now())",
      [fundId, donorId, `bench-${k}`],
    );
    opened.push(
      await db.service.transaction(async (manager) => {
        const accounts = await posting.openFundAccounts(manager, fundId, 'THB', ['cash', 'manual']);
        const grant: EntryInput = {
          id: ids.newId(),
          ...accounts.flow('grant'),
          currency: 'THB',
          amountMinor: 10n ** 13n,
          phase: 'single',
          kind: 'grant',
          sourceId: ids.newId(),
        };
        await posting.postAll(manager, [grant], '2026-01-05');
        return accounts;
      }),
    );
  }
  return opened;
}

function instruction(accounts: FundAccounts): EntryInput {
  return {
    id: ids.newId(),
    ...accounts.flow('instruct', 'cash'),
    currency: 'THB',
    amountMinor: 900_000n,
    phase: 'single',
    kind: 'instruct',
    sourceId: ids.newId(),
    obligationId: ids.newId(),
    rail: 'cash',
    happenedOn: '2026-01-05',
  };
}

function copyLine(entry: EntryInput): string {
  return `${[entry.id, entry.debitId, entry.creditId, entry.currency, entry.amountMinor, entry.phase, entry.kind, entry.sourceId, entry.obligationId, entry.rail, entry.happenedOn, '2026-01-05', '2026-01-05T00:00:00Z'].join('\t')}\n`;
}

async function copyIn(db: BenchDatabase, lines: string[]): Promise<void> {
  const copy = db.admin.query(
    copyFrom(
      'copy ledger.entry (id, debit_id, credit_id, currency, amount_minor, phase, kind, source_id, obligation_id, rail, happened_on, booked_on, recorded_at) from stdin',
    ),
  );
  await pipeline(Readable.from(lines), copy);
}
