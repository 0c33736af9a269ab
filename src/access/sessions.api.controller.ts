/** Signing in and out over the API, and the own sessions. */
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { IdPipe } from '../kernel/http/id.js';
import { Allow, CurrentActor, Public, WhileEnrolling, type AuthenticatedRequest } from './declarations.js';
import type { Actor } from './domain/actor.js';
import { agentWords } from './domain/session.js';
import { SignInDto } from './dto/sign-in.dto.js';
import { SessionsService } from './sessions.service.js';
import { SignInService } from './sign-in/sign-in.service.js';

@ApiTags('sessions')
@Controller('api/v1/sessions')
export class SessionsApiController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly signIns: SignInService,
  ) {}

  @Post()
  @Public()
  @ApiOperation({ summary: 'Sign in: a bearer token for 12 hours' })
  async signIn(@Body() input: SignInDto, @Req() request: AuthenticatedRequest) {
    const agent = agentWords(request.get('user-agent'));
    const signIn = { ...input, kind: 'api', agent, ip: request.ip } as const;
    const { token, expiresAt, roles } = await this.signIns.signIn(signIn, request.requestId);
    return { token, expiresAt: expiresAt.toISOString(), roles };
  }

  @Get()
  @Allow('account:own')
  @ApiOperation({ summary: 'Your sessions that still work' })
  async list(@CurrentActor() actor: Actor, @Req() request: AuthenticatedRequest) {
    return { items: await this.sessions.list(actor, request.session?.id), next: null };
  }

  @Delete('current')
  @Allow('account:own')
  @WhileEnrolling()
  @HttpCode(204)
  @ApiOperation({ summary: 'Sign out: the token is worth nothing from now on' })
  async signOut(@CurrentActor() actor: Actor, @Req() request: AuthenticatedRequest): Promise<void> {
    if (request.session) await this.sessions.signOut(actor, request.session.id);
  }

  @Post('sign-out-elsewhere')
  @Allow('account:own')
  @HttpCode(200)
  @ApiOperation({ summary: 'End all your sessions but this one' })
  async signOutElsewhere(@CurrentActor() actor: Actor, @Req() request: AuthenticatedRequest) {
    return { ended: await this.sessions.revokeOthers(actor, request.session?.id) };
  }

  @Delete(':id')
  @Allow('account:own')
  @HttpCode(204)
  @ApiOperation({ summary: 'End one of your sessions' })
  revoke(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<void> {
    return this.sessions.revokeOwn(actor, id);
  }
}
