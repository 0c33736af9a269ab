/** When this room's jobs run. Registered anew at every start, so that an emptied queue is filled again. */
import { InjectQueue } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { countries } from '../kernel/reference-data.js';
import { Settings } from '../kernel/settings.js';
import { TRANSFERS_QUEUE } from './jobs.js';

const KEPT = { removeOnComplete: { count: 200 }, removeOnFail: { count: 500 } };

@Injectable()
export class TransferSchedules {
  constructor(
    @InjectQueue(TRANSFERS_QUEUE) private readonly queue: Queue,
    private readonly settings: Settings,
  ) {}

  /** Registers the schedules and looks once now, so that what fell due while the service was down is not left until tomorrow. */
  async register(): Promise<void> {
    for (const { code, timeZone } of countries) {
      await this.queue.upsertJobScheduler(
        `prepare-due-runs-${code}`,
        { pattern: '0 6 * * *', tz: timeZone },
        { name: 'prepare-due-runs', data: { country: code }, opts: KEPT },
      );
    }
    await this.queue.upsertJobScheduler(
      'follow-unknown',
      { pattern: '15 * * * *' },
      { name: 'follow-unknown', data: {}, opts: KEPT },
    );
    await this.queue.upsertJobScheduler(
      'self-check',
      { pattern: '30 2 * * *', tz: this.settings.timeZone },
      { name: 'self-check', data: {}, opts: KEPT },
    );
    await this.queue.addBulk([
      ...countries.map(({ code }) => ({ name: 'prepare-due-runs', data: { country: code }, opts: KEPT })),
      { name: 'follow-unknown', data: {}, opts: KEPT },
    ]);
  }
}
