/** When the audit trail is chained and verified. */
import { InjectQueue, Processor } from '@nestjs/bullmq';
import { Injectable, Logger } from '@nestjs/common';
import type { Job, Queue } from 'bullmq';
import { JobHost } from '../../kernel/queue/job-host.js';
import { Settings } from '../../kernel/settings.js';
import { scheduleActor } from '../domain/actor.js';
import { AuditChain } from './audit-chain.js';
import { AuditVerification } from './audit-verification.js';

export const AUDIT_QUEUE = 'audit';

const KEPT = { removeOnComplete: { count: 200 }, removeOnFail: { count: 500 } };

@Processor(AUDIT_QUEUE)
export class AuditProcessor extends JobHost {
  private readonly log = new Logger(AuditProcessor.name);

  constructor(
    private readonly chain: AuditChain,
    private readonly verification: AuditVerification,
  ) {
    super();
  }

  protected async work(job: Job): Promise<unknown> {
    switch (job.name) {
      case 'chain-audit':
        return this.chain.chainAll();
      case 'verify-audit': {
        const { holds, head, faultCount, faults } = await this.verification.run(
          scheduleActor(`job-${job.id ?? 'unknown'}`),
        );
        if (!holds)
          this.log.error(
            `the audit trail does not verify: ${faultCount} faults, first ${faults[0]?.no}: ${faults[0]?.what}`,
          );
        return { holds, head };
      }
      default:
        throw new Error(`no such job: ${job.name}`);
    }
  }
}

@Injectable()
export class AuditSchedules {
  constructor(
    @InjectQueue(AUDIT_QUEUE) private readonly queue: Queue,
    private readonly settings: Settings,
  ) {}

  /** Registers the schedules, every minute and every night, and chains once now. */
  async register(): Promise<void> {
    await this.queue.upsertJobScheduler(
      'chain-audit',
      { pattern: '* * * * *', tz: 'UTC' },
      { name: 'chain-audit', data: {}, opts: KEPT },
    );
    await this.queue.upsertJobScheduler(
      'verify-audit',
      { pattern: '30 3 * * *', tz: this.settings.timeZone },
      { name: 'verify-audit', data: {}, opts: KEPT },
    );
    await this.queue.add('chain-audit', {}, KEPT);
  }
}
