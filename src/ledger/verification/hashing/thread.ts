/** Runs in a thread of its own, see `hashing-thread.ts`: does one job after the other and answers each. */
import { parentPort, workerData } from 'node:worker_threads';
import type { LoggedAccount } from '../../transparency-log/domain/entry-leaf.js';
import { commit, hashLeaves, type CommitJob, type LeavesJob } from './jobs.js';

const accounts = workerData as ReadonlyMap<number, LoggedAccount>;

parentPort?.on('message', (job: CommitJob | LeavesJob) => {
  const done = job.job === 'commit' ? commit(job, accounts) : hashLeaves(job);
  parentPort?.postMessage(
    done,
    Object.values(done).map(({ buffer }: Uint8Array<ArrayBuffer>) => buffer),
  );
});
