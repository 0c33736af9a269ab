/** Donors, funds and grants. */
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { LedgerModule } from '../ledger/ledger.module.js';
import { DonorEntity, FundEntity, GrantEntity } from './fund.entity.js';
import { FundsApiController } from './funds.api.controller.js';
import { FundsService } from './funds.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([DonorEntity, FundEntity, GrantEntity]), LedgerModule],
  controllers: [FundsApiController],
  providers: [FundsService],
  exports: [FundsService],
})
export class FundsModule {}
