/** What recording an identification takes. */
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  MaxLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { IsId } from '../../../kernel/http/id.js';
import { IsOneLine, IsText } from '../../../kernel/http/one-line.js';
import {
  acts,
  agesThen,
  means,
  purposes,
  type Act,
  type AgeThen,
  type Means,
  type Purpose,
} from '../domain/elements.js';
import {
  formalStatuses,
  LONGEST_AUTHORITY,
  LONGEST_WORDS,
  type FormalStanding,
  type FormalStatus,
  type ReflectionPeriod,
  type ToldWords,
} from '../domain/identification.js';

export class ToldWordsDto implements ToldWords {
  @IsOptional()
  @IsString()
  @MaxLength(LONGEST_WORDS)
  @IsText()
  acts?: string;

  @IsOptional()
  @IsString()
  @MaxLength(LONGEST_WORDS)
  @IsText()
  means?: string;

  @IsOptional()
  @IsString()
  @MaxLength(LONGEST_WORDS)
  @IsText()
  purposes?: string;
}

export class FormalStandingDto implements FormalStanding {
  /** `declined`: the client did not want to be identified by an authority. */
  @IsIn(formalStatuses, { context: { code: 'unknown-status' } })
  status: FormalStatus;

  /** YYYY-MM-DD. */
  @IsOptional()
  @IsString()
  decidedOn?: string;

  /** Which authority, in words. */
  @IsOptional()
  @IsString()
  @MaxLength(LONGEST_AUTHORITY)
  @IsOneLine()
  authority?: string;
}

export class ReflectionPeriodDto implements ReflectionPeriod {
  /** YYYY-MM-DD, its first day. */
  @IsString()
  from: string;

  /** YYYY-MM-DD, its last day; 30 to 90 days in all. */
  @IsString()
  to: string;
}

export class NewIdentificationDto {
  /** Chosen by the caller; the same id with the same content may be sent again. */
  @IsId()
  id: string;

  /** The id of the latest identification that was read before; null when there is none yet. */
  @ValidateIf((_, value: unknown) => value !== null)
  @IsId()
  replaces: string | null;

  /** YYYY-MM-DD; today when left out. */
  @IsOptional()
  @IsString()
  recordedOn?: string;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(acts.length)
  @ArrayUnique()
  @IsIn(acts, { each: true, context: { code: 'unknown-act' } })
  acts?: Act[];

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(means.length)
  @ArrayUnique()
  @IsIn(means, { each: true, context: { code: 'unknown-means' } })
  means?: Means[];

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(purposes.length)
  @ArrayUnique()
  @IsIn(purposes, { each: true, context: { code: 'unknown-purpose' } })
  purposes?: Purpose[];

  /** How old they were when it began: a child (under 18), an adult, or unknown; as old as now when left out. */
  @IsOptional()
  @IsIn(agesThen, { context: { code: 'unknown-age' } })
  ageThen?: AgeThen;

  /** The client's own words, of each element. */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ToldWordsDto)
  words?: ToldWordsDto;

  /** How they stand with the authorities; not asked yet when left out. */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => FormalStandingDto)
  formal?: FormalStandingDto;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ReflectionPeriodDto)
  reflection?: ReflectionPeriodDto;
}
