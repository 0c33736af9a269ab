/**
 * Rebuilds the 2015-2016 pilot with invented people, day by simulated day, through the same services and jobs that serve real users.
 * Every step says the same thing again without effect, so a rebuild that was interrupted goes on from its last finished day.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getQueueToken } from '@nestjs/bullmq';
import type { INestApplicationContext } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Job, Queue, Worker } from 'bullmq';
import { ClientsService } from '../clients/clients.service.js';
import { REPORTS_QUEUE, ReportsProcessor } from '../donor-reports/report-jobs.js';
import type { TravellingClock } from '../kernel/clock.js';
import { writePrivateFile } from '../kernel/database/embedded-home.js';
import { addDays, daysBetween, type PlainDate } from '../kernel/domain/plain-date.js';
import { readConfigJson } from '../kernel/reference-data.js';
import { LEDGER_QUEUE, LedgerProcessor } from '../ledger/ledger-jobs.js';
import { NeedsService } from '../needs/needs.service.js';
import { PlansService } from '../plans/plans.service.js';
import { EnrolmentsService } from '../transfers/enrolments.service.js';
import { TRANSFERS_QUEUE } from '../transfers/jobs.js';
import type { TransferState } from '../transfers/obligation.entity.js';
import { ReleasesService } from '../transfers/releases.service.js';
import { ResultsService, type NewResult } from '../transfers/results.service.js';
import { RunsService } from '../transfers/runs.service.js';
import { TransfersProcessor } from '../transfers/transfers.processor.js';
import { TransfersService, type TransferFilter, type TransferView } from '../transfers/transfers.service.js';
import { demoAccounts } from './demo-accounts.js';
import { DemoOffice, demoId } from './demo-office.js';
import {
  writePilotScript,
  type Incident,
  type NeedsCatalogue,
  type PilotScript,
  type PilotTable,
  type ScriptedClient,
} from './domain/pilot-script.js';
import { dueOn } from './domain/transfer-days.js';
import { outcomeToday } from './scripted-outcomes.js';

const PILOT_COUNTRIES = ['TH', 'MM', 'LA'];
const JOB_LIMIT_MS = 60_000;
/** Weeks after the last transfer at which a client tells what became of the money. */
const TOLD_AFTER_DAYS = 21;

export interface RebuildOptions {
  dataDir: string;
  clock: TravellingClock;
  /** Called after each day with how much is done, 0 to 100. */
  onProgress: (percent: number, day: PlainDate) => void;
  /** Asked between days; true leaves the rest to the next start. */
  shouldStop: () => boolean;
}

interface Marker {
  state: 'building' | 'complete';
  /** The last day that is finished. */
  day: PlainDate | null;
}

/** Rebuilds the pilot, or what is missing of it; true when it is complete. */
export async function rebuildPilot(app: INestApplicationContext, options: RebuildOptions): Promise<boolean> {
  const marker = await readMarker(app, options.dataDir);
  if (marker.state === 'complete') return true;
  writeMarker(options.dataDir, marker);
  const script = writePilotScript(
    readConfigJson<PilotTable>('pilot-table1.json'),
    readConfigJson<NeedsCatalogue>('needs-catalogue.json'),
  );
  const firstDay = DemoOffice.firstGrantOn < script.firstDay ? DemoOffice.firstGrantOn : script.firstDay;
  const days = daysBetween(firstDay, script.lastDay);
  const rebuild = await PilotRebuild.begin(app, options, script, firstDay);
  try {
    for (let day = marker.day ? addDays(marker.day, 1) : firstDay; day <= script.lastDay; day = addDays(day, 1)) {
      if (options.shouldStop()) return false;
      await rebuild.liveThrough(day);
      writeMarker(options.dataDir, { state: 'building', day });
      options.onProgress(Math.floor((daysBetween(firstDay, day) * 100) / days), day);
    }
    writeMarker(options.dataDir, { state: 'complete', day: script.lastDay });
    return true;
  } finally {
    options.clock.returnToPresent();
  }
}

class PilotRebuild {
  private readonly clientByCode = new Map<string, ScriptedClient>();
  private readonly codeByKey = new Map<string, string>();
  private readonly incidents: Map<string, Incident>;
  private readonly ledgerQueue: Queue;
  private readonly transferQueue: Queue;
  private readonly reportQueue: Queue;

