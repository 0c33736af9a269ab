/** What banks send back, over the API: reports, the work list, typed balances and a month's end. */
import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Allow, CurrentActor, MovesMoney } from '../../access/declarations.js';
import type { Actor } from '../../access/domain/actor.js';
import { requireFile } from '../../kernel/http/content-type.js';
import { IdPipe } from '../../kernel/http/id.js';
import { PageDto } from '../../kernel/http/page.dto.js';
import { BankReportViews } from './bank-report-views.js';
import { BankReportsService } from './bank-reports.service.js';
import { MonthEndService } from './month-end.service.js';
import {
  BankReportFormDto,
  MonthEndDto,
  ResolutionDto,
  StatementBalanceDto,
  WorkItemsPageDto,
} from './reconciliation.dto.js';
import { Spool } from './spool.js';
import { StatementBalancesService } from './statement-balances.service.js';
import { WorkListService } from './work-list.service.js';

@ApiTags('reconciliation')
@Controller('api/v1')
export class ReconciliationApiController {
  constructor(
    private readonly spool: Spool,
    private readonly reports: BankReportsService,
    private readonly views: BankReportViews,
    private readonly workList: WorkListService,
    private readonly balances: StatementBalancesService,
    private readonly monthEnds: MonthEndService,
  ) {}

  /** The same file again answers as before, so it needs no Idempotency-Key, which would not see what is in the file. */
  @Post('bank-reports')
  @Allow('results:record')
  @ApiConsumes('application/xml', 'text/csv', 'application/octet-stream')
  @ApiBody({ description: 'The file as the bank sent it', schema: { type: 'string', format: 'binary' } })
  @ApiOperation({
    summary: 'Take in a pain.002, camt.053, camt.054 or a CSV of a known layout; sending it twice changes nothing',
  })
  async take(
    @CurrentActor() actor: Actor,
    @Query() { layout }: BankReportFormDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ) {
    requireFile(request);
    const { isNew, done } = await this.reports.begin(actor, await this.spool.keep(request), layout);
    const report = await done;
    response.status(isNew ? 201 : 200);
    return report;
  }

  @Get('bank-reports')
  @Allow('runs:read')
  @ApiOperation({ summary: 'Bank reports, newest first' })
  list(@CurrentActor() actor: Actor, @Query() page: PageDto) {
    return this.views.list(actor, { after: page.after, limit: page.limit });
  }

  @Get('bank-reports/:id')
  @Allow('runs:read')
  @ApiOperation({ summary: 'One bank report: how far it has been read, and what came of it' })
  find(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string) {
    return this.views.find(actor, id);
  }

  @Get('work-items')
  @Allow('runs:read')
  @ApiOperation({ summary: 'Lines of bank reports that a person must look at, newest first' })
  workItems(@CurrentActor() actor: Actor, @Query() page: WorkItemsPageDto) {
    return this.workList.list(actor, { after: page.after, limit: page.limit, all: page.show === 'all' });
  }

  @Post('work-items/:id/resolution')
  @Allow('results:record')
  @MovesMoney()
  @HttpCode(200)
  @ApiOperation({ summary: 'Say what a line is; where money moved, a second person has to say the same' })
  resolve(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() said: ResolutionDto) {
    return this.workList.resolve(actor, id, said);
  }

  @Post('statement-balances')
  @Allow('results:record')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Type in what an account held at the end of a day; it counts once two people typed the same',
  })
  typeBalance(@CurrentActor() actor: Actor, @Body() typed: StatementBalanceDto) {
    return this.balances.type(actor, typed);
  }

  @Get('month-end')
  @Allow('books:read')
  @ApiOperation({ summary: 'Whether everything through a day is in order, and what is not' })
  monthEnd(@CurrentActor() actor: Actor, @Query() { through }: MonthEndDto) {
    return this.monthEnds.at(actor, through);
  }
}
