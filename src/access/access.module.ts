/** Users, roles, sessions, what a route demands, and the audit trail. */
import { BullModule } from '@nestjs/bullmq';
import { Global, Module } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, DiscoveryModule } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessGuard } from './access.guard.js';
import { AuditTrail } from './audit-trail.js';
import { AuditEventsApiController } from './audit/audit-events.api.controller.js';
import { AuditChain } from './audit/audit-chain.js';
import { AUDIT_QUEUE, AuditProcessor, AuditSchedules } from './audit/audit-jobs.js';
import { AuditReader } from './audit/audit-reader.js';
import { AuditVerification } from './audit/audit-verification.js';
import { Csrf } from './csrf.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';
import { MachineTokensApiController } from './machine-tokens/machine-tokens.api.controller.js';
import { MachineTokensService } from './machine-tokens/machine-tokens.service.js';
import { RateLimits } from './rate-limits.js';
import { RouteDeclarations } from './route-declarations.js';
import { SessionEntity } from './session.entity.js';
import { SessionsApiController } from './sessions.api.controller.js';
import { SessionsService } from './sessions.service.js';
import { Attempts } from './sign-in/attempts.js';
import { OwnAccountService } from './sign-in/own-account.service.js';
import { SecondFactorsService } from './sign-in/second-factors.service.js';
import { SignInService } from './sign-in/sign-in.service.js';
import { UserEntity, UserRoleEntity } from './user.entity.js';
import { UsersService } from './users.service.js';
import { AllAccess } from './users/all-access.service.js';
import { ConfirmationsService } from './users/confirmations.service.js';
import { OneTimeLinksService } from './users/one-time-links.service.js';
import { TeamsApiController } from './users/teams.api.controller.js';
import { TeamsService } from './users/teams.service.js';
import { UserAdministrationService } from './users/user-administration.service.js';
import { UserDirectoryService } from './users/user-directory.service.js';
import { UsersApiController } from './users/users.api.controller.js';

const services = [
  AllAccess,
  AuditChain,
  AuditReader,
  AuditSchedules,
  AuditTrail,
  AuditVerification,
  ConfirmationsService,
  Csrf,
  MachineTokensService,
  OneTimeLinksService,
  OwnAccountService,
  SecondFactorsService,
  SessionsService,
  SignInService,
  TeamsService,
  UserAdministrationService,
  UserDirectoryService,
  UsersService,
];

@Global()
@Module({
  imports: [
    TypeOrmModule.forFeature([UserEntity, UserRoleEntity, SessionEntity]),
    DiscoveryModule,
    BullModule.registerQueue({ name: AUDIT_QUEUE }),
  ],
  controllers: [
    AuditEventsApiController,
    MachineTokensApiController,
    SessionsApiController,
    TeamsApiController,
    UsersApiController,
  ],
  providers: [
    ...services,
    Attempts,
    RateLimits,
    RouteDeclarations,
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
  ],
  exports: services,
})
export class AccessModule {}

/** For a process that works on this room's jobs. */
@Module({ imports: [AccessModule], providers: [AuditProcessor] })
export class AuditJobsModule {}
