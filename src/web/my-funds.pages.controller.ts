/** A donor's own funds as a page: what came in, what is approved and paid and what is free, at the last reported quarter's end. */
import { Controller, Get, Render } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { DonorFundsService, type DonorFund } from '../donor-reports/donor-funds.service.js';
import { currencies } from '../kernel/reference-data.js';
import { moneyChart } from './charts/money-charts.js';
import { t } from './languages/language.js';

@ApiExcludeController()
@Controller('my-funds')
export class MyFundsPagesController {
  constructor(private readonly funds: DonorFundsService) {}

  @Get()
  @Allow('reports:read-own')
  @Render('my-funds')
  async list(@CurrentActor() actor: Actor) {
    return { funds: (await this.funds.list(actor)).map(fundView) };
  }
}

function fundView({ latest, ...fund }: DonorFund, index: number) {
  if (!latest) return { ...fund, latest: null };
  const { received, committed, paid, available } = latest.standing;
  const rows = [
    { label: t('Received'), minor: received, isWhole: true },
    { label: t('Approved for clients'), minor: committed },
    { label: t('Of that, paid to clients'), minor: paid },
    { label: t('Available, not promised to anybody yet'), minor: available },
  ];
  const { exchangedIn, exchangedOut } = latest.content.statement;
  return {
    ...fund,
    latest: {
      id: latest.id,
      through: latest.through,
      otherCurrencies: latest.content.otherCurrencies ?? [],
      hasExchange: exchangedIn !== undefined || exchangedOut !== undefined,
      rows: rows.map(({ label, minor }) => ({ label, amount: currencies.format(minor, fund.currency) })),
      chart: moneyChart(
        `fund-chart-${index + 1}`,
        t('The money of this fund, as a share of all that it has had'),
        received,
        rows,
      ),
    },
  };
}
