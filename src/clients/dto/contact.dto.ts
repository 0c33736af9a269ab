/** What writing down the rules of safe contact and recording a contact take. */
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsId } from '../../kernel/http/id.js';
import { IsText } from '../../kernel/http/one-line.js';
import {
  contactChannels,
  contactDirections,
  contactOutcomes,
  type ContactChannel,
  type ContactDirection,
  type ContactOutcome,
  type SafeContactRules,
} from '../domain/safe-contact.js';

const LONGEST = 500;

export class SafeContactRulesDto implements SafeContactRules {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(contactChannels.length)
  @ArrayUnique()
  @IsIn(contactChannels, { each: true, context: { code: 'unknown-channel' } })
  channels: ContactChannel[];

  /** Which number, which person, which place. */
  @IsString()
  @MaxLength(LONGEST)
  @IsText()
  how: string = '';

  @IsString()
  @MaxLength(LONGEST)
  @IsText()
  when: string = '';

  @Matches(/^[a-z]{2,3}$/, {
    message: 'Give the language as its code, like my, th, lo, km or en.',
    context: { code: 'language-malformed' },
  })
  language: string;

  @IsString()
  @MaxLength(LONGEST)
  @IsText()
  byWhom: string = '';

  /** How, when and by whom never; say that there is nothing, rather than nothing. */
  @IsString()
  @Length(1, LONGEST)
  @IsText()
  never: string;

  /** A message that reveals nothing to whoever else reads or hears it. */
  @IsString()
  @MaxLength(LONGEST)
  @IsText()
  wording: string = '';

  @IsString()
  @MaxLength(LONGEST)
  @IsText()
  interviewer: string = '';

  @IsString()
  @MaxLength(LONGEST)
  @IsText()
  interpreter: string = '';
}

export class NewSafeContactDto {
  /** The version that these rules take the place of; 0 when there is none yet. */
  @IsInt()
  @Min(0)
  @Max(100_000)
  replaces: number;

  @IsObject()
  @ValidateNested()
  @Type(() => SafeContactRulesDto)
  rules: SafeContactRulesDto;
}

export class NewContactDto {
  /** Chosen by the caller; the same id with the same content may be sent again. */
  @IsId()
  id: string;

  /** The version of the rules of safe contact that was read before; it has to be the latest. */
  @IsInt()
  @Min(0)
  @Max(100_000)
  rulesVersion: number;

  @IsIn(contactDirections, { context: { code: 'unknown-direction' } })
  direction: ContactDirection;

  @IsIn(contactChannels, { context: { code: 'unknown-channel' } })
  channel: ContactChannel;

  @IsIn(contactOutcomes, { context: { code: 'unknown-outcome' } })
  outcome: ContactOutcome;

  /** YYYY-MM-DD; today when left out. */
  @IsOptional()
  @IsString()
  happenedOn?: string;

  @IsOptional()
  @IsString()
  @MaxLength(2000)
  @IsText()
  words?: string;
}
