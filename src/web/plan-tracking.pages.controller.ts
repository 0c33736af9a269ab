/** What the client tells of a plan, as a page: by conversation, item by item, with nothing that has to be told and never a receipt. */
import { Body, Controller, Get, Param, Post, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { Problem } from '../kernel/domain/problem.js';
import { Ids } from '../kernel/ids.js';
import type { Plan } from '../plans/plan-records.js';
import { PlansService } from '../plans/plans.service.js';
import { idOf } from './id-param.js';
import { t } from './languages/language.js';
import { shown } from './plans/plan-page.js';
import { tellingIn, trackingIn, type TypedTelling } from './plans/told-form.js';
import { addressWith, refusal, type Fault, type Sent } from './sent.js';

@ApiExcludeController()
@Controller('clients/:code/plans/:id/tracking')
export class PlanTrackingPagesController {
  constructor(
    private readonly ids: Ids,
    private readonly plans: PlansService,
  ) {}

  @Get()
  @Allow('plans:record')
  async begin(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Param('id', idOf('spending plan')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    const plan = await this.plan(actor, code, id);
    response.render(
      'plan-tracking',
      pageOf(
        plan,
        tellingIn({}, plan, () => this.ids.newId()),
      ),
    );
  }

  @Post()
  @Allow('plans:record')
  async track(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Param('id', idOf('spending plan')) id: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    const plan = await this.plan(actor, code, id);
    const typed = tellingIn(form, plan, () => this.ids.newId());
    const { tracking, faults } = trackingIn(form, plan, typed.id);
    const refused = await refusal(faults, () => this.plans.track(actor, code, plan.id, tracking));
    if (!refused) {
      response.redirect(303, addressWith(`/clients/${code}/plans/${plan.id}`, { done: 'told' }));
      return;
    }
    // Whoever went back after saving and wrote on tells something more.
    const again =
      refused.code === 'id-conflict'
        ? pageOf(plan, { ...typed, id: this.ids.newId() }, [{ text: t(KEPT_BEFORE) }])
        : pageOf(plan, typed, refused.faults);
    response.status(refused.status).render('plan-tracking', again);
  }

  /** Throws `not-found` (404), `consent-withdrawn` (409). */
  private async plan(actor: Actor, code: string, id: string): Promise<Plan> {
    const plan = (await this.plans.ofClient(actor, code)).find((one) => one.id === id.toLowerCase());
    if (!plan) throw Problem.notFound('spending plan');
    return plan;
  }
}

const KEPT_BEFORE = 'What you sent before is kept, as it was. Save once more to keep this beside it.';

function pageOf(plan: Plan, typed: TypedTelling, faults: readonly Fault[] = []) {
  return { code: plan.client, plan: shown(plan), typed, faults };
}
