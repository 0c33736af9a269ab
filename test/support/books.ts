/** The ledger alone, without the service around it: funds with open accounts, posted to as the role that the service works as. */
import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { Clock } from '../../src/kernel/clock.js';
import { rails } from '../../src/funds/rails.js';
import type { EntryInput, PostResult } from '../../src/ledger/domain/entry.js';
import { PostingService, type FundAccounts } from '../../src/ledger/posting.service.js';
import { createTestDatabase, sql, type TestDatabase } from './database.js';
import type { Rate } from './entries.js';
import { ledgerFaults } from './ledger-invariants.js';

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
  /** The accounts of a fund in another currency. */
  openCurrency(fund: FundAccounts, currency: string): Promise<FundAccounts>;
  /** The accounts with a float for somebody who carries cash; who that is. */
  openFloat(fund: FundAccounts, holder?: string): Promise<{ fund: FundAccounts; holder: string }>;
  recordRate(base: string, quote: string, rate: string): Promise<Rate>;
  closePeriod(fund: FundAccounts, through: string): Promise<void>;
  /** Posts a batch in a transaction of its own. */
  post(...entries: EntryInput[]): Promise<PostResult[]>;
  /** The same on another day. */
  postOn(day: string, ...entries: EntryInput[]): Promise<PostResult[]>;
  /** Of these accounts, or of all. */
  held(accounts?: readonly string[]): Promise<Map<string, Held>>;
  /** The rules of the ledger that do not hold. */
  faults(): Promise<string[]>;
  close(): Promise<void>;
}

export const SOMEBODY = '00000000-0000-7000-8000-000000000001';

export async function openBooks(): Promise<Books> {
  const db = await createTestDatabase();
  await sql(db.url, PLACE_FOR_FUNDS);
  const dataSource = await new DataSource({
    type: 'postgres',
    url: db.url,
    extra: { options: '-c role=uct_service', max: 12 },
  }).initialize();
  const posting = new PostingService(new Clock());
  const postOn = (day: string, ...entries: EntryInput[]) =>
    dataSource.transaction((manager) => posting.post(manager, entries, day));
  return {
    db,
    dataSource,
    openFund: async (currency) => {
      const id = randomUUID();
      await dataSource.query(OPEN_FUND, [id, `fund-${id.slice(0, 8)}`, currency]);
      return posting.openFundAccounts(dataSource.manager, id, currency, rails);
    },
    openCurrency: (fund, currency) => posting.openFundAccounts(dataSource.manager, fund.fundId, currency, rails),
    openFloat: async (fund, holder = randomUUID()) => {
      await sql(db.url, NEW_HOLDER, [holder, `${holder}@example.org`]);
      return { fund: await posting.openFloat(dataSource.manager, fund.fundId, fund.currency, holder), holder };
    },
    recordRate: async (base, quote, rate) => {
      const id = randomUUID();
      await dataSource.query(
        "insert into payments.exchange_rate values ($1, $2, $3, $4, current_date, 'the bank', $5, now())",
        [id, base, quote, rate, SOMEBODY],
      );
      return { id, base, quote, rate };
    },
    closePeriod: async (fund, through) => {
      await sql(db.url, 'insert into ledger.period_closing values ($1, $2, now())', [fund.fundId, through]);
    },
    post: (...entries) => postOn(BOOKED_ON, ...entries),
    postOn,
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
    faults: () => ledgerFaults((statement) => dataSource.query(statement)),
    close: async () => {
      await dataSource.destroy();
      await db.drop();
    },
  };
}

const DONOR = '00000000-0000-7000-8000-0000000000d0';

/** Currencies with two decimals and with none, and a donor whose funds these are. */
export const PLACE_FOR_FUNDS = `
  insert into ledger.currency values ('THB', 2, 100), ('USD', 2, 100), ('VND', 0, 1000) on conflict do nothing;
  insert into payments.donor values ('${DONOR}', 'Donor', now());`;

/** $1: its id. $2: its code. $3: its currency. */
export const OPEN_FUND = `
  insert into payments.fund (id, donor_id, code, name, currency, opened_at) values ($1, '${DONOR}', $2, 'Fund', $3, now())`;

const NEW_HOLDER = `
  insert into access.app_user (id, email, display_name, password_hash, created_at) values ($1, $2, 'Holder', 'none', now())
  on conflict do nothing`;
