/** Needs: the catalogue, what each client ranks highest, and what clients rank highest together. */
import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { HeldInterviewDrafts } from './held-interview-drafts.js';
import { HeldNeeds } from './held-needs.js';
import { InterviewDraftsService } from './interview-drafts.service.js';
import { NeedsApiController } from './needs.api.controller.js';
import { NeedsService } from './needs.service.js';

@Module({
  imports: [ClientsModule],
  controllers: [NeedsApiController],
  providers: [HeldInterviewDrafts, HeldNeeds, InterviewDraftsService, NeedsService],
  exports: [InterviewDraftsService, NeedsService],
})
export class NeedsModule {}
