/** Possible duplicates over the API: the list for supervisors, and their decisions. */
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentActor } from '../../access/declarations.js';
import type { Actor } from '../../access/domain/actor.js';
import { IdPipe } from '../../kernel/http/id.js';
import { DuplicateDecisionDto, DuplicatesPageDto } from './dto/duplicate.dto.js';
import { DuplicatesService } from './duplicates.service.js';

@ApiTags('clients')
@Controller('api/v1/possible-duplicates')
export class DuplicatesApiController {
  constructor(private readonly duplicates: DuplicatesService) {}

  @Get()
  @Allow('duplicates:decide')
  @ApiOperation({ summary: 'Clients who may be one person, by codes and by what matched, the likeliest first' })
  list(@CurrentActor() actor: Actor, @Query() { state, after, limit }: DuplicatesPageDto) {
    return this.duplicates.list(actor, { decided: state === 'decided', after, limit });
  }

  @Post(':id/decisions')
  @Allow('duplicates:decide')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Decide whether they are the same person; a later decision counts instead. Nothing is merged',
  })
  decide(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() { decision }: DuplicateDecisionDto) {
    return this.duplicates.decide(actor, id, decision);
  }
}
