/** What deciding about a possible duplicate takes, and which list of them is asked for. */
import { IsIn, IsOptional } from 'class-validator';
import { PageDto } from '../../../kernel/http/page.dto.js';
import { duplicateDecisions, type DuplicateDecision } from '../duplicates.service.js';

export class DuplicatesPageDto extends PageDto {
  @IsOptional()
  @IsIn(['waiting', 'decided'])
  state: 'waiting' | 'decided' = 'waiting';
}

export class DuplicateDecisionDto {
  @IsIn(duplicateDecisions, { context: { code: 'unknown-decision' } })
  decision: DuplicateDecision;
}
