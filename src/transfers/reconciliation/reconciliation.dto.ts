/** What the calls about bank reports, the work list and a month's end take. */
import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { IsId } from '../../kernel/http/id.js';
import { PageDto } from '../../kernel/http/page.dto.js';
import { resolutions, type Resolution } from './work-list.service.js';
import { IsWholeNumber } from '../../kernel/http/whole-number.js';

const IsDay = () =>
  Matches(/^\d{4}-\d{2}-\d{2}$/, { message: 'Give the day as YYYY-MM-DD.', context: { code: 'date-malformed' } });

export class BankReportFormDto {
  /** Of a CSV file: its layout in config/result-layouts.json. */
  @IsOptional()
  @IsString()
  @MaxLength(40)
  layout?: string;
}

export class WorkItemsPageDto extends PageDto {
  /** `all`: those that were settled too. */
  @IsOptional()
  @IsIn(['open', 'all'])
  show?: 'open' | 'all';
}

export class ResolutionDto {
  @IsIn(resolutions, { context: { code: 'unknown-resolution' } })
  resolution: Resolution;

  /** For `is-payment`. */
  @IsOptional()
  @IsId()
  transfer?: string;

  /** For `is-payment`: which attempt; the latest when left out. */
  @IsOptional()
  @IsWholeNumber(1, 20)
  attemptNo?: number;

  /** For `is-lot`: the message id or the id of the lot. */
  @IsOptional()
  @IsString()
  @MaxLength(35)
  lot?: string;

  /** For `in-the-books`: the ledger entry that is the same movement. */
  @IsOptional()
  @IsId()
  entry?: string;
}

export class StatementBalanceDto {
  /** Code of the paying account. */
  @IsString()
  @MaxLength(40)
  account: string;

  @IsDay()
  day: string;

  /** Decimal string in major units; with a minus when overdrawn. */
  @IsString()
  @MaxLength(40)
  amount: string;
}

export class MonthEndDto {
  /** YYYY-MM-DD; yesterday's month when left out. */
  @IsOptional()
  @IsDay()
  through?: string;
}
