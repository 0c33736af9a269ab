/** Donor reports as pages: the fund's exact statement, and of people only what the report itself says. */
import { Controller, Get, Param, Render } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { DonorReportsService } from '../donor-reports/donor-reports.service.js';
import { reportChart, reportedPriorities } from './charts/priority-charts.js';
import { idOf } from './id-param.js';

const REPORTS_SHOWN = 200;

@ApiExcludeController()
@Controller('reports')
export class ReportsPagesController {
  constructor(private readonly reports: DonorReportsService) {}

  @Get()
  @Allow('reports:read', 'reports:read-own')
  @Render('reports')
  async list(@CurrentActor() actor: Actor) {
    return { reports: await this.reports.list(actor, { limit: REPORTS_SHOWN }) };
  }

  @Get(':id')
  @Allow('reports:read', 'reports:read-own')
  @Render('report')
  async show(@CurrentActor() actor: Actor, @Param('id', idOf('report')) id: string) {
    const report = await this.reports.find(actor, id);
    const priorities = reportedPriorities(report.content.people);
    return { report, ...report.content, priorities, chart: priorities && reportChart(priorities) };
  }
}
