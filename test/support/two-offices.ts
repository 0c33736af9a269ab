/** Two teams, each with a caseworker, a supervisor, a client and a fund with its donor: what is one's own, and what is another's. */
import { randomUUID } from 'node:crypto';
import { operatorActor, roleNames, scheduleActor, type Role } from '../../src/access/domain/actor.js';
import type { MobileMoneySettings } from '../../src/kernel/settings.js';
import { FundsService } from '../../src/funds/funds.service.js';
import { SequencerService } from '../../src/ledger/transparency-log/sequencer.service.js';
import { bankPayee, makeFile, payingAccountBody } from './bank-files.js';
import { camt } from './bank-reports.js';
import { clientBody, enrolClient, newId, openFund, prepareRun, ranks, releaseRun } from './builders.js';
import { handOut, issuedFor } from './cash.js';
import { sql } from './database.js';
import { hire, raw, signIn } from './raw-requests.js';
import { CALLBACK_TOKEN } from './rail-simulator/gsma-http.js';
import { startTestService, type TestService } from './service.js';
import { confirmWage, openWageFund, regionWithWage, wageFrom } from './wages.js';

export const TODAY = '2026-04-02';
export const SECOND_TEAM = '00000000-0000-7000-8000-0000000000b2';

/** What belongs to one office; every id of a route's address is one of these. */
export interface Office {
  client: string;
  plan: string;
  note: string;
  enrolment: string;
  /** Its first transfer was instructed by the released run; this is a later one. */
  transfer: string;
  firstTransfer: string;
  /** Another rail, proposed for the enrolment. */
  change: string;
  fund: string;
  fundId: string;
  /** What the fund is to do when wages rise, proposed by somebody else in finance. */
  policyChange: string;
  grant: string;
  report: string;
  /** Somebody else opened the client's case file in an emergency, and no supervisor has seen it yet. */
  emergency: string;
  /** Two clients who may be the same person. */
  pair: string;
  /** Clients on whom nothing else depends: one to be erased over the API, one on the page. */
  leaving: { overApi: string; onPage: string };
  /** Number of the certificate of one who was erased. */
  erasure: string;
  /** Its caseworker carries the cash of this voucher, of another client's transfer; and finance counted it with them. */
  voucher: string;
  count: string;
}

/** What somebody has to lose: sessions that no test uses, and tokens for machines; one of each over the API, one on the pages. */
export interface Account {
  session: string;
  token: string;
  onPages: { session: string; token: string };
}

/** An operator whose callbacks are taken, and that nobody can reach. */
const NOBODY_THERE: MobileMoneySettings = {
  url: 'http://127.0.0.1:9/mm',
  apiKey: 'key-of-nobody',
  payer: { key: 'walletid', value: '5000' },
  callbackBase: 'https://ledger.example.org',
  callbackToken: CALLBACK_TOKEN,
  perMinute: 60,
  mostAsks: 12,
  timeoutMs: 1_000,
};

const NO_ID = '00000000-0000-4000-8000-000000000000';

export type Whose = 'own' | "other's" | 'none';

export interface TwoOffices {
  service: TestService;
  /** Office of people number 1, of people number 2, and ids that nothing has. */
  of: Record<Whose, Office>;
  /** Runs and entries belong to the whole programme: one waits for approval, one was released. */
  run: { id: string; digest: string };
  released: { id: string; digest: string };
  /** A payment of which nobody knows, and what one person of finance told of it. */
  unknown: { payment: string; told: string };
  /** Proposed by somebody of finance. */
  limits: string;
  /** Of the released run, and the account that it leaves from. */
  bankFile: string;
  payingAccount: string;
  entry: string;
  rate: string;
  /** A report of a bank, and a line of it that waits for people. */
  bankReport: { report: string; workItem: string };
  /** A wage, and what one makes of a fund, proposed by somebody else in finance. */
  wage: string;
  review: { id: string; fund: string; wageRate: string };
  /** Of person 1 and of person 2 in each role. */
  accounts: Record<Whose, Record<Role, Account>>;
  /** Two people about whom nothing else depends, with a token for a machine each. */
  users: Record<Whose, Account & { id: string }>;
  close(): Promise<void>;
}

