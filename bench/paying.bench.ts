/**
 * Paying by a bank's file through the real service, from a run that is put together to a month that is closed: prepare, approve, release and
 * instruct, make the pain.001, take it, read the bank's pain.002, camt.054 and camt.053, reconcile. Of 16,384 and of 131,072 transfers.
 * Wanted: each phase takes at most 9 times as long for 8 times as many, and the service stays under 512 MB; what the bank sends is written to
 * disk as a stream by the same process, so that it is in what is measured and adds next to nothing.
 * `npm run bench:paying [-- repeats [small [large]]]`
 */
import 'reflect-metadata';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { operatorActor, type Actor, type Role } from '../src/access/domain/actor.js';
import { UsersService } from '../src/access/users.service.js';
import { DataKeys } from '../src/clients/identity-vault/data-keys.js';
import { FundsService } from '../src/funds/funds.service.js';
import { GrantsService } from '../src/funds/grants.service.js';
import { Clock } from '../src/kernel/clock.js';
import { Ids } from '../src/kernel/ids.js';
import { currencies } from '../src/kernel/reference-data.js';
import { BooksService } from '../src/ledger/books.service.js';
import { createService } from '../src/service.js';
import { InstructionsService } from '../src/transfers/instructions.service.js';
import { BankFileDownloadsService } from '../src/transfers/rails/bank-file/bank-file-downloads.service.js';
import { BankFilesService } from '../src/transfers/rails/bank-file/bank-files.service.js';
import { PAIN001 } from '../src/transfers/rails/bank-file/formats.js';
import { PayingAccountsService } from '../src/transfers/rails/bank-file/paying-accounts.service.js';
import { BankReportsService } from '../src/transfers/reconciliation/bank-reports.service.js';
import type { LineResult } from '../src/transfers/reconciliation/inbound-lines.js';
import { MonthEndService } from '../src/transfers/reconciliation/month-end.service.js';
import { Spool } from '../src/transfers/reconciliation/spool.js';
import { ReleasesService } from '../src/transfers/releases.service.js';
import { RunsService } from '../src/transfers/runs.service.js';
import { camt053, camt054, closingMinor, fatesOf, pain002, writeFile, type PaidFile } from './bank-answers.js';
import { benchDatabase } from './bench-database.js';
import { AMOUNT_MINOR, DUE_THROUGH, seedClients, seedDueTransfers } from './due-transfers.js';
import { figure, median, progress, seconds } from './measured.js';
import { seedPayees } from './sealed-payees.js';

const [repeats = 3, small = 16_384, large = 131_072] = process.argv.slice(2).map(Number);
/** 9 times as long for 8 times as many. */
const GROWTH_ALLOWED = 9 / 8;
const MEMORY_ALLOWED_MB = 512;
const TIME_ZONE = 'Asia/Bangkok';
const CURRENCY = 'THB';
const GRANT = '5000000000.00';
const ACCOUNT = '1234567890';
const REFERENCES_AT_ONCE = 4_096;

const phases = [
  'prepare',
  'approve',
  'release and instruct',
  'make the pain.001',
  'take the pain.001',
  'read the pain.002',
  'read the camt.054',
  'read the camt.053',
  'reconcile',
] as const;
type Phase = (typeof phases)[number];
type Measured = Record<Phase, number>;

const measured: Record<'small' | 'large', Measured[]> = { small: [], large: [] };
await runOf(Math.min(1_024, small)); // warms the code
for (let k = 0; k < repeats; k++) {
  measured.small.push(await runOf(small));
  measured.large.push(await runOf(large));
}
for (const phase of [...phases, 'total'] as const) {
  const at = (size: 'small' | 'large') => median(measured[size].map((one) => secondsOf(one, phase)));
  figure(`${phase}: growth from ${small} to ${large} transfers against linear`, {
    ratio: at('large') / at('small') / (large / small),
    wantedAtMost: GROWTH_ALLOWED,
    [`seconds${small}`]: at('small'),
    [`seconds${large}`]: at('large'),
  });
}
figure('memory of the service', { peakMegabytes: peakMegabytes(), wantedAtMost: MEMORY_ALLOWED_MB });
process.exit(0);

