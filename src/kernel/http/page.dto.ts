/** Which page of a list: `after` is the `next` of the page before. */
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { IsWholeNumber } from './whole-number.js';

export class PageDto {
  @IsOptional()
  @IsString()
  @MaxLength(100)
  after?: string;

  @IsOptional()
  @IsWholeNumber(1, 1000)
  @ApiPropertyOptional()
  limit: number = 100;
}
