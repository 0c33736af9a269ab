/** What each fund does when the minimum wage rises, as a page: proposing something else, and confirming or declining what somebody else proposed. */
import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { PolicyChangeDto } from '../funds/dto/fund.dto.js';
import { FundPoliciesService } from '../funds/fund-policies.service.js';
import { FundsService } from '../funds/funds.service.js';
import { policyDeclineReasons, valuePolicies } from '../funds/value-policy.js';
import { Problem } from '../kernel/domain/problem.js';
import { Ids, isId } from '../kernel/ids.js';
import { options } from './case-wording.js';
import { FormReader } from './form-reader.js';
import { idOf } from './id-param.js';
import { t } from './languages/language.js';
import { addressWith, asApiTakes, refusal, textIn, type Fault, type Sent } from './sent.js';
import { policyDeclineWords, valuePolicyWords } from './paying-wording.js';

const POLICIES = Object.fromEntries(valuePolicies.map((policy) => [policy, valuePolicyWords(policy)]));
const DECLINE_REASONS = Object.fromEntries(policyDeclineReasons.map((reason) => [reason, policyDeclineWords(reason)]));
const LONGEST_REASON = 500;

@ApiExcludeController()
@Controller('fund-policies')
export class FundPoliciesPagesController {
  constructor(
    private readonly policies: FundPoliciesService,
    private readonly funds: FundsService,
    private readonly ids: Ids,
  ) {}

  @Get()
  @Allow('funds:read')
  async show(@CurrentActor() actor: Actor, @Query() query: Sent, @Res() response: Response): Promise<void> {
    response.render('fund-policies', await this.page(actor, { done: textIn(query, 'done') }));
  }

  @Post()
  @Allow('funds:write')
  async propose(@CurrentActor() actor: Actor, @Body() form: Sent, @Res() response: Response): Promise<void> {
    const reader = new FormReader(form);
    const fund = textIn(form, 'fund');
    const id = textIn(form, 'id');
    const change = {
      // Made with the form, so that sending it twice proposes it once.
      id: isId(id) ? id : this.ids.newId(),
      policy: reader.choice('policy', valuePolicies, t('Choose what the fund does.')),
      reason: reader.text('reason', LONGEST_REASON, t('Say why: what the donor agreed to.')),
    };
    if (!isId(fund)) reader.fault('fund', t('Choose the fund.'));
    const refused = await refusal(reader.faults, async () =>
      this.policies.propose(actor, fund, await asApiTakes(PolicyChangeDto, change)),
    );
    if (!refused) return response.redirect(303, addressWith('/fund-policies', { done: 'propose' }));
    response
      .status(refused.status)
      .render('fund-policies', await this.page(actor, { form, id: change.id, faults: refused.faults }));
  }

  @Post(':id/changes/:change/confirmation')
  @Allow('funds:write')
  async confirm(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('fund')) fund: string,
    @Param('change', idOf('change of policy')) change: string,
    @Res() response: Response,
  ): Promise<void> {
    const refused = await refusal([], () => this.policies.confirm(actor, fund, change));
    if (!refused) return response.redirect(303, addressWith('/fund-policies', { done: 'confirm' }));
    response.status(refused.status).render('fund-policies', await this.page(actor, { faults: refused.faults }));
  }

  @Post(':id/changes/:change/decline')
  @Allow('funds:write')
  async decline(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('fund')) fund: string,
    @Param('change', idOf('change of policy')) change: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    const refused = await refusal([], async () => {
      const because = policyDeclineReasons.find((one) => one === textIn(form, 'because'));
      if (!because) throw Problem.refused('missing', 'Choose why it is declined.', `because-${change}`);
      await this.policies.decline(actor, fund, change, because);
    });
    if (!refused) return response.redirect(303, addressWith('/fund-policies', { done: 'decline' }));
    response.status(refused.status).render('fund-policies', await this.page(actor, { faults: refused.faults }));
  }

  @Post(':id/changes/:change/withdrawal')
  @Allow('funds:write')
  async withdraw(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('fund')) fund: string,
    @Param('change', idOf('change of policy')) change: string,
    @Res() response: Response,
  ): Promise<void> {
    const refused = await refusal([], () => this.policies.withdraw(actor, fund, change));
    if (!refused) return response.redirect(303, addressWith('/fund-policies', { done: 'withdraw' }));
    response.status(refused.status).render('fund-policies', await this.page(actor, { faults: refused.faults }));
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
    const names = Object.fromEntries(funds.map(({ fund }) => [fund.id, `${fund.name} (${fund.code})`]));
    return {
      funds: funds.map(({ fund, valuePolicy }) => ({ code: fund.code, name: fund.name, valuePolicy })),
      proposed: (await this.policies.open(actor)).map((one) => ({ ...one, isOwn: one.proposedById === actor.userId })),
      decided: await this.policies.decided(actor),
      declineReasons: options(DECLINE_REASONS, ''),
      mayWrite: actor.permissions.has('funds:write'),
      newId: id,
      fundChoices: options(names, textIn(form, 'fund')),
      policyChoices: options(POLICIES, textIn(form, 'policy')),
      reason: textIn(form, 'reason', 2 * LONGEST_REASON),
      done,
      faults,
    };
  }
}
