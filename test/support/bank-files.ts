/** Bank files in tests: a paying account, clients with an account at a bank, and the files of their run. */
import type { Response } from 'supertest';
import type { Payee } from '../../src/clients/domain/identity.js';
import type { BankFileView, RunBankFiles } from '../../src/transfers/rails/bank-file/bank-file-view.js';
import { enrolClient, newId, openFund, releaseRun, type ClientOptions, type RunBody } from './builders.js';
import type { TestService } from './service.js';

export const PAIN001 = 'pain.001.001.09';

/** A plain account at a bank of the Thai clearing; which one, so that no two clients have the same. */
export const bankPayee = (account: number | string = '1234567890', more: Partial<Payee> = {}): Payee => ({
  bank: 'Lotus Bank',
  account: String(account),
  bankCode: '004',
  ...more,
});

export function payingAccountBody(funds: string[], more: object = {}) {
  const id = newId();
  return {
    id,
    code: `account-${id.slice(0, 8)}`,
    name: 'Hill and River',
    bank: 'Lotus Bank',
    bankCode: 'KASITHBK',
    account: '9990001112',
    accountKind: 'bban',
    currency: 'THB',
    country: 'TH',
    layout: PAIN001,
    funds,
    ...more,
  };
}

/** Opens one; its code. */
export async function openPayingAccount(service: TestService, funds: string[], more: object = {}): Promise<string> {
  const body = payingAccountBody(funds, more);
  await service.as('finance-preparer').post('/api/v1/paying-accounts', body).expect(201);
  return body.code;
}

export interface ReleasedForBank {
  fund: string;
  account: string;
  run: RunBody;
  /** Client and first transfer, in the order given. */
  paid: { client: string; transfer: string }[];
}

/** A fund with a paying account, clients who are due today and paid by a bank's file, and their released run. */
export async function releasedForBank(
  service: TestService,
  today: string,
  clients: ClientOptions[],
  more: { account?: object } = {},
): Promise<ReleasedForBank> {
  const fund = await openFund(service);
  const account = await openPayingAccount(service, [fund], more.account);
  const paid: ReleasedForBank['paid'] = [];
  for (const client of clients) {
    const enrolled = await enrolClient(service, fund, today, { payee: bankPayee(), ...client, rail: 'bank-file' });
    paid.push({ client: enrolled.client, transfer: enrolled.transfers[0]?.id ?? '' });
  }
  return { fund, account, run: await releaseRun(service, today), paid };
}

export async function makeFiles(service: TestService, run: RunBody, body: object = {}): Promise<RunBankFiles> {
  const answer = await service.as('finance-releaser').post(`/api/v1/runs/${run.id}/bank-files`, body);
  if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`);
  return answer.body as RunBankFiles;
}

/** The one file of a run, just made. */
export async function makeFile(service: TestService, run: RunBody): Promise<BankFileView> {
  const { items } = await makeFiles(service, run);
  const [file] = items;
  if (!file || items.length !== 1) throw new Error(`${items.length} files instead of one`);
  return file;
}

export const takeFile = (service: TestService, file: { id: string }) =>
  service.as('finance-releaser').get(`/api/v1/bank-files/${file.id}/content`).buffer(true).parse(bytes);

/** What a file holds. */
export async function contentOf(service: TestService, file: { id: string }): Promise<Buffer> {
  const answer = await takeFile(service, file);
  if (answer.status !== 200) throw new Error(`${answer.status} ${String(answer.body)}`);
  return answer.body as Buffer;
}

/** Whatever type it is of; JSON of a refusal stays JSON. */
function bytes(response: Response, done: (error: Error | null, body: unknown) => void): void {
  const chunks: Buffer[] = [];
  // What supertest hands over is the answer as it arrives.
  const stream = response as unknown as NodeJS.ReadableStream;
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => {
    const body = Buffer.concat(chunks);
    const isJson = body.subarray(0, 1).toString() === '{';
    done(null, isJson ? JSON.parse(body.toString()) : body);
  });
}
