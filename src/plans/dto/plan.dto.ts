/** What writing a spending plan and tracking it take. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsInt, IsObject, IsOptional, IsString, IsUUID, ValidateNested } from 'class-validator';
import { IsId } from '../../kernel/http/id.js';

export class NewPlanItemDto {
  /** Code of the need that it serves, from the catalogue. */
  @ApiProperty({ example: 'debt' })
  @IsString()
  need: string;

  @ApiProperty({ minLength: 1, maxLength: 500 })
  @IsString()
  description: string;

  /** Major units with a point. */
  @ApiProperty({ example: '1500.00' })
  @IsString()
  amount: string;

  @ApiProperty({ example: 'THB' })
  @IsString()
  currency: string;
}

export class NewPlanDto {
  /** Chosen by the caller; the same id with the same content may be sent again. */
  @ApiProperty({ format: 'uuid' })
  @IsId()
  id: string;

  /** YYYY-MM-DD; today when left out. */
  @ApiPropertyOptional({ format: 'date' })
  @IsOptional()
  @IsString()
  writtenOn?: string;

  /**
   * The plans of this client that it was changed from. They stay, and may have been changed by somebody else already: then there are two
   * versions, and the answer's `otherVersions` names the other. Name both versions to make one of both.
   */
  @ApiPropertyOptional({ type: [String], format: 'uuid', maxItems: 10 })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(10, { context: { code: 'too-many-replaced' } })
  @IsUUID(undefined, { each: true, message: 'Give UUIDs.' })
  @Transform(({ value }: { value: unknown }) => inLowerCase(value))
  replaces?: string[];

  @ApiProperty({ type: () => [NewPlanItemDto], minItems: 1, maxItems: 40 })
  @IsArray()
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => NewPlanItemDto)
  items: NewPlanItemDto[];
}

export class NewTrackedItemDto {
  /** The item's number in the plan, from 1. */
  @ApiProperty({ type: 'integer', minimum: 1, maximum: 40 })
  @IsInt()
  item: number;

  /** Major units with a point; "0" when nothing was spent on it, left out when no sum was told. */
  @ApiPropertyOptional({ example: '1200.00' })
  @IsOptional()
  @IsString()
  spent?: string;

  @ApiProperty({ example: 'THB' })
  @IsString()
  currency: string;

  /** What came of it, as the client tells it. */
  @ApiPropertyOptional({ maxLength: 2000 })
  @IsOptional()
  @IsString()
  cameOf?: string;
}

export class NewTrackingDto {
  /** Chosen by the caller; the same id with the same content may be sent again. */
  @ApiProperty({ format: 'uuid' })
  @IsId()
  id: string;

  /** YYYY-MM-DD; today when left out. */
  @ApiPropertyOptional({ format: 'date' })
  @IsOptional()
  @IsString()
  toldOn?: string;

  @ApiProperty({ type: () => [NewTrackedItemDto], minItems: 1, maxItems: 40 })
  @IsArray()
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => NewTrackedItemDto)
  items: NewTrackedItemDto[];
}

/** As `IsId` does: ids are parts of the places that sealed data is bound to. */
function inLowerCase(ids: unknown): unknown {
  return Array.isArray(ids) ? ids.map((id: unknown) => (typeof id === 'string' ? id.toLowerCase() : id)) : ids;
}
