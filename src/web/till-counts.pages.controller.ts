/** Counting cash as pages: the form, piece by piece beside what the books say, and the counts, which a second person confirms; and the slip of a voucher. */
import { Body, Controller, Get, Param, Post, Query, Render, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { Problem } from '../kernel/domain/problem.js';
import { Ids, isId } from '../kernel/ids.js';
import { currencies } from '../kernel/reference-data.js';
import { piecesOf } from '../transfers/rails/cash/denominations.js';
import {
  differenceReasons,
  TillCountsService,
  type Place,
  type TillCount,
} from '../transfers/rails/cash/till-counts.service.js';
import { VouchersService } from '../transfers/rails/cash/vouchers.service.js';
import { differenceWords } from './cash-wording.js';
import { FormReader } from './form-reader.js';
import { idOf } from './id-param.js';
import { t } from './languages/language.js';
import { addressWith, refusal, textIn, type Fault, type Sent } from './sent.js';

const SHOWN = 50;

@ApiExcludeController()
@Controller()
export class TillCountsPagesController {
  constructor(
    private readonly ids: Ids,
    private readonly counts: TillCountsService,
    private readonly vouchers: VouchersService,
  ) {}

  @Get('cash-counts')
  @Allow('cash:carry', 'cash:hand-out')
  @Render('till-counts')
  async list(@CurrentActor() actor: Actor, @Query() query: Sent) {
    const { items, next } = await this.counts.list(actor, { after: textIn(query, 'after') || undefined, limit: SHOWN });
    return {
      counts: items.map((count) => ({ ...count, isForMe: mayConfirm(actor, count) })),
      nextPage: next && addressWith('/cash-counts', { after: next }),
    };
  }

  @Get('cash-counts/new')
  @Allow('cash:carry', 'cash:hand-out')
  async form(@CurrentActor() actor: Actor, @Query() query: Sent, @Res() response: Response): Promise<void> {
    response.render('till-count', await this.page(actor, query));
  }

  @Post('cash-counts')
  @Allow('cash:carry', 'cash:hand-out')
  async count(@CurrentActor() actor: Actor, @Body() form: Sent, @Res() response: Response): Promise<void> {
    const place = await this.placeIn(actor, form);
    const reader = new FormReader(form);
    const pieces = piecesOf(place.currency).map((minor) => {
      const piece = currencies.format(minor, place.currency);
      const typed = reader.text(`piece-${piece}`, 6);
      if (!/^\d*$/.test(typed)) reader.fault(`piece-${piece}`, t('Give how many there are, in digits.'));
      return { piece, count: Number(typed) };
    });
    const explanations = differenceReasons.flatMap((reason) => {
      const amount = reader.text(`why-${reason}`, 20).replace('\u2212', '-');
      return amount ? [{ reason, amount }] : [];
    });
    const id = textIn(form, 'id');
    const given = {
      id: isId(id) ? id : this.ids.newId(),
      fund: place.fundId,
      currency: place.currency,
      holder: place.holder?.id,
      pieces,
      books: textIn(form, 'books'),
      explanations,
    };
    const refused = await refusal(reader.faults, () => this.counts.count(actor, given));
    if (!refused) response.redirect(303, '/cash-counts');
    else response.status(refused.status).render('till-count', await this.page(actor, form, refused.faults));
  }

  @Post('cash-counts/:id/confirm')
  @Allow('cash:carry', 'cash:hand-out')
  async confirm(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('count')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    const refused = await refusal([], () => this.counts.confirm(actor, id));
    if (!refused) return response.redirect(303, '/cash-counts');
    response.status(refused.status).render('till-counts', { ...(await this.list(actor, {})), faults: refused.faults });
  }

  @Get('vouchers/:id/slip')
  @Allow('cash:carry', 'transfers:read')
  @Render('voucher-slip')
  async slip(@CurrentActor() actor: Actor, @Param('id', idOf('voucher')) id: string) {
    return { voucher: await this.vouchers.find(actor, id) };
  }

  private async placeIn(actor: Actor, sent: Sent): Promise<Place> {
    const [fund, currency, holder] = [textIn(sent, 'fund'), textIn(sent, 'currency'), textIn(sent, 'holder')];
    const found = (await this.counts.places(actor)).find(
      (place) => place.fund === fund && place.currency === currency && (place.holder?.id ?? '') === holder,
    );
    if (!found) throw Problem.notFound('place with cash');
    return found;
  }

  private async page(actor: Actor, sent: Sent, faults: Fault[] = []) {
    const place = await this.placeIn(actor, sent);
    return {
      place,
      newId: this.ids.newId(),
      pieces: piecesOf(place.currency).map((minor) => {
        const piece = currencies.format(minor, place.currency);
        return { piece, count: textIn(sent, `piece-${piece}`) };
      }),
      reasons: differenceReasons.map((reason) => ({
        reason,
        words: differenceWords(reason),
        amount: textIn(sent, `why-${reason}`),
      })),
      faults,
    };
  }
}

/** The service decides again; this only spares a person a refusal. */
function mayConfirm({ userId }: Actor, { confirmedBy, countedBy, holder }: TillCount): boolean {
  return !confirmedBy && countedBy.id !== userId && (!holder || [countedBy.id, userId].includes(holder.id));
}
