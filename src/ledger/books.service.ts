/** Reading the books: the trial balance and what a fund holds. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { currencies } from '../kernel/reference-data.js';
import type { AccountKind } from './domain/entry.js';

export interface TrialBalanceAccount {
  fund: string;
  account: string;
  currency: string;
  /** Decimal strings in major units. */
  debits: string;
  credits: string;
  balance: string;
}

export interface TrialBalance {
  /** Debits less credits over all accounts, by currency: "0.00" when the books balance. */
  currencies: { currency: string; debits: string; credits: string; difference: string }[];
  accounts: TrialBalanceAccount[];
  balanced: boolean;
}

interface FoldedRow {
  fund_id: string;
  fund_code: string;
  currency: string;
  kind: AccountKind;
  rail: string;
  holder: string | null;
  normal_side: 'debit' | 'credit';
  debits_posted: string;
  credits_posted: string;
  debits_pending: string;
}

@Injectable()
export class BooksService {
  constructor(private readonly db: DataSource) {}

  /** The trial balance, folded from every entry and not from cached balances. */
  async trialBalance(actor: Actor): Promise<TrialBalance> {
    requirePermission(actor, 'books:read');
    const rows = await this.folded(this.db.manager);
    const sums = new Map<string, { debits: bigint; credits: bigint }>();
    for (const row of rows) {
      const sum = sums.get(row.currency) ?? { debits: 0n, credits: 0n };
      sums.set(row.currency, {
        debits: sum.debits + BigInt(row.debits_posted),
        credits: sum.credits + BigInt(row.credits_posted),
      });
    }
    const totals = [...sums].map(([currency, { debits, credits }]) => ({
      currency,
      debits: currencies.format(debits, currency),
      credits: currencies.format(credits, currency),
      difference: currencies.format(debits - credits, currency),
      isZero: debits === credits,
    }));
    return {
      currencies: totals.map(({ isZero: _, ...total }) => total),
      accounts: rows.map((row) => ({
        fund: row.fund_code,
        account: [row.kind, row.rail || row.holder].filter(Boolean).join(':'),
        currency: row.currency,
        debits: currencies.format(BigInt(row.debits_posted), row.currency),
        credits: currencies.format(BigInt(row.credits_posted), row.currency),
        balance: currencies.format(balanceOf(row), row.currency),
      })),
      balanced: totals.every((total) => total.isZero),
    };
  }

  /** Cached balances that differ from the fold of their entries; empty when all is well. */
  async driftedBalances(manager: EntityManager): Promise<{ accountId: string }[]> {
    return manager.query<{ accountId: string }[]>(
      `select f.account_id::text "accountId" from ledger.folded_balance f join ledger.balance b using (account_id)
       where (f.debits_posted, f.credits_posted, f.debits_pending, f.credits_pending)
          <> (b.debits_posted, b.credits_posted, b.debits_pending, b.credits_pending)`,
    );
  }

  /** What the accounts of each fund hold in each currency, in minor units, from the cached balances. `available` is what new runs may promise. */
  async fundBalances(manager: EntityManager, fundIds?: readonly string[]): Promise<FundBalance[]> {
    const rows = await manager.query<
      { fund_id: string; currency: string; kind: AccountKind; balance: string; reserved: string }[]
    >(
      `select a.fund_id, a.currency, a.kind,
              sum(case a.normal_side when 'debit' then b.debits_posted - b.credits_posted else b.credits_posted - b.debits_posted end)::text balance,
              sum(case when a.kind = 'fund' then b.debits_pending else 0 end)::text reserved
       from ledger.account a join ledger.balance b on b.account_id = a.id
       where $1::uuid[] is null or a.fund_id = any ($1)
       group by a.fund_id, a.currency, a.kind order by a.currency`,
      [fundIds ?? null],
    );
    const byFund = new Map<string, FundBalance>();
    for (const row of rows) {
      const key = `${row.fund_id}/${row.currency}`;
      const holding = byFund.get(key) ?? nothingHeld(row.fund_id, row.currency);
      holding[row.kind] = BigInt(row.balance);
      if (row.kind === 'fund') {
        holding.reserved = BigInt(row.reserved);
        holding.available = BigInt(row.balance) - BigInt(row.reserved);
      }
      byFund.set(key, holding);
    }
    return [...byFund.values()];
  }

  private folded(manager: EntityManager): Promise<FoldedRow[]> {
    return manager.query<FoldedRow[]>(
      `select f.*, fund.code fund_code, holder.display_name holder
       from ledger.folded_balance f join payments.fund fund on fund.id = f.fund_id left join access.app_user holder on holder.id = f.holder_id
       order by f.currency, fund.code, f.kind, f.rail, holder.display_name`,
    );
  }
}

export interface FundBalance extends Record<AccountKind, bigint> {
  fundId: string;
  currency: string;
  reserved: bigint;
  available: bigint;
}

export function nothingHeld(fundId: string, currency: string): FundBalance {
  return {
    fundId,
    currency,
    bank: 0n,
    clearing: 0n,
    float: 0n,
    paid: 0n,
    fund: 0n,
    committed: 0n,
    returned: 0n,
    exchange: 0n,
    reserved: 0n,
    available: 0n,
  };
}

/** What is with clients: all that was ever paid, less what came back. */
export function withClients(balance: FundBalance): bigint {
  return balance.paid - balance.returned;
}

function balanceOf(row: FoldedRow): bigint {
  const net = BigInt(row.debits_posted) - BigInt(row.credits_posted);
  return row.normal_side === 'debit' ? net : -net;
}
