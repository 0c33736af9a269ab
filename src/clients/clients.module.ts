/** Clients: case file, consent, and the vault that keeps who they are. */
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AssignmentsApiController } from './assignments.api.controller.js';
import { AssignmentsService } from './assignments.service.js';
import { ClientEntity } from './client.entity.js';
import { ClientsApiController } from './clients.api.controller.js';
import { ClientReach } from './client-reach.js';
import { ClientsService } from './clients.service.js';
import { CorrectionsApiController } from './corrections.api.controller.js';
import { CorrectionsService } from './corrections.service.js';
import { ConsentEntity } from './consent.entity.js';
import { ConsentsApiController } from './consents.api.controller.js';
import { ConsentsService } from './consents.service.js';
import { ContactsApiController } from './contacts.api.controller.js';
import { ContactsService } from './contacts.service.js';
import { EmergenciesApiController } from './emergencies.api.controller.js';
import { EmergenciesService } from './emergencies.service.js';
import { IdentityVault } from './identity-vault/identity-vault.js';
import { KeyBackups } from './identity-vault/key-backups.service.js';
import { KeyRotation } from './identity-vault/key-rotation.service.js';
import { DataKeys } from './identity-vault/data-keys.js';
import { DuplicateFinder } from './matching/duplicate-finder.js';
import { DuplicatesApiController } from './matching/duplicates.api.controller.js';
import { DuplicatesService } from './matching/duplicates.service.js';
import { IndexRebuildService } from './matching/index-rebuild.service.js';
import { PersonIndex } from './matching/person-index.js';
import { StaffAccountsApiController } from './matching/staff-accounts.api.controller.js';
import { StaffAccountsService } from './matching/staff-accounts.service.js';
import { ErasureService } from './rights/erasure.service.js';
import { ExportService } from './rights/export.service.js';
import { HeldByClients } from './rights/held-by-clients.js';
import { HeldData } from './rights/held-data.js';
import { HeldRecords } from './rights/held-records.js';
import { RightsApiController } from './rights/rights.api.controller.js';
import { Restoration } from './rights/restoration.service.js';
import { RightsReach } from './rights/rights-reach.js';

const services = [
  AssignmentsService,
  ClientReach,
  ClientsService,
  ConsentsService,
  ContactsService,
  CorrectionsService,
  DataKeys,
  DuplicateFinder,
  DuplicatesService,
  EmergenciesService,
  ErasureService,
  ExportService,
  HeldByClients,
  HeldData,
  HeldRecords,
  IdentityVault,
  IndexRebuildService,
  KeyBackups,
  KeyRotation,
  PersonIndex,
  Restoration,
  RightsReach,
  StaffAccountsService,
];

@Module({
  imports: [TypeOrmModule.forFeature([ClientEntity, ConsentEntity])],
  controllers: [
    ClientsApiController,
    AssignmentsApiController,
    ConsentsApiController,
    ContactsApiController,
    DuplicatesApiController,
    CorrectionsApiController,
    EmergenciesApiController,
    RightsApiController,
    StaffAccountsApiController,
  ],
  providers: services,
  exports: services,
})
export class ClientsModule {}
