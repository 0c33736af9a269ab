/** Whoever adds a job that only says "look now" does not wait for a Redis that is down. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { addPatiently } from '../src/kernel/queue/patient-add.js';

/** A port at which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('a queue that is out of reach', () => {
  let redis: Redis;

  afterAll(() => redis.disconnect());

  it('holds up nobody who says that there is something to look at', async () => {
    redis = new Redis(await closedPort(), '127.0.0.1', { maxRetriesPerRequest: null });
    redis.on('error', () => undefined);
    const queue = new Queue('out-of-reach', { connection: redis });
    queue.on('error', () => undefined);
    const never = queue.add('look', {}).catch(() => undefined);
    await addPatiently(queue, new Logger('test'), { name: 'look', data: {} }, {});
    expect(await Promise.race([never, sleep(100, 'still waits')])).toBe('still waits');
  }, 20_000);
});
