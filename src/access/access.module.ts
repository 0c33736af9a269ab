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
import { RouteDeclarations } from './route-declarations.js';
import { SessionEntity } from './session.entity.js';
import { SessionsApiController } from './sessions.api.controller.js';
import { SessionsService } from './sessions.service.js';
import { SignInService } from './sign-in/sign-in.service.js';
import { UserEntity, UserRoleEntity } from './user.entity.js';
import { UsersService } from './users.service.js';

@Global()
@Module({
  imports: [
    TypeOrmModule.forFeature([UserEntity, UserRoleEntity, SessionEntity]),
    DiscoveryModule,
    BullModule.registerQueue({ name: AUDIT_QUEUE }),
  ],
  controllers: [AuditEventsApiController, SessionsApiController],
  providers: [
    AuditChain,
    AuditReader,
    AuditSchedules,
    AuditTrail,
    AuditVerification,
    Csrf,
    RouteDeclarations,
    SessionsService,
    SignInService,
    UsersService,
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
  ],
  exports: [AuditChain, AuditReader, AuditTrail, AuditVerification, Csrf, SessionsService, SignInService, UsersService],
})
export class AccessModule {}

/** For a process that works on this room's jobs. */
@Module({ imports: [AccessModule], providers: [AuditProcessor] })
export class AuditJobsModule {}
