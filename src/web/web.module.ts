/** The pages for people, which join what the rooms know. */
import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { MulterModule } from '@nestjs/platform-express';
import { OpenIdConnectModule } from '../access/openid-connect/openid-connect.module.js';
import { CaseNotesModule } from '../case-notes/case-notes.module.js';
import { ClientsModule } from '../clients/clients.module.js';
import { IdentificationModule } from '../clients/identification/identification.module.js';
import { DeviceForms } from './device-forms/device-forms.js';
import { DeviceFormsPagesController } from './device-forms/device-forms.pages.controller.js';
import { WaitingFormsInterceptor } from './device-forms/waiting-forms.interceptor.js';
import { DonorReportsModule } from '../donor-reports/donor-reports.module.js';
import { FundsModule } from '../funds/funds.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { NeedsModule } from '../needs/needs.module.js';
import { PlansModule } from '../plans/plans.module.js';
import { MobileMoneyModule } from '../transfers/rails/mobile-money/mobile-money.module.js';
import { ReconciliationModule } from '../transfers/reconciliation/reconciliation.module.js';
import { Spool } from '../transfers/reconciliation/spool.js';
import { TransfersModule } from '../transfers/transfers.module.js';
import { AccountPagesController } from './account.pages.controller.js';
import { ApprovalLimitsPagesController } from './approval-limits.pages.controller.js';
import { AuditPagesController } from './audit.pages.controller.js';
import { BankFilesPagesController } from './bank-files.pages.controller.js';
import { BooksPagesController } from './books.pages.controller.js';
import { CaseNotesPagesController } from './case-notes.pages.controller.js';
import { CashCarriedPagesController } from './cash-carried.pages.controller.js';
import { CashPagesController } from './cash.pages.controller.js';
import { CaseloadService } from './caseload/caseload.service.js';
import { ClientPage } from './client-page.js';
import { ClientsPagesController } from './clients.pages.controller.js';
import { DuplicatesPagesController } from './duplicates.pages.controller.js';
import { ContactsPagesController } from './contacts.pages.controller.js';
import { EmergenciesPagesController } from './emergencies.pages.controller.js';
import { ExitPagesController } from './exit.pages.controller.js';
import { FundPoliciesPagesController } from './fund-policies.pages.controller.js';
import { HealthController } from './health.controller.js';
import { IdentificationPagesController } from './identification.pages.controller.js';
import { IdentityPagesController } from './identity.pages.controller.js';
import { IntakePagesController } from './intake.pages.controller.js';
import { InterviewPagesController } from './interview.pages.controller.js';
import { LanguagePagesController } from './language.pages.controller.js';
import { LogPagesController } from './log.pages.controller.js';
import { MetricsController } from './metrics.controller.js';
import { MyFundsPagesController } from './my-funds.pages.controller.js';
import { NotArrivedPagesController } from './not-arrived.pages.controller.js';
import { NewRunPagesController } from './new-run.pages.controller.js';
import { OpenPaymentsPagesController } from './open-payments.pages.controller.js';
import { OpenIdPagesController } from './openid.pages.controller.js';
import { PayingAccountsPagesController } from './paying-accounts.pages.controller.js';
import { PlansPagesController } from './plans.pages.controller.js';
import { PlanTrackingPagesController } from './plan-tracking.pages.controller.js';
import { PrioritiesPagesController } from './priorities.pages.controller.js';
import { ReconciliationPagesController } from './reconciliation.pages.controller.js';
import { reportUpload } from './report-upload.js';
import { ReportProofPagesController } from './report-proof.pages.controller.js';
import { ReportsPagesController } from './reports.pages.controller.js';
import { ReversalsPagesController } from './reversals.pages.controller.js';
import { RightsPagesController } from './rights.pages.controller.js';
import { RunsPagesController } from './runs.pages.controller.js';
import { SignInPagesController } from './sign-in.pages.controller.js';
import { StatementBalancesPagesController } from './statement-balances.pages.controller.js';
import { StartPage } from './start-page.js';
import { StartPagesController } from './start.pages.controller.js';
import { TeamPagesController } from './team.pages.controller.js';
import { TillCountsPagesController } from './till-counts.pages.controller.js';
import { TransfersPagesController } from './transfers.pages.controller.js';
import { UsersPagesController } from './users.pages.controller.js';
import { EnrolmentPagesController } from './enrolment.pages.controller.js';
import { ValueReviewsPagesController } from './value-reviews.pages.controller.js';
import { ExchangeRatesPagesController } from './exchange-rates.pages.controller.js';
import { WagesPagesController } from './wages.pages.controller.js';
import { WageIndexModule } from '../wage-index/wage-index.module.js';

@Module({
  imports: [
    OpenIdConnectModule,
    ClientsModule,
    IdentificationModule,
    FundsModule,
    LedgerModule,
    NeedsModule,
    PlansModule,
    TransfersModule,
    MobileMoneyModule,
    ReconciliationModule,
    MulterModule.registerAsync({ imports: [ReconciliationModule], inject: [Spool], useFactory: reportUpload }),
    CaseNotesModule,
    DonorReportsModule,
    WageIndexModule,
  ],
  controllers: [
    AccountPagesController,
    ApprovalLimitsPagesController,
    AuditPagesController,
    BankFilesPagesController,
    BooksPagesController,
    CaseNotesPagesController,
    CashCarriedPagesController,
    CashPagesController,
    IntakePagesController, // before the clients: "new" is no code
    ClientsPagesController,
    DuplicatesPagesController,
    ContactsPagesController,
    DeviceFormsPagesController,
    EmergenciesPagesController,
    ExitPagesController,
    FundPoliciesPagesController,
    HealthController,
    IdentificationPagesController,
    IdentityPagesController,
    InterviewPagesController,
    LanguagePagesController,
    LogPagesController,
    MetricsController,
    MyFundsPagesController,
    NotArrivedPagesController,
    OpenIdPagesController,
    OpenPaymentsPagesController,
    PayingAccountsPagesController,
    PlansPagesController,
    PlanTrackingPagesController,
    PrioritiesPagesController,
    ReconciliationPagesController,
    ReportProofPagesController,
    ReportsPagesController,
    ReversalsPagesController,
    RightsPagesController,
    NewRunPagesController, // before the runs: "new" is no id
    RunsPagesController,
    SignInPagesController,
    StartPagesController,
    StatementBalancesPagesController,
    TeamPagesController,
    TillCountsPagesController,
    TransfersPagesController,
    UsersPagesController,
    EnrolmentPagesController,
    ValueReviewsPagesController,
    ExchangeRatesPagesController,
    WagesPagesController,
  ],
  providers: [
    CaseloadService,
    ClientPage,
    DeviceForms,
    StartPage,
    { provide: APP_INTERCEPTOR, useClass: WaitingFormsInterceptor },
  ],
})
export class WebModule {}
