/** Runs that are asked for on a page: the request is kept, a job prepares the run, and how far it is can be seen from any process. */
import { setTimeout as sleep } from 'node:timers/promises';
import { InjectQueue } from '@nestjs/bullmq';
import { Injectable, Logger } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { DataSource } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, scheduleActor, type Actor } from '../access/domain/actor.js';
import { UsersService } from '../access/users.service.js';
import { Clock } from '../kernel/clock.js';
import type { PlainDate } from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { toProblem } from '../kernel/http/problem.filter.js';
import { addPatiently, QUEUE_PATIENCE_MS } from '../kernel/queue/patient-add.js';
import { TRANSFERS_QUEUE, type TransferJob } from './jobs.js';
import { preparationSteps, type PreparationProgress, type PreparationReport } from './run-preparation.service.js';
import { RunsService, type NewRun } from './runs.service.js';

export interface RunRequest {
  /** Of the run, once it is there. */
  id: string;
  dueThrough: PlainDate;
  country: string | null;
  catchUp: boolean;
  askedBy: string;
  askedAt: Date;
  /** Why there will be no such run; null while it is prepared. */
  refused: { code: string; detail: string } | null;
}

/** Shown for a day, to whoever comes back for it. */
const REFUSALS_SHOWN_HOURS = 24;
/** A fault of ours, or of the database, is tried again at once; after that the hourly look does. */
const JOB = { attempts: 3, backoff: { type: 'fixed', delay: 5_000 }, removeOnComplete: true, removeOnFail: true };

