/** Donor reports as pages: the fund's exact statement, and of people only what the report itself says. */
import { Controller, Get, Param, Query, Render, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import type { FundStatement } from '../donor-reports/donor-report.entity.js';
import { DonorReportsService } from '../donor-reports/donor-reports.service.js';
import { minorUnits } from '../donor-reports/fund-standing.js';
import { currencies } from '../kernel/reference-data.js';
import { moneyChart } from './charts/money-charts.js';
import { reportChart, reportedPriorities } from './charts/priority-charts.js';
import { idOf } from './id-param.js';
import { t } from './languages/language.js';
import { reportFilterForm } from './report-filter.js';
import type { Sent } from './sent.js';
import { withheldParts } from './withheld.js';

const REPORTS_SHOWN = 200;

@ApiExcludeController()
@Controller('reports')
export class ReportsPagesController {
  constructor(private readonly reports: DonorReportsService) {}

  @Get()
  @Allow('reports:read', 'reports:read-own')
  async list(@CurrentActor() actor: Actor, @Query() query: Sent, @Res() response: Response): Promise<void> {
    const choices = await this.reports.choices(actor);
    const form = reportFilterForm(query, choices);
    const { fund, period } = form.chosen;
    const isWrong = form.faults.length > 0;
    const filter = { fund: fund || undefined, period: period || undefined, limit: REPORTS_SHOWN };
    response.status(isWrong ? 422 : 200).render('reports', {
      ...form,
      ...choices,
      isOwn: !actor.permissions.has('reports:read'),
      isFiltered: fund !== '' || period !== '',
      reports: isWrong ? null : await this.reports.list(actor, filter),
    });
  }

  @Get(':id')
  @Allow('reports:read', 'reports:read-own')
  @Render('report')
  async show(@CurrentActor() actor: Actor, @Param('id', idOf('report')) id: string) {
    const report = await this.reports.find(actor, id);
    const { people, period, statement } = report.content;
    const priorities = reportedPriorities(people);
    return {
      report,
      ...report.content,
      moneyChart: whereTheMoneyIs(statement),
      priorities,
      chart: priorities && reportChart(priorities),
      withheld: withheldParts(people, period.name),
    };
  }
}

function whereTheMoneyIs(statement: FundStatement) {
  const { minorUnits: decimals } = currencies.get(statement.currency);
  const minor = (amount: string) => minorUnits(amount, decimals);
  return moneyChart(
    'money-chart',
    t("Where the money is at the quarter's end, as a share of all that the fund has had"),
    minor(statement.toAccountFor ?? statement.receivedToDate),
    [
      { label: t('Paid to clients'), minor: minor(statement.paidToDate), isWhole: true },
      { label: t('On its way to clients, not yet confirmed'), minor: minor(statement.inTransit) },
      { label: t('At the bank'), minor: minor(statement.atBank) },
      { label: t('Of what is at the bank, not promised to anybody yet'), minor: minor(statement.available) },
    ],
  );
}
