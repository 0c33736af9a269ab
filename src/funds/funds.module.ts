/** Donors, funds and grants. */
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { LedgerModule } from '../ledger/ledger.module.js';
import { DonorEntity, FundEntity, GrantEntity } from './fund.entity.js';
import { FundsApiController } from './funds.api.controller.js';
import { FundsService } from './funds.service.js';
import { GrantsApiController } from './grants.api.controller.js';
import { GrantsService } from './grants.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([DonorEntity, FundEntity, GrantEntity]), LedgerModule],
  controllers: [FundsApiController, GrantsApiController],
  providers: [FundsService, GrantsService],
  exports: [FundsService, GrantsService],
})
export class FundsModule {}
