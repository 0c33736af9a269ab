/** Minimum wages and decided amounts: what one transfer is worth. */
import { Module } from '@nestjs/common';
import { WageIndexApiController } from './wage-index.api.controller.js';
import { WageIndexService } from './wage-index.service.js';
import { WageProposalsService } from './wage-proposals.service.js';

@Module({
  controllers: [WageIndexApiController],
  providers: [WageIndexService, WageProposalsService],
  exports: [WageIndexService, WageProposalsService],
})
export class WageIndexModule {}
