/** A donor's fund with a quarter that is over, paid, reported, sealed and witnessed; and everything of its clients and staff that a donor must not see. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { operatorActor, scheduleActor } from '../../src/access/domain/actor.js';
import { DonorReportsService } from '../../src/donor-reports/donor-reports.service.js';
import { FundsService } from '../../src/funds/funds.service.js';
import { LogSigner } from '../../src/ledger/transparency-log/log-signer.js';
import { SequencerService } from '../../src/ledger/transparency-log/sequencer.service.js';
import { startWitness, type RunningWitness } from '../../src/ledger/transparency-log/witness/witness-server.js';
import { ReleasesService } from '../../src/transfers/releases.service.js';
import { RunsService } from '../../src/transfers/runs.service.js';
import { enrolClient, newId, openFund, ranks, releaseRun } from './builders.js';
import { canaryIdentity, canaryWords, registerCanaryClient, textsIn } from './canary-client.js';
import { createTestDatabase, sql } from './database.js';
import { report } from './runs.js';
import { startTestService, travel, type TestService } from './service.js';

/** No page of a donor is opened on this day, so that it can be searched for. */
export const PAID_ON = '2026-02-17';
/** The day on which the donor looks. */
export const LOOKED_AT_ON = '2026-04-03';

const ORIGIN = 'log.test.example';
const GROUPS = ['zqgroup-boat', 'zqgroup-cannery', 'zqgroup-pier'];
const EACH_GROUP = 12;

export interface DonorBooks {
  service: TestService;
  /** Of the donor's fund, of its first quarter. */
  report: string;
  fund: string;
  /** Of another donor's fund. */
  othersReport: string;
  othersFund: string;
  /** A code that stands on pages of staff. */
  client: string;
  /** Texts and ids of clients and staff: none of them may stand anywhere that a donor reads. */
  secrets: string[];
  /** The same for amounts and days of single payments, which are short and are searched between signs that are no part of a longer number. */
  payments: string[];
  close(): Promise<void>;
}

