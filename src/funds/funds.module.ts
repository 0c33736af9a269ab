/** Donors, funds, grants and exchange. */
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { LedgerModule } from '../ledger/ledger.module.js';
import { ExchangeApiController } from './exchange.api.controller.js';
import { ExchangeEntity, ExchangeRateEntity } from './exchange.entity.js';
import { ExchangeRatesService } from './exchange-rates.service.js';
import { ExchangeService } from './exchange.service.js';
import { DonorEntity, FundEntity, GrantEntity, GrantReversalEntity } from './fund.entity.js';
import { FundsApiController } from './funds.api.controller.js';
import { FundPoliciesService } from './fund-policies.service.js';
import { FundsService } from './funds.service.js';
import { GrantReversalsService } from './grant-reversals.service.js';
import { GrantsApiController } from './grants.api.controller.js';
import { GrantsService } from './grants.service.js';

const services = [
  FundsService,
  FundPoliciesService,
  GrantsService,
  GrantReversalsService,
  ExchangeRatesService,
  ExchangeService,
];

@Module({
  imports: [
    TypeOrmModule.forFeature([
      DonorEntity,
      FundEntity,
      GrantEntity,
      GrantReversalEntity,
      ExchangeRateEntity,
      ExchangeEntity,
    ]),
    LedgerModule,
  ],
  controllers: [FundsApiController, GrantsApiController, ExchangeApiController],
  providers: services,
  exports: services,
})
export class FundsModule {}
