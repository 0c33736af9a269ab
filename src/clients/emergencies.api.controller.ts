/** Emergency access over the API: opened with a reason, listed, and seen by a supervisor. */
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { IdPipe } from '../kernel/http/id.js';
import { PageDto } from '../kernel/http/page.dto.js';
import { EmergencyDto } from './dto/emergency.dto.js';
import { EmergenciesService } from './emergencies.service.js';

@ApiTags('clients')
@Controller('api/v1')
export class EmergenciesApiController {
  constructor(private readonly emergencies: EmergenciesService) {}

  @Post('clients/:code/emergency-access')
  @Allow('clients:emergency')
  @ApiOperation({ summary: 'Read a client who is not yours for four hours; the supervisors are told' })
  open(@CurrentActor() actor: Actor, @Param('code') code: string, @Body() input: EmergencyDto) {
    return this.emergencies.open(actor, code, input);
  }

  @Get('emergency-access')
  @Allow('emergencies:read')
  @ApiOperation({ summary: 'Emergency accesses, latest first: those of your team, or all for an auditor' })
  list(@CurrentActor() actor: Actor, @Query() page: PageDto) {
    return this.emergencies.list(actor, { after: page.after, limit: page.limit });
  }

  @Post('emergency-access/:id/seen')
  @Allow('clients:read-team')
  @HttpCode(204)
  @ApiOperation({ summary: 'Say that you, a supervisor who did not open it, have looked at it' })
  see(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<void> {
    return this.emergencies.see(actor, id);
  }
}
