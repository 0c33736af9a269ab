/** Donor reports: a fund's exact statement, and of people only what gives nobody away. */
import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { LedgerModule } from '../ledger/ledger.module.js';
import { DonorFundsService } from './donor-funds.service.js';
import { DonorReportEntity } from './donor-report.entity.js';
import { DonorReportsApiController } from './donor-reports.api.controller.js';
import { DonorReportsService } from './donor-reports.service.js';
import { ReportBundlesService } from './report-bundles.service.js';
import { ReportSchedules, REPORTS_QUEUE, ReportsProcessor } from './report-jobs.js';

@Module({
  imports: [
    LedgerModule,
    TypeOrmModule.forFeature([DonorReportEntity]),
    BullModule.registerQueue({ name: REPORTS_QUEUE }),
  ],
  controllers: [DonorReportsApiController],
  providers: [DonorReportsService, DonorFundsService, ReportBundlesService, ReportSchedules],
  exports: [DonorReportsService, DonorFundsService, ReportBundlesService, ReportSchedules],
})
export class DonorReportsModule {}

/** For a process that works on this room's jobs. */
@Module({ imports: [DonorReportsModule], providers: [ReportsProcessor] })
export class ReportJobsModule {}
