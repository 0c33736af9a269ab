/** Cash as whoever carries it sees it, on a phone: what to take, what they carry, whom it is for by code, and what to say of it. */
import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { Ids, isId } from '../kernel/ids.js';
import { AcknowledgementsService } from '../transfers/rails/cash/acknowledgements.service.js';
import { CashHolders } from '../transfers/rails/cash/cash-holders.js';
import { CustodyService } from '../transfers/rails/cash/custody.service.js';
import { TillCountsService } from '../transfers/rails/cash/till-counts.service.js';
import { acknowledgementKinds, handInReasons } from '../transfers/rails/cash/voucher-view.js';
import { VouchersService } from '../transfers/rails/cash/vouchers.service.js';
import { options } from './case-wording.js';
import { ACKNOWLEDGEMENTS, HAND_IN_REASONS } from './cash-wording.js';
import { FormReader } from './form-reader.js';
import { idOf } from './id-param.js';
import { msgs, t } from './languages/language.js';
import { addressWith, refusal, textIn, type Fault, type Sent } from './sent.js';

const SHOWN = 100;
const DONE = new Map(
  Object.entries(
    msgs({
      take: 'You have it. It is yours to carry.',
      'hand-over': 'Recorded. Where a second person is asked, it counts when they have said so too.',
      confirm: 'You said that it arrived.',
      'hand-in': 'Offered to the till. You carry it until finance says that they have it.',
    }),
  ),
);

@ApiExcludeController()
@Controller('cash-i-carry')
export class CashCarriedPagesController {
  constructor(
    private readonly ids: Ids,
    private readonly vouchers: VouchersService,
    private readonly custody: CustodyService,
    private readonly acknowledgements: AcknowledgementsService,
    private readonly counts: TillCountsService,
    private readonly holders: CashHolders,
  ) {}

  @Get()
  @Allow('cash:carry')
  async show(@CurrentActor() actor: Actor, @Query() query: Sent, @Res() response: Response): Promise<void> {
    response.render('cash-i-carry', await this.page(actor, query));
  }

  @Post(':id/take')
  @Allow('cash:carry')
  async take(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('voucher')) id: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    await this.vouchers.find(actor, id);
    const offer = textIn(form, 'offer');
    const act = () => this.custody.receive(actor, id, offer);
    await this.answer(actor, response, 'take', await refusal(isId(offer) ? [] : [gone()], act));
  }

  @Post(':id/hand-over')
  @Allow('cash:carry')
  async handOver(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('voucher')) id: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    await this.vouchers.find(actor, id);
    const reader = new FormReader(form);
    const kind = reader.choice('kind', acknowledgementKinds, t('Say what shows that the client has it.'));
    const happenedOn = reader.day('happenedOn');
    const second = kind === 'client-mark' ? '' : textIn(form, 'second');
    const given = { id: this.idIn(form), kind, happenedOn, ...(isId(second) && { second }) };
    const act = () => this.acknowledgements.handOver(actor, id, given);
    await this.answer(actor, response, 'hand-over', await refusal(reader.faults, act));
  }

  @Post(':id/confirm')
  @Allow('cash:carry')
  async confirm(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('voucher')) id: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    await this.vouchers.find(actor, id);
    const handover = textIn(form, 'handover');
    const act = () => this.acknowledgements.confirm(actor, id, handover);
    await this.answer(actor, response, 'confirm', await refusal(isId(handover) ? [] : [gone()], act));
  }

  @Post(':id/hand-in')
  @Allow('cash:carry')
  async handIn(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('voucher')) id: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    await this.vouchers.find(actor, id);
    const reader = new FormReader(form);
    const because = reader.choice('because', handInReasons, t('Say why the cash comes back.'));
    const act = () => this.custody.handIn(actor, { id: this.idIn(form), voucher: id, because });
    await this.answer(actor, response, 'hand-in', await refusal(reader.faults, act));
  }

  private idIn(form: Sent): string {
    const id = textIn(form, 'id');
    return isId(id) ? id : this.ids.newId();
  }

  private async answer(
    actor: Actor,
    response: Response,
    done: string,
    refused: { status: number; faults: Fault[] } | null,
  ): Promise<void> {
    if (!refused) response.redirect(303, addressWith('/cash-i-carry', { done }));
    else response.status(refused.status).render('cash-i-carry', await this.page(actor, {}, refused.faults));
  }

  private async page(actor: Actor, query: Sent, faults: Fault[] = []) {
    const { items: mine } = await this.vouchers.list(actor, { holder: actor.userId, limit: SHOWN });
    const open = mine.filter(({ state }) => ['offered', 'carried', 'handed-over', 'coming-back'].includes(state));
    const { items: toConfirm } = await this.vouchers.list(actor, { toConfirm: true, limit: SHOWN });
    const { items: teams } = actor.permissions.has('clients:read-team')
      ? await this.vouchers.list(actor, { isOverdue: true, limit: SHOWN })
      : { items: [] };
    const colleagues = (await this.holders.list()).filter(({ id }) => id !== actor.userId);
    return {
      done: t(DONE.get(textIn(query, 'done')) ?? ''),
      toTake: open.filter(({ state }) => state === 'offered'),
      carried: open
        .filter(({ state }) => state !== 'offered')
        .map((voucher) => ({ ...voucher, formId: this.ids.newId(), backId: this.ids.newId() })),
      toConfirm,
      overdueOfTeam: teams.filter(({ holder }) => holder?.id !== actor.userId),
      places: (await this.counts.places(actor)).filter(({ holder }) => holder?.id === actor.userId),
      kinds: Object.entries(ACKNOWLEDGEMENTS).map(([value, text]) => ({ value, text: t(text) })),
      colleagues: colleagues.map(({ id, name }) => ({ value: id, text: name })),
      reasons: options(HAND_IN_REASONS, ''),
      faults,
    };
  }
}

const gone = (): Fault => ({ text: t('That is not there any more. Look again.') });
