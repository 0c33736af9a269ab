/** Exchange rates as a page: what is on record with its sources, entering one that a bank gave, and confirming what somebody else entered. */
import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { NewExchangeRateDto } from '../funds/dto/exchange.dto.js';
import { ExchangeRatesService } from '../funds/exchange-rates.service.js';
import { Ids, isId } from '../kernel/ids.js';
import { currencies } from '../kernel/reference-data.js';
import { options } from './case-wording.js';
import { FormReader } from './form-reader.js';
import { idOf } from './id-param.js';
import { t } from './languages/language.js';
import { addressWith, asApiTakes, refusal, textIn, type Fault, type Sent } from './sent.js';
import { withLatinDigits } from './typed-amount.js';

const CURRENCY_CODES = currencies.all().map(({ code }) => code);
const CURRENCIES = Object.fromEntries(CURRENCY_CODES.map((code) => [code, code]));
const LONGEST_SOURCE = 200;
const RATES_A_PAGE = 50;

@ApiExcludeController()
@Controller('exchange-rates')
export class ExchangeRatesPagesController {
  constructor(
    private readonly rates: ExchangeRatesService,
    private readonly ids: Ids,
  ) {}

  @Get()
  @Allow('funds:read')
  async list(@CurrentActor() actor: Actor, @Query() query: Sent, @Res() response: Response): Promise<void> {
    const [done, after] = [textIn(query, 'done'), textIn(query, 'after')];
    response.render('exchange-rates', await this.page(actor, { done, after }));
  }

  @Post()
  @Allow('funds:write')
  async record(@CurrentActor() actor: Actor, @Body() form: Sent, @Res() response: Response): Promise<void> {
    const reader = new FormReader(form);
    const id = textIn(form, 'id');
    const rate = {
      // Made with the form, so that sending it twice records it once.
      id: isId(id) ? id : this.ids.newId(),
      base: reader.choice('base', CURRENCY_CODES, t('Choose the currency that is sold.')),
      quote: reader.choice('quote', CURRENCY_CODES, t('Choose the currency that is bought.')),
      rate: withLatinDigits(reader.text('rate', 40, t('Enter the rate.'))),
      asOf: reader.day('asOf') ?? '',
      source: reader.text('source', LONGEST_SOURCE, t('Say which bank and which paper says so.')),
    };
    if (textIn(form, 'asOf') === '') reader.fault('asOf', t('Enter the day that the bank gave it for.'));
    const refused = await refusal(reader.faults, async () =>
      this.rates.record(actor, await asApiTakes(NewExchangeRateDto, rate)),
    );
    if (!refused) return response.redirect(303, addressWith('/exchange-rates', { done: 'record' }));
    // An id that came with something else before would be refused for ever.
    const next = refused.code === 'id-conflict' ? undefined : rate.id;
    response
      .status(refused.status)
      .render('exchange-rates', await this.page(actor, { form, id: next, faults: refused.faults }));
  }

  @Post(':id/confirmation')
  @Allow('runs:approve')
  async confirm(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('exchange rate')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    const refused = await refusal([], () => this.rates.confirm(actor, id));
    if (!refused) return response.redirect(303, addressWith('/exchange-rates', { done: 'confirm' }));
    response.status(refused.status).render('exchange-rates', await this.page(actor, { faults: refused.faults }));
  }

  private async page(actor: Actor, { form, id, faults = [], done = '', after = '' }: Shown) {
    const { items, next } = await this.rates.list(actor, { after: after || undefined, limit: RATES_A_PAGE });
    return {
      rates: items.map((rate) => ({ ...rate, isOwn: rate.recorded.byId === actor.userId })),
      nextPage: next && addressWith('/exchange-rates', { after: next }),
      mayRecord: actor.permissions.has('funds:write'),
      mayConfirm: actor.permissions.has('runs:approve'),
      newId: id ?? this.ids.newId(),
      bases: options(CURRENCIES, textIn(form, 'base')),
      quotes: options(CURRENCIES, textIn(form, 'quote')),
      form: Object.fromEntries(
        ['rate', 'asOf', 'source'].map((name) => [name, textIn(form, name, 2 * LONGEST_SOURCE)]),
      ),
      done,
      faults,
    };
  }
}

interface Shown {
  form?: Sent;
  id?: string;
  faults?: Fault[];
  done?: string;
  after?: string;
}
