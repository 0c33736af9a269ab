/** Assigning clients over the API. */
import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { AssignmentsService } from './assignments.service.js';
import { AssignmentDto } from './dto/assignment.dto.js';

@ApiTags('clients')
@Controller('api/v1/clients/:code/assignments')
export class AssignmentsApiController {
  constructor(private readonly assignments: AssignmentsService) {}

  @Post()
  @Allow('clients:assign')
  @HttpCode(204)
  @ApiOperation({ summary: 'Assign a client of your team to somebody of your team' })
  assign(@CurrentActor() actor: Actor, @Param('code') code: string, @Body() input: AssignmentDto): Promise<void> {
    return this.assignments.assign(actor, code, input.caseworker);
  }

  @Get()
  @Allow('clients:assign')
  @ApiOperation({ summary: 'Every change of hands of a client, latest first' })
  async list(@CurrentActor() actor: Actor, @Param('code') code: string) {
    return { items: await this.assignments.ofClient(actor, code), next: null };
  }
}
