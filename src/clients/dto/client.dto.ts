/** What registering a client takes. */
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { IsId } from '../../kernel/http/id.js';
import { IsOneLine } from '../../kernel/http/one-line.js';
import { ConsentDto } from './consent.dto.js';
import { IdentityDto } from './identity.dto.js';

const SLUG = /^[a-z0-9][a-z0-9-]{0,39}$/;
const SLUG_RULE = {
  message: 'Use small letters, digits and hyphens, at most 40.',
  context: { code: 'slug-malformed' },
};

export class NewClientDto {
  @IsOptional()
  @IsId()
  id?: string;

  @Matches(SLUG, SLUG_RULE)
  cohort: string;

  /** The case the client comes from (vessel, employer, raid); the cohort when left out. */
  @IsOptional()
  @Matches(SLUG, SLUG_RULE)
  caseGroup?: string;

  /** Country where the client lives; ISO 3166 alpha-2. It decides the value of a transfer. */
  @Matches(/^[A-Z]{2}$/, {
    message: 'Give the country as two capital letters, like TH.',
    context: { code: 'unknown-country' },
  })
  country: string;

  @IsOptional()
  @IsString()
  @Length(1, 80)
  @IsOneLine()
  region?: string;

  @IsObject()
  @ValidateNested()
  @Type(() => IdentityDto)
  identity: IdentityDto;

  @IsArray()
  @ArrayMaxSize(20)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ConsentDto)
  consents: ConsentDto[];
}

/** What a case file always has can be left out and cannot be emptied. */
const isGiven = (_: unknown, value: unknown) => value !== undefined;

/** What is left out stays as it is. */
export class CaseFileCorrectionDto {
  @ValidateIf(isGiven)
  @Matches(SLUG, SLUG_RULE)
  cohort?: string;

  @ValidateIf(isGiven)
  @Matches(SLUG, SLUG_RULE)
  caseGroup?: string;

  /** Where the client lives; it stays while they are enrolled there. */
  @ValidateIf(isGiven)
  @Matches(/^[A-Z]{2}$/, {
    message: 'Give the country as two capital letters, like TH.',
    context: { code: 'unknown-country' },
  })
  country?: string;

  /** null: not known. */
  @IsOptional()
  @IsString()
  @Length(1, 80)
  @IsOneLine()
  region?: string | null;
}