export async function openTwoOffices(): Promise<TwoOffices> {
  const service = await startTestService({ today: TODAY, mobileMoney: NOBODY_THERE });
  await sql(service.db.url, `insert into access.team values ('${SECOND_TEAM}', 'Second team')`);
  await sql(
    service.db.url,
    `update access.app_user set team_id = '${SECOND_TEAM}' where email in ('caseworker-2@test.example', 'supervisor-2@test.example')`,
  );
  const own = await openOffice(service, 1);
  const others = await openOffice(service, 2);
  const account = payingAccountBody([own.fund]);
  await service.as('finance-preparer').post('/api/v1/paying-accounts', account).expect(201);
  await enrolClient(service, own.fund, TODAY, { name: 'By Bank', rail: 'bank-file', payee: bankPayee() });
  const lost = await enrolClient(service, own.fund, TODAY, { name: 'By App', rail: 'manual' });
  const released = await releaseRun(service, TODAY);
  const bankFile = await makeFile(service, released);
  await carryCash(service, [own, others]);
  for (const office of [own, others]) {
    const answer = await service
      .as('finance-preparer')
      .post('/api/v1/donor-reports', { fund: office.fund, period: '2026-Q1' });
    office.report = (answer.body as { id: string }).id;
  }
  const unknown = await unknownPayment(service, released.id, lost.transfers[0]?.id ?? '');
  const limits = { id: newId(), currency: 'THB', steps: [{ above: '0', approvals: 1 }] };
  await service.as('finance-preparer', 2).post('/api/v1/approval-limits', limits).expect(204);
  const rate = { id: newId(), base: 'THB', quote: 'USD', rate: '0.0275', asOf: TODAY, source: 'a bank' };
  await service.as('finance-preparer').post('/api/v1/exchange-rates', rate).expect(201);
  await service.as('finance-approver').post(`/api/v1/exchange-rates/${rate.id}/confirmation`).expect(200);
  for (const { fundId } of [own, others])
    await service.as('finance-preparer').post(`/api/v1/funds/${fundId}/accounts`, { currency: 'USD' }).expect(201);
  await service.app.get(SequencerService).publishDue(scheduleActor('test'));
  await enrolClient(service, own.fund, TODAY, { country: 'TH' });
  const run = await prepareRun(service, TODAY, 'TH');
  const wage = wageFrom('MY', '70', '2026-09-01');
  await service.as('finance-preparer', 2).post('/api/v1/wage-rates', wage).expect(201);
  const review = await openReview(service);
  own.emergency = await emergencyAt(service, own, 'caseworker-3@test.example');
  others.emergency = await emergencyAt(service, others, 'caseworker-4@test.example', SECOND_TEAM);
  const [entry] = await sql<{ id: string }>(service.db.url, 'select id from ledger.entry order by seq limit 1');
  const bankReport = await bankReportOf(service);
  return {
    service,
    of: { own, "other's": others, none: nowhere() },
    run,
    released,
    unknown,
    limits: limits.id,
    bankFile: bankFile.id,
    payingAccount: account.id,
    entry: entry?.id ?? '',
    rate: rate.id,
    bankReport,
    wage: wage.id,
    review,
    accounts: {
      own: await accountsOf(service, 1),
      "other's": await accountsOf(service, 2),
      none: Object.fromEntries(roleNames.map((role) => [role, NO_ACCOUNT])) as Accounts,
    },
    users: {
      own: await newcomer(service, 1),
      "other's": await newcomer(service, 2),
      none: { id: NO_ID, ...NO_ACCOUNT },
    },
    close: () => service.close(),
  };
}

async function unknownPayment(service: TestService, run: string, transfer: string): Promise<TwoOffices['unknown']> {
  const told = { transfer, outcome: 'resolved-not-paid', reference: 'enquiry 1' };
  const finance = service.as('finance-preparer', 2);
  await finance.post(`/api/v1/runs/${run}/results`, { results: [{ transfer, outcome: 'unknown' }] }).expect(200);
  await finance.post(`/api/v1/runs/${run}/results`, { results: [told] }).expect(200);
  const idOf = async (path: string) => {
    const { items } = (await finance.get(path).expect(200)).body as { items: { id: string }[] };
    return items[0]?.id ?? '';
  };
  return { payment: await idOf('/api/v1/unknown-payments'), told: await idOf('/api/v1/results-to-confirm') };
}

/** A report with a line that waits for people: it belongs to the whole programme. */
async function bankReportOf(service: TestService): Promise<{ report: string; workItem: string }> {
  const token = await signIn(service, 'finance-preparer-1@test.example');
  const text = camt({ day: TODAY, entries: [{ amount: '25.00', direction: 'DBIT', day: TODAY }] });
  const taken = await raw(service, token, 'post', '/api/v1/bank-reports', text, { 'content-type': 'application/xml' });
  const listed = await service.as('auditor').get('/api/v1/work-items').expect(200);
  const [item] = (listed.body as { items: { id: string }[] }).items;
  return { report: (taken.body as { id: string }).id, workItem: item?.id ?? '' };
}