function secondsOf(one: Measured, phase: Phase | 'total'): number {
  return phase === 'total' ? phases.reduce((sum, part) => sum + one[part], 0) : one[phase];
}

async function runOf(count: number): Promise<Measured> {
  const db = await benchDatabase();
  const directory = await mkdtemp(join(tmpdir(), 'uct-ledger-bench-'));
  const clock = new Clock();
  const app = await createService(
    {
      databaseUrl: db.url,
      queue: { on: 'postgres', url: db.url },
      masterKey: Buffer.alloc(32, 1),
      clock,
      timeZone: TIME_ZONE,
      worksOnJobs: false,
    },
    { quiet: true },
  );
  try {
    const ids = new Ids(clock);
    const operator = operatorActor('bench');
    const preparer = await staff('finance-preparer');
    const approver = await staff('finance-approver');
    const releaser = await staff('finance-releaser');
    const fund = await openFund();
    await seedClients(db.admin, count, preparer.userId);
    await seedPayees(db.admin, app.get(DataKeys));
    await seedDueTransfers(db.admin, { caseworker: preparer.userId, fund, rail: 'bank-file' });

    const took = {} as Measured;
    const runId = ids.newId();
    const runs = app.get(RunsService);
    let digest = '';
    await measure('prepare', async () => {
      digest = (await runs.prepare(preparer, { id: runId, dueThrough: DUE_THROUGH })).run.digest;
    });
    await measure('approve', () => runs.approve(approver, runId, digest));
    await measure('release and instruct', async () => {
      await app.get(ReleasesService).release(releaser, runId, digest);
      await app.get(InstructionsService).instruct(operator, runId); // what the background job does for a large run
    });
    await measure('make the pain.001', () => app.get(BankFilesService).make(releaser, runId));
    const file = await onlyFile();
    let bytes = 0;
    await measure('take the pain.001', async () => {
      const content = await app.get(BankFileDownloadsService).open(releaser, file.id);
      for await (const chunk of content.chunks) bytes += chunk.length;
      await content.close();
    });

    const fates = fatesOf(count);
    const debited = fates.settled + fates.returned;
    await readReport('read the pain.002', pain002(file), { applied: count, 'not-about-a-payment': 1 });
    await readReport('read the camt.054', camt054(file), { applied: debited });
    await readReport('read the camt.053', camt053(file), {
      applied: fates.returned,
      'told-before': debited,
      'not-about-a-payment': 2,
    });
    await measure('reconcile', () => app.get(MonthEndService).at(preparer, file.day));
    await requireWhatTheBankSaid();
    progress(`${count}: a file of ${Math.round(bytes / 1024)} kB, so far at most ${Math.round(peakMegabytes())} MB`);
    return took;

    async function measure(phase: Phase, work: () => Promise<unknown>): Promise<void> {
      took[phase] = await seconds(work);
      progress(`${count}: ${phase} ${took[phase].toFixed(2)} s`);
    }

    async function readReport(
      phase: Phase,
      report: AsyncIterable<string>,
      wanted: Partial<Record<LineResult, number>>,
    ) {
      const path = join(directory, 'report.xml');
      await writeFile(path, report);
      await measure(phase, async () => {
        const spooled = await app.get(Spool).keep(createReadStream(path));
        const { state, results, openWorkItems } = await (
          await app.get(BankReportsService).begin(preparer, spooled)
        ).done;
        const told = Object.fromEntries(Object.entries(results).filter(([, lines]) => lines > 0));
        requireThat(
          state === 'complete' && openWorkItems === 0 && isSame(told, wanted),
          `${phase}: ${JSON.stringify(told)}`,
        );
      });
    }

    /** Each transfer is where the bank says it is, and so is the money. */
    async function requireWhatTheBankSaid(): Promise<void> {
      const { progress: states } = await runs.find(preparer, runId);
      const wanted = { settled: fates.settled, returned: fates.returned, failed: fates.rejected };
      requireThat(isSame(states, wanted), `the states are ${JSON.stringify(states)}`);
      const { balanced, accounts } = await app.get(BooksService).trialBalance(preparer);
      const bank = accounts.find(({ account }) => account === 'bank')?.balance;
      requireThat(
        balanced && bank === currencies.format(closingMinor(file), CURRENCY),
        `the bank account holds ${bank}`,
      );
      const { inOrder, sentence, accounts: statements } = await app.get(MonthEndService).at(preparer, file.day);
      requireThat(inOrder && statements[0]?.difference === '0.00', sentence);
    }

    async function onlyFile(): Promise<PaidFile & { id: string }> {
      const { rows } = await db.admin.query<{ id: string; message_id: string; lot_id: string; item_count: number }>(
        'select id, message_id, payment_information_id lot_id, item_count from payments.bank_file',
      );
      const [made] = rows;
      if (rows.length !== 1 || made?.item_count !== count) throw new Error('not every transfer stands in one file');
      return {
        id: made.id,
        messageId: made.message_id,
        lotId: made.lot_id,
        account: ACCOUNT,
        currency: CURRENCY,
        amountMinor: AMOUNT_MINOR,
        openingMinor: currencies.parse(GRANT, CURRENCY).amountMinor,
        day: clock.today(TIME_ZONE),
        count,
        references: () => referencesOf(db.admin, made.id),
      };
    }

    async function openFund(): Promise<string> {
      const fundId = ids.newId();
      const names = { donor: 'bench', code: 'bench', name: 'bench', currency: CURRENCY };
      await app.get(FundsService).open(operator, { id: fundId, ...names, decidedLabel: 'pilot-2015' });
      const grant = {
        id: ids.newId(),
        amount: GRANT,
        currency: CURRENCY,
        receivedOn: '2026-01-05',
        reference: 'bench',
      };
      await app.get(GrantsService).receive(operator, fundId, grant);
      await app.get(PayingAccountsService).open(operator, {
        id: ids.newId(),
        code: 'bench',
        name: 'An Organisation',
        bank: 'Bench Bank',
        bankCode: '004',
        account: ACCOUNT,
        accountKind: 'bban',
        currency: CURRENCY,
        country: 'TH',
        layout: PAIN001,
        funds: ['bench'],
      });
      return fundId;
    }

    async function staff(role: Role): Promise<Actor> {
      const users = app.get(UsersService);
      const id = await users.create(operator, {
        email: `${role}@bench.example`,
        displayName: role,
        password: 'a password for a benchmark',
        roles: [role],
      });
      const actor = await users.actorOf(id, 'bench');
      if (!actor) throw new Error('a user just made is not there');
      return actor;
    }
  } finally {
    await app.close();
    await db.close();
    await rm(directory, { recursive: true });
  }
}

async function* referencesOf(admin: pg.Client, fileId: string): AsyncGenerator<string> {
  for (let after = 0; ;) {
    const { rows } = await admin.query<{ place: number; reference: string }>(
      `select i.place, a.correlation_id reference from payments.bank_file_item i join payments.attempt a on a.id = i.attempt_id
       where i.bank_file_id = $1 and i.place > $2 order by i.place limit $3`,
      [fileId, after, REFERENCES_AT_ONCE],
    );
    const last = rows.at(-1);
    if (!last) return;
    after = last.place;
    for (const { reference } of rows) yield reference;
  }
}

/** What is measured has to be what happened. */
function requireThat(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(`not as the bank said it: ${otherwise}`);
}

function isSame(one: object, other: object): boolean {
  const sorted = (counts: object) => JSON.stringify(Object.entries(counts).sort());
  return sorted(one) === sorted(other);
}

function peakMegabytes(): number {
  return process.resourceUsage().maxRSS / 1024;
}
