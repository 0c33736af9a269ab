/** Mobile money over the API: what an operator tells by itself, what operators said, and asking for a payment back. */
import { Body, Controller, Get, HttpCode, Param, Post, Put, Query, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentActor, MovesMoney, Public, type AuthenticatedRequest } from '../../../access/declarations.js';
import type { Actor } from '../../../access/domain/actor.js';
import { IdPipe } from '../../../kernel/http/id.js';
import { CallbacksService } from './callbacks.service.js';
import { NewReversalDto, RailMessagePageDto } from './mobile-money.dto.js';
import { RailMessageList } from './rail-message-list.service.js';
import { ReversalsService, type ReversalView } from './reversals.service.js';

@ApiTags('mobile money')
@Controller('api/v1')
export class MobileMoneyApiController {
  constructor(
    private readonly callbacks: CallbacksService,
    private readonly messages: RailMessageList,
    private readonly reversals: ReversalsService,
  ) {}

  @Put('rails/mobile-money/callbacks/:token')
  @Public()
  @HttpCode(204)
  @ApiOperation({ summary: 'What an operator tells by itself; the address is known to the operator alone' })
  put(@Param('token') token: string, @Req() request: AuthenticatedRequest): Promise<void> {
    return this.receive(token, request);
  }

  @Post('rails/mobile-money/callbacks/:token')
  @Public()
  @HttpCode(204)
  @ApiOperation({ summary: 'The same, of operators that do not put' })
  post(@Param('token') token: string, @Req() request: AuthenticatedRequest): Promise<void> {
    return this.receive(token, request);
  }

  @Get('rail-messages')
  @Allow('transfers:read')
  @ApiOperation({ summary: 'What operators said, newest first; ?unmatched=true is what names no payment of ours' })
  list(@CurrentActor() actor: Actor, @Query() { unmatched, after, limit }: RailMessagePageDto) {
    return this.messages.page(actor, { unmatched: unmatched !== undefined && unmatched !== 'false', after, limit });
  }

  @Post('transfers/:id/reversal')
  @Allow('results:record')
  @MovesMoney()
  @HttpCode(202)
  @ApiOperation({
    summary:
      'Ask for a payment to be taken back; sent to the operator once a second person asks the same with the same id',
  })
  reverse(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() input: NewReversalDto,
  ): Promise<ReversalView> {
    return this.reversals.ask(actor, id, input);
  }

  @Get('reversals')
  @Allow('transfers:read')
  @ApiOperation({
    summary: 'Payments that were asked to be taken back, newest first, and which of them await a second person',
  })
  async asked(@CurrentActor() actor: Actor): Promise<{ items: ReversalView[] }> {
    return { items: await this.reversals.list(actor) };
  }

  private receive(token: string, request: AuthenticatedRequest): Promise<void> {
    const callback = { token, correlationId: request.get('x-correlationid'), body: request.body as unknown };
    return this.callbacks.receive(callback, request.requestId);
  }
}
