/** Payments that did not arrive, as a page: what was told of each, and the button by which it is put back to be paid. */
import { Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { NotArrivedService } from '../transfers/not-arrived.service.js';
import { TransfersService } from '../transfers/transfers.service.js';
import { idOf } from './id-param.js';
import { addressWith, refusal, textIn, type Sent } from './sent.js';

const PAYMENTS_A_PAGE = 25;

@ApiExcludeController()
@Controller('not-arrived')
export class NotArrivedPagesController {
  constructor(
    private readonly notArrived: NotArrivedService,
    private readonly transfers: TransfersService,
  ) {}

  @Get()
  @Allow('transfers:read')
  async list(@CurrentActor() actor: Actor, @Query() query: Sent, @Res() response: Response): Promise<void> {
    response.render('not-arrived', {
      ...(await this.page(actor, textIn(query, 'after'))),
      done: textIn(query, 'done'),
    });
  }

  @Post(':id/put-back')
  @Allow('transfers:reissue')
  async putBack(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('transfer')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    const refused = await refusal([], () => this.transfers.reissue(actor, id));
    if (!refused) return response.redirect(303, addressWith('/not-arrived', { done: 'put-back' }));
    response.status(refused.status).render('not-arrived', { ...(await this.page(actor, '')), ...refused });
  }

  private async page(actor: Actor, after: string) {
    const { items, next } = await this.notArrived.list(actor, { after: after || undefined, limit: PAYMENTS_A_PAGE });
    return {
      payments: items,
      firstPage: after && '/not-arrived',
      nextPage: next && addressWith('/not-arrived', { after: next }),
      isForPuttingBack: actor.permissions.has('transfers:reissue'),
    };
  }
}
