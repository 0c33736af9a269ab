/** What making a token for a machine takes. */
import { ArrayMaxSize, ArrayMinSize, IsArray, IsInt, IsString, Length, Max, Min } from 'class-validator';
import { IsWritten } from '../../kernel/http/one-line.js';
import { LONGEST_TOKEN_DAYS } from '../domain/machine-scope.js';

export class NewMachineTokenDto {
  /** For which program; you find the token under it. */
  @IsString()
  @Length(1, 80)
  @IsWritten()
  name: string;

  /** What it may do, of what you may do yourself: "books:read", "results:record" ... */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(30)
  @IsString({ each: true })
  scope: string[];

  @IsInt()
  @Min(1)
  @Max(LONGEST_TOKEN_DAYS)
  days: number;
}
