/** The books over the API. */
import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { BooksService } from './books.service.js';

@ApiTags('ledger')
@Controller('api/v1/ledger')
export class LedgerApiController {
  constructor(private readonly books: BooksService) {}

  @Get('trial-balance')
  @Allow('books:read')
  @ApiOperation({ summary: 'The trial balance, folded from every entry; the difference is zero in each currency' })
  trialBalance(@CurrentActor() actor: Actor) {
    return this.books.trialBalance(actor);
  }
}
