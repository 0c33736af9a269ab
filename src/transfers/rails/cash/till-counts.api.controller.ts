/** Counts of cash over the API. */
import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor, MovesMoney } from '../../../access/declarations.js';
import type { Actor } from '../../../access/domain/actor.js';
import { IdPipe } from '../../../kernel/http/id.js';
import { PageDto } from '../../../kernel/http/page.dto.js';
import { TillCountDto } from './dto/cash.dto.js';
import { TillCountsService } from './till-counts.service.js';

@ApiTags('cash')
@Controller('api/v1')
export class TillCountsApiController {
  constructor(private readonly counts: TillCountsService) {}

  @Get('cash-places')
  @Allow('cash:carry', 'transfers:read')
  @ApiOperation({ summary: 'Where cash is by the books: each fund’s till, and everybody who carries some' })
  async places(@CurrentActor() actor: Actor) {
    return { items: await this.counts.places(actor), next: null };
  }

  @Get('till-counts')
  @Allow('cash:carry', 'transfers:read')
  @ApiOperation({ summary: 'Counts, newest first, with what differed and why' })
  list(@CurrentActor() actor: Actor, @Query() page: PageDto) {
    return this.counts.list(actor, { after: page.after, limit: page.limit });
  }

  @Post('till-counts')
  @Allow('cash:carry', 'cash:hand-out')
  @MovesMoney()
  @ApiOperation({ summary: 'Record a count of the till, or of what somebody carries; a second person confirms it' })
  async count(
    @CurrentActor() actor: Actor,
    @Body() input: TillCountDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { count, created } = await this.counts.count(actor, input);
    response.status(created ? 201 : 200);
    return count;
  }

  @Post('till-counts/:id/confirmation')
  @Allow('cash:carry', 'cash:hand-out')
  @MovesMoney()
  @HttpCode(200)
  @ApiOperation({ summary: 'The second person confirms what they counted too' })
  confirm(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string) {
    return this.counts.confirm(actor, id);
  }
}
