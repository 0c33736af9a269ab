/** Files for a bank, over the API: make those of a released run, list them, take one, abandon one. */
import { Body, Controller, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor, MovesMoney } from '../../../access/declarations.js';
import type { Actor } from '../../../access/domain/actor.js';
import { IdPipe } from '../../../kernel/http/id.js';
import { BankFileDownloadsService } from './bank-file-downloads.service.js';
import { BankFilesService } from './bank-files.service.js';
import { AbandonedFileDto, BankFileWishDto } from './dto/bank-file.dto.js';
import { sendBankFile } from './send-bank-file.js';

@ApiTags('bank files')
@Controller('api/v1')
export class BankFilesApiController {
  constructor(
    private readonly files: BankFilesService,
    private readonly downloads: BankFileDownloadsService,
  ) {}

  @Post('runs/:id/bank-files')
  @Allow('runs:release')
  @MovesMoney()
  @ApiOperation({
    summary: 'Make the files of a released run, one for each paying account; made again it makes nothing twice',
  })
  async make(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) runId: string,
    @Body() { executionOn }: BankFileWishDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { files, created } = await this.files.make(actor, runId, { executionOn });
    response.status(created ? 201 : 200);
    return files;
  }

  @Get('runs/:id/bank-files')
  @Allow('runs:read')
  @ApiOperation({ summary: 'The files of a run, whom they left out and why, and what waits for a file' })
  list(@CurrentActor() actor: Actor, @Param('id', IdPipe) runId: string) {
    return this.files.ofRun(actor, runId);
  }

  @Post('bank-files/:id/abandonment')
  @Allow('runs:release')
  @MovesMoney()
  @HttpCode(200)
  @ApiOperation({ summary: 'Abandon a file that nobody took; its payments stand in the file that is made next' })
  abandon(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() { reason }: AbandonedFileDto) {
    return this.files.abandon(actor, id, reason);
  }

  @Get('bank-files/:id/content')
  @Allow('payees:read')
  @ApiOperation({
    summary: 'A file’s content, made again and proven to be the same; every payee that is opened is recorded',
  })
  async content(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Res() response: Response,
  ): Promise<void> {
    await sendBankFile(await this.downloads.open(actor, id), response);
  }
}
