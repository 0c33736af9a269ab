/** Works on this rail's jobs. */
import { Processor } from '@nestjs/bullmq';
import type { Job } from 'bullmq';
import { scheduleActor } from '../../../access/domain/actor.js';
import { JobHost } from '../../../kernel/queue/job-host.js';
import { DispatchService } from './dispatch.service.js';
import { EnquiriesService } from './enquiries.service.js';
import { MOBILE_MONEY_QUEUE, type MobileMoneyJob } from './mobile-money-jobs.js';

/** A batch that is being sent holds up no question. */
@Processor(MOBILE_MONEY_QUEUE, { concurrency: 2 })
export class MobileMoneyProcessor extends JobHost {
  constructor(
    private readonly dispatches: DispatchService,
    private readonly enquiries: EnquiriesService,
  ) {
    super();
  }

  protected work(job: Job): Promise<number> {
    const actor = scheduleActor(`job-${job.id ?? 'unknown'}`);
    switch (job.name as MobileMoneyJob) {
      case 'send':
        return this.dispatches.dispatchDue(actor);
      case 'ask':
        return this.enquiries.askDue(actor);
      default:
        throw new Error(`no such job: ${job.name}`);
    }
  }
}
