/** Transfers over the API. */
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentActor, MovesMoney } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { IdPipe } from '../kernel/http/id.js';
import { HoldDto, TransferFilterDto } from './dto/transfers.dto.js';
import { TransfersService } from './transfers.service.js';

@ApiTags('transfers')
@Controller('api/v1')
export class TransfersApiController {
  constructor(private readonly transfers: TransfersService) {}

  @Get('transfers')
  @Allow('transfers:read')
  @ApiOperation({ summary: 'Transfers by due day, with their attempts' })
  list(@CurrentActor() actor: Actor, @Query() filter: TransferFilterDto) {
    return this.transfers.list(actor, filter);
  }

  @Get('clients/:code/transfers')
  @Allow('clients:read')
  @ApiOperation({ summary: "One client's transfers, for who works with them" })
  async ofClient(@CurrentActor() actor: Actor, @Param('code') code: string) {
    return { items: await this.transfers.ofClient(actor, code), next: null };
  }

  @Post('transfers/:id/hold')
  @Allow('transfers:hold')
  @MovesMoney()
  @HttpCode(204)
  @ApiOperation({ summary: 'Hold a transfer: by the client’s wish or for safety, for nothing else' })
  hold(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() { reason }: HoldDto): Promise<void> {
    return this.transfers.hold(actor, id, reason);
  }

  @Post('transfers/:id/end-hold')
  @Allow('transfers:end-hold')
  @MovesMoney()
  @HttpCode(204)
  @ApiOperation({ summary: 'End a hold: the transfer is due as before' })
  endHold(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<void> {
    return this.transfers.endHold(actor, id);
  }

  @Post('transfers/:id/reissue')
  @Allow('transfers:reissue')
  @MovesMoney()
  @HttpCode(204)
  @ApiOperation({ summary: 'Put a transfer that failed, came back or was reversed back to be paid' })
  reissue(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<void> {
    return this.transfers.reissue(actor, id);
  }
}
