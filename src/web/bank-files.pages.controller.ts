/** Taking a bank's file from the run's page. */
import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { BankFileDownloadsService } from '../transfers/rails/bank-file/bank-file-downloads.service.js';
import { sendBankFile } from '../transfers/rails/bank-file/send-bank-file.js';
import { idOf } from './id-param.js';

@ApiExcludeController()
@Controller('bank-files')
export class BankFilesPagesController {
  constructor(private readonly downloads: BankFileDownloadsService) {}

  @Get(':id/content')
  @Allow('payees:read')
  async content(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('file')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    await sendBankFile(await this.downloads.open(actor, id), response);
  }
}