export async function openDonorBooks(): Promise<DonorBooks> {
  const folder = mkdtempSync(join(tmpdir(), 'uct-donor-'));
  const db = await createTestDatabase();
  const probe = await startTestService({ db, log: { origin: ORIGIN } });
  const { vkey } = await probe.app.get(LogSigner).signer();
  await probe.close();
  const witnesses = await Promise.all(['one', 'two'].map((name) => witness(join(folder, name), name, vkey)));
  const asked = witnesses.map(({ vkey: key, url }) => ({ vkey: key, url }));
  const service = await startTestService({ today: PAID_ON, db, log: { origin: ORIGIN, witnesses: asked } });
  await nameStaff(service);
  const fund = await openFund(service, { receivedOn: '2026-02-03' });
  const othersFund = await openFund(service, { receivedOn: '2026-02-03' });
  await service.app
    .get(FundsService)
    .addDonorMember(operatorActor('test'), `Donor of ${fund}`, service.actor('donor').userId);
  const client = await payClients(service, fund, othersFund);
  const secrets = await secretsOf(service);
  await sealQuarter(service);
  const [own, others] = await Promise.all([fund, othersFund].map((one) => reportOf(service, one)));
  return {
    service,
    report: own ?? '',
    fund,
    othersReport: others ?? '',
    othersFund,
    client,
    secrets,
    payments: singlePayments(),
    close: async () => {
      await service.close();
      await Promise.all(witnesses.map((one) => one.close()));
      await db.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function witness(dir: string, name: string, logKey: string): Promise<RunningWitness> {
  const now = () => Date.parse('2026-04-02T00:00:00Z') / 1000;
  const at = { host: '127.0.0.1', port: 0, now, warn: () => undefined };
  return startWitness({ dir, name: `witness.${name}`, logs: [logKey], ...at });
}

async function nameStaff(service: TestService): Promise<void> {
  await sql(
    service.db.url,
    `update access.app_user set display_name = 'Zqstaff ' || replace(display_name, ' ', ' Zq')
     where email not like 'donor-%' and email like '%@test.example'`,
  );
}

/** Enough people of three cases that the report speaks of them, two of whom everything is written down; all are paid. The code of one. */
async function payClients(service: TestService, fund: string, othersFund: string): Promise<string> {
  const canaries = [
    await registerCanaryClient(service, PAID_ON),
    await registerCanaryClient(service, PAID_ON, ' again'),
  ];
  const transfers: string[] = [];
  for (const [index, client] of canaries.entries()) {
    const enrolment = { id: newId(), client, fund: index === 0 ? fund : othersFund, anchorOn: PAID_ON, rail: 'manual' };
    const { body } = await service.as('supervisor').post('/api/v1/enrolments', enrolment).expect(201);
    transfers.push((body as { transfers: { id: string }[] }).transfers[0]?.id ?? '');
  }
  for (const [index, caseGroup] of GROUPS.flatMap((group) =>
    Array.from({ length: EACH_GROUP }, () => group),
  ).entries()) {
    const country = index % 4 === 0 ? 'TH' : 'MM';
    const enrolled = await enrolClient(service, fund, PAID_ON, { caseGroup, country, rail: 'manual' });
    transfers.push(enrolled.transfers[0]?.id ?? '');
    const highest = index % 2 === 0 ? ['debt'] : ['housing'];
    const assessment = { id: newId(), assessedOn: PAID_ON, ranks: ranks(...highest) };
    await service.as('caseworker').post(`/api/v1/clients/${enrolled.client}/needs-assessments`, assessment).expect(201);
  }
  const run = await releaseRun(service, PAID_ON);
  const arrived = { outcome: 'settled', happenedOn: PAID_ON } as const;
  await report(service, run.id, ...transfers.map((transfer) => ({ transfer, ...arrived })));
  return canaries[0] ?? '';
}

async function sealQuarter(service: TestService): Promise<void> {
  for (const day of ['2026-02-18', '2026-04-01', '2026-04-02', LOOKED_AT_ON]) {
    travel(service, day, '15:30');
    await service.app.get(SequencerService).publishDue(scheduleActor('test'));
  }
}

async function reportOf(service: TestService, fund: string): Promise<string> {
  const input = { fund, period: '2026-Q1' };
  const { report: made } = await service.app.get(DonorReportsService).make(service.actor('finance-preparer'), input);
  return made.id;
}

/** In the quarter that is not over: those who have had their first transfer are sent the second. How many. */
export async function payAgain(service: TestService, day: string): Promise<number> {
  travel(service, day);
  const { app } = service;
  const asked = { id: newId(), dueThrough: day };
  const { run } = await app.get(RunsService).prepare(service.actor('finance-preparer'), asked);
  await app.get(RunsService).approve(service.actor('finance-approver'), run.id, run.digest);
  await app.get(ReleasesService).release(service.actor('finance-releaser'), run.id, run.digest);
  return run.count;
}

/** What the database holds of whom the money was for and who worked on it. */
async function secretsOf(service: TestService): Promise<string[]> {
  const rows = await sql<{ text: string }>(
    service.db.url,
    `select code as text from casework.client union select id::text from casework.client
     union select id::text from payments.enrolment union select id::text from payments.obligation
     union select id::text from payments.attempt union select id::text from payments.run
     union select id::text from ledger.entry union select id::text from casework.needs_assessment
     union select id::text from casework.case_note union select id::text from casework.spending_plan
     union select display_name from access.app_user where display_name like 'Zqstaff%'
     union select id::text from access.app_user where display_name like 'Zqstaff%'
     union select email from access.app_user where display_name like 'Zqstaff%'
     union select case_group from casework.client where case_group like 'zqgroup%'`,
  );
  const said = ['', ' again'].flatMap((suffix) => [
    ...textsIn(canaryIdentity(suffix)),
    ...Object.values(canaryWords(suffix)),
  ]);
  return [...new Set([...rows.map(({ text }) => text), ...said])];
}

/** What one client gets (pilot's decided amounts), as pages, tables and sums of minor units write it, and the day. */
const singlePayments = () => [
  ...['4,707.00', '4707.00', '470700', '9,000.00', '9000.00', '900000'],
  ...['2026-02-17', '17 February 2026', '17\u00a0February 2026'],
];
