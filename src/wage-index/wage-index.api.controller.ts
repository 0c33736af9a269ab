/** The table of minimum wages over the API. */
import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow } from '../access/declarations.js';
import { WageIndexService } from './wage-index.service.js';

@ApiTags('wage-index')
@Controller('api/v1/wage-rates')
export class WageIndexApiController {
  constructor(private readonly wages: WageIndexService) {}

  @Get()
  @Allow('catalogue:read')
  @ApiOperation({
    summary: 'Every minimum wage on record, with its source, since when it holds and since when it was known',
  })
  async list() {
    return { items: await this.wages.allRates(), next: null };
  }
}
