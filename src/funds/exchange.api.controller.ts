/** Exchange rates and what funds changed at them, over the API. */
import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor, MovesMoney } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { IdPipe } from '../kernel/http/id.js';
import { PageDto } from '../kernel/http/page.dto.js';
import { DoubtedRateDto, NewExchangeDto, NewExchangeRateDto } from './dto/exchange.dto.js';
import { ExchangeRatesService } from './exchange-rates.service.js';
import { ExchangeService } from './exchange.service.js';

@ApiTags('funds')
@Controller('api/v1')
export class ExchangeApiController {
  constructor(
    private readonly rates: ExchangeRatesService,
    private readonly exchanges: ExchangeService,
  ) {}

  @Get('exchange-rates')
  @Allow('funds:read')
  @ApiOperation({ summary: 'Recorded exchange rates, latest day first' })
  list(@CurrentActor() actor: Actor, @Query() page: PageDto) {
    return this.rates.list(actor, page);
  }

  @Post('exchange-rates')
  @Allow('funds:write')
  @ApiOperation({
    summary:
      'Record a rate that a bank gave; it counts when somebody else confirms it, and a wrong one is struck out by two people',
  })
  async recordRate(
    @CurrentActor() actor: Actor,
    @Body() input: NewExchangeRateDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { rate, created } = await this.rates.record(actor, input);
    response.status(created ? 201 : 200);
    return rate;
  }

  @Post('exchange-rates/:id/confirmation')
  @Allow('runs:approve')
  @HttpCode(200)
  @ApiOperation({ summary: 'Confirm a rate that somebody else recorded; it counts from then on' })
  confirm(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string) {
    return this.rates.confirm(actor, id);
  }

  @Post('exchange-rates/:id/doubts')
  @Allow('funds:write')
  @HttpCode(200)
  @ApiOperation({ summary: 'Ask that a rate be struck out; it counts until somebody else confirms it' })
  doubt(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() { reason }: DoubtedRateDto) {
    return this.rates.doubt(actor, id, reason);
  }

  @Post('exchange-rates/:id/striking-out')
  @Allow('runs:approve')
  @HttpCode(200)
  @ApiOperation({ summary: 'Strike out a rate that somebody else asked about, and another than you recorded' })
  strikeOut(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string) {
    return this.rates.strikeOut(actor, id);
  }

  @Post('funds/:id/exchanges')
  @Allow('funds:write')
  @MovesMoney()
  @ApiOperation({
    summary:
      'Record what a bank changed for a fund: the fund gets what was sold is worth at the recorded rate, rounded down; the rest is left over',
  })
  async exchange(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) fundId: string,
    @Body() input: NewExchangeDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { exchange, created } = await this.exchanges.exchange(actor, fundId, input);
    response.status(created ? 201 : 200);
    return exchange;
  }
}
