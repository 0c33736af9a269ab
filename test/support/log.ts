/** The service with a transparency log that the test publishes day by day, and ways to put entries into it. */
import { DataSource } from 'typeorm';
import { operatorActor, scheduleActor } from '../../src/access/domain/actor.js';
import type { LogSettings } from '../../src/kernel/settings.js';
import { PostingService, type FundAccounts } from '../../src/ledger/posting.service.js';
import { entryText } from '../../src/ledger/transparency-log/domain/entry-leaf.js';
import { at, ENTRY_LINE, ENTRY_SESSION, EntryRow } from '../../src/ledger/transparency-log/domain/entry-row.js';
import { LogReader, type PublishedCheckpoint } from '../../src/ledger/transparency-log/log-reader.service.js';
import { LogSigner } from '../../src/ledger/transparency-log/log-signer.js';
import { loggedAccounts } from '../../src/ledger/transparency-log/logged-accounts.js';
import { SequencerService, type Published } from '../../src/ledger/transparency-log/sequencer.service.js';
import type { Findings } from '../../src/ledger/verification/domain/findings.js';
import { VerificationService } from '../../src/ledger/verification/verification.service.js';
import { ErasureService } from '../../src/clients/rights/erasure.service.js';
import { grant } from './entries.js';
import { openFund } from './builders.js';
import type { Connection } from './connection.js';
import { sql, type TestDatabase } from './database.js';
import { instructedTransfer, report } from './runs.js';
import { startTestService, travel, type TestService } from './service.js';

/** People work on this day; the log is published on the days after it, and the clock comes back each time, for sessions are short. */
const WORKDAY = '2026-01-05';
const DAY_MS = 86_400_000;

export interface TestLog {
  service: TestService;
  db: TestDatabase;
  fund: FundAccounts;
  /** Posts so many grants; the ids of their entries, in order. */
  grants(count: number, bookedOn?: string): Promise<string[]>;
  /** Posts a grant, to a fund of its own, in a transaction that the test holds open. */
  grantIn(connection: Connection, id: string): Promise<void>;
  /** Waits until everything that is open anywhere in the cluster began after this moment, so that the next publication logs all that is there. */
  settled(): Promise<void>;
  publish(): Promise<Published | null>;
  /** Goes to the next slot, and on to its publication. */
  publishNextDay(): Promise<Published | null>;
  nextDay(): void;
  sameDayAs(other: TestLog): void;
  day(): number;
  latest(): Promise<PublishedCheckpoint>;
  vkey(): Promise<string>;
  verify(kept?: readonly { name: string; note: string }[]): Promise<Findings>;
  unlogged(): Promise<number>;
  donorTexts(): Promise<{ rows: string[] }>;
  paidTransfer(): Promise<{ client: string; transfer: string; entries: string[]; comesBack: () => Promise<void> }>;
  erase(client: string): Promise<number>;
  /** As an operator with every right and the log's key would: changes an entry and makes the whole log anew, at least as long as it was. */
  rewritePast(): Promise<void>;
  close(): Promise<void>;
}

