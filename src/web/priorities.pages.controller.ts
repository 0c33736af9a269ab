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
import { t } from './languages/language.js';
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
        ? [{ text: t('Choose a cohort of the list'), href: '#cohort' }]
        : []),
      ...(chosen.country && !countries.some(({ code }) => code === chosen.country)
        ? [{ text: t('Choose a country of the list'), href: '#country' }]
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
    response.render('priorities', { ...form, priorities, chart: priorityChart(priorities.rows, titleOf(chosen)) });
  }
}

function titleOf(chosen: { cohort: string; country: string }): string {
  const [cohort, country] = [nameOfSlug(chosen.cohort), chosen.country && countryName(chosen.country)];
  if (cohort && country) return t('Highest priorities of clients of cohort {cohort} in {country}', { cohort, country });
  if (cohort) return t('Highest priorities of clients of cohort {cohort}', { cohort });
  if (country) return t('Highest priorities of all clients in {country}', { country });
  return t('Highest priorities of all clients');
}
