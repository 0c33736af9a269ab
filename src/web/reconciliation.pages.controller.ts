/** What banks send back, as pages: a file is imported, its lines that nobody could match are worked off, and a month is closed. */
import { Body, Controller, Get, Param, Post, Query, Render, Res, UploadedFile, UseInterceptors } from '@nestjs/common';
import { FileInterceptor } from '@nestjs/platform-express';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { Problem } from '../kernel/domain/problem.js';
import { BankReportViews } from '../transfers/reconciliation/bank-report-views.js';
import { BankReportsService } from '../transfers/reconciliation/bank-reports.service.js';
import { MonthEndService } from '../transfers/reconciliation/month-end.service.js';
import { resultLayouts } from '../transfers/reconciliation/result-layouts.js';
import type { SpooledFile } from '../transfers/reconciliation/spool.js';
import {
  resolutions,
  WorkListService,
  type Resolution,
  type WorkItem,
} from '../transfers/reconciliation/work-list.service.js';
import { idOf } from './id-param.js';
import { addressWith, refusalOf, textIn, type Fault, type Sent } from './sent.js';

const REPORTS_A_PAGE = 25;
const ITEMS_A_PAGE = 50;
/** A small file is there by the time the page is; a large one shows how far it is. */
const WAIT_MS = 1_500;

@ApiExcludeController()
@Controller()
export class ReconciliationPagesController {
  constructor(
    private readonly reports: BankReportsService,
    private readonly views: BankReportViews,
    private readonly workList: WorkListService,
    private readonly monthEnds: MonthEndService,
  ) {}

  @Get('bank-reports')
  @Allow('runs:read')
  @Render('bank-reports')
  list(@CurrentActor() actor: Actor, @Query() query: Sent) {
    return this.listPage(actor, query, []);
  }

  @Post('bank-reports')
  @Allow('results:record')
  @UseInterceptors(FileInterceptor('file'))
  async take(
    @CurrentActor() actor: Actor,
    @UploadedFile() file: { spooled: SpooledFile } | undefined,
    @Body() form: Sent | undefined,
    @Res() response: Response,
  ): Promise<void> {
    try {
      if (!file) throw Problem.refused('missing', 'Choose the file that the bank sent.', 'file');
      const { id, done } = await this.reports.begin(actor, file.spooled, textIn(form, 'layout') || undefined);
      const settled = done.then(
        () => undefined,
        () => undefined,
      );
      await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, WAIT_MS))]);
      response.redirect(303, `/bank-reports/${id}`);
    } catch (thrown) {
      const { status, faults } = refusalOf(thrown);
      response.status(status).render('bank-reports', await this.listPage(actor, {}, faults));
    }
  }

  @Get('bank-reports/:id')
  @Allow('runs:read')
  @Render('bank-report')
  async show(@CurrentActor() actor: Actor, @Param('id', idOf('bank report')) id: string) {
    return { report: await this.views.find(actor, id) };
  }

  @Get('work-items')
  @Allow('runs:read')
  @Render('work-items')
  async workItems(@CurrentActor() actor: Actor, @Query() query: Sent) {
    const all = textIn(query, 'show') === 'all';
    const after = textIn(query, 'after') || undefined;
    const { items, next } = await this.workList.list(actor, { after, limit: ITEMS_A_PAGE, all });
    return { items, all, nextPage: next && addressWith('/work-items', { after: next, show: all ? 'all' : null }) };
  }

  @Get('work-items/:id')
  @Allow('runs:read')
  @Render('work-item')
  async workItem(@CurrentActor() actor: Actor, @Param('id', idOf('line')) id: string) {
    return itemPage(actor, await this.workList.find(actor, id), {}, []);
  }

  @Post('work-items/:id')
  @Allow('results:record')
  async resolve(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('line')) id: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    try {
      const resolution = textIn(form, 'resolution');
      if (!isResolution(resolution)) throw Problem.refused('missing', 'Choose what it is.', 'resolution');
      await this.workList.resolve(actor, id, {
        resolution,
        transfer: idIn(form, 'transfer'),
        lot: textIn(form, 'lot', 35) || undefined,
        entry: idIn(form, 'entry'),
      });
    } catch (thrown) {
      const { status, faults } = refusalOf(thrown);
      response.status(status).render('work-item', itemPage(actor, await this.workList.find(actor, id), form, faults));
      return;
    }
    response.redirect(303, `/work-items/${id}`);
  }

  @Get('month-end')
  @Allow('books:read')
  @Render('month-end')
  async monthEnd(@CurrentActor() actor: Actor, @Query() query: Sent) {
    const through = textIn(query, 'through');
    const isDay = /^\d{4}-\d{2}-\d{2}$/.test(through);
    return { end: await this.monthEnds.at(actor, isDay ? through : undefined) };
  }

  private async listPage(actor: Actor, query: Sent, faults: Fault[]) {
    const after = textIn(query, 'after') || undefined;
    const { items, next } = await this.views.list(actor, { after, limit: REPORTS_A_PAGE });
    return {
      reports: items,
      nextPage: next && addressWith('/bank-reports', { after: next }),
      mayImport: actor.permissions.has('results:record'),
      layouts: resultLayouts.map(({ code, name }) => ({ value: code, text: name })),
      faults,
    };
  }
}

const isResolution = (text: string): text is Resolution => (resolutions as readonly string[]).includes(text);

/** Throws `id-malformed` (422), so that the page says at which field. */
function idIn(form: Sent, name: string): string | undefined {
  const text = textIn(form, name).toLowerCase();
  if (text && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text))
    throw Problem.refused('id-malformed', 'That is not an id of this service.', name);
  return text || undefined;
}

function itemPage(actor: Actor, item: WorkItem, form: Sent, faults: Fault[]) {
  const booked: readonly Resolution[] = [
    'is-payment',
    'is-lot',
    'in-the-books',
    'bank-charge',
    'other-movement',
    'paid-twice',
  ];
  return {
    item,
    choices: item.isBooked ? booked : (['no-money-moved'] as const),
    chosen: textIn(form, 'resolution'),
    given: {
      transfer: textIn(form, 'transfer') || item.transfer,
      lot: textIn(form, 'lot'),
      entry: textIn(form, 'entry'),
    },
    maySay: actor.permissions.has('results:record') && item.state !== 'settled',
    faults,
  };
}
