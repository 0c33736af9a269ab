/** Plans: how clients mean to use the money, and what they tell of it afterwards. */
import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { NeedsModule } from '../needs/needs.module.js';
import { HeldPlans } from './held-plans.js';
import { PlansApiController } from './plans.api.controller.js';
import { PlansService } from './plans.service.js';

/** NeedsModule fills the table of needs, which every plan item points to. */
@Module({
  imports: [ClientsModule, NeedsModule],
  controllers: [PlansApiController],
  providers: [HeldPlans, PlansService],
  exports: [PlansService],
})
export class PlansModule {}
