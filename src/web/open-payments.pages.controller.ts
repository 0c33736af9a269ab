/** What finance has to find out: payments of which nobody knows, and what one person told and another one has to confirm. */
import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { Problem } from '../kernel/domain/problem.js';
import { isId } from '../kernel/ids.js';
import { ResultsService } from '../transfers/results.service.js';
import { ToldResultsService } from '../transfers/told-results.service.js';
import { UnknownPaymentsService } from '../transfers/unknown-payments.service.js';
import { UnreadablePayeesService } from '../transfers/unreadable-payees.service.js';
import { idOf } from './id-param.js';
import { addressWith, refusalOf, textIn, type Fault, type Sent } from './sent.js';

const OUTCOMES = ['resolved-paid', 'resolved-not-paid'] as const;

@ApiExcludeController()
@Controller('unknown-payments')
export class OpenPaymentsPagesController {
  constructor(
    private readonly unknown: UnknownPaymentsService,
    private readonly told: ToldResultsService,
    private readonly results: ResultsService,
    private readonly unreadable: UnreadablePayeesService,
  ) {}

  @Get()
  @Allow('transfers:read')
  async show(@CurrentActor() actor: Actor, @Query() query: Sent, @Res() response: Response): Promise<void> {
    response.render('unknown-payments', await this.page(actor, { done: textIn(query, 'done') }));
  }

  @Post(':id/owner')
  @Allow('results:record')
  async assign(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('payment')) id: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    await this.act(actor, response, 'given', async () => {
      const owner = textIn(form, 'owner');
      if (!isId(owner)) throw Problem.refused('missing', 'Choose somebody.', `owner-${id}`);
      await this.unknown.assign(actor, id, owner);
    });
  }

  @Post(':id/outcome')
  @Allow('results:record')
  async resolve(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('payment')) id: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    await this.act(actor, response, 'told', async () => {
      const payment = (await this.unknown.list(actor)).find((one) => one.id === id);
      if (!payment) throw Problem.notFound('payment');
      const outcome = OUTCOMES.find((one) => one === textIn(form, 'outcome'));
      if (!outcome) throw Problem.refused('missing', 'Say whether the money arrived.', `outcome-${id}`);
      const reference = textIn(form, 'reference', 140);
      if (reference === '')
        throw Problem.refused('missing', 'Say by which statement line, receipt or query you know.', `reference-${id}`);
      const happenedOn = textIn(form, 'happenedOn') || undefined;
      await this.results.record(actor, payment.run, [{ transfer: payment.transfer, outcome, happenedOn, reference }]);
    });
  }

  /** Of one that waits because whom it goes to cannot be read. */
  @Post(':id/not-sent')
  @Allow('results:record')
  async tellNotSent(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('payment')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.act(actor, response, 'not-sent', async () => {
      const payment = (await this.unreadable.list(actor)).find((one) => one.id === id);
      if (!payment) throw Problem.notFound('payment');
      await this.results.record(actor, payment.run, [
        { transfer: payment.transfer, outcome: 'failed', code: 'not-sent' },
      ]);
    });
  }

  @Post('told/:id/confirmation')
  @Allow('results:record')
  async confirm(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('result')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.act(actor, response, 'confirmed', () => this.results.confirm(actor, id));
  }

  private async act(actor: Actor, response: Response, done: string, acting: () => Promise<unknown>): Promise<void> {
    try {
      await acting();
    } catch (thrown) {
      const { status, faults } = refusalOf(thrown);
      response.status(status).render('unknown-payments', await this.page(actor, { faults }));
      return;
    }
    response.redirect(303, addressWith('/unknown-payments', { done }));
  }

  private async page(actor: Actor, { done = '', faults = [] }: { done?: string; faults?: Fault[] }) {
    const mayTell = actor.permissions.has('results:record');
    const waiting = mayTell ? await this.told.waiting(actor) : [];
    return {
      payments: await this.unknown.list(actor),
      unreadable: await this.unreadable.list(actor),
      waiting: waiting.map((one) => ({ ...one, isOwn: one.toldByUserId === actor.userId })),
      owners: mayTell
        ? (await this.unknown.possibleOwners(actor)).map(({ id, name }) => ({ value: id, text: name }))
        : [],
      mayTell,
      done,
      faults,
    };
  }
}
