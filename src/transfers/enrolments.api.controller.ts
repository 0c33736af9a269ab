/** Enrolments over the API. */
import { Body, Controller, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor, MovesMoney } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { IdPipe } from '../kernel/http/id.js';
import { currencies } from '../kernel/reference-data.js';
import { NewEnrolmentDto } from './dto/transfers.dto.js';
import { EnrolmentsService, type Enrolled } from './enrolments.service.js';

@ApiTags('enrolments')
@Controller('api/v1/enrolments')
export class EnrolmentsApiController {
  constructor(private readonly enrolments: EnrolmentsService) {}

  @Post()
  @Allow('enrolments:propose')
  @MovesMoney()
  @ApiOperation({
    summary:
      'Enrol a client: three transfers of a frozen amount. Proposed by a caseworker; approved at once when a supervisor asks',
  })
  async enrol(
    @CurrentActor() actor: Actor,
    @Body() input: NewEnrolmentDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    const enrolled = await this.enrolments.enrol(actor, input);
    response.status(enrolled.created ? 201 : 200);
    return toView(enrolled);
  }

  @Post(':id/approval')
  @Allow('enrolments:approve')
  @MovesMoney()
  @HttpCode(200)
  @ApiOperation({ summary: 'Approve a proposed enrolment' })
  async approve(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string) {
    return toView(await this.enrolments.approve(actor, id));
  }

  @Post(':id/cancellation')
  @Allow('enrolments:approve')
  @MovesMoney()
  @HttpCode(204)
  @ApiOperation({ summary: 'Cancel an enrolment made by mistake, before any of its transfers is in a run' })
  cancel(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<void> {
    return this.enrolments.cancel(actor, id);
  }
}

function toView({ enrolment, obligations }: Enrolled) {
  return {
    id: enrolment.id,
    approved: enrolment.approvedAt !== null,
    rail: enrolment.rail,
    transfers: obligations.map((obligation) => ({
      id: obligation.id,
      instalment: obligation.instalment,
      dueOn: obligation.dueOn,
      amount: currencies.format(obligation.amountMinor, obligation.currency),
      currency: obligation.currency,
      state: obligation.state,
      wage: enrolment.derivation,
    })),
  };
}
