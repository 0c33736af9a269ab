/** The page of priorities: what clients rank highest, as a chart beside its table. For those who read clients: small counts are shown as they are. */
import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { ClientsService } from '../clients/clients.service.js';
import { countries } from '../kernel/reference-data.js';
import { NeedsService } from '../needs/needs.service.js';
import { priorityChart } from './charts/priority-charts.js';
import { textIn, type Fault, type Sent } from './sent.js';
import { countryName, nameOfSlug } from './wording.js';

@ApiExcludeController()
@Controller('priorities')
export class PrioritiesPagesController {
  constructor(
    private readonly needs: NeedsService,
    private readonly clients: ClientsService,
  ) {}

  @Get()
  @Allow('priorities:read')
  async priorities(@CurrentActor() actor: Actor, @Query() query: Sent, @Res() response: Response): Promise<void> {
    const cohorts = await this.clients.cohorts(actor);
    const chosen = { cohort: textIn(query, 'cohort'), country: textIn(query, 'country') };
    const faults: Fault[] = [
      ...(chosen.cohort && !cohorts.includes(chosen.cohort)
        ? [{ text: 'Choose a cohort of the list', href: '#cohort' }]
        : []),
      ...(chosen.country && !countries.some(({ code }) => code === chosen.country)
        ? [{ text: 'Choose a country of the list', href: '#country' }]
        : []),
    ];
    const form = { chosen, cohorts, countries, faults };
    if (faults.length > 0) {
      response.status(422).render('priorities', form);
      return;
    }
    const priorities = await this.needs.priorities(actor, {
      cohort: chosen.cohort || undefined,
      country: chosen.country || undefined,
    });
    const whom = whomOf(chosen);
    response.render('priorities', { ...form, priorities, whom, chart: priorityChart(priorities.rows, whom) });
  }
}

function whomOf({ cohort, country }: { cohort: string; country: string }): string {
  const who = cohort ? `clients of cohort ${nameOfSlug(cohort)}` : 'all clients';
  return country ? `${who} in ${countryName(country)}` : who;
}
