/** Clients who may be registered twice, as a page for supervisors: what matched, and the form by which they decide. */
import { Body, Controller, Get, Param, Post, Query, Render, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { duplicateDecisions, DuplicatesService } from '../clients/matching/duplicates.service.js';
import { Problem } from '../kernel/domain/problem.js';
import { idOf } from './id-param.js';
import { addressWith, refusalOf, textIn, type Fault, type Sent } from './sent.js';

const PAIRS_A_PAGE = 20;

@ApiExcludeController()
@Controller('duplicates')
export class DuplicatesPagesController {
  constructor(private readonly duplicates: DuplicatesService) {}

  @Get()
  @Allow('duplicates:decide')
  @Render('duplicates')
  list(@CurrentActor() actor: Actor, @Query() query: Sent) {
    return this.page(actor, query);
  }

  @Post(':id/decisions')
  @Allow('duplicates:decide')
  async decide(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('possible duplicate')) id: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    try {
      await this.duplicates.decide(actor, id, decisionIn(form));
    } catch (thrown) {
      const { status, faults } = refusalOf(thrown);
      response.status(status).render('duplicates', await this.page(actor, {}, faults));
      return;
    }
    response.redirect(303, addressWith('/duplicates', { done: textIn(form, 'decision') }));
  }

  private async page(actor: Actor, query: Sent, faults: Fault[] = []) {
    const decided = textIn(query, 'state') === 'decided';
    const state = decided ? 'decided' : null;
    const after = textIn(query, 'after') || undefined;
    const { items, next } = await this.duplicates.list(actor, { decided, after, limit: PAIRS_A_PAGE });
    return {
      pairs: items,
      decided,
      done: textIn(query, 'done'),
      nextPage: next && addressWith('/duplicates', { state, after: next }),
      faults,
    };
  }
}

function decisionIn(form: Sent) {
  const decision = duplicateDecisions.find((known) => known === textIn(form, 'decision'));
  if (!decision) throw Problem.refused('unknown-decision', 'Say whether they are the same person.');
  return decision;
}
