/** The ledger alone, without the service around it: funds with open accounts, posted to as the role that the service works as. */
import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { Clock } from '../../src/kernel/clock.js';
import { rails } from '../../src/funds/rails.js';
import { flows, type EntryInput, type FlowKind, type PostResult } from '../../src/ledger/domain/entry.js';
import { PostingService, type FundAccounts } from '../../src/ledger/posting.service.js';
import { createTestDatabase, sql, type TestDatabase } from './database.js';

export const BOOKED_ON = '2026-03-02';

/** What an account holds, as the cache says, in minor units. */
export interface Held {
  debitsPosted: bigint;
  creditsPosted: bigint;
  debitsPending: bigint;
  creditsPending: bigint;
}

export interface Books {
  db: TestDatabase;
  dataSource: DataSource;
  openFund(currency: string): Promise<FundAccounts>;
  /** Posts a batch in a transaction of its own. */
  post(...entries: EntryInput[]): Promise<PostResult[]>;
  /** Of these accounts, or of all. */
  held(accounts?: readonly string[]): Promise<Map<string, Held>>;
  /** Whether every cached balance equals the fold of its entries, and debits equal credits in every currency. */
  faults(): Promise<string[]>;
  close(): Promise<void>;
}

export async function openBooks(): Promise<Books> {
  const db = await createTestDatabase();
  await sql(
    db.url,
    `insert into ledger.currency values ('THB', 2, 100), ('VND', 0, 1000) on conflict do nothing;
     insert into payments.donor values ('00000000-0000-7000-8000-0000000000d0', 'Donor', now());`,
  );
  const dataSource = await new DataSource({
    type: 'postgres',
    url: db.url,
    extra: { options: '-c role=uct_service', max: 12 },
  }).initialize();
  const posting = new PostingService(new Clock());
  return {
    db,
    dataSource,
    openFund: async (currency) => {
      const id = randomUUID();
      await dataSource.query(
        `insert into payments.fund (id, donor_id, code, name, currency, opened_at)
         values ($1, '00000000-0000-7000-8000-0000000000d0', $2, 'Fund', $3, now())`,
        [id, `fund-${id.slice(0, 8)}`, currency],
      );
      return posting.openFundAccounts(dataSource.manager, id, currency, rails);
    },
    post: (...entries) => dataSource.transaction((manager) => posting.post(manager, entries, BOOKED_ON)),
    held: async (accounts) => {
      const rows = await dataSource.query<Record<string, string>[]>(
        `select account_id::text account, debits_posted::text, credits_posted::text, debits_pending::text, credits_pending::text
         from ledger.balance where $1::bigint[] is null or account_id = any ($1)`,
        [accounts ?? null],
      );
      const amount = (row: Record<string, string>, column: string) => BigInt(row[column] ?? '0');
      return new Map(
        rows.map((row) => [
          row.account ?? '',
          {
            debitsPosted: amount(row, 'debits_posted'),
            creditsPosted: amount(row, 'credits_posted'),
            debitsPending: amount(row, 'debits_pending'),
            creditsPending: amount(row, 'credits_pending'),
          },
        ]),
      );
    },
    faults: async () => {
      const rows = await dataSource.query<{ fault: string }[]>(
        `select 'account ' || account_id || ' differs from its entries' fault
         from ledger.folded_balance f join ledger.balance b using (account_id)
         where (f.debits_posted, f.credits_posted, f.debits_pending, f.credits_pending)
            <> (b.debits_posted, b.credits_posted, b.debits_pending, b.credits_pending)
         union all
         select currency || ' does not balance' from ledger.folded_balance group by currency
         having sum(debits_posted) <> sum(credits_posted) or sum(debits_pending) <> sum(credits_pending)`,
      );
      return rows.map((row) => row.fault);
    },
    close: async () => {
      await dataSource.destroy();
      await db.drop();
    },
  };
}

/** An entry of that kind between the accounts that such an entry moves between; anything about it may be said otherwise. */
export function entry(
  fund: FundAccounts,
  kind: FlowKind,
  amountMinor: number | bigint,
  otherwise: Partial<EntryInput> = {},
): EntryInput {
  const ofAttempt = ['instruct', 'settle', 'fail', 'settle-late', 'return', 'reverse'].includes(kind);
  return {
    id: randomUUID(),
    ...fund.flow(kind, (flows[kind] as readonly string[]).includes('clearing') ? 'cash' : ''),
    currency: fund.currency,
    amountMinor: BigInt(amountMinor),
    phase: 'single',
    pendingId: null,
    kind,
    sourceId: randomUUID(),
    obligationId: ofAttempt ? randomUUID() : null,
    linkId: null,
    exchangeRateId: null,
    reversesId: null,
    rail: ofAttempt ? 'cash' : null,
    happenedOn: null,
    evidenceSha256: null,
    ...otherwise,
  };
}

export const grant = (fund: FundAccounts, amountMinor: number | bigint): EntryInput =>
  entry(fund, 'grant', amountMinor);

export const reserve = (fund: FundAccounts, amountMinor: number | bigint): EntryInput =>
  entry(fund, 'reserve', amountMinor, { phase: 'pending' });

export const commit = (
  fund: FundAccounts,
  reserved: EntryInput,
  amountMinor: number | bigint = reserved.amountMinor,
): EntryInput => entry(fund, 'commit', amountMinor, { phase: 'post', pendingId: reserved.id });

export const giveBack = (
  fund: FundAccounts,
  reserved: EntryInput,
  amountMinor: number | bigint = reserved.amountMinor,
): EntryInput => entry(fund, 'release-reserve', amountMinor, { phase: 'void', pendingId: reserved.id });
