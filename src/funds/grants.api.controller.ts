/** Grants over the API. */
import { Body, Controller, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor, MovesMoney } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { IdPipe } from '../kernel/http/id.js';
import { GrantReversalDto, NewGrantDto } from './dto/fund.dto.js';
import { GrantReversalsService } from './grant-reversals.service.js';
import { GrantsService } from './grants.service.js';

@ApiTags('funds')
@Controller('api/v1/funds/:id/grants')
export class GrantsApiController {
  constructor(
    private readonly grants: GrantsService,
    private readonly reversals: GrantReversalsService,
  ) {}

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

  @Post(':grant/reversal')
  @Allow('funds:write')
  @MovesMoney()
  @ApiOperation({
    summary: 'Take back a grant that was recorded by mistake, as a whole and once; its money must be free',
  })
  async reverse(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) fundId: string,
    @Param('grant', IdPipe) grantId: string,
    @Body() input: GrantReversalDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { created } = await this.reversals.reverse(actor, fundId, grantId, input);
    response.status(created ? 201 : 200);
    return { id: input.id, grant: grantId };
  }
}
