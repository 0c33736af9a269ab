/** What each caseworker of a team has to do, for whoever supervises it: numbers of clients, and nobody's case. */
import { Controller, Get, Render } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { attentionKinds } from './caseload/attention.js';
import { CaseloadService, type LoadOfCaseworker } from './caseload/caseload.service.js';
import { layOut } from './charts/bar-chart.js';
import { t } from './languages/language.js';
import { countText } from './wording.js';

@ApiExcludeController()
@Controller('team')
export class TeamPagesController {
  constructor(private readonly caseload: CaseloadService) {}

  @Get()
  @Allow('clients:read-team')
  @Render('team')
  async show(@CurrentActor() actor: Actor) {
    const load = await this.caseload.ofTeam(actor);
    return { load, kinds: attentionKinds, chart: load.length > 0 ? loadChart(load) : null };
  }
}

function loadChart(load: readonly LoadOfCaseworker[]) {
  const most = Math.max(1, ...load.map(({ clients }) => clients));
  return layOut({
    id: 'team-chart',
    title: t('Clients of each caseworker'),
    description: t(
      'Bars for each caseworker: how many clients they work with. The table beside the chart has the same numbers.',
    ),
    groups: [
      {
        bars: load.map(({ name, clients, overdue }) => ({
          label: overdue > 0 ? t('{name}: {overdue} overdue', { name, overdue: countText(overdue) }) : name,
          percent: Math.floor((clients * 100) / most),
          value: countText(clients),
          isWhole: true,
        })),
      },
    ],
  });
}
