/** Signing in and out over the API. */
import { Body, Controller, Delete, HttpCode, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentActor, Public, Allow, type AuthenticatedRequest } from './declarations.js';
import type { Actor } from './domain/actor.js';
import { SignInDto } from './dto/sign-in.dto.js';
import { SessionsService } from './sessions.service.js';

@ApiTags('sessions')
@Controller('api/v1/sessions')
export class SessionsApiController {
  constructor(private readonly sessions: SessionsService) {}

  @Post()
  @Public()
  @ApiOperation({ summary: 'Sign in: a bearer token for 12 hours' })
  async signIn(@Body() input: SignInDto, @Req() request: AuthenticatedRequest) {
    const { token, expiresAt, actor } = await this.sessions.signIn(input.email, input.password, request.requestId);
    return { token, expiresAt: expiresAt.toISOString(), roles: actor.roles };
  }

  @Delete('current')
  @Allow('catalogue:read')
  @HttpCode(204)
  @ApiOperation({ summary: 'Sign out: the token is worth nothing from now on' })
  async signOut(@CurrentActor() actor: Actor, @Req() request: AuthenticatedRequest): Promise<void> {
    if (request.sessionToken) await this.sessions.signOut(actor, request.sessionToken);
  }
}
