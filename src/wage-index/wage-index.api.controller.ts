/** The table of minimum wages over the API: read, proposed by one person, confirmed by another. */
import { Body, Controller, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { IdPipe } from '../kernel/http/id.js';
import { NewWageDto } from './dto/wage.dto.js';
import { WageIndexService } from './wage-index.service.js';
import { WageProposalsService, type WageProposal } from './wage-proposals.service.js';

@ApiTags('wage-index')
@Controller('api/v1/wage-rates')
export class WageIndexApiController {
  constructor(
    private readonly wages: WageIndexService,
    private readonly proposals: WageProposalsService,
  ) {}

  @Get()
  @Allow('catalogue:read')
  @ApiOperation({
    summary: 'Every minimum wage on record, with its source, since when it holds and since when it was known',
  })
  async list() {
    return { items: await this.wages.allRates(), next: null };
  }

  @Get('proposals')
  @Allow('wages:maintain')
  @ApiOperation({ summary: 'Wages that wait for a second person to confirm them, oldest first' })
  async open(@CurrentActor() actor: Actor) {
    return { items: (await this.proposals.open(actor)).map(toView), next: null };
  }

  @Post()
  @Allow('wages:maintain')
  @ApiOperation({ summary: 'Propose a wage with its source; it plays no part until somebody else confirms it' })
  async propose(
    @CurrentActor() actor: Actor,
    @Body() input: NewWageDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { proposal, created } = await this.proposals.propose(actor, input);
    response.status(created ? 201 : 200);
    return toView(proposal);
  }

  @Post(':id/confirmation')
  @Allow('wages:maintain')
  @HttpCode(200)
  @ApiOperation({ summary: 'Confirm a wage that somebody else proposed' })
  async confirm(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string) {
    return toView(await this.proposals.confirm(actor, id));
  }

  @Post(':id/decline')
  @Allow('wages:maintain')
  @HttpCode(200)
  @ApiOperation({ summary: 'Decline a proposed wage, or take one’s own back' })
  async decline(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string) {
    return toView(await this.proposals.decline(actor, id));
  }
}

const toView = ({ proposedById: _, proposedAt, ...proposal }: WageProposal) => ({
  ...proposal,
  proposedAt: proposedAt.toISOString(),
});
