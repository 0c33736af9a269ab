/** What proposing a value review or a change of an enrolment takes. */
import { IsIn, IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';
import { rails, type Rail } from '../../../funds/rails.js';
import { IsId } from '../../../kernel/http/id.js';
import { IsWritten } from '../../../kernel/http/one-line.js';

export class NewValueReviewDto {
  @IsId()
  id: string;

  /** Id or code of the fund. */
  @IsString()
  @MaxLength(60)
  fund: string;

  /** Id of the wage, as `GET /wage-rates` and the alerts give it. */
  @Matches(/^[1-9]\d{0,17}$/, { message: 'Give the id of a wage on record.', context: { code: 'wage-malformed' } })
  wageRate: string;
}

export class NewEnrolmentChangeDto {
  @IsId()
  id: string;

  /** How the client wants to be paid from now on. */
  @IsOptional()
  @IsIn(rails, { context: { code: 'unknown-rail' } })
  rail?: Rail;

  /** Where the client lives now. */
  @IsOptional()
  @IsString()
  @Length(2, 2)
  country?: string;

  @IsOptional()
  @IsString()
  @Length(1, 60)
  @IsWritten()
  region?: string;
}
