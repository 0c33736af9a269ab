/** Donors, funds, grants. */
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { LedgerModule } from '../ledger/ledger.module.js';
import { DonorEntity, FundEntity, GrantEntity, GrantReversalEntity } from './fund.entity.js';
import { FundsApiController } from './funds.api.controller.js';
import { FundsService } from './funds.service.js';
import { GrantReversalsService } from './grant-reversals.service.js';
import { GrantsApiController } from './grants.api.controller.js';
import { GrantsService } from './grants.service.js';

const services = [FundsService, GrantsService, GrantReversalsService];

@Module({
  imports: [TypeOrmModule.forFeature([DonorEntity, FundEntity, GrantEntity, GrantReversalEntity]), LedgerModule],
  controllers: [FundsApiController, GrantsApiController],
  providers: services,
  exports: services,
})
export class FundsModule {}
