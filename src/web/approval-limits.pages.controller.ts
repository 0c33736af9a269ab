/** How many approve a run, as a page: what is in force, proposing other steps, and confirming what somebody else proposed. */
import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { Problem } from '../kernel/domain/problem.js';
import { Ids } from '../kernel/ids.js';
import { ApprovalLimitsService, type LimitStep } from '../transfers/approval-limits.service.js';
import { idOf } from './id-param.js';
import { addressWith, refusalOf, textIn, type Fault, type Sent } from './sent.js';

/** One approval is asked of every run; these say from which total on there are two, and three. */
const MORE = [2, 3] as const;

@ApiExcludeController()
@Controller('approval-limits')
export class ApprovalLimitsPagesController {
  constructor(
    private readonly limits: ApprovalLimitsService,
    private readonly ids: Ids,
  ) {}

  @Get()
  @Allow('runs:read')
  async show(@CurrentActor() actor: Actor, @Query() query: Sent, @Res() response: Response): Promise<void> {
    response.render('approval-limits', await this.page(actor, { done: textIn(query, 'done') }));
  }

  @Post()
  @Allow('funds:write')
  async propose(@CurrentActor() actor: Actor, @Body() form: Sent, @Res() response: Response): Promise<void> {
    const typed = Object.fromEntries(['currency', 'above2', 'above3'].map((name) => [name, textIn(form, name)]));
    await this.act(actor, response, 'proposed', typed, async () => {
      const currency = (typed['currency'] ?? '').toUpperCase();
      if (currency === '') throw Problem.refused('missing', 'Say in which currency.', 'currency');
      const more = MORE.flatMap((approvals): LimitStep[] => {
        const above = typed[`above${approvals}`];
        return above ? [{ above, approvals }] : [];
      });
      await this.limits.propose(actor, {
        id: this.ids.newId(),
        currency,
        steps: [{ above: '0', approvals: 1 }, ...more],
      });
    });
  }

  @Post(':id/confirmation')
  @Allow('runs:approve')
  async confirm(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('approval-limits')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.act(actor, response, 'confirmed', {}, () => this.limits.confirm(actor, id));
  }

  private async act(
    actor: Actor,
    response: Response,
    done: string,
    typed: Record<string, string>,
    acting: () => Promise<void>,
  ): Promise<void> {
    try {
      await acting();
    } catch (thrown) {
      const { status, faults } = refusalOf(thrown);
      response.status(status).render('approval-limits', await this.page(actor, { faults, typed }));
      return;
    }
    response.redirect(303, addressWith('/approval-limits', { done }));
  }

  private async page(actor: Actor, state: { done?: string; faults?: Fault[]; typed?: Record<string, string> }) {
    const { inForce, proposed } = await this.limits.list(actor);
    return {
      inForce,
      proposed: proposed.map((one) => ({ ...one, isOwn: one.proposedByUserId === actor.userId })),
      mayPropose: actor.permissions.has('funds:write'),
      mayConfirm: actor.permissions.has('runs:approve'),
      done: state.done ?? '',
      faults: state.faults ?? [],
      typed: state.typed ?? {},
    };
  }
}
