/** Minimum wages as a page: what is on record with its sources, and proposing, confirming or declining one. */
import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { Ids, isId } from '../kernel/ids.js';
import { countries, currencies } from '../kernel/reference-data.js';
import { confidences } from '../wage-index/domain/transfer-value.js';
import { WageIndexService } from '../wage-index/wage-index.service.js';
import { WageProposalsService } from '../wage-index/wage-proposals.service.js';
import { options, wordsFor } from './case-wording.js';
import { FormReader } from './form-reader.js';
import { idOf } from './id-param.js';
import { msgs, t } from './languages/language.js';
import { addressWith, refusal, textIn, type Fault, type Sent } from './sent.js';
import { confidenceWords, countryName } from './wording.js';

const UNITS = msgs({ day: 'a day', month: 'a month' });
const COUNTRIES = countries.map(({ code }) => code);
const CURRENCIES = Object.fromEntries(currencies.all().map(({ code }) => [code, code]));

@ApiExcludeController()
@Controller('wages')
export class WagesPagesController {
  constructor(
    private readonly wages: WageIndexService,
    private readonly proposals: WageProposalsService,
    private readonly ids: Ids,
  ) {}

  @Get()
  @Allow('catalogue:read')
  async list(@CurrentActor() actor: Actor, @Query() query: Sent, @Res() response: Response): Promise<void> {
    response.render('wages', await this.page(actor, { done: textIn(query, 'done') }));
  }

  @Post()
  @Allow('wages:maintain')
  async propose(@CurrentActor() actor: Actor, @Body() form: Sent, @Res() response: Response): Promise<void> {
    const reader = new FormReader(form);
    const id = textIn(form, 'id');
    const wage = {
      // Made with the form, so that sending it twice proposes it once.
      id: isId(id) ? id : this.ids.newId(),
      country: reader.choice('country', COUNTRIES, t('Choose the country.')),
      region: reader.text('region', 60) || undefined,
      amount: reader.text('amount', 20, t('Enter the amount.')),
      currency: reader.choice('currency', Object.keys(CURRENCIES), t('Choose the currency.')),
      unit: reader.choice('unit', ['day', 'month'] as const, t('Choose what it is for.')),
      effectiveFrom: reader.day('effectiveFrom') ?? '',
      instrument: reader.text('instrument', 200, t('Say what sets it.')),
      sourceUrl: reader.text('sourceUrl', 480, t('Say where it can be read.')),
      confidence: reader.choice('confidence', confidences, t('Say how sure it is.')),
    };
    if (wage.effectiveFrom === '') reader.fault('effectiveFrom', t('Enter the day from which it holds.'));
    if (!/^https?:\/\/[^\s<>"]+$/.test(wage.sourceUrl))
      reader.fault('sourceUrl', t('Give the address of the source, beginning with https://.'));
    await this.act(actor, response, 'propose', { form, faults: reader.faults }, () =>
      this.proposals.propose(actor, wage),
    );
  }

  @Post(':id/confirm')
  @Allow('wages:maintain')
  async confirm(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('wage')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.act(actor, response, 'confirm', { form: {}, faults: [] }, () => this.proposals.confirm(actor, id));
  }

  @Post(':id/decline')
  @Allow('wages:maintain')
  async decline(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('wage')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.act(actor, response, 'decline', { form: {}, faults: [] }, () => this.proposals.decline(actor, id));
  }

  private async act(
    actor: Actor,
    response: Response,
    done: string,
    sent: { form: Sent; faults: Fault[] },
    act: () => Promise<unknown>,
  ): Promise<void> {
    const refused = await refusal(sent.faults, act);
    if (refused)
      response
        .status(refused.status)
        .render('wages', await this.page(actor, { form: sent.form, faults: refused.faults }));
    else response.redirect(303, addressWith('/wages', { done }));
  }

  private async page(actor: Actor, { form, faults = [], done = '' }: { form?: Sent; faults?: Fault[]; done?: string }) {
    const mayMaintain = actor.permissions.has('wages:maintain');
    const sentId = textIn(form, 'id');
    const people = await this.proposals.confirmedWages(actor);
    return {
      wages: (await this.wages.allRates()).map((wage) => ({ ...wage, people: people.get(wage.id) })),
      showsPeople: mayMaintain || people.size > 0,
      proposals: mayMaintain ? await this.proposals.open(actor) : [],
      mayMaintain,
      newId: isId(sentId) ? sentId : this.ids.newId(),
      done,
      faults,
      countries: options(wordsFor(COUNTRIES, countryName), textIn(form, 'country')),
      currencies: options(CURRENCIES, textIn(form, 'currency')),
      units: options(UNITS, textIn(form, 'unit')),
      confidences: options(wordsFor(confidences, confidenceWords), textIn(form, 'confidence')),
      form: Object.fromEntries(
        ['region', 'amount', 'effectiveFrom', 'instrument', 'sourceUrl'].map((name) => [name, textIn(form, name, 500)]),
      ),
    };
  }
}
