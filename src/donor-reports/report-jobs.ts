/** Makes the donor reports after each quarter's end. */
import { InjectQueue, Processor } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import type { Job, Queue } from 'bullmq';
import { scheduleActor } from '../access/domain/actor.js';
import { JobHost } from '../kernel/queue/job-host.js';
import { Settings } from '../kernel/settings.js';
import { DonorReportsService } from './donor-reports.service.js';

export const REPORTS_QUEUE = 'donor-reports';

const KEPT = { removeOnComplete: { count: 200 }, removeOnFail: { count: 500 } };

@Processor(REPORTS_QUEUE)
export class ReportsProcessor extends JobHost {
  constructor(private readonly reports: DonorReportsService) {
    super();
  }

  protected work(job: Job): Promise<number> {
    return this.reports.makeDue(scheduleActor(`job-${job.id ?? 'unknown'}`));
  }
}

@Injectable()
export class ReportSchedules {
  constructor(
    @InjectQueue(REPORTS_QUEUE) private readonly queue: Queue,
    private readonly settings: Settings,
  ) {}

  /** Registers the schedule (the second day of each quarter) and looks once now. A report that is there is not made again. */
  async register(): Promise<void> {
    await this.queue.upsertJobScheduler(
      'donor-reports',
      { pattern: '0 5 2 1,4,7,10 *', tz: this.settings.timeZone },
      { name: 'donor-reports', data: {}, opts: KEPT },
    );
    await this.queue.add('donor-reports', {}, KEPT);
  }
}
