/** Emergency access as a page: the form that opens it, one's own that are open, and the list for supervisors and auditors. */
import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { EMERGENCY_HOURS, emergencyReasons } from '../clients/domain/emergency.js';
import { EmergenciesService } from '../clients/emergencies.service.js';
import { toProblem } from '../kernel/http/problem.filter.js';
import { EMERGENCY_REASONS, options } from './case-wording.js';
import { FormReader } from './form-reader.js';
import { idOf } from './id-param.js';
import { t } from './languages/language.js';
import { addressWith, faultOf, textIn, type Fault, type Sent } from './sent.js';

const SHOWN_A_PAGE = 50;
const LONGEST_WORDS = 1000;

@ApiExcludeController()
@Controller('emergency-access')
export class EmergenciesPagesController {
  constructor(private readonly emergencies: EmergenciesService) {}

  @Get()
  @Allow('clients:emergency', 'emergencies:read')
  async show(@CurrentActor() actor: Actor, @Query() query: Sent, @Res() response: Response): Promise<void> {
    response.render('emergency-access', await this.page(actor, query));
  }

  @Post()
  @Allow('clients:emergency')
  async open(@CurrentActor() actor: Actor, @Body() form: Sent, @Res() response: Response): Promise<void> {
    const reader = new FormReader(form);
    const code = reader.text('code', 20, t('Give the client’s code.')).toUpperCase();
    const reason = reader.choice('reason', emergencyReasons, t('Choose the reason.'));
    const words = reader.text('words', LONGEST_WORDS);
    let { faults } = reader;
    let status = 422;
    if (faults.length === 0) {
      try {
        const { client } = await this.emergencies.open(actor, code, { reason, words });
        response.redirect(303, `/clients/${client}`);
        return;
      } catch (thrown) {
        // A wrong code is answered in the form, so that nobody types it all again in a hurry.
        const problem = toProblem(thrown);
        if (problem.status >= 500) throw thrown;
        status = problem.status;
        faults = [faultOf(problem)];
      }
    }
    response.status(status).render('emergency-access', await this.page(actor, {}, { form, faults }));
  }

  @Post(':id/seen')
  @Allow('clients:read-team')
  async see(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('emergency access')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.emergencies.see(actor, id);
    response.redirect(303, '/emergency-access#list');
  }

  private async page(actor: Actor, query: Sent, refused?: { form: Sent; faults: Fault[] }) {
    const mayOpen = actor.permissions.has('clients:emergency');
    const mayList = actor.permissions.has('emergencies:read');
    const list = mayList
      ? await this.emergencies.list(actor, { after: textIn(query, 'after') || undefined, limit: SHOWN_A_PAGE })
      : null;
    const form = refused?.form;
    return {
      mayOpen,
      hours: EMERGENCY_HOURS,
      mine: mayOpen ? await this.emergencies.mine(actor) : [],
      emergencies: list?.items ?? null,
      isAll: mayList && !actor.permissions.has('clients:read-team'),
      nextPage: list?.next && addressWith('/emergency-access', { after: list.next }),
      reasons: options(EMERGENCY_REASONS, textIn(form, 'reason')),
      code: textIn(form, 'code') || textIn(query, 'code'),
      words: textIn(form, 'words', 20_000),
      faults: refused?.faults ?? [],
    };
  }
}
