/** Adding a job that only says "look now": what it would find stands in the database, so nobody waits for a queue that is out of reach. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@nestjs/common';
import type { JobsOptions, Queue } from 'bullmq';

/** A queue on a Redis that is down answers nothing and throws nothing. */
export const QUEUE_PATIENCE_MS = 2_000;

/** Never throws. A job that did not get through is made up for by the next look that is planned. */
export async function addPatiently(
  queue: Queue,
  log: Logger,
  { name, data }: { name: string; data: object },
  options: JobsOptions,
): Promise<void> {
  const adding = queue
    .add(name, data, options)
    .catch((error: unknown) => log.warn(`no job could be queued: ${String(error)}`));
  await Promise.race([adding, sleep(QUEUE_PATIENCE_MS, undefined, { ref: false })]);
}
