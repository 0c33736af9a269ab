/** The own tokens for machines over the API. A machine cannot make any. */
import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { IdPipe } from '../../kernel/http/id.js';
import { Allow, CurrentActor } from '../declarations.js';
import type { Actor } from '../domain/actor.js';
import { NewMachineTokenDto } from './machine-token.dto.js';
import { MachineTokensService } from './machine-tokens.service.js';

@ApiTags('tokens')
@Controller('api/v1/tokens')
export class MachineTokensApiController {
  constructor(private readonly tokens: MachineTokensService) {}

  @Get()
  @Allow('account:own')
  @ApiOperation({ summary: 'Your tokens for machines that still work' })
  async list(@CurrentActor() actor: Actor) {
    return { items: await this.tokens.list(actor), next: null };
  }

  @Post()
  @Allow('account:own')
  @ApiOperation({ summary: 'Make a token for a machine; it is shown this once' })
  make(@CurrentActor() actor: Actor, @Body() input: NewMachineTokenDto) {
    return this.tokens.make(actor, input);
  }

  @Delete(':id')
  @Allow('account:own')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke a token' })
  revoke(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<void> {
    return this.tokens.revokeOwn(actor, id);
  }
}