  private constructor(
    private readonly app: INestApplicationContext,
    private readonly options: RebuildOptions,
    private readonly script: PilotScript,
    private readonly office: DemoOffice,
  ) {
    this.incidents = new Map(
      script.incidents.map((incident) => [`${incident.client}/${incident.instalment}`, incident]),
    );
    this.transferQueue = app.get<Queue>(getQueueToken(TRANSFERS_QUEUE));
    this.reportQueue = app.get<Queue>(getQueueToken(REPORTS_QUEUE));
    this.ledgerQueue = app.get<Queue>(getQueueToken(LEDGER_QUEUE));
  }

  static async begin(
    app: INestApplicationContext,
    options: RebuildOptions,
    script: PilotScript,
    firstDay: PlainDate,
  ): Promise<PilotRebuild> {
    options.clock.travelTo(at(firstDay, '05:00'));
    const office = await DemoOffice.open(app, demoAccounts(options.dataDir), script);
    const rebuild = new PilotRebuild(app, options, script, office);
    // A job that a kill -9 left half done would come back in the middle of a later day; what is due does not depend on it.
    for (const queue of [rebuild.transferQueue, rebuild.reportQueue, rebuild.ledgerQueue])
      await queue.obliterate({ force: true });
    return rebuild;
  }

  /** One day: schedules in the early morning, people through the day. */
  async liveThrough(today: PlainDate): Promise<void> {
    const { clock } = this.options;
    clock.travelTo(at(today, '06:00'));
    if (await this.anyIn('on_hold')) await this.endHolds(today);
    await this.runJobs(today);
    clock.travelTo(at(today, '09:00'));
    await this.office.receiveGrants(today);
    if (await this.anyIn('in_run', 'approved')) await this.signRuns();
    clock.travelTo(at(today, '13:00'));
    for (const client of this.script.clients) {
      if (client.intakeOn === today) await this.takeIn(client);
      else if (client.intakeOn < today && !this.codeByKey.has(client.key)) await this.register(client);
      if (tellsOn(client) === today) await this.track(client, today);
    }
    clock.travelTo(at(today, '17:00'));
    await this.reportOutcomes(today);
    if (await this.anyIn('failed', 'returned', 'reversed')) await this.putBack();
    await this.beginHolds(today);
  }

  private async runJobs(today: PlainDate): Promise<void> {
    const jobs = [
      ...PILOT_COUNTRIES.map((country) => ({
        name: 'prepare-due-runs',
        data: { country },
        opts: { removeOnComplete: true },
      })),
      { name: 'follow-unknown', data: {}, opts: { removeOnComplete: true } },
      ...(today.endsWith('-01') ? [{ name: 'self-check', data: {}, opts: { removeOnComplete: true } }] : []),
    ];
    const reports = /-(01|04|07|10)-02$/.test(today)
      ? [{ name: 'donor-reports', data: {}, opts: { removeOnComplete: true } }]
      : [];
    await workOff(this.ledgerQueue, this.app.get(LedgerProcessor).worker, [
      { name: 'publish-log', data: {}, opts: { removeOnComplete: true } },
      // Once, at the end, so that there is a verification to look at.
      ...(today === this.script.lastDay ? [{ name: 'verify-ledger', data: {}, opts: { removeOnComplete: true } }] : []),
    ]);
    await Promise.all([
      workOff(this.transferQueue, this.app.get(TransfersProcessor).worker, jobs),
      workOff(this.reportQueue, this.app.get(ReportsProcessor).worker, reports),
    ]);
  }

  private async signRuns(): Promise<void> {
    const runs = this.app.get(RunsService);
    const [approver, releaser] = [this.office.staff('finance-approver'), this.office.staff('finance-releaser')];
    for (const run of (await runs.list(approver, { limit: 100, state: 'prepared' })).items)
      await runs.approve(approver, run.id, run.digest);
    for (const run of (await runs.list(releaser, { limit: 100, state: 'approved' })).items) {
      await this.app.get(ReleasesService).release(releaser, run.id, run.digest);
    }
  }

