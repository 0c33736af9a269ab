/** The client's rights over the API: everything held of them, erasure, and whether a certificate of erasure is genuine. */
import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentActor } from '../../access/declarations.js';
import type { Actor } from '../../access/domain/actor.js';
import { ErasureCertificateDto } from '../dto/erasure.dto.js';
import { ErasureService } from './erasure.service.js';
import { ExportService } from './export.service.js';

@ApiTags('clients')
@Controller('api/v1')
export class RightsApiController {
  constructor(
    private readonly exports: ExportService,
    private readonly erasures: ErasureService,
  ) {}

  @Get('clients/:code/export')
  @Allow('clients:export')
  @ApiOperation({
    summary:
      'Everything held of a client, for the client; what was said in an emergency only when a supervisor asks. The export is recorded',
  })
  export(@CurrentActor() actor: Actor, @Param('code') code: string) {
    return this.exports.make(actor, code);
  }

  @Delete('clients/:code')
  @Allow('clients:erase')
  @ApiOperation({ summary: 'Erase a client for good; the answer is the certificate, which is given once' })
  erase(@CurrentActor() actor: Actor, @Param('code') code: string) {
    return this.erasures.erase(actor, code);
  }

  @Get('erasures/:number')
  @Allow('clients:erase')
  @ApiOperation({ summary: 'What was certified under that number, without whom' })
  find(@CurrentActor() actor: Actor, @Param('number') number: string) {
    return this.erasures.find(actor, number);
  }

  @Post('erasures/check')
  @Allow('clients:erase')
  @HttpCode(200)
  @ApiOperation({ summary: 'Whether a certificate is the one that was given' })
  check(@CurrentActor() actor: Actor, @Body() certificate: ErasureCertificateDto) {
    return this.erasures.check(actor, certificate);
  }
}
