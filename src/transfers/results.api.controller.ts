/** What is open about payments on their way, over the API: what nobody knows, and what waits for a second person. */
import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentActor, MovesMoney } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { IdPipe } from '../kernel/http/id.js';
import { OwnerDto } from './dto/transfers.dto.js';
import { ResultsService } from './results.service.js';
import { ToldResultsService } from './told-results.service.js';
import { UnknownPaymentsService } from './unknown-payments.service.js';
import { UnreadablePayeesService } from './unreadable-payees.service.js';

@ApiTags('results')
@Controller('api/v1')
export class ResultsApiController {
  constructor(
    private readonly results: ResultsService,
    private readonly told: ToldResultsService,
    private readonly unknown: UnknownPaymentsService,
    private readonly unreadable: UnreadablePayeesService,
  ) {}

  @Get('unknown-payments')
  @Allow('transfers:read')
  @ApiOperation({ summary: 'Payments of which nobody knows whether they arrived, oldest first, with whose they are' })
  async listUnknown(@CurrentActor() actor: Actor) {
    return { items: await this.unknown.list(actor), next: null };
  }

  @Get('unreadable-payees')
  @Allow('transfers:read')
  @ApiOperation({ summary: 'Payments that wait because whom they go to cannot be read, and when that is tried again' })
  async listUnreadable(@CurrentActor() actor: Actor) {
    return { items: await this.unreadable.list(actor), next: null };
  }

  @Post('unknown-payments/:id/owner')
  @Allow('results:record')
  @HttpCode(204)
  @ApiOperation({ summary: 'Give one to somebody of finance, who finds out' })
  assign(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() { owner }: OwnerDto): Promise<void> {
    return this.unknown.assign(actor, id, owner);
  }

  @Get('results-to-confirm')
  @Allow('results:record')
  @ApiOperation({ summary: 'What one person told of a payment, and a second one has to tell too before it counts' })
  async listWaiting(@CurrentActor() actor: Actor) {
    return { items: await this.told.waiting(actor), next: null };
  }

  @Post('results-to-confirm/:id/confirmation')
  @Allow('results:record')
  @MovesMoney()
  @HttpCode(200)
  @ApiOperation({ summary: 'Confirm what somebody else told' })
  confirm(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string) {
    return this.results.confirm(actor, id);
  }
}
