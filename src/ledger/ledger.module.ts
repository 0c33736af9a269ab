/** The ledger: posting and reading the books, the transparency log, and verifying both. */
import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { BooksService } from './books.service.js';
import { LedgerHealth } from './ledger-health.service.js';
import { LEDGER_QUEUE, LedgerProcessor, LedgerSchedules } from './ledger-jobs.js';
import { LedgerApiController } from './ledger.api.controller.js';
import { PostingService } from './posting.service.js';
import { BundlesService } from './transparency-log/bundles.service.js';
import { LogApiController } from './transparency-log/log.api.controller.js';
import { LogReader } from './transparency-log/log-reader.service.js';
import { LogSigner } from './transparency-log/log-signer.js';
import { PeriodSeals } from './transparency-log/period-seals.js';
import { SequencerService } from './transparency-log/sequencer.service.js';
import { Witnesses } from './transparency-log/witnesses.service.js';
import { VerificationService } from './verification/verification.service.js';

const services = [
  PostingService,
  BooksService,
  BundlesService,
  LedgerHealth,
  LedgerSchedules,
  LogReader,
  LogSigner,
  PeriodSeals,
  SequencerService,
  VerificationService,
  Witnesses,
];

@Module({
  imports: [BullModule.registerQueue({ name: LEDGER_QUEUE })],
  controllers: [LedgerApiController, LogApiController],
  providers: services,
  exports: services,
})
export class LedgerModule {}

/** For a process that works on this room's jobs. */
@Module({ imports: [LedgerModule], providers: [LedgerProcessor] })
export class LedgerJobsModule {}
