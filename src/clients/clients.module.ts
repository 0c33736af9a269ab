/** Clients: case file, consent, and the vault that keeps who they are. */
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ClientEntity } from './client.entity.js';
import { ClientsApiController } from './clients.api.controller.js';
import { ClientReach } from './client-reach.js';
import { ClientsService } from './clients.service.js';
import { ConsentEntity } from './consent.entity.js';
import { ConsentsService } from './consents.service.js';
import { IdentityVault } from './identity-vault/identity-vault.js';
import { KeyBackups } from './identity-vault/key-backups.service.js';
import { KeyRotation } from './identity-vault/key-rotation.service.js';
import { DataKeys } from './identity-vault/data-keys.js';

@Module({
  imports: [TypeOrmModule.forFeature([ClientEntity, ConsentEntity])],
  controllers: [ClientsApiController],
  providers: [ClientReach, ClientsService, ConsentsService, IdentityVault, DataKeys, KeyRotation, KeyBackups],
  exports: [ClientReach, ClientsService, ConsentsService, IdentityVault, KeyRotation, KeyBackups],
})
export class ClientsModule {}
