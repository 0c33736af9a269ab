/** Payments that went to a bank in a file of ours, for what the bank sends back about them. */
import { randomUUID } from 'node:crypto';
import type { Payee } from '../../src/clients/domain/identity.js';
import { enrolClient, newId, openFund, releaseRun, type RunBody } from './builders.js';
import { sql } from './database.js';
import type { TestService } from './service.js';

export interface SentPayment {
  client: string;
  transfer: string;
  attempt: string;
  /** What the bank was told to call it. */
  endToEndId: string;
  uetr: string;
}

export interface SentFile {
  fund: string;
  run: RunBody;
  messageId: string;
  lotId: string;
  account: { id: string; code: string; number: string };
  payments: SentPayment[];
}

/** That many clients, paid from one account in one released run whose payments stand in one file. */
export async function sendFile(
  service: TestService,
  today: string,
  count: number,
  options: { payee?: Payee; fund?: string } = {},
): Promise<SentFile> {
  const fund = options.fund ?? (await openFund(service));
  const account = await payingAccount(service, fund);
  const clients: { client: string; transfer: string }[] = [];
  for (let n = 0; n < count; n += 1) {
    const { client, transfers } = await enrolClient(service, fund, today, {
      rail: 'bank-file',
      country: 'TH',
      payee: options.payee,
    });
    clients.push({ client, transfer: transfers[0]?.id ?? '' });
  }
  const run = await releaseRun(service, today);
  const file = randomUUID();
  const [messageId, lotId] = [`MSG-${file.slice(0, 8)}`, `LOT-${file.slice(0, 8)}`];
  await sql(
    service.db.url,
    `with listed as (select a.id, a.amount_minor, row_number() over (order by a.id)::int place from payments.attempt a where a.run_id = '${run.id}' and a.rail = 'bank-file'),
     file as (insert into payments.bank_file (id, run_id, paying_account_id, message_id, payment_information_id, execution_on, created_at, item_count, total_minor, currency, content_sha256, made_by)
              select '${file}', '${run.id}', '${account.id}', '${messageId}', '${lotId}', '${today}', now(), count(*), sum(amount_minor), 'THB', sha256('x'), (select id from access.app_user limit 1) from listed
              returning id)
     insert into payments.bank_file_item (bank_file_id, place, attempt_id) select file.id, listed.place, listed.id from file, listed`,
  );
  const rows = await sql<{ id: string; obligation_id: string; correlation_id: string }>(
    service.db.url,
    'select id, obligation_id, correlation_id from payments.attempt where run_id = $1',
    [run.id],
  );
  const payments = clients.map(({ client, transfer }): SentPayment => {
    const row = rows.find(({ obligation_id }) => obligation_id === transfer);
    if (!row) throw new Error('a transfer was not instructed');
    const uetr = `${row.id.slice(0, 14)}4${row.id.slice(15)}`;
    return { client, transfer, attempt: row.id, endToEndId: row.correlation_id, uetr };
  });
  return { fund, run, messageId, lotId, account, payments };
}

/** The account that payments of that fund leave from. */
export async function payingAccount(
  service: TestService,
  fund: string,
): Promise<{ id: string; code: string; number: string }> {
  const id = newId();
  const code = `account-${id.slice(0, 8)}`;
  const number = String(Math.floor(Math.random() * 9e9) + 1e9);
  await sql(
    service.db.url,
    `with made as (
       insert into payments.paying_account (id, code, name, bank, bank_code, account, account_kind, currency, country, time_zone, layout, opened_by, opened_at)
       select '${id}', '${code}', 'An Organisation', 'Test Bank', '004', '${number}', 'bban', 'THB', 'TH', 'Asia/Bangkok', 'pain.001', id, now() from access.app_user limit 1
       returning id, opened_by)
     insert into payments.paying_account_fund (fund_id, paying_account_id, currency, tied_by, tied_at)
     select f.id, made.id, 'THB', made.opened_by, now() from payments.fund f, made where f.code = '${fund}'`,
  );
  return { id, code, number };
}
