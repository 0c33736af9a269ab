/** What recording an assessment and asking for the table of priorities take. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsObject, IsOptional, IsString, Matches } from 'class-validator';
import { IsId } from '../../kernel/http/id.js';

/** Every key as it was sent: the transformer leaves out what objects have by themselves, like `constructor`. */
const asSent = ({ obj, key }: { obj: Record<string, unknown>; key: string }) => obj[key];

/** A form sends a filter that was not filled in as an empty text. */
const emptyIsAbsent = ({ value }: { value: unknown }) => (value === '' ? undefined : value);

export class NewAssessmentDto {
  /** Chosen by the caller; the same id with the same content may be sent again. */
  @ApiProperty({ format: 'uuid' })
  @IsId()
  id: string;

  /** YYYY-MM-DD. */
  @ApiProperty({ format: 'date' })
  @IsString()
  assessedOn: string;

  /** All 21 needs of the catalogue by their code; 4 is highest priority. */
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer', minimum: 1, maximum: 4 },
    example: { employment: 4, expenses: 3, debt: 1 },
  })
  @Transform(asSent)
  @IsObject()
  ranks: Record<string, unknown>;

  /** What each highest priority means to the client, in their own words; only for needs ranked 4. */
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string', maxLength: 2000 } })
  @IsOptional()
  @Transform(asSent)
  @IsObject()
  interpretations?: Record<string, unknown> | null;
}

export class PrioritiesFilterDto {
  @ApiPropertyOptional()
  @IsOptional()
  @Transform(emptyIsAbsent)
  @Matches(/^[a-z0-9][a-z0-9-]{0,39}$/, {
    message: 'Give the cohort in small letters, digits and hyphens.',
    context: { code: 'slug-malformed' },
  })
  cohort?: string;

  /** ISO 3166 alpha-2. */
  @ApiPropertyOptional()
  @IsOptional()
  @Transform(emptyIsAbsent)
  @Matches(/^[A-Z]{2}$/, {
    message: 'Give the country by its two letters, like TH.',
    context: { code: 'unknown-country' },
  })
  country?: string;
}