  private async takeIn(client: ScriptedClient): Promise<void> {
    const caseworker = this.caseworkerOf(client);
    const code = await this.register(client);
    await this.app.get(NeedsService).recordAssessment(caseworker, code, {
      id: demoId(`assessment/${client.key}`),
      assessedOn: client.intakeOn,
      ranks: client.ranks,
      interpretations: client.interpretations,
    });
    await this.app.get(PlansService).write(caseworker, code, {
      id: demoId(`plan/${client.key}`),
      writtenOn: client.intakeOn,
      items: client.plan.map((item) => ({ ...item, currency: 'THB' })),
    });
    const enrolments = this.app.get(EnrolmentsService);
    const { enrolment } = await enrolments.enrol(caseworker, {
      id: demoId(`enrolment/${client.key}`),
      client: code,
      fund: client.fund,
      anchorOn: client.anchorOn,
      rail: client.rail,
    });
    await enrolments.approve(this.office.staff('supervisor'), enrolment.id);
  }

  private async register(client: ScriptedClient): Promise<string> {
    const consent = (purpose: 'hold-data' | 'be-paid' | 'be-contacted' | 'be-quoted', given: boolean) => ({
      purpose,
      given,
      language: client.language,
      recordedOn: client.intakeOn,
    });
    const { client: registered } = await this.app.get(ClientsService).register(this.caseworkerOf(client), {
      id: demoId(`client/${client.key}`),
      cohort: client.cohort,
      caseGroup: client.caseGroup,
      country: client.country,
      region: client.region ?? undefined,
      identity: {
        names: client.names,
        dateOfBirth: client.dateOfBirth,
        phone: client.phone ?? undefined,
        payee: client.payee ?? undefined,
      },
      consents: [
        consent('hold-data', true),
        consent('be-paid', true),
        consent('be-contacted', client.phone !== null),
        consent('be-quoted', client.key.endsWith('1')),
      ],
    });
    this.codeByKey.set(client.key, registered.code);
    this.clientByCode.set(registered.code, client);
    return registered.code;
  }

  private async track(client: ScriptedClient, today: PlainDate): Promise<void> {
    const code = this.codeByKey.get(client.key);
    if (!code || client.tracking.length === 0) return;
    await this.app.get(PlansService).track(this.caseworkerOf(client), code, demoId(`plan/${client.key}`), {
      id: demoId(`tracking/${client.key}`),
      toldOn: today,
      items: client.tracking.map(({ item, spent, cameOf }) => ({ item: item + 1, spent, currency: 'THB', cameOf })),
    });
  }

  /** What banks, clients and the people who carry cash say today. */
  private async reportOutcomes(today: PlainDate): Promise<void> {
    const open: TransferView[] = [];
    if (await this.anyIn('instructed', 'accepted', 'unknown')) {
      for (const state of ['instructed', 'accepted', 'unknown'] as const)
        open.push(...(await this.transfers({ state })));
    }
    const mayComeBack = await this.settledThatComeBack(today);
    const byRun = new Map<string, NewResult[]>();
    for (const transfer of [...open, ...mayComeBack]) {
      const told = outcomeToday(transfer, this.incidentOf(transfer), today);
      const run = transfer.attempts.at(-1)?.run;
      if (told && run) byRun.set(run, [...(byRun.get(run) ?? []), { transfer: transfer.id, ...told }]);
    }
    for (const [run, results] of byRun) {
      const { waiting } = await this.app
        .get(ResultsService)
        .record(this.office.staff('finance-releaser'), run, results);
      if (waiting > 0) await this.app.get(ResultsService).record(this.office.staff('finance-approver'), run, results);
    }
  }

  private async settledThatComeBack(today: PlainDate): Promise<TransferView[]> {
    const found: TransferView[] = [];
    for (const incident of this.script.incidents) {
      const code = this.codeByKey.get(incident.client);
      const anchorOn = code ? this.clientByCode.get(code)?.anchorOn : undefined;
      if (!code || !anchorOn || (incident.kind !== 'returns' && incident.kind !== 'reversed')) continue;
      const due = dueOn(anchorOn, incident.instalment);
      if (today < due || today > addDays(due, 31)) continue;
      const transfers = await this.transfers({ client: code, state: 'settled', from: due, to: due });
      found.push(...transfers.filter((transfer) => transfer.instalment === incident.instalment));
    }
    return found;
  }

  /** What is proven not to have arrived is put back to be paid; the next morning's run takes it. */
  private async putBack(): Promise<void> {
    for (const state of ['failed', 'returned', 'reversed'] as const) {
      for (const transfer of await this.transfers({ state }))
        await this.app.get(TransfersService).reissue(this.office.staff('finance-approver'), transfer.id);
    }
  }

