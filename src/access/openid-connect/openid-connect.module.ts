/** Signing in with the organisation's own account. */
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ExternalIdentitiesApiController } from './external-identities.api.controller.js';
import { ExternalIdentities } from './external-identities.service.js';
import { ExternalIdentityEntity } from './external-identity.entity.js';
import { OpenIdProvider } from './openid-provider.js';
import { OpenIdRequests } from './openid-requests.js';
import { OpenIdSignIn } from './openid-sign-in.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([ExternalIdentityEntity])],
  controllers: [ExternalIdentitiesApiController],
  providers: [ExternalIdentities, OpenIdProvider, OpenIdRequests, OpenIdSignIn],
  exports: [OpenIdSignIn],
})
export class OpenIdConnectModule {}
