/** Users, roles, sessions, what a route demands, and the audit trail. */
import { Global, Module } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, DiscoveryModule } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessGuard } from './access.guard.js';
import { AuditTrail } from './audit-trail.js';
import { Csrf } from './csrf.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';
import { RouteDeclarations } from './route-declarations.js';
import { SessionEntity } from './session.entity.js';
import { SessionsApiController } from './sessions.api.controller.js';
import { SessionsService } from './sessions.service.js';
import { UserEntity, UserRoleEntity } from './user.entity.js';
import { UsersService } from './users.service.js';

@Global()
@Module({
  imports: [TypeOrmModule.forFeature([UserEntity, UserRoleEntity, SessionEntity]), DiscoveryModule],
  controllers: [SessionsApiController],
  providers: [
    AuditTrail,
    Csrf,
    RouteDeclarations,
    SessionsService,
    UsersService,
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
  ],
  exports: [AuditTrail, Csrf, SessionsService, UsersService],
})
export class AccessModule {}
