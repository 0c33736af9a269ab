/** Cash over the API: vouchers of a run, and their way from the till to the client or back. */
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentActor, MovesMoney } from '../../../access/declarations.js';
import type { Actor } from '../../../access/domain/actor.js';
import { IdPipe } from '../../../kernel/http/id.js';
import { AcknowledgementsService } from './acknowledgements.service.js';
import { CashHolders } from './cash-holders.js';
import { CustodyService } from './custody.service.js';
import {
  ConfirmHandoverDto,
  HandInDto,
  HandoverDto,
  HandOutDto,
  ReceiptDto,
  VoucherFilterDto,
} from './dto/cash.dto.js';
import type { VoucherView } from './voucher-view.js';
import { VouchersService } from './vouchers.service.js';

@ApiTags('cash')
@Controller('api/v1')
export class VouchersApiController {
  constructor(
    private readonly vouchers: VouchersService,
    private readonly custody: CustodyService,
    private readonly acknowledgements: AcknowledgementsService,
    private readonly holders: CashHolders,
  ) {}

  @Post('runs/:id/vouchers')
  @Allow('cash:hand-out')
  @MovesMoney()
  @HttpCode(200)
  @ApiOperation({ summary: 'Issue a voucher for each payment in cash of a run that has none' })
  issue(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string) {
    return this.vouchers.issue(actor, id);
  }

  @Get('vouchers')
  @Allow('cash:carry', 'transfers:read')
  @ApiOperation({
    summary: 'Vouchers: all for finance, their own for whoever carries cash, their team’s for a supervisor',
  })
  list(@CurrentActor() actor: Actor, @Query() { overdue, ...filter }: VoucherFilterDto) {
    return this.vouchers.list(actor, { ...filter, isOverdue: overdue });
  }

  @Get('cash-holders')
  @Allow('cash:carry', 'cash:hand-out')
  @ApiOperation({ summary: 'Who may carry cash' })
  async listHolders() {
    return { items: await this.holders.list(), next: null };
  }

  @Get('vouchers/:id')
  @Allow('cash:carry', 'transfers:read')
  @ApiOperation({ summary: 'One voucher: what is in the envelope, where it is, and what is to be done next' })
  find(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string) {
    return this.vouchers.find(actor, id);
  }

  @Post('vouchers/:id/hand-out')
  @Allow('cash:hand-out')
  @MovesMoney()
  @HttpCode(200)
  @ApiOperation({ summary: 'Offer the cash to whoever carries it; it is theirs when they say that they have it' })
  async handOut(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) voucher: string,
    @Body() { id, holder }: HandOutDto,
  ): Promise<VoucherView> {
    await this.custody.handOut(actor, [{ id, voucher }], holder);
    return this.vouchers.find(actor, voucher);
  }

  @Post('vouchers/:id/hand-in')
  @Allow('cash:carry', 'cash:hand-out')
  @MovesMoney()
  @HttpCode(200)
  @ApiOperation({ summary: 'Offer the cash back to the till; it is back when finance says so' })
  handIn(@CurrentActor() actor: Actor, @Param('id', IdPipe) voucher: string, @Body() { id, because }: HandInDto) {
    return this.custody.handIn(actor, { id, voucher, because });
  }

  @Post('vouchers/:id/receipt')
  @Allow('cash:carry', 'cash:hand-out')
  @MovesMoney()
  @HttpCode(200)
  @ApiOperation({ summary: 'Say: I have the cash that was offered' })
  receive(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() { offer }: ReceiptDto) {
    return this.custody.receive(actor, id, offer);
  }

  @Post('vouchers/:id/not-collected')
  @Allow('cash:hand-out')
  @MovesMoney()
  @HttpCode(200)
  @ApiOperation({ summary: 'Say of cash in the till that the client did not collect it: the payment has failed' })
  notCollected(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string) {
    return this.custody.notCollected(actor, id);
  }

  @Post('vouchers/:id/acknowledgement')
  @Allow('cash:carry')
  @MovesMoney()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Say that the client has the cash: with their mark, or with a second person who says so too',
  })
  handOver(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() input: HandoverDto) {
    return this.acknowledgements.handOver(actor, id, input);
  }

  @Post('vouchers/:id/acknowledgement/confirmation')
  @Allow('cash:carry')
  @MovesMoney()
  @HttpCode(200)
  @ApiOperation({ summary: 'The second person says so too' })
  confirm(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() { handover }: ConfirmHandoverDto) {
    return this.acknowledgements.confirm(actor, id, handover);
  }
}
