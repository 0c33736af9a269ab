/** What making and listing donor reports take. */
import { IsOptional, IsString, MaxLength } from 'class-validator';

export class NewDonorReportDto {
  /** Id or code of the fund. */
  @IsString()
  @MaxLength(60)
  fund: string;

  /** A quarter that is over, like "2015-Q3". */
  @IsString()
  @MaxLength(10)
  period: string;
}

export class ReportFilterDto {
  @IsOptional()
  @IsString()
  @MaxLength(60)
  fund?: string;
}
