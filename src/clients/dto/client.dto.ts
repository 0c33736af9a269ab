/** What registering a client takes. */
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { IsId } from '../../kernel/http/id.js';
import { ConsentDto } from './consent.dto.js';

export class ClientNameDto {
  @IsString()
  @Length(1, 200)
  text: string;

  /** ISO 15924 code of the script: Mymr, Thai, Laoo, Khmr, Latn ... */
  @IsOptional()
  @Matches(/^[A-Z][a-z]{3}$/, {
    message: 'Give the script as its ISO 15924 code, like Mymr.',
    context: { code: 'script-malformed' },
  })
  script?: string;

  @IsOptional()
  @IsString()
  @Length(1, 200)
  romanised?: string;
}

export class PayeeDto {
  @IsString()
  @Length(1, 120)
  bank: string;

  @IsString()
  @Length(1, 64)
  account: string;
}

export class GuardianDto {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(10)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ClientNameDto)
  names: ClientNameDto[];

  @IsOptional()
  @IsString()
  @MaxLength(80)
  relation?: string;

  @IsOptional()
  @IsString()
  @MaxLength(40)
  phone?: string;
}

export class IdentityDto {
  /** One entry for each spelling or name that the client goes by. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(10)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ClientNameDto)
  names: ClientNameDto[];

  /** YYYY-MM-DD; without it the client is presumed a child. */
  @IsOptional()
  @IsString()
  dateOfBirth?: string;

  @IsOptional()
  @IsString()
  @MaxLength(40)
  phone?: string;

  @IsOptional()
  @IsString()
  @MaxLength(500)
  address?: string;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => PayeeDto)
  payee?: PayeeDto;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => GuardianDto)
  guardian?: GuardianDto;
}

const SLUG = /^[a-z0-9][a-z0-9-]{0,39}$/;
const SLUG_RULE = 'Use small letters, digits and hyphens, at most 40.';

export class NewClientDto {
  @IsOptional()
  @IsId()
  id?: string;

  @Matches(SLUG, { message: SLUG_RULE, context: { code: 'slug-malformed' } })
  cohort: string;

  /** The case the client comes from (vessel, employer, raid); the cohort when left out. */
  @IsOptional()
  @Matches(SLUG, { message: SLUG_RULE, context: { code: 'slug-malformed' } })
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
