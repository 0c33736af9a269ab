/** The accounts that payments leave from, as a page: what there is, opening one, and saying that a fund's payments leave from it. */
import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { FundsService, type ListedFund } from '../funds/funds.service.js';
import { Ids, isId } from '../kernel/ids.js';
import { countries, currencies } from '../kernel/reference-data.js';
import { NewPayingAccountDto } from '../transfers/rails/bank-file/dto/bank-file.dto.js';
import { bankFileFormats } from '../transfers/rails/bank-file/formats.js';
import { PayingAccountsService, type PayingAccount } from '../transfers/rails/bank-file/paying-accounts.service.js';
import { ACCOUNT_KINDS, formatWords } from './bank-wording.js';
import { options, wordsFor } from './case-wording.js';
import { FormReader } from './form-reader.js';
import { idOf } from './id-param.js';
import { t } from './languages/language.js';
import { addressWith, asApiTakes, refusal, textIn, textsIn, type Fault, type Sent } from './sent.js';
import { countryName } from './wording.js';

const COUNTRIES = countries.map(({ code }) => code);
const CURRENCIES = Object.fromEntries(currencies.all().map(({ code }) => [code, code]));
const FORMATS = [...bankFileFormats.keys()];
const TEXTS = ['code', 'name', 'bank', 'bankCode', 'account'];
const MOST_FUNDS = 100;

@ApiExcludeController()
@Controller('paying-accounts')
export class PayingAccountsPagesController {
  constructor(
    private readonly accounts: PayingAccountsService,
    private readonly funds: FundsService,
    private readonly ids: Ids,
  ) {}

  @Get()
  @Allow('funds:read')
  async list(@CurrentActor() actor: Actor, @Query() query: Sent, @Res() response: Response): Promise<void> {
    response.render('paying-accounts', await this.page(actor, { done: textIn(query, 'done') }));
  }

  @Post()
  @Allow('funds:write')
  async open(@CurrentActor() actor: Actor, @Body() form: Sent, @Res() response: Response): Promise<void> {
    const reader = new FormReader(form);
    const id = textIn(form, 'id');
    const account = {
      // Made with the form, so that sending it twice opens one account.
      id: isId(id) ? id : this.ids.newId(),
      code: reader.text('code', 40, t('Give it a short code, like lotus-thb.')),
      name: reader.text('name', 70, t('Enter whose account it is, as the bank has it.')),
      bank: reader.text('bank', 120, t('Enter the bank.')),
      bankCode: reader.text('bankCode', 11, t('Enter the BIC, or the bank’s number in its country’s clearing.')),
      account: reader.text('account', 34, t('Enter the number of the account.')),
      accountKind: reader.choice('accountKind', Object.keys(ACCOUNT_KINDS), t('Choose what kind of number it is.')),
      currency: reader.choice('currency', Object.keys(CURRENCIES), t('Choose the currency.')),
      country: reader.choice('country', COUNTRIES, t('Choose the country.')),
      layout: reader.choice('layout', FORMATS, t('Choose what kind of file the bank takes.')),
      funds: textsIn(form, 'funds', MOST_FUNDS),
    };
    const refused = await refusal(reader.faults, async () =>
      this.accounts.open(actor, await asApiTakes(NewPayingAccountDto, account)),
    );
    if (!refused) return response.redirect(303, addressWith('/paying-accounts', { done: 'open' }));
    response
      .status(refused.status)
      .render('paying-accounts', await this.page(actor, { form, id: account.id, faults: refused.faults }));
  }

  @Post(':id/funds')
  @Allow('funds:write')
  async tie(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('paying account')) id: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    const fund = textIn(form, 'fund', 41);
    const missing = fund ? [] : [{ text: t('Choose the fund.'), href: `#fund-${id}` }];
    await this.accounts.find(id);
    const refused = await refusal(missing, () => this.accounts.tie(actor, id, fund));
    if (!refused) return response.redirect(303, addressWith('/paying-accounts', { done: 'tie' }));
    const faults = refused.faults.map(({ text }) => ({ text, href: `#fund-${id}` }));
    response.status(refused.status).render('paying-accounts', await this.page(actor, { faults }));
  }

  private async page(
    actor: Actor,
    {
      form,
      id = this.ids.newId(),
      faults = [],
      done = '',
    }: { form?: Sent; id?: string; faults?: Fault[]; done?: string },
  ) {
    const funds = await this.funds.list(actor);
    const ticked = textsIn(form, 'funds', MOST_FUNDS);
    return {
      accounts: (await this.accounts.list(actor)).map((account) => ({
        ...account,
        choices: fundsFor(account, funds),
      })),
      mayWrite: actor.permissions.has('funds:write'),
      done,
      faults,
      isOpening: form !== undefined,
      newId: id,
      typed: Object.fromEntries(TEXTS.map((name) => [name, textIn(form, name)])),
      kinds: options(ACCOUNT_KINDS, textIn(form, 'accountKind')),
      currencies: options(CURRENCIES, textIn(form, 'currency')),
      countries: options(wordsFor(COUNTRIES, countryName), textIn(form, 'country')),
      formats: options(wordsFor(FORMATS, formatWords), textIn(form, 'layout')),
      funds: funds.map(({ fund }) => ({
        value: fund.code,
        text: `${fund.name} (${fund.code})`,
        checked: ticked.includes(fund.code),
      })),
    };
  }
}

/** Those that hold its currency, and whose payments do not leave from it yet. */
function fundsFor({ currency, funds: tied }: PayingAccount, funds: readonly ListedFund[]): object[] {
  const others = funds.filter(
    ({ fund, inOtherCurrencies }) =>
      !tied.includes(fund.code) && [fund, ...inOtherCurrencies].some((holding) => holding.currency === currency),
  );
  return others.map(({ fund }) => ({ value: fund.code, text: `${fund.name} (${fund.code})` }));
}
