/** Taking and abandoning a bank's file from the run's page. */
import { Body, Controller, Get, Param, Post, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { Problem } from '../kernel/domain/problem.js';
import { BankFileDownloadsService } from '../transfers/rails/bank-file/bank-file-downloads.service.js';
import { BankFilesService } from '../transfers/rails/bank-file/bank-files.service.js';
import { AbandonedFileDto } from '../transfers/rails/bank-file/dto/bank-file.dto.js';
import { sendBankFile } from '../transfers/rails/bank-file/send-bank-file.js';
import { idOf } from './id-param.js';
import { asApiTakes, textIn, type Sent } from './sent.js';

@ApiExcludeController()
@Controller('bank-files')
export class BankFilesPagesController {
  constructor(
    private readonly files: BankFilesService,
    private readonly downloads: BankFileDownloadsService,
  ) {}

  @Get(':id/content')
  @Allow('payees:read')
  async content(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('file')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    await sendBankFile(await this.downloads.open(actor, id), response);
  }

  @Post(':id/abandon')
  @Allow('runs:release')
  async abandon(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('file')) id: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    const chosen = textIn(form, 'reason');
    if (chosen === '') throw Problem.refused('missing', 'Choose why this file is not to be sent.', 'reason');
    const { reason } = await asApiTakes(AbandonedFileDto, { reason: chosen });
    const { run } = await this.files.abandon(actor, id, reason);
    response.redirect(303, `/runs/${run}#bank-files`);
  }
}
