/** The rail `mobile-money`. */
import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { ClientsModule } from '../../../clients/clients.module.js';
import { TransfersModule } from '../../transfers.module.js';
import { CallbacksService } from './callbacks.service.js';
import { DispatchService } from './dispatch.service.js';
import { EnquiriesService } from './enquiries.service.js';
import { MOBILE_MONEY_QUEUE, MobileMoneyQueue } from './mobile-money-jobs.js';
import { MobileMoneyApiController } from './mobile-money.api.controller.js';
import { MobileMoneyProcessor } from './mobile-money.processor.js';
import { Operator } from './operator.js';
import { RailMessageList } from './rail-message-list.service.js';
import { RailMessagesService } from './rail-messages.service.js';
import { ReversalsService } from './reversals.service.js';

const services = [
  CallbacksService,
  DispatchService,
  EnquiriesService,
  MobileMoneyQueue,
  Operator,
  RailMessageList,
  RailMessagesService,
  ReversalsService,
];

@Module({
  imports: [BullModule.registerQueue({ name: MOBILE_MONEY_QUEUE }), ClientsModule, TransfersModule],
  controllers: [MobileMoneyApiController],
  providers: services,
  exports: services,
})
export class MobileMoneyModule {}

/** For a process that works on this rail's jobs. */
@Module({ imports: [MobileMoneyModule], providers: [MobileMoneyProcessor] })
export class MobileMoneyJobsModule {}
