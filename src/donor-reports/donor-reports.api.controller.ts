/** Donor reports over the API. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Body, Controller, Get, Header, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { IdPipe } from '../kernel/http/id.js';
import type { DonorReportEntity } from './donor-report.entity.js';
import { DonorReportsService } from './donor-reports.service.js';
import { BundleAudienceDto, NewDonorReportDto, ReportFilterDto } from './dto/donor-report.dto.js';
import { ReportBundlesService } from './report-bundles.service.js';

@ApiTags('donor-reports')
@Controller('api/v1/donor-reports')
export class DonorReportsApiController {
  constructor(
    private readonly reports: DonorReportsService,
    private readonly bundles: ReportBundlesService,
  ) {}

  @Post()
  @Allow('reports:make')
  @ApiOperation({
    summary: 'Make the report of a fund for a quarter that is over; 200 instead of 201 when it was made before',
  })
  async make(
    @CurrentActor() actor: Actor,
    @Body() input: NewDonorReportDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { report, created } = await this.reports.make(actor, input);
    response.status(created ? 201 : 200);
    return toView(report);
  }

  @Get()
  @Allow('reports:read', 'reports:read-own')
  @ApiOperation({ summary: 'Reports that you may see: a donor, those of its own funds' })
  async list(@CurrentActor() actor: Actor, @Query() { fund }: ReportFilterDto) {
    return { items: (await this.reports.list(actor, { fund, limit: 1000 })).map(toView), next: null };
  }

  @Get(':id.csv')
  @Allow('reports:read', 'reports:read-own')
  @Header('content-type', 'text/csv; charset=utf-8')
  @ApiOperation({ summary: 'One report as CSV' })
  csv(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<string> {
    return this.reports.csv(actor, id);
  }

  @Get(':id/bundle')
  @Allow('reports:read', 'reports:read-own')
  @ApiOperation({
    summary:
      'What proves the report to somebody outside, for `uct verify-bundle` or the page that checks it offline; `for=auditor` adds every entry',
  })
  async bundle(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Query() { for: audience }: BundleAudienceDto,
    @Res() response: Response,
  ): Promise<void> {
    const { fileName, parts } = await this.bundles.open(actor, id, audience);
    response.attachment(fileName).type('application/json');
    await pipeline(Readable.from(parts), response);
  }

  @Get(':id')
  @Allow('reports:read', 'reports:read-own')
  @ApiOperation({ summary: 'One report' })
  async find(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string) {
    return toView(await this.reports.find(actor, id));
  }
}

function toView(report: DonorReportEntity) {
  return {
    id: report.id,
    madeAt: report.madeAt.toISOString(),
    digest: report.digest,
    ...report.content,
    period: report.period,
    dates: report.content.period,
  };
}
