/** Needs over the API: the catalogue, assessments, and the table of priorities. */
import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { Problem } from '../kernel/domain/problem.js';
import { needsCatalogue } from './catalogue.js';
import { NewAssessmentDto, PrioritiesFilterDto } from './dto/needs.dto.js';
import { NeedsService } from './needs.service.js';

@ApiTags('needs')
@Controller('api/v1')
export class NeedsApiController {
  constructor(private readonly needs: NeedsService) {}

  @Get('needs-catalogue')
  @Allow('catalogue:read')
  @ApiOperation({ summary: 'The 6 categories and 21 needs that clients rank, in their order' })
  catalogue() {
    const { source, scale, categories } = needsCatalogue;
    return { source, scale, categories };
  }

  @Post('clients/:code/needs-assessments')
  @Allow('needs:record')
  @ApiOperation({ summary: 'Record an assessment of all 21 needs; 200 instead of 201 when the same one came before' })
  async record(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Body() input: NewAssessmentDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { created, ...assessment } = await this.needs.recordAssessment(actor, code, input);
    response.status(created ? 201 : 200);
    return assessment;
  }

  @Get('clients/:code/needs-assessments/latest')
  @Allow('words:read')
  @ApiOperation({ summary: "The latest assessment with the client's own words; each reading is recorded" })
  async latest(@CurrentActor() actor: Actor, @Param('code') code: string) {
    const latest = await this.needs.latestAssessment(actor, code);
    if (!latest) throw Problem.notFound('needs assessment');
    return latest;
  }

  @Get('needs/priorities')
  @Allow('priorities:read')
  @ApiOperation({
    summary:
      'How many clients rank each need and each category highest; for those who read clients, with small counts shown',
  })
  async priorities(@CurrentActor() actor: Actor, @Query() filter: PrioritiesFilterDto) {
    const priorities = await this.needs.priorities(actor, filter);
    return { ...priorities, items: priorities.rows, next: null };
  }
}