/** A wage that rose, and what it makes of a fund of its own. */
async function openReview(service: TestService): Promise<TwoOffices['review']> {
  const fund = await openWageFund(service, 'raise_only');
  const region = await regionWithWage(service, '400');
  await enrolClient(service, fund, '2026-09-01', { country: 'TH', region });
  const wageRate = await confirmWage(service, wageFrom('TH', '410', '2026-09-01', region));
  const body = { id: newId(), fund, wageRate };
  await service.as('finance-preparer', 2).post('/api/v1/value-reviews', body).expect(201);
  return body;
}

/** Somebody who does not work with the office's client opens their case file. */
async function emergencyAt(service: TestService, { client }: Office, email: string, team?: string): Promise<string> {
  const { id, token } = await hire(service, email, ['caseworker']);
  if (team) await sql(service.db.url, 'update access.app_user set team_id = $1 where id = $2', [team, id]);
  const path = `/api/v1/clients/${client}/emergency-access`;
  const opened = await raw(service, token, 'post', path, JSON.stringify({ reason: 'medical' }));
  return (opened.body as { id: string }).id;
}

/** In each office another client, whose cash the office's caseworker carries. */
async function carryCash(service: TestService, offices: [Office, Office]): Promise<void> {
  const paid: { transfer: string; number: 1 | 2; office: Office }[] = [];
  for (const [index, office] of offices.entries()) {
    const number = index === 0 ? 1 : 2;
    const client = await anotherIn(service, number);
    const enrolled = await service
      .as('supervisor', number)
      .post('/api/v1/enrolments', { id: newId(), client, fund: office.fund, anchorOn: TODAY, rail: 'cash' })
      .expect(201);
    const [first] = (enrolled.body as { transfers: { id: string }[] }).transfers;
    paid.push({ transfer: first?.id ?? '', number, office });
  }
  const { id: run } = await releaseRun(service, TODAY);
  for (const { transfer, number, office } of paid) {
    const voucher = await issuedFor(service, run, transfer);
    const payment = { client: voucher.client, transfer, fund: office.fund, run, voucher };
    await handOut(service, payment, number);
    office.voucher = voucher.id;
    office.count = newId();
    const count = {
      id: office.count,
      fund: office.fund,
      currency: 'THB',
      pieces: voucher.denominations,
      books: voucher.amount,
    };
    await service
      .as('finance-preparer')
      .post('/api/v1/till-counts', { ...count, holder: service.actor('caseworker', number).userId })
      .expect(201);
  }
}

type Accounts = Record<Role, Account>;
const NO_ACCOUNT: Account = { session: NO_ID, token: NO_ID, onPages: { session: NO_ID, token: NO_ID } };

async function accountsOf(service: TestService, number: 1 | 2): Promise<Accounts> {
  const accounts = {} as Accounts;
  for (const role of roleNames) accounts[role] = await accountOf(service, `${role}-${number}@test.example`);
  return accounts;
}

async function accountOf(service: TestService, email: string): Promise<Account> {
  return { ...(await sessionAndToken(service, email)), onPages: await sessionAndToken(service, email) };
}

async function sessionAndToken(service: TestService, email: string): Promise<{ session: string; token: string }> {
  const bearer = await signIn(service, email);
  const sessions = await raw(service, bearer, 'get', '/api/v1/sessions');
  const token = JSON.stringify({ name: 'a program', scope: ['catalogue:read'], days: 30 });
  const made = await raw(service, bearer, 'post', '/api/v1/tokens', token);
  const { items } = sessions.body as { items: { id: string; isThisOne: boolean }[] };
  return { session: items.find(({ isThisOne }) => isThisOne)?.id ?? '', token: (made.body as { id: string }).id };
}

async function newcomer(service: TestService, number: 1 | 2): Promise<Account & { id: string }> {
  const email = `newcomer-${number}@test.example`;
  const { id } = await hire(service, email, ['auditor']);
  await sql(
    service.db.url,
    "insert into access.external_identity values ('https://id.example.org', $1::text, $1::text::uuid, now())",
    [id],
  );
  return { id, ...(await accountOf(service, email)) };
}

/** A registration under that name only, so that nobody else is found for it. */
function namedBody(name: string, dateOfBirth = '1990-01-01') {
  return { ...clientBody(), identity: { names: [{ text: name }], dateOfBirth } };
}

