/** What the calls of this room take. */
import { OmitType } from '@nestjs/swagger';
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
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsId } from '../../kernel/http/id.js';
import { rails, type Rail } from '../../funds/rails.js';
import { PageDto } from '../../kernel/http/page.dto.js';
import { transferStates, type TransferState } from '../obligation.entity.js';
import { outcomes, type Outcome } from '../rails/outcome.js';
import { holdReasons, type HoldReason } from '../transfers.service.js';

export class NewEnrolmentDto {
  @IsId()
  id: string;

  /** The client's code. */
  @IsString()
  @MaxLength(40)
  client: string;

  /** Id or code of the fund. */
  @IsString()
  @MaxLength(60)
  fund: string;

  /** YYYY-MM-DD: day of the first transfer; the others follow one and two months after it. */
  @IsString()
  @MaxLength(10)
  anchorOn: string;

  /** How the client wants to be paid; cash when left out. */
  @IsOptional()
  @IsIn(rails, { context: { code: 'unknown-rail' } })
  rail?: Rail;

  /** Always 3. */
  @IsOptional()
  @IsInt()
  instalments?: number;
}

export class NewRunDto {
  @IsId()
  id: string;

  /** YYYY-MM-DD: everything due on or before that day. */
  @IsString()
  @MaxLength(10)
  dueThrough: string;

  @IsOptional()
  @Matches(/^[A-Z]{2}$/, {
    message: 'Give the country as two capital letters, like TH.',
    context: { code: 'unknown-country' },
  })
  country?: string;

  /** Whether somebody can be paid two instalments in one month; no when left out. */
  @IsOptional()
  @IsBoolean()
  catchUp?: boolean;
}

export class RunPreviewDto extends OmitType(NewRunDto, ['id'] as const) {}

export class DigestDto {
  /** The digest that `GET /runs/{id}` shows: what is signed is exactly what was seen. */
  @Matches(/^[0-9a-f]{64}$/, { message: 'A digest has 64 hexadecimal digits.', context: { code: 'digest-malformed' } })
  digest: string;
}

export class SendBackDto {
  @IsString()
  @Length(1, 500)
  reason: string;
}

export class ResultDto {
  /** Id of the transfer. */
  @IsId()
  transfer: string;

  @IsIn(outcomes, { context: { code: 'unknown-outcome' } })
  outcome: Outcome;

  /** The rail's code. Only codes known to prove it make a failure; any other leaves the outcome unknown. */
  @IsOptional()
  @IsString()
  @Length(1, 40)
  code?: string;

  @IsOptional()
  @IsString()
  @MaxLength(10)
  happenedOn?: string;

  /** Statement line, receipt or query by which it is proven. It stays in the books when a client is erased: name nobody. */
  @IsOptional()
  @IsString()
  @Length(1, 140)
  reference?: string;
}

export class ResultsDto {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1000)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ResultDto)
  results: ResultDto[];
}

export class HoldDto {
  @IsIn(holdReasons, { context: { code: 'unknown-hold-reason' } })
  reason: HoldReason;
}

export class TransferFilterDto extends PageDto {
  @IsOptional()
  @IsString()
  @MaxLength(40)
  client?: string;

  @IsOptional()
  @IsIn(transferStates, { context: { code: 'unknown-state' } })
  state?: TransferState;

  @IsOptional()
  @Matches(/^\d{4}-\d{2}-\d{2}$/, { message: 'Give the day as YYYY-MM-DD.', context: { code: 'date-malformed' } })
  from?: string;

  @IsOptional()
  @Matches(/^\d{4}-\d{2}-\d{2}$/, { message: 'Give the day as YYYY-MM-DD.', context: { code: 'date-malformed' } })
  to?: string;

  @IsOptional()
  @IsString()
  @MaxLength(60)
  fund?: string;

  @IsOptional()
  @IsId()
  run?: string;
}

/** A page of a payment list: each line opens somebody's identity, so a page is short. */
export class PaymentListPageDto extends PageDto {
  @Max(100)
  override limit: number = 50;
}

export class OwnerDto {
  /** Id of a user of finance. */
  @IsId()
  owner: string;
}

export class LimitStepDto {
  /** Decimal string in major units. */
  @IsString()
  @MaxLength(30)
  above: string;

  @IsInt()
  @Min(1)
  @Max(5)
  approvals: number;
}

export class NewApprovalLimitsDto {
  @IsId()
  id: string;

  /** ISO 4217 code of the programme's currency. */
  @IsString()
  @MaxLength(3)
  currency: string;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(5)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => LimitStepDto)
  steps: LimitStepDto[];
}
