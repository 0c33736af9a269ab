/** The audit trail as a page for auditors: who did what, the head to note, and whether all of it still holds. */
import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { AuditReader } from '../access/audit/audit-reader.js';
import { AuditVerification } from '../access/audit/audit-verification.js';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { auditFilterForm, chosenAuditFilter } from './audit-filter.js';
import { actsByWords } from './audit-wording.js';
import { addressWith, textIn, type Sent } from './sent.js';

const EVENTS_A_PAGE = 50;

@ApiExcludeController()
@Controller('audit')
export class AuditPagesController {
  constructor(
    private readonly reader: AuditReader,
    private readonly verification: AuditVerification,
  ) {}

  @Get()
  @Allow('audit:read')
  async list(@CurrentActor() actor: Actor, @Query() query: Sent, @Res() response: Response): Promise<void> {
    const form = auditFilterForm(query);
    const choices = {
      ...form,
      actors: await this.reader.actors(actor),
      acts: actsByWords(),
      isFiltered: Object.values(form.chosen).some((value) => value !== ''),
    };
    if (form.faults.length > 0) {
      response.status(422).render('audit', choices);
      return;
    }
    const after = textIn(query, 'after');
    const { items, next, head } = await this.reader.read(actor, chosenAuditFilter(form), {
      after: after || undefined,
      limit: EVENTS_A_PAGE,
    });
    response.render('audit', {
      ...choices,
      events: items,
      head,
      verified: await this.verification.latest(actor),
      firstPage: after && addressWith('/audit', form.chosen),
      nextPage: next && addressWith('/audit', { ...form.chosen, after: next }),
    });
  }
}
