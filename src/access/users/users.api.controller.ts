/** Users over the API, for whoever administers them. */
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { IdPipe } from '../../kernel/http/id.js';
import { PageDto } from '../../kernel/http/page.dto.js';
import { Allow, CurrentActor } from '../declarations.js';
import type { Actor } from '../domain/actor.js';
import { MachineTokensService } from '../machine-tokens/machine-tokens.service.js';
import { ConfirmationsService } from './confirmations.service.js';
import { UserAdministrationService } from './user-administration.service.js';
import { UserDirectoryService } from './user-directory.service.js';
import { ConfirmationDto, InvitationDto, RolesDto, UserTeamDto } from './users.dto.js';

@ApiTags('users')
@Controller('api/v1/users')
export class UsersApiController {
  constructor(
    private readonly directory: UserDirectoryService,
    private readonly administration: UserAdministrationService,
    private readonly tokens: MachineTokensService,
    private readonly confirmations: ConfirmationsService,
  ) {}

  @Get()
  @Allow('users:manage')
  @ApiOperation({ summary: 'Everybody who can sign in' })
  list(@CurrentActor() actor: Actor, @Query() page: PageDto) {
    return this.directory.list(actor, { limit: page.limit, after: page.after && new IdPipe().transform(page.after) });
  }

  @Post()
  @Allow('users:manage')
  @ApiOperation({ summary: 'Invite somebody: the link to choose a password is in the answer and nowhere else' })
  invite(@CurrentActor() actor: Actor, @Body() input: InvitationDto) {
    return this.administration.invite(actor, input);
  }

  @Get(':id')
  @Allow('users:manage')
  @ApiOperation({ summary: 'One user, with their tokens for machines' })
  async find(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string) {
    return { ...(await this.directory.find(actor, id)), tokens: await this.tokens.listOf(actor, id) };
  }

  @Put(':id/roles')
  @Allow('users:manage')
  @HttpCode(204)
  @ApiOperation({ summary: 'Give these roles and take all others; it counts at once' })
  setRoles(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() { roles }: RolesDto): Promise<void> {
    return this.administration.setRoles(actor, id, roles);
  }

  @Put(':id/team')
  @Allow('users:manage')
  @HttpCode(204)
  @ApiOperation({ summary: 'Move to another team; it counts at once' })
  move(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() { team }: UserTeamDto): Promise<void> {
    return this.administration.moveToTeam(actor, id, team);
  }

  @Post(':id/disable')
  @Allow('users:manage')
  @HttpCode(204)
  @ApiOperation({ summary: 'Let somebody in no more; ends their sessions and tokens' })
  disable(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<void> {
    return this.administration.disable(actor, id);
  }

  @Post(':id/enable')
  @Allow('users:manage')
  @HttpCode(204)
  @ApiOperation({ summary: 'Let somebody in again' })
  enable(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<void> {
    return this.administration.enable(actor, id);
  }

  @Post(':id/reset-link')
  @Allow('users:manage')
  @ApiOperation({ summary: 'A link to choose a new password; it is in the answer and nowhere else' })
  makeResetLink(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string) {
    return this.administration.makeResetLink(actor, id);
  }

  @Post(':id/reset-second-factor')
  @Allow('users:manage')
  @HttpCode(204)
  @ApiOperation({ summary: 'Take away a second factor whose device and recovery codes are lost' })
  resetSecondFactor(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<void> {
    return this.administration.resetSecondFactor(actor, id);
  }

  @Post(':id/confirmation')
  @Allow('users:manage')
  @HttpCode(204)
  @ApiOperation({ summary: 'Say that it is really they whom another administrator let in or gave more to' })
  confirm(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() { awaited }: ConfirmationDto,
  ): Promise<void> {
    return this.confirmations.confirm(actor, id, awaited);
  }

  @Post(':id/lift-lock-out')
  @Allow('users:manage')
  @HttpCode(204)
  @ApiOperation({ summary: 'Forgive failed tries to sign in' })
  liftLockOut(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<void> {
    return this.administration.liftLockOut(actor, id);
  }

  @Post(':id/revoke-sessions')
  @Allow('users:manage')
  @HttpCode(204)
  @ApiOperation({ summary: 'Sign somebody out everywhere, and end their tokens' })
  revokeSessions(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<void> {
    return this.administration.revokeSessions(actor, id);
  }

  @Delete(':id/tokens/:token')
  @Allow('users:manage')
  @HttpCode(204)
  @ApiOperation({ summary: "Revoke somebody's token for a machine" })
  revokeToken(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Param('token', IdPipe) token: string,
  ): Promise<void> {
    return this.tokens.revokeOf(actor, id, token);
  }
}
