/** What proposing a wage takes. */
import { IsIn, IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';
import { IsId } from '../../kernel/http/id.js';
import { IsWritten } from '../../kernel/http/one-line.js';
import { confidences, type Confidence } from '../domain/transfer-value.js';

export class NewWageDto {
  @IsId()
  id: string;

  @IsString()
  @Length(2, 2)
  country: string;

  /** Where the wage is that of a region; the whole country when left out. */
  @IsOptional()
  @IsString()
  @Length(1, 60)
  @IsWritten()
  region?: string;

  /** The sector by which the country's transfers are valued when left out. */
  @IsOptional()
  @Matches(/^[a-z][a-z-]{0,39}$/, { message: 'Use small letters and hyphens.', context: { code: 'slug-malformed' } })
  sector?: string;

  @IsIn(['day', 'month'])
  unit: 'day' | 'month';

  /** Decimal string in major units, as the instrument states it. */
  @IsString()
  @MaxLength(20)
  amount: string;

  @IsString()
  @Length(3, 3)
  currency: string;

  @IsString()
  @MaxLength(10)
  effectiveFrom: string;

  /** What sets it, like "Notification 1/2025". */
  @IsString()
  @Length(1, 200)
  @IsWritten()
  instrument: string;

  /** Where anybody can read it. */
  @Matches(/^https?:\/\/[^\s<>"]{1,480}$/, {
    message: 'Give the address of the source, beginning with https://.',
    context: { code: 'source-malformed' },
  })
  sourceUrl: string;

  /** How sure it is: read in the instrument itself, reported by others, or still to be confirmed. */
  @IsIn(confidences, { context: { code: 'unknown-confidence' } })
  confidence: Confidence;
}
