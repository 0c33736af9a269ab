/**
 * Posting against COPY: batches of 1,000 entries through the posting function (durable, guarded, idempotent, one transaction each) and
 * the same rows by COPY into the same table with the same indexes and keys, turn by turn. Wanted: at least 0.5. Then single calls from
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

const posted = await benchDatabase();
const copied = await benchDatabase();
try {
  const accounts = await openFund(posted);
  const sameAccounts = await openFund(copied);
  const ratios: number[] = [];
  const postRates: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const rows = BATCH * BATCHES_A_ROUND;
    const entries = Array.from({ length: rows }, () => instruction(accounts));
    const postSeconds = await seconds(async () => {
      for (let from = 0; from < rows; from += BATCH) {
        await posted.service.transaction((manager) =>
          posting.postAll(manager, entries.slice(from, from + BATCH), '2026-01-05'),
        );
      }
    });
    const lines = entries.map((entry) => copyLine({ ...entry, ...sameAccounts.flow('instruct', 'cash') }));
    const copySeconds = await seconds(() => copyIn(copied, lines));
    if (round === 0) continue; // the first round warms caches and plans
    ratios.push(copySeconds / postSeconds);
    postRates.push(rows / postSeconds);
    progress(`round ${round}: post ${Math.round(rows / postSeconds)}/s, COPY ${Math.round(rows / copySeconds)}/s`);
  }
  figure('posting batches of 1000 against COPY of the same rows', {
    ratio: median(ratios),
    wantedAtLeast: 0.5,
    ratios: ratios.map((ratio) => Number(ratio.toPrecision(3))),
    postedPerSecond: median(postRates),
  });

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
}

async function openFund(db: BenchDatabase): Promise<FundAccounts> {
  const [fundId, donorId] = [ids.newId(), ids.newId()];
  await db.admin.query(
    "insert into ledger.currency (code, minor_units, payable_step_minor) values ('THB', 2, 100) on conflict do nothing",
  );
  await db.admin.query("insert into payments.donor (id, name, created_at) values ($1, 'bench', now())", [donorId]);
  await db.admin.query(
    "insert into payments.fund (id, donor_id, code, name, currency, opened_at) values ($1, $2, 'bench', 'bench', 'THB', now())",
    [fundId, donorId],
  );
  return db.service.transaction(async (manager) => {
    const accounts = await posting.openFundAccounts(manager, fundId, 'THB', ['cash', 'manual']);
    const grant: EntryInput = {
      id: ids.newId(),
      ...accounts.flow('grant'),
      currency: 'THB',
      amountMinor: 10n ** 15n,
      phase: 'single',
      kind: 'grant',
      sourceId: ids.newId(),
    };
    await posting.postAll(manager, [grant], '2026-01-05');
    return accounts;
  });
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
