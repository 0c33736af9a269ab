/** Case notes: what was said and agreed with clients. */
import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { CaseNotesApiController } from './case-notes.api.controller.js';
import { CaseNotesService } from './case-notes.service.js';
import { HeldCaseNotes } from './held-case-notes.js';

@Module({
  imports: [ClientsModule],
  controllers: [CaseNotesApiController],
  providers: [CaseNotesService, HeldCaseNotes],
  exports: [CaseNotesService],
})
export class CaseNotesModule {}
