/** What recording a rate and an exchange take, and striking a rate out. */
import { IsIn, IsString, Length, MaxLength } from 'class-validator';
import { IsId } from '../../kernel/http/id.js';
import { strikeReasons, type StrikeReason } from '../exchange-rates.service.js';

export class NewExchangeRateDto {
  @IsId()
  id: string;

  /** The currency that is sold. */
  @IsString()
  @Length(3, 3)
  base: string;

  /** The currency that is bought. */
  @IsString()
  @Length(3, 3)
  quote: string;

  /** Decimal string, major units of `quote` for one of `base`, at most 10 decimals, like "36.5125". */
  @IsString()
  @MaxLength(40)
  rate: string;

  /** YYYY-MM-DD: the day that the bank gave it for. */
  @IsString()
  @MaxLength(10)
  asOf: string;

  /** Which bank and which paper says so. */
  @IsString()
  @Length(1, 200)
  source: string;
}

export class DoubtedRateDto {
  @IsIn(strikeReasons, { context: { code: 'unknown-reason' } })
  reason: StrikeReason;
}

export class NewExchangeDto {
  @IsId()
  id: string;

  /** Id of the recorded rate. */
  @IsId()
  rate: string;

  /** Decimal string in the rate's base currency: what left the fund's account. */
  @IsString()
  @MaxLength(40)
  sold: string;

  /** Decimal string in the rate's quote currency: what came. */
  @IsString()
  @MaxLength(40)
  bought: string;

  /** YYYY-MM-DD: the day at the bank. */
  @IsString()
  @MaxLength(10)
  exchangedOn: string;

  /** The bank's statement line or receipt. */
  @IsString()
  @Length(1, 140)
  reference: string;
}
