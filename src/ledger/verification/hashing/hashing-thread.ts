/** Hashing beside the reading: commitments and leaves are half of the work of a verification, so a second processor core does it. */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { LoggedAccount } from '../../transparency-log/domain/entry-leaf.js';
import type { Committed, CommitJob, HashedLeaves, LeavesJob } from './jobs.js';

interface Waiting {
  resolve: (done: unknown) => void;
  reject: (error: Error) => void;
}

/** Jobs are done in the order in which they are given. What is given to it is gone: it is moved, not copied. */
export class HashingThread {
  private readonly worker: Worker;
  private readonly waiting: Waiting[] = [];
  private failure: Error | undefined;

  constructor(accounts: ReadonlyMap<number, LoggedAccount>) {
    // The compiled file (package.json, "imports"), because threads run no TypeScript.
    this.worker = new Worker(createRequire(import.meta.url).resolve('#hashing-thread'), {
      workerData: accounts,
      resourceLimits: { maxYoungGenerationSizeMb: 32 },
    });
    this.worker.on('message', (done: unknown) => this.waiting.shift()?.resolve(done));
    this.worker.on('error', (error: Error) => this.fail(error));
    this.worker.on('exit', () => this.fail(new Error('the hashing thread has ended')));
  }

  commit(job: Omit<CommitJob, 'job'>): Promise<Committed> {
    return this.ask<Committed>({ job: 'commit', ...job }, [job.rows.buffer, job.salts.buffer]);
  }

  leaves(job: Omit<LeavesJob, 'job'>): Promise<HashedLeaves> {
    return this.ask<HashedLeaves>({ job: 'leaves', ...job }, [job.commitments.buffer]);
  }

  /** Ends it; jobs that were not done fail. */
  async close(): Promise<void> {
    await this.worker.terminate();
  }

  private ask<Done>(job: CommitJob | LeavesJob, moved: ArrayBuffer[]): Promise<Done> {
    return new Promise<Done>((resolve, reject) => {
      if (this.failure) return reject(this.failure);
      this.waiting.push({ resolve: (done) => resolve(done as Done), reject });
      this.worker.postMessage(job, moved);
    });
  }

  private fail(error: Error): void {
    this.failure ??= error;
    for (const { reject } of this.waiting.splice(0)) reject(this.failure);
  }
}
