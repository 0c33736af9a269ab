/** Donor reports: a fund's exact statement, and of people only what gives nobody away. */
import { BullModule } from '@nestjs/bullmq';
import { Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DonorReportEntity } from './donor-report.entity.js';
import { DonorReportsApiController } from './donor-reports.api.controller.js';
import { DonorReportsService } from './donor-reports.service.js';
import { ReportSchedules, REPORTS_QUEUE, ReportsProcessor } from './report-jobs.js';

@Module({})
export class DonorReportsModule {
  static forRoot(options: { worksOnJobs: boolean }): DynamicModule {
    return {
      module: DonorReportsModule,
      imports: [TypeOrmModule.forFeature([DonorReportEntity]), BullModule.registerQueue({ name: REPORTS_QUEUE })],
      controllers: [DonorReportsApiController],
      providers: [DonorReportsService, ReportSchedules, ...(options.worksOnJobs ? [ReportsProcessor] : [])],
      exports: [DonorReportsService, ReportSchedules],
    };
  }
}
