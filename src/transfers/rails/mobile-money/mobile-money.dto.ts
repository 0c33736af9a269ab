/** What the calls of mobile money take. */
import { IsIn, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import { IsId } from '../../../kernel/http/id.js';
import { PageDto } from '../../../kernel/http/page.dto.js';
import { reversalReasons, type ReversalReason } from './reversals.service.js';

export class NewReversalDto {
  @IsId()
  id: string;

  /** Which attempt to pay the transfer, as the transfer lists them. */
  @IsInt()
  @Min(1)
  @Max(20)
  attempt: number;

  @IsIn(reversalReasons, { context: { code: 'unknown-reason' } })
  reason: ReversalReason;
}

export class RailMessagePageDto extends PageDto {
  @IsOptional()
  @IsString()
  @IsIn(['', 'true', 'false'])
  unmatched?: string;
}