  private async beginHolds(today: PlainDate): Promise<void> {
    for (const transfer of await this.transfers({
      state: 'scheduled',
      from: addDays(today, 1),
      to: addDays(today, 1),
    })) {
      const incident = this.incidentOf(transfer);
      const client = this.clientByCode.get(transfer.client);
      if (incident?.kind === 'held' && client)
        await this.app.get(TransfersService).hold(this.caseworkerOf(client), transfer.id, incident.reason);
    }
  }

  private async endHolds(today: PlainDate): Promise<void> {
    for (const transfer of await this.transfers({ state: 'on_hold' })) {
      const incident = this.incidentOf(transfer);
      const client = this.clientByCode.get(transfer.client);
      if (incident?.kind === 'held' && client && addDays(transfer.dueOn, incident.days - 1) <= today) {
        await this.app.get(TransfersService).endHold(this.caseworkerOf(client), transfer.id);
      }
    }
  }

  private async transfers(filter: Omit<TransferFilter, 'limit'>): Promise<TransferView[]> {
    return (await this.app.get(TransfersService).list(this.office.staff('auditor'), { ...filter, limit: 1_000 })).items;
  }

  private async anyIn(...states: TransferState[]): Promise<boolean> {
    const counts = await this.app.get(TransfersService).countByState(this.office.staff('auditor'));
    return states.some((state) => (counts[state] ?? 0) > 0);
  }

  private incidentOf(transfer: TransferView): Incident | undefined {
    const key = this.clientByCode.get(transfer.client)?.key;
    return key ? this.incidents.get(`${key}/${transfer.instalment}`) : undefined;
  }

  private caseworkerOf(client: ScriptedClient) {
    const number = client.cohort === 'benjina' ? 1 : client.cohort === 'other' ? 3 : 2;
    return this.office.staff('caseworker', number);
  }
}

/** Queues jobs and waits until this process's worker has done all of them; throws when one failed or none ends. */
async function workOff(
  queue: Queue,
  worker: Worker,
  jobs: { name: string; data: object; opts: object }[],
): Promise<void> {
  if (jobs.length === 0) return;
  let left = jobs.length;
  const { promise, resolve, reject } = withResolvers();
  const onCompleted = () => {
    left -= 1;
    if (left === 0) resolve();
  };
  const onFailed = (job: Job | undefined, error: Error) =>
    reject(new Error(`job ${job?.name ?? '?'} failed`, { cause: error }));
  const timer = setTimeout(() => reject(new Error(`the jobs of queue ${queue.name} did not end`)), JOB_LIMIT_MS);
  worker.on('completed', onCompleted).on('failed', onFailed);
  try {
    await Promise.all([queue.addBulk(jobs), promise]);
  } finally {
    clearTimeout(timer);
    worker.off('completed', onCompleted).off('failed', onFailed);
  }
}

/** Promise.withResolvers, which Node 20 has not. */
function withResolvers(): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } {
  let resolve = () => {};
  let reject = (_: Error) => {};
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

function tellsOn(client: ScriptedClient): PlainDate {
  return addDays(client.anchorOn, 62 + TOLD_AFTER_DAYS);
}

/** An instant by the clock on the wall in Bangkok. */
function at(day: PlainDate, time: string): Date {
  return new Date(`${day}T${time}:00+07:00`);
}

/**
 * How far the rebuild has come. Without a marker it begins, but only on a database where nobody has ever been: the demonstration signs in
 * the names of its staff, and must not do so among data that people made.
 */
async function readMarker(app: INestApplicationContext, dataDir: string): Promise<Marker> {
  const file = join(dataDir, 'demonstration.json');
  if (existsSync(file)) {
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as Marker;
    } catch (cause) {
      throw new Error(`${file} cannot be read. Nothing was changed.`, { cause });
    }
  }
  const people = await app
    .get(DataSource)
    .query<unknown[]>("select 1 from access.app_user where kind = 'person' limit 1");
  return people.length > 0 ? { state: 'complete', day: null } : { state: 'building', day: null };
}

function writeMarker(dataDir: string, marker: Marker): void {
  writePrivateFile(join(dataDir, 'demonstration.json'), JSON.stringify(marker));
}
