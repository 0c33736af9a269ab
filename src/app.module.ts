/** The house: every room, in the order in which data flows. */
import { Module, type DynamicModule } from '@nestjs/common';
import { AccessModule, AuditJobsModule } from './access/access.module.js';
import { CaseNotesModule } from './case-notes/case-notes.module.js';
import { ClientsModule } from './clients/clients.module.js';
import { DonorReportsModule, ReportJobsModule } from './donor-reports/donor-reports.module.js';
import { FundsModule } from './funds/funds.module.js';
import { KernelModule, type KernelOptions } from './kernel/kernel.module.js';
import { LedgerJobsModule, LedgerModule } from './ledger/ledger.module.js';
import { NeedsModule } from './needs/needs.module.js';
import { PlansModule } from './plans/plans.module.js';
import { ReconciliationModule } from './transfers/reconciliation/reconciliation.module.js';
import { MobileMoneyJobsModule, MobileMoneyModule } from './transfers/rails/mobile-money/mobile-money.module.js';
import { TransferJobsModule, TransfersModule } from './transfers/transfers.module.js';
import { WageIndexModule } from './wage-index/wage-index.module.js';
import { WebModule } from './web/web.module.js';

@Module({})
export class AppModule {
  static forRoot(options: KernelOptions): DynamicModule {
    const { worksOnJobs } = options;
    return {
      module: AppModule,
      imports: [
        KernelModule.forRoot(options),
        AccessModule,
        WageIndexModule,
        LedgerModule,
        FundsModule,
        ClientsModule,
        NeedsModule,
        PlansModule,
        TransfersModule,
        ReconciliationModule,
        MobileMoneyModule,
        CaseNotesModule,
        DonorReportsModule,
        WebModule,
        ...(worksOnJobs
          ? [AuditJobsModule, LedgerJobsModule, TransferJobsModule, MobileMoneyJobsModule, ReportJobsModule]
          : []),
      ],
    };
  }
}
