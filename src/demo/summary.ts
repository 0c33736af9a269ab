/** The short summary after the demonstration is ready: what is there, and how to look at it. */
import { operatorActor } from '../access/domain/actor.js';
import type { INestApplicationContext } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { countryOf, currencies } from '../kernel/reference-data.js';
import { BooksService } from '../ledger/books.service.js';
import type { DemoAccount } from './demo-accounts.js';

export async function summarise(
  app: INestApplicationContext,
  url: string,
  accounts: readonly DemoAccount[],
): Promise<string> {
  const db = app.get(DataSource);
  const rows = await db.query<
    { country: string; clients: number; transfers: number; amount: string; currency: string }[]
  >(
    `select country, count(distinct client_id)::int clients, count(*) filter (where tops_up is null)::int transfers, sum(amount_minor)::text amount, currency
     from payments.obligation where state = 'settled' group by country, currency order by sum(amount_minor) desc`,
  );
  const [counts] = await db.query<{ clients: number; reports: number }[]>(
    'select (select count(*)::int from casework.client) clients, (select count(*)::int from reports.donor_report) reports',
  );
  const books = await app.get(BooksService).trialBalance(operatorActor('summary'));
  const lines = rows.map(
    (row) =>
      `  ${countryOf(row.country).name.padEnd(10)} ${String(row.clients).padStart(4)} clients  ${String(row.transfers).padStart(4)} transfers  ${grouped(currencies.format(BigInt(row.amount), row.currency)).padStart(14)} ${row.currency}`,
  );
  const differences = books.currencies.map((total) => `${total.currency} ${total.difference}`).join(', ');
  return [
    '',
    `On record, ${counts?.clients ?? 0} clients (the rebuilt 2015-2016 pilot is 117 invented people). Paid:`,
    ...lines,
    `  Trial balance: debits less credits ${differences} (${books.balanced ? 'balanced' : 'NOT BALANCED'})`,
    `  Donor reports: ${counts?.reports ?? 0}, one for each fund and quarter`,
    '',
    `Open ${url}   (API: ${url}/api/docs)`,
    `Sign in with password ${accounts[0]?.password ?? ''} as`,
    ...accounts.map((account) => `  ${account.email.padEnd(28)} ${account.role}`),
    '',
  ].join('\n');
}

function grouped(amount: string): string {
  return amount.replace(/\B(?=(\d{3})+(?=\.))/g, ',');
}