export async function openLog(options: { db?: TestDatabase; log?: LogSettings; day?: number } = {}): Promise<TestLog> {
  const service = await startTestService({ today: WORKDAY, db: options.db, log: options.log });
  const { app, db } = service;
  const dataSource = app.get(DataSource);
  const fundCode = await openFund(service);
  const accountsOf = async (code: string) => {
    const [opened] = await sql<{ id: string }>(db.url, 'select id from payments.fund where code = $1', [code]);
    return app.get(PostingService).fundAccounts(dataSource.manager, opened?.id ?? '', 'THB');
  };
  const fund = await accountsOf(fundCode);
  let day = options.day ?? 0;
  const publish = async () => {
    service.clock.travelTo(new Date(Date.parse(`${WORKDAY}T08:00:00Z`) + day * DAY_MS));
    try {
      return await app.get(SequencerService).publishDue(scheduleActor('test'));
    } finally {
      travel(service, WORKDAY);
    }
  };
  const log: TestLog = {
    service,
    db,
    fund,
    grants: async (count, bookedOn = WORKDAY) => {
      const entries = Array.from({ length: count }, (_, k) => grant(fund, 100 + k));
      await dataSource.transaction((manager) => app.get(PostingService).postAll(manager, entries, bookedOn));
      return entries.map((entry) => entry.id);
    },
    grantIn: async (connection, id) => {
      const own = await accountsOf(await openFund(service));
      await connection.query(
        `select * from ledger.post_entries(array[$1::uuid], array[$2::bigint], array[$3::bigint], '{THB}', '{77}', '{single}', '{grant}', array[gen_random_uuid()],
           $4, now(), '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')`,
        [id, own.id('bank'), own.id('fund'), WORKDAY],
      );
    },
    settled: async () => {
      const [now] = await sql<{ id: string }>(db.url, 'select pg_current_xact_id()::text id');
      const ended = `select pg_snapshot_xmin(pg_current_snapshot()) >= '${now?.id}'::xid8 as ended`;
      while (!(await sql<{ ended: boolean }>(db.url, ended))[0]?.ended)
        await new Promise((resolve) => setTimeout(resolve, 50));
    },
    publish,
    publishNextDay: () => {
      day += 1;
      return publish();
    },
    nextDay: () => void (day += 1),
    sameDayAs: (other) => void (day = other.day()),
    day: () => day,
    latest: () => app.get(LogReader).latest(),
    vkey: async () => (await app.get(LogSigner).signer()).vkey,
    verify: async (kept = []) => {
      service.clock.travelTo(new Date(Date.parse(`${WORKDAY}T09:00:00Z`) + day * DAY_MS));
      try {
        return await app.get(VerificationService).run(service.actor('auditor'), { kept });
      } finally {
        travel(service, WORKDAY);
      }
    },
    unlogged: async () =>
      (
        await sql<{ n: number }>(
          db.url,
          'select count(*)::int n from ledger.entry e where not exists (select from ledger.leaf l where l.entry_seq = e.seq)',
        )
      )[0]?.n ?? -1,
    donorTexts: () =>
      dataSource.transaction(async (manager) => {
        await manager.query(ENTRY_SESSION);
        const accounts = await loggedAccounts(manager);
        const rows = await manager.query<{ line: string }[]>(`select ${ENTRY_LINE} line from ledger.entry e`);
        return {
          rows: rows.map(({ line }) => {
            const row = EntryRow.of(line);
            const debit = accounts.get(row.number(at.debit));
            if (!debit) throw new Error('no account');
            return entryText('donor', row, debit, debit);
          }),
        };
      }),
    paidTransfer: async () => {
      const { client, transfer, run } = await instructedTransfer(service, WORKDAY, { fund: fundCode });
      await report(service, run.id, { transfer, outcome: 'settled' });
      const rows = await sql<{ id: string }>(
        db.url,
        'select id from ledger.entry where obligation_id = $1 order by seq',
        [transfer],
      );
      return {
        client,
        transfer,
        entries: rows.map((row) => row.id),
        comesBack: () => report(service, run.id, { transfer, outcome: 'returned', reference: 'statement 7' }),
      };
    },
    erase: async (client) => (await app.get(ErasureService).erase(operatorActor('test'), client)).deleted.logSalts ?? 0,
    rewritePast: async () => {
      const before = (await log.latest()).size;
      await sql(
        db.url,
        `set session_replication_role = replica;
         update ledger.entry set amount_minor = amount_minor + 1 where seq = (select min(seq) from ledger.entry);
         update ledger.balance b set debits_posted = b.debits_posted + 1 from ledger.entry e
           where e.seq = (select min(seq) from ledger.entry) and b.account_id = e.debit_id;
         update ledger.balance b set credits_posted = b.credits_posted + 1 from ledger.entry e
           where e.seq = (select min(seq) from ledger.entry) and b.account_id = e.credit_id;
         delete from ledger.cosignature; delete from ledger.checkpoint; delete from ledger.leaf_salt; delete from ledger.leaf;
         delete from ledger.tile; delete from ledger.epoch; delete from ledger.period_seal;`,
      );
      for (let size = 0; size < before; size = (await log.latest()).size) await log.publishNextDay();
    },
    close: () => service.close(),
  };
  return log;
}
