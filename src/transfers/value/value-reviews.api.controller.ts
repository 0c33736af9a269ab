/** Value reviews and what calls for one, over the API. */
import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor, MovesMoney } from '../../access/declarations.js';
import type { Actor } from '../../access/domain/actor.js';
import { IdPipe } from '../../kernel/http/id.js';
import { PageDto } from '../../kernel/http/page.dto.js';
import { NewValueReviewDto } from './dto/value.dto.js';
import { ValueAlertsService } from './value-alerts.service.js';
import { ValueReviewsService, type ValueReview } from './value-reviews.service.js';

@ApiTags('value-reviews')
@Controller('api/v1/value-reviews')
export class ValueReviewsApiController {
  constructor(
    private readonly reviews: ValueReviewsService,
    private readonly alerts: ValueAlertsService,
  ) {}

  @Get('alerts')
  @Allow('transfers:read')
  @ApiOperation({
    summary: 'Wages and decided amounts that are old, and wages that give more than what is promised; it only tells',
  })
  async listAlerts(@CurrentActor() actor: Actor) {
    return { items: await this.alerts.list(actor), next: null };
  }

  @Get()
  @Allow('transfers:read')
  @ApiOperation({ summary: 'The newest value reviews' })
  async list(@CurrentActor() actor: Actor) {
    return { items: (await this.reviews.list(actor)).map(toView), next: null };
  }

  @Post()
  @Allow('values:propose')
  @ApiOperation({
    summary: 'Propose what a wage makes of a fund’s transfers; nothing changes before somebody else approves',
  })
  async propose(
    @CurrentActor() actor: Actor,
    @Body() input: NewValueReviewDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { review, created } = await this.reviews.propose(actor, input);
    response.status(created ? 201 : 200);
    return toView(review);
  }

  @Get(':id')
  @Allow('transfers:read')
  @ApiOperation({ summary: 'One value review, with what it comes to' })
  async find(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string) {
    return toView(await this.reviews.find(actor, id));
  }

  @Get(':id/items')
  @Allow('transfers:read')
  @ApiOperation({ summary: 'What it makes of which transfer: raised, topped up, or kept' })
  items(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Query() page: PageDto) {
    return this.reviews.items(actor, id, { after: page.after, limit: page.limit });
  }

  @Post(':id/approval')
  @Allow('values:approve')
  @MovesMoney()
  @HttpCode(200)
  @ApiOperation({ summary: 'Approve and apply a review that somebody else proposed' })
  async approve(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string) {
    return toView(await this.reviews.approve(actor, id));
  }

  @Post(':id/decline')
  @Allow('values:propose')
  @HttpCode(200)
  @ApiOperation({ summary: 'Decline a review, or take one’s own back' })
  async decline(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string) {
    return toView(await this.reviews.decline(actor, id));
  }
}

const toView = ({ proposedById: _, fundId: __, proposedAt, decidedAt, ...review }: ValueReview) => ({
  ...review,
  proposedAt: proposedAt.toISOString(),
  decidedAt: decidedAt?.toISOString() ?? null,
});
