/** What writing a spending plan and tracking it take. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsArray, IsInt, IsObject, IsOptional, IsString, ValidateNested } from 'class-validator';
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

  /** Major units with a point; "0" when nothing was spent on it. */
  @ApiProperty({ example: '1200.00' })
  @IsString()
  spent: string;

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
