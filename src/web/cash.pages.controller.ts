/** Cash as finance works with it: what is in each till and with whom, envelopes to hand out, and what comes back. */
import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { idOfText, Ids, isId } from '../kernel/ids.js';
import { CashHolders } from '../transfers/rails/cash/cash-holders.js';
import { CustodyService } from '../transfers/rails/cash/custody.service.js';
import { TillCountsService } from '../transfers/rails/cash/till-counts.service.js';
import { handInReasons, type HandInReason, type VoucherState } from '../transfers/rails/cash/voucher-view.js';
import { VouchersService } from '../transfers/rails/cash/vouchers.service.js';
import { options } from './case-wording.js';
import { HAND_IN_REASONS } from './cash-wording.js';
import { FormReader } from './form-reader.js';
import { idOf } from './id-param.js';
import { msgs, t } from './languages/language.js';
import { addressWith, refusal, textIn, textsIn, type Fault, type Sent } from './sent.js';

const SHOWN = 100;
const DONE = new Map(
  Object.entries(
    msgs({
      issue:
        'Vouchers are issued for each payment in cash of the run that is under way. Of what nobody knows about it is found out first how it ended.',
      'hand-out': 'Offered. It is theirs when they say here that they have it.',
      'take-in': 'You took it. It is in the till.',
      'hand-in': 'Offered to the till. Somebody else takes it in.',
      'not-collected': 'Recorded: it was not collected, and is owed as before.',
    }),
  ),
);

@ApiExcludeController()
@Controller('cash')
export class CashPagesController {
  constructor(
    private readonly ids: Ids,
    private readonly vouchers: VouchersService,
    private readonly custody: CustodyService,
    private readonly counts: TillCountsService,
    private readonly holders: CashHolders,
  ) {}

  @Get()
  @Allow('cash:hand-out')
  async show(@CurrentActor() actor: Actor, @Query() query: Sent, @Res() response: Response): Promise<void> {
    response.render('cash', await this.page(actor, query));
  }

  @Post('hand-out')
  @Allow('cash:hand-out')
  async handOut(@CurrentActor() actor: Actor, @Body() form: Sent, @Res() response: Response): Promise<void> {
    const chosen = textsIn(form, 'voucher', SHOWN).filter(isId);
    const holder = textIn(form, 'holder');
    const reader = new FormReader(form);
    if (chosen.length === 0) reader.fault('voucher', t('Choose the envelopes that you hand out.'));
    if (!isId(holder)) reader.fault('holder', t('Choose who carries them.'));
    const offers = chosen.map((voucher) => ({ id: idOfText(`${textIn(form, 'id')} ${voucher}`), voucher }));
    const act = () => this.custody.handOut(actor, offers, holder);
    await this.answer(actor, response, 'hand-out', await refusal(reader.faults, act));
  }

  @Post('runs/:id/vouchers')
  @Allow('cash:hand-out')
  async issue(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('run')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.answer(actor, response, 'issue', await refusal([], () => this.vouchers.issue(actor, id)));
  }

  @Post('vouchers/:id/take-in')
  @Allow('cash:hand-out')
  async takeIn(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('voucher')) id: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    await this.vouchers.find(actor, id);
    const offer = idIn(form, 'offer');
    const act = () => this.custody.receive(actor, id, offer);
    await this.answer(actor, response, 'take-in', await refusal(offer ? [] : [gone()], act));
  }

  @Post('vouchers/:id/hand-in')
  @Allow('cash:hand-out')
  async handIn(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('voucher')) id: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    await this.vouchers.find(actor, id);
    const reader = new FormReader(form);
    const because: HandInReason = reader.choice('because', handInReasons, t('Say why the cash comes back.'));
    const offer = { id: idIn(form, 'id') || this.ids.newId(), voucher: id, because };
    const act = () => this.custody.handIn(actor, offer);
    await this.answer(actor, response, 'hand-in', await refusal(reader.faults, act));
  }

  @Post('vouchers/:id/not-collected')
  @Allow('cash:hand-out')
  async notCollected(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('voucher')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.vouchers.find(actor, id);
    const act = () => this.custody.notCollected(actor, id);
    await this.answer(actor, response, 'not-collected', await refusal([], act));
  }

  private async answer(
    actor: Actor,
    response: Response,
    done: string,
    refused: { status: number; faults: Fault[] } | null,
  ): Promise<void> {
    if (!refused) response.redirect(303, addressWith('/cash', { done }));
    else response.status(refused.status).render('cash', await this.page(actor, {}, refused.faults));
  }

  private async page(actor: Actor, query: Sent, faults: Fault[] = []) {
    const inState = async (state: VoucherState) => (await this.vouchers.list(actor, { state, limit: SHOWN })).items;
    const out = [...(await inState('carried')), ...(await inState('handed-over'))];
    return {
      done: t(DONE.get(textIn(query, 'done')) ?? ''),
      places: await this.counts.places(actor),
      inTill: await inState('in-till'),
      offered: await inState('offered'),
      comingBack: await inState('coming-back'),
      out: out.sort((one, other) => other.days - one.days),
      holders: (await this.holders.list()).map(({ id, name }) => ({ value: id, text: name })),
      reasons: options(HAND_IN_REASONS, ''),
      newId: this.ids.newId(),
      shown: SHOWN,
      faults,
    };
  }
}

const gone = (): Fault => ({ text: t('That offer is not there any more. Look again.') });

/** The id under that name; '' when it is none. */
function idIn(form: Sent, name: string): string {
  const text = textIn(form, name);
  return isId(text) ? text : '';
}
