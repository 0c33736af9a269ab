/** Balances of statements, as a page: typing one where the bank gives no file, and which days a second person still has to type. */
import { Body, Controller, Get, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { PayingAccountsService } from '../transfers/rails/bank-file/paying-accounts.service.js';
import { StatementBalancesService } from '../transfers/reconciliation/statement-balances.service.js';
import { options } from './case-wording.js';
import { FormReader } from './form-reader.js';
import { t } from './languages/language.js';
import { addressWith, refusal, textIn, type Fault, type Sent } from './sent.js';

@ApiExcludeController()
@Controller('statement-balances')
export class StatementBalancesPagesController {
  constructor(
    private readonly balances: StatementBalancesService,
    private readonly accounts: PayingAccountsService,
  ) {}

  @Get()
  @Allow('books:read')
  async show(@CurrentActor() actor: Actor, @Query() query: Sent, @Res() response: Response): Promise<void> {
    response.render('statement-balances', await this.page(actor, query, [], textIn(query, 'done')));
  }

  @Post()
  @Allow('results:record')
  async type(@CurrentActor() actor: Actor, @Body() form: Sent, @Res() response: Response): Promise<void> {
    const reader = new FormReader(form);
    const typed = {
      account: reader.text('account', 40, t('Choose the account.')),
      day: reader.day('day') ?? '',
      amount: reader.text('amount', 40, t('Enter what it held at the end of that day.')).replace('\u2212', '-'),
    };
    if (textIn(form, 'day') === '') reader.fault('day', t('Enter the day.'));
    let done = '';
    const refused = await refusal(reader.faults, async () => {
      const { amount } = await this.balances.type(actor, typed);
      done = amount === null ? 'waits' : 'counts';
    });
    if (!refused) return response.redirect(303, addressWith('/statement-balances', { done }));
    response.status(refused.status).render('statement-balances', await this.page(actor, form, refused.faults));
  }

  private async page(actor: Actor, sent: Sent, faults: Fault[], done = '') {
    const accounts = await this.accounts.list(actor);
    const words = accounts.map(({ code, name, bank, currency }) => [code, `${name}, ${bank}, ${currency} (${code})`]);
    return {
      days: await this.balances.typed(actor),
      accounts: options(Object.fromEntries(words) as Record<string, string>, textIn(sent, 'account')),
      typed: { day: textIn(sent, 'day'), amount: textIn(sent, 'amount') },
      mayType: actor.permissions.has('results:record') && accounts.length > 0,
      done,
      faults,
    };
  }
}
