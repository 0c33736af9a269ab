/** When the log is published and the ledger verified. A job only says "look now": which slot is due stands in the database. */
import { InjectQueue, Processor } from '@nestjs/bullmq';
import { Injectable, Logger } from '@nestjs/common';
import type { Job, Queue } from 'bullmq';
import { scheduleActor } from '../access/domain/actor.js';
import { JobHost } from '../kernel/queue/job-host.js';
import { Settings } from '../kernel/settings.js';
import { SequencerService } from './transparency-log/sequencer.service.js';
import { VerificationService } from './verification/verification.service.js';

export const LEDGER_QUEUE = 'ledger';

const KEPT = { removeOnComplete: { count: 200 }, removeOnFail: { count: 500 } };

@Processor(LEDGER_QUEUE)
export class LedgerProcessor extends JobHost {
  private readonly log = new Logger(LedgerProcessor.name);

  constructor(
    private readonly sequencer: SequencerService,
    private readonly verification: VerificationService,
  ) {
    super();
  }

  protected async work(job: Job): Promise<unknown> {
    const actor = scheduleActor(`job-${job.id ?? 'unknown'}`);
    switch (job.name) {
      case 'publish-log':
        return this.sequencer.publishDue(actor);
      case 'verify-ledger': {
        const { holds, entries, findings } = await this.verification.run(actor, {
          onProgress: (done, ofAbout) => void job.updateProgress({ done, ofAbout }).catch(() => undefined),
        });
        for (const { check, faultCount, faults } of findings.filter((finding) => !finding.holds))
          this.log.error(`the ledger does not verify: ${check}, ${faultCount} faults, first ${faults[0]?.row ?? '?'}`);
        return { holds, entries };
      }
      default:
        throw new Error(`no such job: ${job.name}`);
    }
  }
}

@Injectable()
export class LedgerSchedules {
  constructor(
    @InjectQueue(LEDGER_QUEUE) private readonly queue: Queue,
    private readonly settings: Settings,
  ) {}

  /**
   * Registers the schedules and looks once now. Looking every hour publishes only what is due; in between it asks witnesses that were away.
   */
  async register(): Promise<void> {
    await this.queue.upsertJobScheduler(
      'publish-log',
      { pattern: '0 * * * *', tz: 'UTC' },
      { name: 'publish-log', data: {}, opts: KEPT },
    );
    await this.queue.upsertJobScheduler(
      'verify-ledger',
      { pattern: '0 3 * * *', tz: this.settings.timeZone },
      { name: 'verify-ledger', data: {}, opts: KEPT },
    );
    await this.queue.add('publish-log', {}, KEPT);
  }

  /** Queues a verification now; one that waits already is enough. */
  async verifyNow(): Promise<void> {
    await this.queue.add('verify-ledger', {}, { ...KEPT, deduplication: { id: 'verify-now', ttl: 5_000 } });
  }

  /** How far the verification that is asked for or under way has come, in percent; null when there is none. */
  async verifying(): Promise<number | null> {
    const jobs = await this.queue.getJobs(['active', 'waiting']);
    const job = jobs.find((one) => one.name === 'verify-ledger');
    if (!job) return null;
    const told = (typeof job.progress === 'object' ? job.progress : {}) as { done?: number; ofAbout?: number };
    return Math.min(99, Math.floor((100 * (told.done ?? 0)) / Math.max(1, told.ofAbout ?? 0)));
  }
}
