/** Runs over the API: prepare, look, approve, release, send back, report results. */
import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor, MovesMoney } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { IdPipe } from '../kernel/http/id.js';
import { PageDto } from '../kernel/http/page.dto.js';
import {
  DigestDto,
  NewRunDto,
  RunPreviewDto,
  PaymentListPageDto,
  ResultsDto,
  SendBackDto,
} from './dto/transfers.dto.js';
import { PaymentListService } from './payment-list.service.js';
import { ReleasesService } from './releases.service.js';
import { ResultsService } from './results.service.js';
import { RunPreparationService } from './run-preparation.service.js';
import { RunsService } from './runs.service.js';

@ApiTags('runs')
@Controller('api/v1/runs')
export class RunsApiController {
  constructor(
    private readonly runs: RunsService,
    private readonly preparation: RunPreparationService,
    private readonly releases: ReleasesService,
    private readonly results: ResultsService,
    private readonly paymentLists: PaymentListService,
  ) {}

  @Post()
  @Allow('runs:prepare')
  @MovesMoney()
  @ApiOperation({ summary: 'Prepare a run of everything due; its money is reserved' })
  async prepare(
    @CurrentActor() actor: Actor,
    @Body() input: NewRunDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { run, created } = await this.runs.prepare(actor, input);
    response.status(created ? 201 : 200);
    return run;
  }

  @Post('dry-run')
  @Allow('runs:prepare')
  @HttpCode(200)
  @ApiOperation({
    summary: 'What a run would be: payees, totals, changes since last month, warnings. Nothing is written',
  })
  preview(@CurrentActor() actor: Actor, @Body() input: RunPreviewDto) {
    return this.preparation.preview(actor, input);
  }

  @Get()
  @Allow('runs:read')
  @ApiOperation({ summary: 'Runs, newest first' })
  list(@CurrentActor() actor: Actor, @Query() page: PageDto) {
    return this.runs.list(actor, { after: page.after, limit: page.limit });
  }

  @Get(':id')
  @Allow('runs:read')
  @ApiOperation({
    summary: 'One run with its digest, totals, signatures and progress; its payments are under /transfers?run=',
  })
  find(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string) {
    return this.runs.find(actor, id);
  }

  @Get(':id/payment-list')
  @Allow('payees:read')
  @ApiOperation({ summary: 'Whom to pay, how much and how, at most 100 a page; each reading of a person is recorded' })
  paymentList(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Query() page: PaymentListPageDto) {
    return this.paymentLists.ofRun(actor, id, { after: page.after, limit: page.limit });
  }

  @Post(':id/approvals')
  @Allow('runs:approve')
  @MovesMoney()
  @HttpCode(200)
  @ApiOperation({ summary: 'Approve exactly the content with this digest' })
  approve(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() { digest }: DigestDto) {
    return this.runs.approve(actor, id, digest);
  }

  @Post(':id/release')
  @Allow('runs:release')
  @MovesMoney()
  @HttpCode(200)
  @ApiOperation({
    summary:
      'Release exactly the content with this digest; a large run is instructed in the background, see its progress',
  })
  release(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() { digest }: DigestDto) {
    return this.releases.release(actor, id, digest);
  }

  @Post(':id/send-back')
  @Allow('runs:send-back')
  @MovesMoney()
  @HttpCode(200)
  @ApiOperation({ summary: 'Send a run back before its release; its transfers are due as before' })
  sendBack(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() { reason }: SendBackDto) {
    return this.runs.sendBack(actor, id, reason);
  }

  @Post(':id/results')
  @Allow('results:record')
  @MovesMoney()
  @HttpCode(200)
  @ApiOperation({ summary: 'Report what became of attempts; telling it twice changes nothing' })
  record(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() { results }: ResultsDto) {
    return this.results.record(actor, id, results);
  }
}
