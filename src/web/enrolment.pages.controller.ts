/** A client's enrolment as a page: how each amount came about, and changing how or where the client is paid. */
import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { rails } from '../funds/rails.js';
import { Problem } from '../kernel/domain/problem.js';
import { Ids } from '../kernel/ids.js';
import { countries } from '../kernel/reference-data.js';
import { TransfersService } from '../transfers/transfers.service.js';
import { EnrolmentChangesService } from '../transfers/value/enrolment-changes.service.js';
import { options } from './case-wording.js';
import { idOf } from './id-param.js';
import { msg } from './languages/language.js';
import { addressWith, refusal, textIn, type Fault, type Sent } from './sent.js';
import { countryName, railWords } from './wording.js';

const RAILS = Object.fromEntries(rails.map((rail) => [rail, railWords(rail)]));
const countryNames = () => Object.fromEntries(countries.map(({ code }) => [code, countryName(code)]));

@ApiExcludeController()
@Controller('clients/:code/enrolment')
export class EnrolmentPagesController {
  constructor(
    private readonly transfers: TransfersService,
    private readonly changes: EnrolmentChangesService,
    private readonly ids: Ids,
  ) {}

  @Get()
  @Allow('clients:read')
  async show(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Query() query: Sent,
    @Res() response: Response,
  ): Promise<void> {
    response.render('enrolment', await this.page(actor, code, { done: textIn(query, 'done') }));
  }

  @Post('changes')
  @Allow('enrolments:propose')
  async propose(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    const enrolment = (await this.transfers.ofClient(actor, code)).at(-1)?.enrolment;
    await this.act(actor, code, response, 'propose', form, () => {
      if (!enrolment) throw Problem.conflict('enrolment-not-approved', 'This client is not enrolled.');
      return this.changes.propose(actor, enrolment, {
        id: this.ids.newId(),
        rail: rails.find((rail) => rail === textIn(form, 'rail')),
        country: textIn(form, 'country') || undefined,
        region: textIn(form, 'region', 60) || undefined,
      });
    });
  }

  @Post('changes/:id/approve')
  @Allow('enrolments:approve')
  async approve(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Param('id', idOf('change of an enrolment')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.act(actor, code, response, 'approve', {}, () => this.changes.approve(actor, id));
  }

  @Post('changes/:id/decline')
  @Allow('enrolments:approve')
  async decline(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Param('id', idOf('change of an enrolment')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.act(actor, code, response, 'decline', {}, () => this.changes.decline(actor, id));
  }

  private async act(
    actor: Actor,
    code: string,
    response: Response,
    done: string,
    form: Sent,
    act: () => Promise<unknown>,
  ): Promise<void> {
    const refused = await refusal([], act);
    if (refused)
      response
        .status(refused.status)
        .render('enrolment', await this.page(actor, code, { form, faults: refused.faults }));
    else response.redirect(303, addressWith(`/clients/${code}/enrolment`, { done }));
  }

  private async page(
    actor: Actor,
    code: string,
    { form, faults = [], done = '' }: { form?: Sent; faults?: Fault[]; done?: string },
  ) {
    const transfers = await this.transfers.ofClient(actor, code);
    return {
      code,
      transfers,
      changes: await this.changes.ofClient(actor, code),
      mayPropose: actor.permissions.has('enrolments:propose') && transfers.length > 0,
      mayApprove: actor.permissions.has('enrolments:approve'),
      rails: options(RAILS, textIn(form, 'rail'), msg('as before')),
      countries: options(countryNames(), textIn(form, 'country'), msg('as before')),
      form: { region: textIn(form, 'region') },
      done,
      faults,
    };
  }
}
