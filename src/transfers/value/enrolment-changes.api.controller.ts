/** Changes of an enrolment's rail or country, over the API. */
import { Body, Controller, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor, MovesMoney } from '../../access/declarations.js';
import type { Actor } from '../../access/domain/actor.js';
import { IdPipe } from '../../kernel/http/id.js';
import { NewEnrolmentChangeDto } from './dto/value.dto.js';
import { EnrolmentChangesService, type EnrolmentChange } from './enrolment-changes.service.js';

@ApiTags('enrolments')
@Controller('api/v1')
export class EnrolmentChangesApiController {
  constructor(private readonly changes: EnrolmentChangesService) {}

  @Post('enrolments/:id/changes')
  @Allow('enrolments:propose')
  @MovesMoney()
  @ApiOperation({ summary: 'Propose another rail, or another country, for the transfers that are in no run' })
  async propose(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) enrolment: string,
    @Body() input: NewEnrolmentChangeDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { change, created } = await this.changes.propose(actor, enrolment, input);
    response.status(created ? 201 : 200);
    return toView(change);
  }

  @Post('enrolment-changes/:id/approval')
  @Allow('enrolments:approve')
  @MovesMoney()
  @HttpCode(200)
  @ApiOperation({ summary: 'Approve and apply a change that somebody else proposed' })
  async approve(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string) {
    return toView(await this.changes.approve(actor, id));
  }

  @Post('enrolment-changes/:id/decline')
  @Allow('enrolments:approve')
  @HttpCode(200)
  @ApiOperation({ summary: 'Decline a change' })
  async decline(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string) {
    return toView(await this.changes.decline(actor, id));
  }
}

const toView = ({ proposedById: _, proposedAt, ...change }: EnrolmentChange) => ({
  ...change,
  proposedAt: proposedAt.toISOString(),
});
