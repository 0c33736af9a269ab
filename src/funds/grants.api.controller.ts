/** Grants over the API. */
import { Body, Controller, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor, MovesMoney } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { IdPipe } from '../kernel/http/id.js';
import { NewGrantDto } from './dto/fund.dto.js';
import { GrantsService } from './grants.service.js';

@ApiTags('funds')
@Controller('api/v1/funds/:id/grants')
export class GrantsApiController {
  constructor(private readonly grants: GrantsService) {}

  @Post()
  @Allow('funds:write')
  @MovesMoney()
  @ApiOperation({
    summary:
      'Record a grant received; answered when it is durable, 429 with Retry-After when too much comes in at once',
  })
  async receive(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) fundId: string,
    @Body() input: NewGrantDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { created } = await this.grants.receive(actor, fundId, input);
    response.status(created ? 201 : 200);
    return { id: input.id };
  }
}
