/** Spending plans as pages: writing one together with the client, changing it, what stands, and the card that they carry. */
import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { ClientsService } from '../clients/clients.service.js';
import { ConsentsService } from '../clients/consents.service.js';
import { Clock } from '../kernel/clock.js';
import { Problem } from '../kernel/domain/problem.js';
import { Ids } from '../kernel/ids.js';
import { countryOf } from '../kernel/reference-data.js';
import { NeedsService } from '../needs/needs.service.js';
import type { Plan } from '../plans/plan-records.js';
import { PlansService } from '../plans/plans.service.js';
import { TransfersService } from '../transfers/transfers.service.js';
import { idOf } from './id-param.js';
import { inLanguage, t } from './languages/language.js';
import { isLanguage, languageCodes, languages, type Language } from './languages/languages.js';
import { cardOf } from './plans/plan-card.js';
import { currencyOf, planFormPage, type PlanBasis } from './plans/plan-form-page.js';
import { emptyItem, planIn, pressed, typedAs, typedIn, type TypedPlan } from './plans/plan-form.js';
import { planPage } from './plans/plan-page.js';
import { addressWith, refusal, textIn, type Sent } from './sent.js';

@ApiExcludeController()
@Controller('clients/:code/plans')
export class PlansPagesController {
  constructor(
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly clients: ClientsService,
    private readonly consents: ConsentsService,
    private readonly needs: NeedsService,
    private readonly plans: PlansService,
    private readonly transfers: TransfersService,
  ) {}

  @Get('new')
  @Allow('plans:record')
  async begin(@CurrentActor() actor: Actor, @Param('code') code: string, @Res() response: Response): Promise<void> {
    const basis = await this.basis(actor, code);
    const items = [emptyItem(currencyOf(basis))];
    response.render('plan-form', planFormPage(basis, this.typed([], items)));
  }

  @Post()
  @Allow('plans:record')
  async write(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    const typed = typedIn(form, () => this.ids.newId());
    const button = textIn(form, 'do');
    if (button !== 'save') {
      const basis = await this.basis(actor, code);
      response
        .status(200)
        .render('plan-form', planFormPage(basis, pressed(button, typed, basis.plans, currencyOf(basis))));
      return;
    }
    const { plan, faults } = planIn(form, typed);
    const refused = await refusal(faults, () => this.plans.write(actor, code, plan));
    if (!refused) {
      response.redirect(303, addressWith(`/clients/${code}/plans/${plan.id}`, { done: 'written' }));
      return;
    }
    const basis = await this.basis(actor, code);
    const shown =
      refused.code === 'id-conflict'
        ? planFormPage(basis, this.asChange(basis, typed), [{ text: t(SAVED_BEFORE) }])
        : planFormPage(basis, typed, refused.faults);
    response.status(refused.status).render('plan-form', shown);
  }

  /** Where two versions stand, what is written replaces both. */
  @Get(':id/change')
  @Allow('plans:record')
  async change(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Param('id', idOf('spending plan')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    const basis = await this.basis(actor, code);
    const plan = planAmong(basis.plans, id);
    response.render('plan-form', planFormPage(basis, this.typed([plan.id, ...plan.otherVersions], typedAs(plan))));
  }

  @Get(':id')
  @Allow('words:read')
  async show(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Param('id', idOf('spending plan')) id: string,
    @Query() query: Sent,
    @Res() response: Response,
  ): Promise<void> {
    const plans = await this.plans.ofClient(actor, code);
    const plan = planAmong(plans, id);
    const transfers = await this.transfers.ofClient(actor, code);
    response.render('plan', {
      ...planPage(plan, plans, transfers),
      done: textIn(query, 'done'),
      mayRecord: actor.permissions.has('plans:record'),
      cardLanguages: languageCodes.map((language) => ({ language, name: languages[language].name })),
      cardLanguage: await this.languageOfClient(actor, code),
    });
  }

  /** In the language of whoever carries it, with nothing around it that says whose page it is. */
  @Get(':id/card')
  @Allow('words:read')
  async card(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Param('id', idOf('spending plan')) id: string,
    @Query() query: Sent,
    @Res() response: Response,
  ): Promise<void> {
    const plan = planAmong(await this.plans.ofClient(actor, code), id);
    const client = await this.clients.find(actor, code);
    const transfers = await this.transfers.ofClient(actor, code);
    const payableBy = await this.transfers.payableBy(actor, code);
    const today = this.clock.today(countryOf(client.country).timeZone);
    const asked = textIn(query, 'language');
    const language = isLanguage(asked) ? asked : await this.languageOfClient(actor, code);
    const isWithMoney = textIn(query, 'money') !== 'no';
    const card = cardOf(plan, isWithMoney ? transfers : [], payableBy, today);
    const back = { address: `/clients/${code}/plans/${id}`, text: t('Back to the plan') };
    inLanguage(language, () => response.render('plan-card', { ...card, language, back }));
  }

  private typed(replaces: string[], items: TypedPlan['items']): TypedPlan {
    return { id: this.ids.newId(), replaces, writtenOn: '', items };
  }

  /** Whoever went back after saving and wrote on has something new to say of what they saved. */
  private asChange({ plans }: PlanBasis, typed: TypedPlan): TypedPlan {
    const isKept = plans.some(({ id }) => id === typed.id);
    return { ...typed, id: this.ids.newId(), replaces: isKept ? [typed.id] : typed.replaces };
  }

  private async basis(actor: Actor, code: string): Promise<PlanBasis> {
    const plans = await this.plans.ofClient(actor, code);
    const assessment = await this.needs.latestAssessment(actor, code);
    const transfers = await this.transfers.ofClient(actor, code);
    const { country } = await this.clients.find(actor, code);
    return { code, plans, assessment, transfers, currency: countryOf(country).currency };
  }

  /** In which it was explained to them why data is held, where cards speak it. */
  private async languageOfClient(actor: Actor, code: string): Promise<Language> {
    const consents = await this.consents.ofClient(await this.clients.find(actor, code));
    const spoken = consents.find(({ purpose }) => purpose === 'hold-data')?.language;
    return isLanguage(spoken) ? spoken : 'en';
  }
}

const SAVED_BEFORE =
  'This plan was saved before. Save it once more to keep what you changed since as a new version of it.';

/** Throws `not-found` (404). */
function planAmong(plans: readonly Plan[], id: string): Plan {
  const plan = plans.find((one) => one.id === id.toLowerCase());
  if (!plan) throw Problem.notFound('spending plan');
  return plan;
}
