/** The jobs of this rail. A job only says "look now": what is to be sent and to be asked stands in the database. */
import { InjectQueue } from '@nestjs/bullmq';
import { Injectable, Logger } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { addPatiently } from '../../../kernel/queue/patient-add.js';
import { Operator } from './operator.js';

export const MOBILE_MONEY_QUEUE = 'mobile-money';
export const MOBILE_MONEY_JOBS = ['send', 'ask'] as const;
export type MobileMoneyJob = (typeof MOBILE_MONEY_JOBS)[number];

const EVERY_MINUTE = '* * * * *';
const KEPT = { removeOnComplete: { count: 50 }, removeOnFail: { count: 500 } };

@Injectable()
export class MobileMoneyQueue {
  private readonly log = new Logger(MobileMoneyQueue.name);

  constructor(
    @InjectQueue(MOBILE_MONEY_QUEUE) private readonly queue: Queue,
    private readonly operator: Operator,
  ) {}

  /** Has somebody ask soon. Should the job be lost, the next minute's look asks. */
  async look(): Promise<void> {
    await addPatiently(this.queue, this.log, { name: 'ask' satisfies MobileMoneyJob, data: {} }, KEPT);
  }

  /** Registered anew at every start, and looks once now, so that an emptied queue is filled again; without an operator there is nothing to look for. */
  async register(): Promise<void> {
    for (const name of MOBILE_MONEY_JOBS) {
      if (!this.operator.connected) await this.queue.removeJobScheduler(name);
      else {
        await this.queue.upsertJobScheduler(name, { pattern: EVERY_MINUTE }, { name, data: {}, opts: KEPT });
        await this.queue.add(name, {}, KEPT);
      }
    }
  }
}
