/** Payments that went to a bank in a file of ours, for what the bank sends back about them. */
import { makeFile, bankPayee, openPayingAccount } from './bank-files.js';
import { enrolClient, openFund, releaseRun, type RunBody } from './builders.js';
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
  account: { code: string; number: string };
  payments: SentPayment[];
}

/** That many clients, paid from one account in one released run whose payments stand in one file. */
export async function sendFile(service: TestService, today: string, count: number): Promise<SentFile> {
  const fund = await openFund(service);
  const account = await payingAccount(service, fund);
  const clients: { client: string; transfer: string }[] = [];
  for (let n = 0; n < count; n += 1) {
    const payee = bankPayee(aNumber());
    const { client, transfers } = await enrolClient(service, fund, today, { rail: 'bank-file', country: 'TH', payee });
    clients.push({ client, transfer: transfers[0]?.id ?? '' });
  }
  const run = await releaseRun(service, today);
  const { id } = await makeFile(service, run);
  const [file] = await sql<{ message_id: string; lot_id: string }>(
    service.db.url,
    'select message_id, payment_information_id lot_id from payments.bank_file where id = $1',
    [id],
  );
  if (!file) throw new Error('a file that was made is not there');
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
  return { fund, run, messageId: file.message_id, lotId: file.lot_id, account, payments };
}

/** The account that payments of that fund leave from. */
export async function payingAccount(service: TestService, fund: string): Promise<{ code: string; number: string }> {
  const number = aNumber();
  return { code: await openPayingAccount(service, [fund], { account: number }), number };
}

const aNumber = (): string => String(Math.floor(Math.random() * 9e9) + 1e9);
