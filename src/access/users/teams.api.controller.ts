/** Teams over the API. */
import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentActor } from '../declarations.js';
import type { Actor } from '../domain/actor.js';
import { TeamsService } from './teams.service.js';
import { NewTeamDto } from './users.dto.js';

@ApiTags('users')
@Controller('api/v1/teams')
export class TeamsApiController {
  constructor(private readonly teams: TeamsService) {}

  @Get()
  @Allow('users:manage')
  @ApiOperation({ summary: 'All teams' })
  async list(@CurrentActor() actor: Actor) {
    return { items: await this.teams.list(actor), next: null };
  }

  @Post()
  @Allow('users:manage')
  @ApiOperation({ summary: 'A new team' })
  open(@CurrentActor() actor: Actor, @Body() input: NewTeamDto) {
    return this.teams.open(actor, input);
  }
}
