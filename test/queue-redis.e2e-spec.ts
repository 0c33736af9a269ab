/** The queue on Redis; skipped, and said so, where there is no redis-server. */
import { describe } from '@jest/globals';
import { Redis } from 'ioredis';
import { killedWorkerRules, queueRules, type QueueMachine } from './support/queue-rules.js';

const redisUrl = process.env.UCT_TEST_REDIS_URL ?? '';
const describeWithRedis = redisUrl === '' ? describe.skip : describe;
const note = redisUrl === '' ? ' (skipped: no redis-server here)' : '';

const machine: QueueMachine = {
  connection: () => ({ on: 'redis', url: redisUrl }),
  wipe: async () => {
    const redis = new Redis(redisUrl);
    await redis.flushall();
    await redis.quit();
  },
};

describeWithRedis(`the queue on Redis${note}`, () => queueRules(machine));
describeWithRedis(`a worker on Redis that is killed in the middle of a job${note}`, () => killedWorkerRules(machine));
