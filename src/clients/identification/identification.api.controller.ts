/** Identification over the API: recording a version, and reading all of them. */
import { Body, Controller, Get, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../../access/declarations.js';
import type { Actor } from '../../access/domain/actor.js';
import { NewIdentificationDto } from './dto/identification.dto.js';
import { IdentificationService } from './identification.service.js';

@ApiTags('clients')
@Controller('api/v1/clients/:code/identification')
export class IdentificationApiController {
  constructor(private readonly identification: IdentificationService) {}

  @Post()
  @Allow('casework:record')
  @ApiOperation({
    summary:
      'Record which elements of trafficking the client told of, and what an authority said; 200 instead of 201 when it came before. Nothing hangs on it',
  })
  async record(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Body() input: NewIdentificationDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { created, ...recorded } = await this.identification.record(actor, code, input);
    response.status(created ? 201 : 200);
    return recorded;
  }

  @Get()
  @Allow('words:read')
  @ApiOperation({ summary: 'The latest version and those before it; each reading is recorded' })
  ofClient(@CurrentActor() actor: Actor, @Param('code') code: string) {
    return this.identification.ofClient(actor, code);
  }
}
