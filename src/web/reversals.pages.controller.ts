/** Payments that an operator is asked to take back, as pages: one person asks for it, another says the same, and what the operator said. */
import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { Problem } from '../kernel/domain/problem.js';
import { isId, Ids } from '../kernel/ids.js';
import { NewReversalDto } from '../transfers/rails/mobile-money/mobile-money.dto.js';
import { reversalReasons, ReversalsService } from '../transfers/rails/mobile-money/reversals.service.js';
import { FormReader } from './form-reader.js';
import { idOf } from './id-param.js';
import { t } from './languages/language.js';
import { addressWith, asApiTakes, refusal, textIn, type Fault, type Sent } from './sent.js';
import { reversalReasonWords } from './paying-wording.js';

@ApiExcludeController()
@Controller('reversals')
export class ReversalsPagesController {
  constructor(
    private readonly reversals: ReversalsService,
    private readonly ids: Ids,
  ) {}

  @Get()
  @Allow('transfers:read')
  async list(@CurrentActor() actor: Actor, @Query() query: Sent, @Res() response: Response): Promise<void> {
    response.render('reversals', await this.overview(actor, { done: textIn(query, 'done') }));
  }

  @Get('new')
  @Allow('results:record')
  async form(@CurrentActor() actor: Actor, @Query() query: Sent, @Res() response: Response): Promise<void> {
    response.render('reversal-new', await this.page(actor, query));
  }

  @Post()
  @Allow('results:record')
  async ask(@CurrentActor() actor: Actor, @Body() form: Sent, @Res() response: Response): Promise<void> {
    const reader = new FormReader(form);
    const { transfer, attempt } = paymentIn(form);
    // Made with the form, so that sending it twice asks for it once.
    const id = textIn(form, 'id');
    const asked = {
      id: isId(id) ? id : this.ids.newId(),
      attempt,
      reason: reader.choice('reason', reversalReasons, t('Choose why it is taken back.')),
    };
    const refused = await refusal(reader.faults, async () =>
      this.reversals.ask(actor, transfer, await asApiTakes(NewReversalDto, asked)),
    );
    if (!refused) return response.redirect(303, addressWith('/reversals', { done: 'ask' }));
    response.status(refused.status).render('reversal-new', await this.page(actor, form, refused.faults));
  }

  @Post(':id/confirmation')
  @Allow('results:record')
  async confirm(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('reversal')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    const refused = await refusal([], () => this.reversals.second(actor, id));
    if (!refused) return response.redirect(303, addressWith('/reversals', { done: 'confirm' }));
    response.status(refused.status).render('reversals', await this.overview(actor, { faults: refused.faults }));
  }

  private async overview(actor: Actor, { done = '', faults = [] }: { done?: string; faults?: Fault[] }) {
    const reversals = (await this.reversals.list(actor)).map((one) => ({
      ...one,
      isOwn: one.askedById === actor.userId,
    }));
    const isWaiting = ({ state }: (typeof reversals)[number]) => state === 'awaits-second';
    return {
      waiting: reversals.filter(isWaiting),
      sent: reversals.filter((one) => !isWaiting(one)),
      mayAsk: actor.permissions.has('results:record'),
      done,
      faults,
    };
  }

  private async page(actor: Actor, sent: Sent, faults: Fault[] = []) {
    const { transfer, attempt } = paymentIn(sent);
    const payment = await this.reversals.payment(actor, transfer, attempt);
    const id = textIn(sent, 'id');
    return {
      payment,
      newId: isId(id) ? id : this.ids.newId(),
      reasons: reversalReasons.map((reason) => ({ value: reason, text: reversalReasonWords(reason) })),
      chosen: textIn(sent, 'reason'),
      faults,
    };
  }
}

/** Which payment a form or an address names. Throws `not-found` (404) when none. */
function paymentIn(sent: Sent): { transfer: string; attempt: number } {
  const transfer = textIn(sent, 'transfer');
  const attempt = textIn(sent, 'attempt');
  if (!isId(transfer) || !/^[1-9]\d?$/.test(attempt)) throw Problem.notFound('payment');
  return { transfer, attempt: Number(attempt) };
}
