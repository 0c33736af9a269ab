/** What proves a report, in six plain steps, and the page on which a donor checks it in their own browser. */
import { Controller, Get, Param, Render } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { DonorReportsService } from '../donor-reports/donor-reports.service.js';
import { ReportBundlesService } from '../donor-reports/report-bundles.service.js';
import type { ReportProof } from '../donor-reports/report-proof.js';
import { currencies } from '../kernel/reference-data.js';
import type { CountBand } from '../ledger/transparency-log/domain/seal-text.js';
import { QUORUM } from '../ledger/transparency-log/witnesses.service.js';
import { idOf } from './id-param.js';
import { t } from './languages/language.js';
import { checkSteps, checkWords } from './proof/check-steps.js';
import { statedFigures } from './proof/stated-figures.js';
import { countText } from './wording.js';

@ApiExcludeController()
@Controller('reports')
export class ReportProofPagesController {
  constructor(
    private readonly reports: DonorReportsService,
    private readonly bundles: ReportBundlesService,
  ) {}

  @Get(':id/proof')
  @Allow('reports:read', 'reports:read-own')
  @Render('report-proof')
  async proof(@CurrentActor() actor: Actor, @Param('id', idOf('report')) id: string) {
    const { report, proof } = await this.bundles.proof(actor, id);
    const { fund, period, statement } = report.content;
    return { report, fund, period, proof: proof && provenView(proof, statement.currency), quorum: QUORUM };
  }

  @Get(':id/check')
  @Allow('reports:read', 'reports:read-own')
  @Render('report-check')
  async check(@CurrentActor() actor: Actor, @Param('id', idOf('report')) id: string) {
    const report = await this.reports.find(actor, id);
    const { fund, period } = report.content;
    const fileName = `${fund.code}-${period.name}-bundle.json`;
    const bundle = `/api/v1/donor-reports/${report.id}/bundle`;
    const live = JSON.stringify({ bundle, fileName, stated: statedFigures(report), words: checkWords() });
    return { report, fund, period, fileName, bundle, live, steps: checkSteps() };
  }
}

/** What of the sealed figures the steps name: those of the fund's own currency. */
function provenView({ seal, ...place }: ReportProof, currency: string) {
  const money = (minor: bigint) => currencies.format(minor, currency);
  const { sums, balances } = { sums: seal.sums[currency], balances: seal.balances[currency] };
  return {
    ...place,
    currency,
    through: seal.through,
    digest: seal.digest,
    payments: bandText(seal.countBand),
    committed: money(BigInt(balances?.committed ?? '0')),
    inTransit: money(BigInt(balances?.clearing ?? '0') + BigInt(balances?.float ?? '0')),
    paid: money(BigInt(sums?.paid ?? '0')),
    returned: money(BigInt(sums?.returned ?? '0')),
    isDemonstration: place.witnesses.some((name) => name.startsWith('demonstration-')),
  };
}

function bandText(band: CountBand): string {
  if (band === '0') return t('none');
  const [from = '', to] = band.split('-');
  return to === undefined
    ? t('more than {n}', { n: countText(Number(from.replace(/\D/g, ''))) })
    : t('{n} to {last}', { n: countText(Number(from)), last: countText(Number(to)) });
}
