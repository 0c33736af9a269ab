/** Correcting what is held of a client, over the API. */
import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { CorrectionsService } from './corrections.service.js';
import { CaseFileCorrectionDto } from './dto/client.dto.js';
import { IdentityCorrectionDto } from './dto/identity.dto.js';

@ApiTags('clients')
@Controller('api/v1/clients/:code')
export class CorrectionsApiController {
  constructor(private readonly corrections: CorrectionsService) {}

  @Post('identity')
  @Allow('casework:record')
  @HttpCode(200)
  @ApiOperation({ summary: 'Correct who the client is: the whole identity, and the version that it corrects' })
  correctIdentity(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Body() correction: IdentityCorrectionDto,
  ) {
    return this.corrections.correctIdentity(actor, code, correction);
  }

  @Post('corrections')
  @Allow('casework:record')
  @HttpCode(200)
  @ApiOperation({ summary: 'Correct what the case file says; fields that are left out stay' })
  correctCaseFile(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Body() correction: CaseFileCorrectionDto,
  ) {
    return this.corrections.correctCaseFile(actor, code, correction);
  }
}
