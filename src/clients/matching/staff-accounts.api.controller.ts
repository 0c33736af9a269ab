/** Where the staff are paid themselves, over the API; see the service. */
import { Body, Controller, HttpCode, Put } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentActor } from '../../access/declarations.js';
import type { Actor } from '../../access/domain/actor.js';
import { StaffAccountsDto } from './dto/staff-accounts.dto.js';
import { StaffAccountsService } from './staff-accounts.service.js';

@ApiTags('account')
@Controller('api/v1/own-accounts')
export class StaffAccountsApiController {
  constructor(private readonly accounts: StaffAccountsService) {}

  @Put()
  @Allow('catalogue:read') // everybody who works here, once it is confirmed who they are
  @HttpCode(200)
  @ApiOperation({
    summary: 'Say where you are paid yourself, so that a client who is paid there is noticed; only digests are kept',
  })
  async replace(@CurrentActor() actor: Actor, @Body() { accounts }: StaffAccountsDto) {
    return { kept: await this.accounts.replaceOwn(actor, accounts) };
  }
}
