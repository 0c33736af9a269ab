/** Runs as pages: what is prepared, who signed it, and the forms by which it is approved, released or sent back. */
import { Body, Controller, Get, Param, Post, Query, Render, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { Problem } from '../kernel/domain/problem.js';
import { sentence } from '../kernel/domain/sentence.js';
import { BankFilesService } from '../transfers/rails/bank-file/bank-files.service.js';
import { PaymentListService } from '../transfers/payment-list.service.js';
import { ReleasesService } from '../transfers/releases.service.js';
import { preparationSteps } from '../transfers/run-preparation.service.js';
import { RunRequestsService, type RunRequest } from '../transfers/run-requests.service.js';
import type { Run, RunSignature } from '../transfers/run-view.js';
import { RunsService } from '../transfers/runs.service.js';
import { TransfersService } from '../transfers/transfers.service.js';
import { abandonChoices } from './bank-wording.js';
import { idOf } from './id-param.js';
import { t } from './languages/language.js';
import { maySign, signingChoices, totalsByCurrency } from './run-signing.js';
import { warningsWithClients } from './run-warnings.js';
import { addressWith, refusalOf, textIn, type Fault, type Sent } from './sent.js';
import { countText, statesInOrder } from './wording.js';

const RUNS_A_PAGE = 50;
const PAYMENTS_A_PAGE = 100;
/** Each line opens somebody's identity and is recorded. */
const LINES_A_PAGE = 50;

@ApiExcludeController()
@Controller('runs')
export class RunsPagesController {
  constructor(
    private readonly runs: RunsService,
    private readonly requests: RunRequestsService,
    private readonly releases: ReleasesService,
    private readonly transfers: TransfersService,
    private readonly paymentLists: PaymentListService,
    private readonly bankFiles: BankFilesService,
  ) {}

  @Get()
  @Allow('runs:read')
  @Render('runs')
  async list(@CurrentActor() actor: Actor, @Query() query: Sent) {
    const { items, next } = await this.runs.list(actor, {
      after: textIn(query, 'after') || undefined,
      limit: RUNS_A_PAGE,
    });
    return {
      requests: await this.requests.underWay(actor),
      runs: items.map((run) => ({ ...run, sums: totalsByCurrency(run), isForMe: maySign(actor, run) })),
      nextPage: next && addressWith('/runs', { after: next }),
      mayPrepare: actor.permissions.has('runs:prepare'),
    };
  }

  @Get(':id')
  @Allow('runs:read')
  async show(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('run')) id: string,
    @Query() query: Sent,
    @Res() response: Response,
  ): Promise<void> {
    // What was asked for here is shown at the address of the run from the moment on that it is asked for.
    const request = await this.requests.find(actor, id);
    if (request) response.render('run-asked', await this.asked(actor, request));
    else response.render('run', await this.page(actor, id, query));
  }

  @Get(':id/payment-list')
  @Allow('payees:read')
  @Render('payment-list')
  async paymentList(@CurrentActor() actor: Actor, @Param('id', idOf('run')) id: string, @Query() query: Sent) {
    const after = textIn(query, 'after') || undefined;
    const { items, next } = await this.paymentLists.ofRun(actor, id, { after, limit: LINES_A_PAGE });
    return {
      runId: id,
      isReleased: (await this.runs.find(actor, id)).state === 'released',
      lines: items,
      isFirstPage: after === undefined,
      nextPage: next && addressWith(`/runs/${id}/payment-list`, { after: next }),
    };
  }

  @Post(':id/approve')
  @Allow('runs:approve')
  async approve(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('run')) id: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    await this.sign(actor, id, 'approve', form, response, () => this.runs.approve(actor, id, textIn(form, 'digest')));
  }

  @Post(':id/release')
  @Allow('runs:release')
  async release(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('run')) id: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    await this.sign(actor, id, 'release', form, response, () =>
      this.releases.release(actor, id, textIn(form, 'digest')),
    );
  }

  @Post(':id/send-back')
  @Allow('runs:send-back')
  async sendBack(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('run')) id: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    await this.sign(actor, id, 'send-back', form, response, () => this.runs.sendBack(actor, id, reasonIn(form)));
  }

  @Post(':id/bank-files')
  @Allow('runs:release')
  async makeBankFiles(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('run')) id: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    const executionOn = textIn(form, 'executionOn') || undefined;
    try {
      await this.bankFiles.make(actor, id, { executionOn });
    } catch (thrown) {
      const { status, faults } = refusalOf(thrown);
      response.status(status).render('run', await this.page(actor, id, {}, { act: 'make-files', form, faults }));
      return;
    }
    response.redirect(303, `/runs/${id}#bank-files`);
  }

  private async asked(actor: Actor, request: RunRequest) {
    const progress = request.refused ? null : await this.requests.progressOf(actor, request.id);
    const { dueThrough, country, catchUp } = request;
    return {
      request,
      progress,
      steps: preparationSteps,
      stepsDone: progress ? preparationSteps.indexOf(progress.step) : 0,
      lookAgain: addressWith('/runs/new', { dueThrough, country, catchUp: catchUp ? 'yes' : '', look: 'yes' }),
      mayPrepare: actor.permissions.has('runs:prepare'),
      faults: request.refused ? [{ text: t(request.refused.detail) }] : [],
    };
  }

  /** Signs and leads back to the run, so that a reload signs nothing; or shows the run again with what was refused and why. */
  private async sign(
    actor: Actor,
    id: string,
    act: RunSignature['act'],
    form: Sent,
    response: Response,
    signing: () => Promise<Run>,
  ): Promise<void> {
    try {
      await signing();
    } catch (thrown) {
      const { status, faults } = refusalOf(thrown);
      response.status(status).render('run', await this.page(actor, id, {}, { act, form, faults }));
      return;
    }
    response.redirect(303, addressWith(`/runs/${id}`, { done: act }));
  }

  private async page(
    actor: Actor,
    id: string,
    query: Sent,
    refused?: { act: RunSignature['act'] | 'make-files'; form: Sent; faults: Fault[] },
  ) {
    const run = await this.runs.find(actor, id);
    const done = textIn(query, 'done');
    const bankFiles = run.state === 'released' ? await this.bankFiles.ofRun(actor, id) : null;
    const { items, next } = await this.transfers.list(actor, {
      run: id,
      after: textIn(query, 'after') || undefined,
      limit: PAYMENTS_A_PAGE,
    });
    return {
      run,
      sums: totalsByCurrency(run),
      topUps: run.totals.reduce((sum, total) => sum + (total.topUps ?? 0), 0),
      may: signingChoices(actor, run),
      progress: statesInOrder.flatMap((state) => (run.progress[state] ? [{ state, count: run.progress[state] }] : [])),
      warnings: await warningsWithClients(actor, this.transfers, run.warnings),
      // Of a large run the rest is instructed in the background.
      toSend: run.state === 'released' ? (run.progress['approved'] ?? 0) : 0,
      done: run.signatures.some(({ act, userId }) => act === done && userId === actor.userId) ? done : null,
      payments: items,
      isFirstPage: textIn(query, 'after') === '',
      nextPage: next && addressWith(`/runs/${id}`, { after: next }),
      faults: refused?.faults ?? [],
      reason: refused?.act === 'send-back' ? textIn(refused.form, 'reason', 5000) : '',
      isSendingBack: refused?.act === 'send-back',
      bankFiles:
        bankFiles && (bankFiles.items.length > 0 || bankFiles.waiting.length > 0 || bankFiles.leftOut.length > 0)
          ? bankFiles
          : null,
      mayWithFiles: {
        make: actor.permissions.has('runs:release') && !!bankFiles?.waiting.some(({ hasAccount }) => hasAccount),
        take: actor.permissions.has('payees:read'),
        abandon: actor.permissions.has('runs:release'),
        abandonReasons: abandonChoices(),
      },
      executionOn: refused?.act === 'make-files' ? textIn(refused.form, 'executionOn') : '',
      mayIssueVouchers:
        run.state === 'released' &&
        actor.permissions.has('cash:hand-out') &&
        items.some(({ rail, state }) => rail === 'cash' && ['instructed', 'accepted', 'unknown'].includes(state)),
      mayTakeBack: actor.permissions.has('results:record'),
      maySeePayees: actor.permissions.has('payees:read') && run.state !== 'sent-back',
    };
  }
}

const LONGEST_REASON = 500;

function reasonIn(form: Sent): string {
  const reason = textIn(form, 'reason', 5000);
  if (reason === '') throw Problem.refused('missing', 'Say why you send the run back.', 'reason');
  if (reason.length > LONGEST_REASON)
    throw Problem.refused(
      'text-too-long',
      sentence('Give the reason in at most {n} characters.', { n: countText(LONGEST_REASON) }),
      'reason',
    );
  return reason;
}
