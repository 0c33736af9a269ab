/** Releasing a run and seeing to it that every transfer of it is instructed, by this process or by the next one. */
import { InjectQueue } from '@nestjs/bullmq';
import { Injectable, Logger } from '@nestjs/common';
import type { Queue } from 'bullmq';
import type { Actor } from '../access/domain/actor.js';
import { addPatiently } from '../kernel/queue/patient-add.js';
import { InstructionsService } from './instructions.service.js';
import { TRANSFERS_QUEUE, type TransferJob } from './jobs.js';
import type { Run } from './run-view.js';
import { RunsService } from './runs.service.js';

/** What a person can wait for; more goes on in the background. */
const INSTRUCTED_AT_ONCE = 8_192;

@Injectable()
export class ReleasesService {
  private readonly log = new Logger(ReleasesService.name);

  constructor(
    private readonly runs: RunsService,
    private readonly instructions: InstructionsService,
    @InjectQueue(TRANSFERS_QUEUE) private readonly queue: Queue,
  ) {}

  /** Releases and instructs; the rest of a large run is left to a job. Throws what `RunsService.release` throws. */
  async release(actor: Actor, runId: string, digest: string): Promise<Run> {
    const released = await this.runs.release(actor, runId, digest);
    if (released.count > INSTRUCTED_AT_ONCE) {
      // Should it be lost, the hourly look finds the run in the database.
      const job: TransferJob = { name: 'instruct-released', data: {} };
      await addPatiently(this.queue, this.log, job, { jobId: `instruct-${runId}` });
    }
    await this.instructions.instruct(actor, runId, INSTRUCTED_AT_ONCE);
    return this.runs.find(actor, runId);
  }
}
