/** The filters of the audit trail. */
import { Transform } from 'class-transformer';
import { IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { IsId } from '../../../kernel/http/id.js';
import { PageDto } from '../../../kernel/http/page.dto.js';

const IsDay = () =>
  Matches(/^\d{4}-\d{2}-\d{2}$/, { message: 'Give the day as YYYY-MM-DD.', context: { code: 'date-malformed' } });

export class AuditEventsFilterDto extends PageDto {
  /** Id of a user. */
  @IsOptional()
  @IsId()
  actor?: string;

  /** `noun.verb`, like "identity.read". */
  @IsOptional()
  @Matches(/^[a-z-]{1,40}\.[a-z-]{1,40}$/, {
    message: 'Give an act like identity.read.',
    context: { code: 'act-malformed' },
  })
  act?: string;

  @IsOptional()
  @IsString()
  @MaxLength(40)
  subjectKind?: string;

  @IsOptional()
  @IsString()
  @MaxLength(120)
  subject?: string;

  /** A client's code: whatever was done to them, their assessments, plans, enrolments and transfers. */
  @IsOptional()
  @IsString()
  @MaxLength(40)
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.toUpperCase() : value))
  client?: string;

  @IsOptional()
  @IsDay()
  from?: string;

  @IsOptional()
  @IsDay()
  to?: string;
}
