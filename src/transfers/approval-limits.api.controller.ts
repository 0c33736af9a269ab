/** How many approve a run, over the API. */
import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentActor, MovesMoney } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { IdPipe } from '../kernel/http/id.js';
import { ApprovalLimitsService } from './approval-limits.service.js';
import { NewApprovalLimitsDto } from './dto/transfers.dto.js';

@ApiTags('runs')
@Controller('api/v1/approval-limits')
export class ApprovalLimitsApiController {
  constructor(private readonly limits: ApprovalLimitsService) {}

  @Get()
  @Allow('runs:read')
  @ApiOperation({
    summary: 'How many approve a run of which total: what is in force, and what waits for a second person',
  })
  list(@CurrentActor() actor: Actor) {
    return this.limits.list(actor);
  }

  @Post()
  @Allow('funds:write')
  @MovesMoney()
  @HttpCode(204)
  @ApiOperation({ summary: 'Propose how many approve' })
  propose(@CurrentActor() actor: Actor, @Body() input: NewApprovalLimitsDto): Promise<void> {
    return this.limits.propose(actor, input);
  }

  @Post(':id/confirmation')
  @Allow('runs:approve')
  @MovesMoney()
  @HttpCode(204)
  @ApiOperation({ summary: 'Put in force what somebody else proposed' })
  confirm(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<void> {
    return this.limits.confirm(actor, id);
  }
}
