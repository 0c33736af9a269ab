/** The ledger: posting and reading the books. */
import { Module } from '@nestjs/common';
import { BooksService } from './books.service.js';
import { LedgerApiController } from './ledger.api.controller.js';
import { PostingService } from './posting.service.js';

@Module({
  controllers: [LedgerApiController],
  providers: [PostingService, BooksService],
  exports: [PostingService, BooksService],
})
export class LedgerModule {}
