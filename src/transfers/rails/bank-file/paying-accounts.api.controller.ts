/** Accounts that payments leave from, over the API. */
import { Body, Controller, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor, MovesMoney } from '../../../access/declarations.js';
import type { Actor } from '../../../access/domain/actor.js';
import { IdPipe } from '../../../kernel/http/id.js';
import { NewPayingAccountDto, TiedFundDto } from './dto/bank-file.dto.js';
import { PayingAccountsService } from './paying-accounts.service.js';

@ApiTags('bank files')
@Controller('api/v1/paying-accounts')
export class PayingAccountsApiController {
  constructor(private readonly accounts: PayingAccountsService) {}

  @Get()
  @Allow('funds:read')
  @ApiOperation({ summary: 'Accounts that payments leave from, and whose funds leave from which' })
  async list(@CurrentActor() actor: Actor) {
    return { items: await this.accounts.list(actor), next: null };
  }

  @Post()
  @Allow('funds:write')
  @MovesMoney()
  @ApiOperation({ summary: 'Open an account that payments leave from; it is never changed, another one is opened' })
  async open(
    @CurrentActor() actor: Actor,
    @Body() input: NewPayingAccountDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { account, created } = await this.accounts.open(actor, input);
    response.status(created ? 201 : 200);
    return account;
  }

  @Post(':id/funds')
  @Allow('funds:write')
  @MovesMoney()
  @HttpCode(200)
  @ApiOperation({ summary: 'From now on the payments of a fund, in the account’s currency, leave from this account' })
  tie(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() { fund }: TiedFundDto) {
    return this.accounts.tie(actor, id, fund);
  }
}
