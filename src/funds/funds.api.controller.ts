/** Funds and the currencies that they hold, over the API. */
import { Body, Controller, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor, MovesMoney } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { IdPipe } from '../kernel/http/id.js';
import { currencies } from '../kernel/reference-data.js';
import { withClients, type FundBalance } from '../ledger/books.service.js';
import { NewAccountsDto, NewFundDto, PolicyChangeDto, PolicyDeclineDto } from './dto/fund.dto.js';
import { FundPoliciesService } from './fund-policies.service.js';
import { FundsService } from './funds.service.js';

@ApiTags('funds')
@Controller('api/v1/funds')
export class FundsApiController {
  constructor(
    private readonly funds: FundsService,
    private readonly policies: FundPoliciesService,
  ) {}

  @Get()
  @Allow('funds:read')
  @ApiOperation({
    summary:
      'Funds with what they hold in their own currency and in others: available, reserved, committed, paid, in clearing, in cash floats, at the bank',
  })
  async list(@CurrentActor() actor: Actor) {
    const items = (await this.funds.list(actor)).map(
      ({ fund, donorName, valuePolicy, balance, inOtherCurrencies }) => ({
        id: fund.id,
        code: fund.code,
        name: fund.name,
        donor: donorName,
        valueRule: fund.decidedLabel ?? 'minimum-wage',
        valuePolicy,
        ...holdingView(balance),
        inOtherCurrencies: inOtherCurrencies.map(holdingView),
      }),
    );
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

  @Post(':id/accounts')
  @Allow('funds:write')
  @MovesMoney()
  @ApiOperation({ summary: 'Open the accounts of a fund in another currency; 200 instead of 201 when they are open' })
  async openAccounts(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) fundId: string,
    @Body() input: NewAccountsDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { currency, created } = await this.funds.openAccounts(actor, fundId, input.currency);
    response.status(created ? 201 : 200);
    return { id: fundId, currency };
  }

  @Post(':id/policy-changes')
  @Allow('funds:write')
  @ApiOperation({ summary: 'Propose what a fund does when wages rise; it counts when somebody else confirms it' })
  async proposePolicy(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) fundId: string,
    @Body() input: PolicyChangeDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { change, created } = await this.policies.propose(actor, fundId, input);
    response.status(created ? 201 : 200);
    return change;
  }

  @Post(':id/policy-changes/:change/confirmation')
  @Allow('funds:write')
  @HttpCode(200)
  @ApiOperation({ summary: 'Confirm what somebody else proposed' })
  confirmPolicy(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) fundId: string,
    @Param('change', IdPipe) change: string,
  ) {
    return this.policies.confirm(actor, fundId, change);
  }

  @Post(':id/policy-changes/:change/decline')
  @Allow('funds:write')
  @HttpCode(200)
  @ApiOperation({ summary: 'Decline what somebody else proposed; it can never be confirmed after that' })
  declinePolicy(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) fundId: string,
    @Param('change', IdPipe) change: string,
    @Body() { reason }: PolicyDeclineDto,
  ) {
    return this.policies.decline(actor, fundId, change, reason);
  }

  @Post(':id/policy-changes/:change/withdrawal')
  @Allow('funds:write')
  @HttpCode(200)
  @ApiOperation({ summary: 'Withdraw what one proposed oneself; it can never be confirmed after that' })
  withdrawPolicy(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) fundId: string,
    @Param('change', IdPipe) change: string,
  ) {
    return this.policies.withdraw(actor, fundId, change);
  }
}

function holdingView(balance: FundBalance) {
  const money = (amountMinor: bigint) => currencies.format(amountMinor, balance.currency);
  return {
    currency: balance.currency,
    available: money(balance.available),
    reserved: money(balance.reserved),
    committed: money(balance.committed),
    paid: money(withClients(balance)),
    inClearing: money(balance.clearing),
    inFloats: money(balance.float),
    atBank: money(balance.bank),
  };
}
