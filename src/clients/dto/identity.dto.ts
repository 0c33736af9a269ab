/** Who a client is, as registering and correcting take it; every list and every text has an end. */
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { payeeKinds, type PayeeKind } from '../domain/identity.js';
import { IsName, IsOneLine, IsText, IsWritten } from '../../kernel/http/one-line.js';

export class ClientNameDto {
  @IsString()
  @Length(1, 200)
  @IsName()
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
  @IsName()
  romanised?: string;

  /** As typed, when it was Zawgyi and was converted. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  @IsName()
  original?: string;
}

export class PayeeDto {
  @IsString()
  @Length(1, 120)
  @IsWritten()
  bank: string;

  @IsString()
  @Length(1, 64)
  @IsWritten()
  account: string;

  /** What `account` is; a plain account number when left out. */
  @IsOptional()
  @IsIn(payeeKinds, { context: { code: 'unknown-payee-kind' } })
  kind?: PayeeKind;

  /** BIC, or the bank's number in its country's clearing. */
  @IsOptional()
  @Matches(/^[A-Z0-9]{3,11}$/, {
    message: 'Give the BIC or the clearing number in 3 to 11 capital letters and digits.',
    context: { code: 'bank-code-malformed' },
  })
  bankCode?: string;

  /** In whose name the account is, in Latin letters, where it is not the romanised name. */
  @IsOptional()
  @IsString()
  @Length(1, 140)
  @IsName()
  holder?: string;
}

export class IdentityDocumentDto {
  /** Passport, identity card, household list ... */
  @IsString()
  @Length(1, 60)
  @IsWritten()
  kind: string;

  @IsString()
  @Length(1, 60)
  @IsWritten()
  number: string;

  /** Who issued it; ISO 3166 alpha-2. */
  @IsOptional()
  @Matches(/^[A-Z]{2}$/, {
    message: 'Give the country as two capital letters, like TH.',
    context: { code: 'unknown-country' },
  })
  country?: string;
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
  @IsOneLine()
  relation?: string;

  @IsOptional()
  @IsString()
  @MaxLength(40)
  @IsOneLine()
  phone?: string;
}

export class KinDto extends GuardianDto {
  /** Whether they may learn that the client is in a programme; not said means no. */
  @IsOptional()
  @IsBoolean()
  mayKnow?: boolean;
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

  /** It is about then, and nobody knows the day; where they may still be a child, they are presumed one. */
  @IsOptional()
  @IsBoolean()
  dateOfBirthIsGuess?: boolean;

  @IsOptional()
  @IsString()
  @MaxLength(40)
  @IsOneLine()
  phone?: string;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(6)
  @IsString({ each: true })
  @Length(1, 40, { each: true })
  @IsWritten({ each: true })
  otherPhones?: string[];

  @IsOptional()
  @IsString()
  @MaxLength(500)
  @IsText()
  address?: string;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(6)
  @IsString({ each: true })
  @Length(1, 500, { each: true })
  @IsText({ each: true })
  otherAddresses?: string[];

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => PayeeDto)
  payee?: PayeeDto;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(8)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => IdentityDocumentDto)
  documents?: IdentityDocumentDto[];

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => GuardianDto)
  guardian?: GuardianDto;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(8)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => KinDto)
  kin?: KinDto[];

  /** Notes on safety: whom and what to beware of. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(10)
  @IsString({ each: true })
  @Length(1, 1000, { each: true })
  @IsText({ each: true })
  safety?: string[];
}

export class IdentityCorrectionDto {
  /** The whole identity as it is right; what is left out is gone. */
  @IsObject()
  @ValidateNested()
  @Type(() => IdentityDto)
  identity: IdentityDto;

  /** The version that was corrected, so that two people do not overwrite each other. */
  @IsInt()
  @Min(1)
  expectedVersion: number;
}
