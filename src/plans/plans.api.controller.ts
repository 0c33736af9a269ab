/** Spending plans over the API: writing them, tracking them, reading them. */
import { Body, Controller, Get, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { IdPipe } from '../kernel/http/id.js';
import { NewPlanDto, NewTrackingDto } from './dto/plan.dto.js';
import { PlansService } from './plans.service.js';

@ApiTags('plans')
@Controller('api/v1/clients/:code/spending-plans')
export class PlansApiController {
  constructor(private readonly plans: PlansService) {}

  @Post()
  @Allow('plans:record')
  @ApiOperation({ summary: 'Keep a plan written with the client; 200 instead of 201 when the same one came before' })
  async write(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Body() input: NewPlanDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { created, ...plan } = await this.plans.write(actor, code, input);
    response.status(created ? 201 : 200);
    return plan;
  }

  @Post(':id/tracking')
  @Allow('plans:record')
  @ApiOperation({
    summary: 'Keep what the client tells of the money: what was spent and what came of it, without receipts',
  })
  async track(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Param('id', IdPipe) id: string,
    @Body() input: NewTrackingDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { created, ...tracking } = await this.plans.track(actor, code, id, input);
    response.status(created ? 201 : 200);
    return tracking;
  }

  @Get()
  @Allow('words:read')
  @ApiOperation({ summary: "The client's plans with all that was told of them; each reading is recorded" })
  async list(@CurrentActor() actor: Actor, @Param('code') code: string) {
    return { items: await this.plans.ofClient(actor, code), next: null };
  }
}
