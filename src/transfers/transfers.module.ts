/** Transfers: enrolment, schedule, runs, approval, attempts. Imports nothing of needs, plans, notes, outcomes or referrals: paying has no condition. */
import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ClientsModule } from '../clients/clients.module.js';
import { FundsModule } from '../funds/funds.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { WageIndexModule } from '../wage-index/wage-index.module.js';
import { ApprovalLimitsApiController } from './approval-limits.api.controller.js';
import { ApprovalLimitsService } from './approval-limits.service.js';
import { EnrolmentEntity } from './enrolment.entity.js';
import { EnrolmentsApiController } from './enrolments.api.controller.js';
import { EnrolmentsService } from './enrolments.service.js';
import { EvidenceService } from './evidence.service.js';
import { HeldTransfers } from './held-transfers.js';
import { InstructionsService } from './instructions.service.js';
import { TRANSFERS_QUEUE } from './jobs.js';
import { NotArrivedService } from './not-arrived.service.js';
import { ObligationEntity } from './obligation.entity.js';
import { PaymentListService } from './payment-list.service.js';
import { BankFileDownloadsService } from './rails/bank-file/bank-file-downloads.service.js';
import { BankFilesApiController } from './rails/bank-file/bank-files.api.controller.js';
import { BankFilesService } from './rails/bank-file/bank-files.service.js';
import { PayeesToWrite } from './rails/bank-file/payees-to-write.js';
import { PayingAccountsApiController } from './rails/bank-file/paying-accounts.api.controller.js';
import { PayingAccountsService } from './rails/bank-file/paying-accounts.service.js';
import { AcknowledgementsService } from './rails/cash/acknowledgements.service.js';
import { CashHolders } from './rails/cash/cash-holders.js';
import { CustodyService } from './rails/cash/custody.service.js';
import { TillCountsApiController } from './rails/cash/till-counts.api.controller.js';
import { TillCountsService } from './rails/cash/till-counts.service.js';
import { VouchersApiController } from './rails/cash/vouchers.api.controller.js';
import { VouchersService } from './rails/cash/vouchers.service.js';
import { ReleasesService } from './releases.service.js';
import { ResultsApiController } from './results.api.controller.js';
import { ResultsService } from './results.service.js';
import { RunPreparationService } from './run-preparation.service.js';
import { RunRequestsService } from './run-requests.service.js';
import { RunsApiController } from './runs.api.controller.js';
import { RunsService } from './runs.service.js';
import { SelfCheckService } from './self-check.service.js';
import { ToldResultsService } from './told-results.service.js';
import { TransferSchedules } from './transfer-schedules.js';
import { TransfersApiController } from './transfers.api.controller.js';
import { TransfersProcessor } from './transfers.processor.js';
import { TransfersService } from './transfers.service.js';
import { UnknownPaymentsService } from './unknown-payments.service.js';
import { UnreadablePayeesService } from './unreadable-payees.service.js';
import { EnrolmentChangesApiController } from './value/enrolment-changes.api.controller.js';
import { EnrolmentChangesService } from './value/enrolment-changes.service.js';
import { GivingUpService } from './value/giving-up.service.js';
import { ValueAlertsService } from './value/value-alerts.service.js';
import { ValueReviewsApiController } from './value/value-reviews.api.controller.js';
import { ValueReviewsService } from './value/value-reviews.service.js';

const services = [
  ApprovalLimitsService,
  BankFileDownloadsService,
  BankFilesService,
  AcknowledgementsService,
  CashHolders,
  CustodyService,
  EnrolmentChangesService,
  EnrolmentsService,
  EvidenceService,
  GivingUpService,
  HeldTransfers,
  InstructionsService,
  NotArrivedService,
  PayeesToWrite,
  PayingAccountsService,
  PaymentListService,
  ReleasesService,
  ResultsService,
  RunPreparationService,
  RunRequestsService,
  RunsService,
  SelfCheckService,
  ToldResultsService,
  TransferSchedules,
  TransfersService,
  UnknownPaymentsService,
  UnreadablePayeesService,
  TillCountsService,
  VouchersService,
  ValueAlertsService,
  ValueReviewsService,
];

@Module({
  imports: [
    TypeOrmModule.forFeature([EnrolmentEntity, ObligationEntity]),
    BullModule.registerQueue({ name: TRANSFERS_QUEUE }),
    ClientsModule,
    FundsModule,
    LedgerModule,
    WageIndexModule,
  ],
  controllers: [
    ApprovalLimitsApiController,
    EnrolmentsApiController,
    BankFilesApiController,
    PayingAccountsApiController,
    ResultsApiController,
    RunsApiController,
    TillCountsApiController,
    TransfersApiController,
    VouchersApiController,
    EnrolmentChangesApiController,
    ValueReviewsApiController,
  ],
  providers: services,
  exports: services,
})
export class TransfersModule {}

/** For a process that works on this room's jobs. */
@Module({ imports: [TransfersModule], providers: [TransfersProcessor] })
export class TransferJobsModule {}
