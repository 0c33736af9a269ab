/** Identification by the elements of trafficking; a module of its own, so that the rooms that import clients, transfers among them, do not reach it. */
import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients.module.js';
import { HeldIdentification } from './held-identification.js';
import { IdentificationApiController } from './identification.api.controller.js';
import { IdentificationService } from './identification.service.js';

@Module({
  imports: [ClientsModule],
  controllers: [IdentificationApiController],
  providers: [HeldIdentification, IdentificationService],
  exports: [IdentificationService],
})
export class IdentificationModule {}
