/** Consents over the API: given, and withdrawn in one step. */
import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { ConsentsService } from './consents.service.js';
import { ConsentDto, WithdrawalDto } from './dto/consent.dto.js';

@ApiTags('clients')
@Controller('api/v1/clients/:code/consents')
export class ConsentsApiController {
  constructor(private readonly consents: ConsentsService) {}

  @Post()
  @Allow('casework:record')
  @HttpCode(204)
  @ApiOperation({ summary: 'Record a consent given or withdrawn; it counts at once' })
  record(@CurrentActor() actor: Actor, @Param('code') code: string, @Body() consent: ConsentDto): Promise<void> {
    return this.consents.record(actor, code, consent);
  }

  @Post('withdrawals')
  @Allow('casework:record')
  @HttpCode(204)
  @ApiOperation({ summary: 'Withdraw a consent, without a party from everybody; it counts at once' })
  withdraw(@CurrentActor() actor: Actor, @Param('code') code: string, @Body() consent: WithdrawalDto): Promise<void> {
    return this.consents.withdraw(actor, code, consent);
  }
}
