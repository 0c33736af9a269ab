/** Value reviews as pages: what calls for one, what it makes of which transfer, and the forms by which people decide. */
import { Body, Controller, Get, Param, Post, Query, Render, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { Ids } from '../kernel/ids.js';
import { ValueAlertsService } from '../transfers/value/value-alerts.service.js';
import { ValueReviewsService } from '../transfers/value/value-reviews.service.js';
import { idOf } from './id-param.js';
import { addressWith, refusalOf, textIn, type Fault, type Sent } from './sent.js';

@ApiExcludeController()
@Controller('value-reviews')
export class ValueReviewsPagesController {
  constructor(
    private readonly reviews: ValueReviewsService,
    private readonly alerts: ValueAlertsService,
    private readonly ids: Ids,
  ) {}

  @Get()
  @Allow('transfers:read')
  @Render('value-reviews')
  list(@CurrentActor() actor: Actor) {
    return this.overview(actor);
  }

  @Post()
  @Allow('values:propose')
  async propose(@CurrentActor() actor: Actor, @Body() form: Sent, @Res() response: Response): Promise<void> {
    const wageRate = textIn(form, 'wageRate', 18);
    try {
      const { review } = await this.reviews.propose(actor, {
        id: this.ids.newId(),
        fund: textIn(form, 'fund', 60),
        wageRate: /^[1-9]\d*$/.test(wageRate) ? wageRate : '0',
      });
      response.redirect(303, addressWith(`/value-reviews/${review.id}`, { done: 'propose' }));
    } catch (thrown) {
      const { status, faults } = refusalOf(thrown);
      response.status(status).render('value-reviews', { ...(await this.overview(actor)), faults });
    }
  }

  @Get(':id')
  @Allow('transfers:read')
  async show(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('value review')) id: string,
    @Query() query: Sent,
    @Res() response: Response,
  ): Promise<void> {
    response.render('value-review', await this.page(actor, id, query));
  }

  @Post(':id/approve')
  @Allow('values:approve')
  async approve(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('value review')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.decide(actor, id, 'approve', response);
  }

  @Post(':id/decline')
  @Allow('values:propose')
  async decline(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('value review')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.decide(actor, id, 'decline', response);
  }

  private async decide(actor: Actor, id: string, act: 'approve' | 'decline', response: Response): Promise<void> {
    try {
      await this.reviews[act](actor, id);
    } catch (thrown) {
      const { status, faults } = refusalOf(thrown);
      response.status(status).render('value-review', await this.page(actor, id, {}, faults));
      return;
    }
    response.redirect(303, addressWith(`/value-reviews/${id}`, { done: act }));
  }

  private async overview(actor: Actor) {
    return {
      alerts: await this.alerts.list(actor),
      reviews: await this.reviews.list(actor),
      mayPropose: actor.permissions.has('values:propose'),
    };
  }

  private async page(actor: Actor, id: string, query: Sent, faults: Fault[] = []) {
    const review = await this.reviews.find(actor, id);
    const { items, next } = await this.reviews.items(actor, id, { after: textIn(query, 'after') || undefined });
    const isOwn = review.proposedById === actor.userId;
    return {
      review,
      items,
      nextPage: next && addressWith(`/value-reviews/${id}`, { after: next }),
      isOwn,
      mayApprove: actor.permissions.has('values:approve') && !isOwn,
      mayDecline: actor.permissions.has('values:propose'),
      done: textIn(query, 'done'),
      faults,
    };
  }
}