@Injectable()
export class RunRequestsService {
  private readonly log = new Logger(RunRequestsService.name);

  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
    private readonly users: UsersService,
    private readonly runs: RunsService,
    @InjectQueue(TRANSFERS_QUEUE) private readonly queue: Queue,
  ) {}

  /**
   * Keeps the request and has a job prepare it; the same id again asks for nothing new. What only preparing finds out is kept with the request.
   * Throws `due-through-too-far`, `date-malformed`, `unknown-country` (422), `id-conflict` (409).
   */
  async ask(actor: Actor, input: NewRun): Promise<void> {
    requirePermission(actor, 'runs:prepare');
    const { dueThrough, country, catchUp } = this.runs.scopeOf(input);
    await this.db.transaction(async (manager) => {
      const made = await manager.query<unknown[]>(
        `insert into payments.run_request (id, due_through, country, catch_up, asked_by, asked_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (id) do nothing returning id`,
        [input.id, dueThrough, country, catchUp, actor.userId, this.clock.now()],
      );
      const [other] = await manager.query<unknown[]>(
        `select 1 from (select id, due_through, country, catch_up from payments.run_request
                        union all select id, due_through, country, catch_up from payments.run) asked
         where id = $1 and (due_through, country, catch_up) is distinct from ($2::date, $3::text, $4::boolean) limit 1`,
        [input.id, dueThrough, country, catchUp],
      );
      if (other) throw Problem.conflict('id-conflict', 'This id came with other content before. Use a new id.', 'id');
      if (made.length > 0)
        await this.audit.record(manager, actor, 'run.ask', { kind: 'run', id: input.id }, { country, catchUp });
    });
    await this.hand(input.id);
  }

  /** The request for a run that is not there, or undefined. */
  async find(actor: Actor, id: string): Promise<RunRequest | undefined> {
    requirePermission(actor, 'runs:read');
    const [request] = await this.load('q.id = $1', [id]);
    return request;
  }

  /** What is being prepared, and what was refused in the last day; newest first. */
  async underWay(actor: Actor): Promise<RunRequest[]> {
    requirePermission(actor, 'runs:read');
    const since = new Date(this.clock.now().getTime() - REFUSALS_SHOWN_HOURS * 3_600_000);
    return this.load('(r.request_id is null or r.refused_at > $1)', [since]);
  }

  /** How far a run is that is being prepared; null while nobody has begun, or the queue has forgotten or does not answer. */
  async progressOf(actor: Actor, id: string): Promise<PreparationProgress | null> {
    requirePermission(actor, 'runs:read');
    const asking = this.queue.getJob(jobOf(id)) as Promise<{ progress: unknown } | undefined>;
    const job = await Promise.race([
      asking.catch(() => undefined),
      sleep(QUEUE_PATIENCE_MS, undefined, { ref: false }),
    ]);
    const told = job?.progress as Partial<PreparationProgress> | undefined;
    const step = preparationSteps.find((one) => one === told?.step);
    return step ? { step, count: told?.count ?? null } : null;
  }

  /**
   * What the job does: prepares the run in the name of whoever asked, by what they may do now, or keeps why it cannot be. However often it comes
   * there is one run, or one refusal. A fault is thrown on, and changes nothing.
   */
  async prepare(id: string, requestId: string, report: PreparationReport): Promise<'prepared' | 'refused' | 'nothing'> {
    const [asked] = await this.db.query<
      { due_through: string; country: string | null; catch_up: boolean; asked_by: string }[]
    >(
      `select q.due_through::text, q.country, q.catch_up, q.asked_by from payments.run_request q
       where q.id = $1 and not exists (select from payments.run where id = q.id)
         and not exists (select from payments.run_request_refused where request_id = q.id)`,
      [id],
    );
    if (!asked) return 'nothing';
    const actor = await this.users.actorOf(asked.asked_by, requestId);
    try {
      if (!actor) throw Problem.forbidden('Whoever asked for it may not sign in any more.');
      const input = {
        id,
        dueThrough: asked.due_through,
        country: asked.country ?? undefined,
        catchUp: asked.catch_up,
      };
      await this.runs.prepare(actor, input, report);
      return 'prepared';
    } catch (thrown) {
      const { status, code, detail } = toProblem(thrown);
      if (status >= 500 || code === 'try-again') throw thrown;
      const isKept = await this.refuse(actor ?? scheduleActor(requestId), id, { code, detail });
      return isKept ? 'refused' : 'nothing';
    }
  }

  /** Hands to the queue again what a crash, or an emptied queue, left behind. */
  async lookAgain(): Promise<void> {
    const waiting = await this.db.query<{ id: string }[]>(
      `select q.id from payments.run_request q
       where not exists (select from payments.run where id = q.id)
         and not exists (select from payments.run_request_refused r where r.request_id = q.id) order by q.asked_at, q.id`,
    );
    for (const { id } of waiting) await this.hand(id);
  }

  /** False when another process, which was told of the same request, has prepared or refused it meanwhile. */
  private async refuse(actor: Actor, id: string, { code, detail }: { code: string; detail: string }): Promise<boolean> {
    try {
      return await this.db.transaction(async (manager) => {
        const kept = await manager.query<unknown[]>(
          `insert into payments.run_request_refused (request_id, code, detail, refused_at) values ($1, $2, $3, $4)
           on conflict (request_id) do nothing returning request_id`,
          [id, code, detail.slice(0, 2000), this.clock.now()],
        );
        if (kept.length > 0) await this.audit.record(manager, actor, 'run.not-prepared', { kind: 'run', id }, { code });
        return kept.length > 0;
      });
    } catch (thrown) {
      if (toProblem(thrown).code === 'run-refused-before') return false;
      throw thrown;
    }
  }

  /** One job for each request at a time. Should it be lost, or the queue be out of reach, the hourly look hands it over again. */
  private async hand(id: string): Promise<void> {
    const job: TransferJob = { name: 'prepare-asked', data: { run: id } };
    await addPatiently(this.queue, this.log, job, { ...JOB, jobId: jobOf(id) });
  }

  private load(where: string, parameters: unknown[]): Promise<RunRequest[]> {
    return this.db.query<RunRequest[]>(
      `select q.id, q.due_through::text "dueThrough", q.country, q.catch_up "catchUp", u.display_name "askedBy", q.asked_at "askedAt",
              case when r.request_id is not null then jsonb_build_object('code', r.code, 'detail', r.detail) end refused
       from payments.run_request q join access.app_user u on u.id = q.asked_by
       left join payments.run_request_refused r on r.request_id = q.id
       where not exists (select from payments.run where id = q.id) and ${where} order by q.asked_at desc, q.id desc limit 100`,
      parameters,
    );
  }
}

const jobOf = (id: string): string => `prepare-${id}`;
