/** The client's rights as pages: everything held of them, to be read or printed, and their erasure, which is certified once. */
import { Body, Controller, Get, HttpCode, Param, Post, Render, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { ClientsService } from '../clients/clients.service.js';
import { BACKUPS_CLEAR_AFTER_DAYS, KEPT } from '../clients/domain/erasure.js';
import { DuplicatesService } from '../clients/matching/duplicates.service.js';
import { ErasureService } from '../clients/rights/erasure.service.js';
import { ExportService } from '../clients/rights/export.service.js';
import { TransfersService } from '../transfers/transfers.service.js';
import { deletedLines, heldParts } from './held-words.js';
import { t } from './languages/language.js';
import { refusalOf, textIn, type Fault, type Sent } from './sent.js';

@ApiExcludeController()
@Controller()
export class RightsPagesController {
  constructor(
    private readonly exports: ExportService,
    private readonly erasures: ErasureService,
    private readonly clients: ClientsService,
    private readonly transfers: TransfersService,
    private readonly duplicates: DuplicatesService,
  ) {}

  @Get('clients/:code/export')
  @Allow('clients:export')
  @Render('held')
  async held(@CurrentActor() actor: Actor, @Param('code') code: string) {
    const held = await this.exports.make(actor, code);
    return { client: held.client, madeAt: held.madeAt, parts: heldParts(held) };
  }

  @Get('clients/:code/erase')
  @Allow('clients:erase')
  async ask(@CurrentActor() actor: Actor, @Param('code') code: string, @Res() response: Response): Promise<void> {
    response.render('erase', await this.question(actor, code));
  }

  /** The certificate is the answer itself and not a page of its own address: it is shown once, and a reload erases nothing. */
  @Post('clients/:code/erase')
  @Allow('clients:erase')
  @HttpCode(200)
  async erase(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Body() form: Sent | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const typed = textIn(form, 'code').toUpperCase();
    if (typed !== code) {
      const text = t('Type the code of the client whom you mean to erase, as it stands above');
      response.status(422).render('erase', await this.question(actor, code, [{ text, href: '#code' }]));
      return;
    }
    try {
      const certificate = await this.erasures.erase(actor, code);
      response.render('erased', { certificate, deleted: deletedLines(certificate.deleted) });
    } catch (thrown) {
      const { status, faults } = refusalOf(thrown);
      response.status(status).render('erase', await this.question(actor, code, faults));
    }
  }

  @Get('erasures/:number')
  @Allow('clients:erase')
  @Render('erased')
  async erased(@CurrentActor() actor: Actor, @Param('number') number: string) {
    const erasure = await this.erasures.find(actor, number);
    return { certificate: erasure, deleted: deletedLines(erasure.deleted) };
  }

  private async question(actor: Actor, code: string, faults: Fault[] = []) {
    const client = await this.clients.find(actor, code);
    const transfers = await this.transfers.ofClient(actor, code);
    const inState = (...states: string[]) => transfers.filter(({ state }) => states.includes(state));
    return {
      client,
      faults,
      kept: KEPT,
      others: await this.duplicates.otherCodes(actor, client),
      clearAfterDays: BACKUPS_CLEAR_AFTER_DAYS,
      cancelled: inState('planned', 'scheduled', 'on_hold'),
      notArrived: inState('failed', 'returned', 'reversed'),
      underWay: inState('in_run', 'approved', 'instructed', 'accepted', 'unknown'),
    };
  }
}
