/** What the calls on cash take. */
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsDate,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsId } from '../../../../kernel/http/id.js';
import { PageDto } from '../../../../kernel/http/page.dto.js';
import { differenceReasons, type DifferenceReason } from '../till-counts.service.js';
import {
  acknowledgementKinds,
  handInReasons,
  voucherStates,
  type AcknowledgementKind,
  type HandInReason,
  type VoucherState,
} from '../voucher-view.js';

export class VoucherFilterDto extends PageDto {
  /** Id of the user who carries them, or to whom they are offered. */
  @IsOptional()
  @IsId()
  holder?: string;

  @IsOptional()
  @IsIn(voucherStates, { context: { code: 'unknown-state' } })
  state?: VoucherState;

  @IsOptional()
  @IsId()
  run?: string;

  /** Those carried for longer than cash should be. */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  overdue?: boolean;
}

export class HandOutDto {
  @IsId()
  id: string;

  /** Id of the user who is to carry it. */
  @IsId()
  holder: string;
}

export class HandInDto {
  @IsId()
  id: string;

  /** Left out only for what the client gave back after it was acknowledged. */
  @IsOptional()
  @IsIn(handInReasons, { context: { code: 'unknown-reason' } })
  because?: HandInReason;
}

export class ReceiptDto {
  /** Id of the offer that is taken up. */
  @IsId()
  offer: string;
}

export class HandoverDto {
  @IsId()
  id: string;

  @IsIn(acknowledgementKinds, { context: { code: 'unknown-kind' } })
  kind: AcknowledgementKind;

  /** Id of the user who saw it or was told; left out with the client's mark. */
  @IsOptional()
  @IsId()
  second?: string;

  /** YYYY-MM-DD; today when left out. */
  @IsOptional()
  @IsString()
  @MaxLength(10)
  happenedOn?: string;

  /** When it was written down on a device without a network. */
  @IsOptional()
  @Type(() => Date)
  @IsDate({ message: 'Give the moment like 2026-03-02T10:00:00Z.', context: { code: 'date-malformed' } })
  deviceAt?: Date;
}

export class ConfirmHandoverDto {
  /** Id of the handover that the second person saw or was told of. */
  @IsId()
  handover: string;
}

export class PiecesDto {
  /** What one piece is worth, in major units: "1000.00". */
  @IsString()
  @MaxLength(20)
  piece: string;

  @IsInt()
  @Min(0)
  @Max(1_000_000)
  count: number;
}

export class ExplanationDto {
  @IsIn(differenceReasons, { context: { code: 'unknown-reason' } })
  reason: DifferenceReason;

  /** In major units; below nothing for what is missing. */
  @IsString()
  @MaxLength(20)
  amount: string;
}

export class TillCountDto {
  @IsId()
  id: string;

  /** Id or code of the fund. */
  @IsString()
  @MaxLength(60)
  fund: string;

  @IsString()
  @MaxLength(3)
  currency: string;

  /** Id of the user whose cash is counted; left out for the till. */
  @IsOptional()
  @IsId()
  holder?: string;

  @IsArray()
  @ArrayMaxSize(40)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => PiecesDto)
  pieces: PiecesDto[];

  /** What the books said when it was counted. */
  @IsString()
  @MaxLength(20)
  books: string;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(10)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ExplanationDto)
  explanations?: ExplanationDto[];
}
