/** What comes back from banks: reports, the work list, and a month's end. */
import { Module } from '@nestjs/common';
import { TransfersModule } from '../transfers.module.js';
import { BankReportViews } from './bank-report-views.js';
import { BankReportsService } from './bank-reports.service.js';
import { InboundLines } from './inbound-lines.js';
import { MonthEndService } from './month-end.service.js';
import { ReconciliationApiController } from './reconciliation.api.controller.js';
import { Spool } from './spool.js';
import { StatementBalancesService } from './statement-balances.service.js';
import { WorkListService } from './work-list.service.js';

const services = [
  BankReportViews,
  BankReportsService,
  InboundLines,
  MonthEndService,
  Spool,
  StatementBalancesService,
  WorkListService,
];

@Module({
  imports: [TransfersModule],
  controllers: [ReconciliationApiController],
  providers: services,
  exports: services,
})
export class ReconciliationModule {}
