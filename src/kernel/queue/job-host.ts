/** A processor of jobs whose faults are kept without their messages: a job's row in the queue outlives it, and a failed query's message may quote somebody's data. */
import { WorkerHost } from '@nestjs/bullmq';
import { Logger } from '@nestjs/common';
import type { Job } from 'bullmq';
import { faultWords } from '../fault-words.js';

export abstract class JobHost extends WorkerHost {
  private readonly faults = new Logger('Jobs');

  /** Does the job; what it answers is kept in the queue and must hold nothing of anybody. */
  protected abstract work(job: Job): Promise<unknown>;

  async process(job: Job): Promise<unknown> {
    try {
      return await this.work(job);
    } catch (thrown) {
      const words = faultWords(thrown);
      this.faults.error(`${job.name} ${job.id ?? ''}: ${words}`);
      const kept = new Error('The job failed; the log of the service says where.');
      kept.stack = words;
      throw kept;
    }
  }
}
