/** What making and listing donor reports take. */
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';

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

export class BundleAudienceDto {
  /** For whom: a donor gets the seal of the quarter, an auditor every entry as well. */
  @IsOptional()
  @IsIn(['donor', 'auditor'])
  for: 'donor' | 'auditor' = 'donor';
}
