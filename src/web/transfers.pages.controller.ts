/** The list of transfers with its filter. */
import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { FundsService } from '../funds/funds.service.js';
import { TransfersService } from '../transfers/transfers.service.js';
import { addressWith, textIn, type Sent } from './sent.js';
import { chosenFilter, transferFilterForm } from './transfer-filter.js';
import { statesInOrder } from './wording.js';

const TRANSFERS_A_PAGE = 50;

@ApiExcludeController()
@Controller('transfers')
export class TransfersPagesController {
  constructor(
    private readonly transfers: TransfersService,
    private readonly funds: FundsService,
  ) {}

  @Get()
  @Allow('transfers:read')
  async list(@CurrentActor() actor: Actor, @Query() query: Sent, @Res() response: Response): Promise<void> {
    const funds = (await this.funds.list(actor)).map(({ fund }) => ({ code: fund.code, name: fund.name }));
    const form = transferFilterForm(
      query,
      funds.map(({ code }) => code),
    );
    const choices = {
      ...form,
      funds,
      states: statesInOrder,
      isFiltered: Object.values(form.chosen).some((value) => value !== ''),
    };
    if (form.faults.length > 0) {
      response.status(422).render('transfers', choices);
      return;
    }
    const after = textIn(query, 'after');
    const { items, next } = await this.transfers.list(actor, {
      ...chosenFilter(form),
      after: after || undefined,
      limit: TRANSFERS_A_PAGE,
    });
    response.render('transfers', {
      ...choices,
      transfers: items,
      mayTakeBack: actor.permissions.has('results:record'),
      firstPage: after && addressWith('/transfers', form.chosen),
      nextPage: next && addressWith('/transfers', { ...form.chosen, after: next }),
    });
  }
}