async function anotherIn(service: TestService, number: 1 | 2): Promise<string> {
  const name = `Leaving ${randomUUID()}`;
  const answer = await service.as('caseworker', number).post('/api/v1/clients', namedBody(name)).expect(201);
  return (answer.body as { code: string }).code;
}

async function erasureIn(service: TestService, number: 1 | 2): Promise<string> {
  const code = await anotherIn(service, number);
  const answer = await service.as('supervisor', number).delete(`/api/v1/clients/${code}`).expect(200);
  return (answer.body as { number: string }).number;
}

/** Two more clients of the same name in an office. */
async function pairIn(service: TestService, number: 1 | 2): Promise<string> {
  const codes: string[] = [];
  for (const dateOfBirth of ['1980-01-02', '1980-01-03']) {
    const name = number === 1 ? 'Twice Alpha' : 'Twice Beta';
    const answer = await service
      .as('caseworker', number)
      .post('/api/v1/clients', namedBody(name, dateOfBirth))
      .expect(201);
    codes.push((answer.body as { code: string }).code);
  }
  const [pair] = await sql<{ id: string }>(
    service.db.url,
    `select p.id from casework.possible_duplicate p join casework.client a on a.id = p.one_id join casework.client b on b.id = p.other_id
     where a.code = any ($1) and b.code = any ($1)`,
    [codes],
  );
  return pair?.id ?? '';
}

async function openOffice(service: TestService, number: 1 | 2): Promise<Office> {
  const fund = await openFund(service);
  const caseworker = service.as('caseworker', number);
  await service.app
    .get(FundsService)
    .addDonorMember(operatorActor('test'), `Donor of ${fund}`, service.actor('donor', number).userId);
  const registered = await caseworker.post('/api/v1/clients', clientBody()).expect(201);
  const client = (registered.body as { code: string }).code;
  const [plan, note] = [newId(), newId()];
  const item = { need: 'debt', description: `words of office ${number}`, amount: '10.00', currency: 'THB' };
  await caseworker.post(`/api/v1/clients/${client}/needs-assessments`, assessment()).expect(201);
  await caseworker.post(`/api/v1/clients/${client}/spending-plans`, { id: plan, items: [item] }).expect(201);
  const words = `words of office ${number}, in a note`;
  await caseworker.post(`/api/v1/clients/${client}/case-notes`, { id: note, kind: 'visit', words }).expect(201);
  const enrolled = await service
    .as('supervisor', number)
    .post('/api/v1/enrolments', { id: newId(), client, fund, anchorOn: TODAY, rail: 'cash' })
    .expect(201);
  const { id: enrolment, transfers } = enrolled.body as { id: string; transfers: { id: string }[] };
  const [ids] = await sql<{ fund_id: string; grant_id: string }>(
    service.db.url,
    'select f.id fund_id, g.id grant_id from payments.fund f join payments.grant_received g on g.fund_id = f.id where f.code = $1',
    [fund],
  );
  const change = { id: newId(), rail: 'manual' };
  await caseworker.post(`/api/v1/enrolments/${enrolment}/changes`, change).expect(201);
  const policyChange = { id: newId(), policy: 'raise_only', reason: 'the donor agreed' };
  await service
    .as('finance-preparer', 2)
    .post(`/api/v1/funds/${ids?.fund_id}/policy-changes`, policyChange)
    .expect(201);
  return {
    client,
    plan,
    note,
    enrolment,
    change: change.id,
    policyChange: policyChange.id,
    transfer: transfers[2]?.id ?? '',
    firstTransfer: transfers[0]?.id ?? '',
    fund,
    fundId: ids?.fund_id ?? '',
    grant: ids?.grant_id ?? '',
    report: '',
    emergency: '',
    pair: await pairIn(service, number),
    leaving: { overApi: await anotherIn(service, number), onPage: await anotherIn(service, number) },
    erasure: await erasureIn(service, number),
    voucher: '',
    count: '',
  };
}

export const assessment = () => ({ id: newId(), assessedOn: TODAY, ranks: ranks('debt') });

function nowhere(): Office {
  const id = NO_ID;
  return {
    client: 'C-00000000',
    plan: id,
    note: id,
    enrolment: id,
    change: id,
    policyChange: id,
    transfer: id,
    firstTransfer: id,
    fund: 'no-fund',
    fundId: id,
    grant: id,
    report: id,
    emergency: id,
    pair: id,
    leaving: { overApi: 'C-00000000', onPage: 'C-00000000' },
    erasure: 'E-00000000',
    voucher: id,
    count: id,
  };
}
