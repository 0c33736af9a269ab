/** Works on this room's jobs. */
import { Processor } from '@nestjs/bullmq';
import { Logger } from '@nestjs/common';
import type { Job } from 'bullmq';
import { scheduleActor, type Actor } from '../access/domain/actor.js';
import { faultWords } from '../kernel/fault-words.js';
import { JobHost } from '../kernel/queue/job-host.js';
import { InstructionsService } from './instructions.service.js';
import { TRANSFERS_QUEUE, type TransferJob } from './jobs.js';
import { ResultsService } from './results.service.js';
import { RunRequestsService } from './run-requests.service.js';
import { RunsService } from './runs.service.js';
import { SelfCheckService } from './self-check.service.js';
import { UnknownPaymentsService } from './unknown-payments.service.js';
import { GivingUpService } from './value/giving-up.service.js';

@Processor(TRANSFERS_QUEUE, { concurrency: 4 })
export class TransfersProcessor extends JobHost {
  private readonly log = new Logger(TransfersProcessor.name);

  constructor(
    private readonly runs: RunsService,
    private readonly requests: RunRequestsService,
    private readonly instructions: InstructionsService,
    private readonly results: ResultsService,
    private readonly selfCheck: SelfCheckService,
    private readonly unknown: UnknownPaymentsService,
    private readonly givingUp: GivingUpService,
  ) {
    super();
  }

  protected async work(job: Job): Promise<unknown> {
    const actor = scheduleActor(`job-${job.id ?? 'unknown'}`);
    const task = { name: job.name, data: job.data as unknown } as TransferJob;
    switch (task.name) {
      case 'prepare-due-runs':
        return this.runs.prepareDue(actor, task.data.country);
      case 'prepare-asked':
        return this.requests.prepare(task.data.run, actor.requestId, (progress) => {
          // Not waited for: it is for people to look at, and the queue may be slow.
          job.updateProgress(progress).catch(() => undefined);
        });
      case 'follow-unknown':
        return this.inTurn([
          () => this.requests.lookAgain(),
          () => this.finishReleases(actor),
          () => this.results.noticeSilence(actor),
          () => this.unknown.raiseAlerts(actor),
        ]);
      case 'instruct-released':
        return this.finishReleases(actor);
      case 'self-check': {
        await this.givingUp.leftOver(actor);
        const check = await this.selfCheck.run(actor);
        if (!check.ok)
          this.log.error(
            `self-check: ${check.checks
              .filter((one) => !one.holds)
              .map((one) => `${one.name}: ${one.faults}`)
              .join('; ')}`,
          );
        return check;
      }
      default:
        throw new Error(`no such job: ${job.name}`);
    }
  }

  private async finishReleases(actor: Actor): Promise<void> {
    const runs = await this.instructions.unfinishedRuns();
    await this.inTurn(runs.map((runId) => () => this.instructions.instruct(actor, runId)));
  }

  /** All of them, so that what is wrong with one holds up no other; each fault is told, and the first one fails the job. */
  private async inTurn(tasks: readonly (() => Promise<unknown>)[]): Promise<void> {
    const thrown: unknown[] = [];
    for (const task of tasks)
      await task().catch((error: unknown) => {
        this.log.error(`one of several tasks failed: ${faultWords(error)}`);
        thrown.push(error);
      });
    if (thrown.length > 0) throw thrown[0];
  }
}
