/** Funds and grants over the API. */
import { Body, Controller, Get, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor, MovesMoney } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { IdPipe } from '../kernel/http/id.js';
import { currencies } from '../kernel/reference-data.js';
import { withClients } from '../ledger/books.service.js';
import { NewFundDto, NewGrantDto } from './dto/fund.dto.js';
import { FundsService } from './funds.service.js';

@ApiTags('funds')
@Controller('api/v1/funds')
export class FundsApiController {
  constructor(private readonly funds: FundsService) {}

  @Get()
  @Allow('funds:read')
  @ApiOperation({
    summary: 'Funds with what they hold: available, reserved, committed, paid, in clearing, at the bank',
  })
  async list(@CurrentActor() actor: Actor) {
    const items = (await this.funds.list(actor)).map(({ fund, donorName, balance }) => {
      const money = (amountMinor: bigint | undefined) => currencies.format(amountMinor ?? 0n, fund.currency);
      return {
        id: fund.id,
        code: fund.code,
        name: fund.name,
        donor: donorName,
        currency: fund.currency,
        valueRule: fund.decidedLabel ?? 'minimum-wage',
        available: money(balance?.available),
        reserved: money(balance?.reserved),
        committed: money(balance?.committed),
        paid: money(balance && withClients(balance)),
        inClearing: money(balance?.clearing),
        atBank: money(balance?.bank),
      };
    });
    return { items, next: null };
  }

  @Post()
  @Allow('funds:write')
  @MovesMoney()
  @ApiOperation({ summary: 'Open a fund and its accounts' })
  async open(@CurrentActor() actor: Actor, @Body() input: NewFundDto, @Res({ passthrough: true }) response: Response) {
    const { fund, created } = await this.funds.open(actor, input);
    response.status(created ? 201 : 200);
    return { id: fund.id, code: fund.code };
  }

  @Post(':id/grants')
  @Allow('funds:write')
  @MovesMoney()
  @ApiOperation({ summary: 'Record a grant received' })
  async receiveGrant(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) fundId: string,
    @Body() input: NewGrantDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { created } = await this.funds.receiveGrant(actor, fundId, input);
    response.status(created ? 201 : 200);
    return { id: input.id };
  }
}
