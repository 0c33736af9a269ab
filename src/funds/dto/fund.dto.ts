/** What opening a fund, receiving a grant and taking one back take. */
import { IsIn, IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';
import { IsText, IsWritten } from '../../kernel/http/one-line.js';
import { IsId } from '../../kernel/http/id.js';
import { policyDeclineReasons, valuePolicies, type PolicyDeclineReason, type ValuePolicy } from '../value-policy.js';

export class NewFundDto {
  @IsId()
  id: string;

  /** The donor's name; made when new. */
  @IsString()
  @Length(1, 120)
  @IsWritten()
  donor: string;

  @Matches(/^[a-z0-9][a-z0-9-]{1,40}$/, {
    message: 'Use small letters, digits and hyphens, 2 to 41.',
    context: { code: 'slug-malformed' },
  })
  code: string;

  @IsString()
  @Length(1, 120)
  @IsWritten()
  name: string;

  @IsString()
  @Length(3, 3)
  currency: string;

  /** Take the amounts that were decided under this label, instead of the minimum wage. */
  @IsOptional()
  @IsString()
  @MaxLength(60)
  decidedLabel?: string;

  /** Of the monthly minimum wage; "1" when left out. */
  @IsOptional()
  @IsString()
  @MaxLength(8)
  multiplier?: string;

  /** What it does when wages rise; "freeze" when left out. */
  @IsOptional()
  @IsIn(valuePolicies, { context: { code: 'unknown-policy' } })
  valuePolicy?: ValuePolicy;
}

export class PolicyChangeDto {
  @IsId()
  id: string;

  @IsIn(valuePolicies, { context: { code: 'unknown-policy' } })
  policy: ValuePolicy;

  /** Why: what the donor agreed to. */
  @IsString()
  @Length(1, 500)
  @IsText()
  reason: string;
}

export class PolicyDeclineDto {
  @IsIn(policyDeclineReasons, { context: { code: 'unknown-reason' } })
  reason: PolicyDeclineReason;
}

export class NewAccountsDto {
  @IsString()
  @Length(3, 3)
  currency: string;
}

export class NewGrantDto {
  @IsId()
  id: string;

  /** Decimal string in major units, like "500000.00". */
  @IsString()
  @MaxLength(40)
  amount: string;

  /** One in which the fund has accounts. */
  @IsString()
  @Length(3, 3)
  currency: string;

  @IsString()
  @MaxLength(10)
  receivedOn: string;

  @IsString()
  @Length(1, 140)
  reference: string;
}

export class GrantReversalDto {
  @IsId()
  id: string;

  /** Why it is taken back. */
  @IsString()
  @Length(1, 500)
  reason: string;
}
