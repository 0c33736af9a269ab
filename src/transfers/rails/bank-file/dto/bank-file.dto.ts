/** What opening a paying account, tying a fund to it, and making and abandoning a run's files take. */
import { ArrayMaxSize, IsArray, IsIn, IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';
import { IsId } from '../../../../kernel/http/id.js';
import { IsName, IsWritten } from '../../../../kernel/http/one-line.js';
import { abandonReasons, type AbandonReason } from '../bank-file-view.js';

export class NewPayingAccountDto {
  @IsId()
  id: string;

  @Matches(/^[a-z][a-z0-9-]{0,39}$/, {
    message: 'Use small letters, digits and hyphens, at most 40, beginning with a letter.',
    context: { code: 'slug-malformed' },
  })
  code: string;

  /** Whose account it is, as the bank has it; whoever is paid may read it. */
  @IsString()
  @Length(1, 70)
  @IsName()
  name: string;

  /** The bank, as people call it. */
  @IsString()
  @Length(1, 120)
  @IsWritten()
  bank: string;

  /** BIC, or the bank's number in its country's clearing. */
  @Matches(/^[A-Z0-9]{3,11}$/, {
    message: 'Give the BIC or the clearing number in 3 to 11 capital letters and digits.',
    context: { code: 'bank-code-malformed' },
  })
  bankCode: string;

  @Matches(/^[A-Za-z0-9]{1,34}$/, {
    message: 'Give the account in at most 34 letters and digits, without spaces.',
    context: { code: 'account-malformed' },
  })
  account: string;

  @IsIn(['iban', 'bban'], { context: { code: 'unknown-account-kind' } })
  accountKind: 'iban' | 'bban';

  @IsString()
  @Length(3, 3)
  currency: string;

  /** Two capital letters: whose bank holidays count. */
  @IsString()
  @Length(2, 2)
  country: string;

  /** `pain.001.001.09`, or the name of a layout. */
  @IsString()
  @Length(1, 40)
  layout: string;

  /** Codes of funds whose payments in its currency leave from it. */
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @Length(1, 41, { each: true })
  funds: string[];
}

export class TiedFundDto {
  /** Code of a fund. */
  @IsString()
  @Length(1, 41)
  fund: string;
}

export class BankFileWishDto {
  /** YYYY-MM-DD: another day than today or the due day, as after a bank's cut-off. */
  @IsOptional()
  @IsString()
  @MaxLength(10)
  executionOn?: string;
}

export class AbandonedFileDto {
  @IsIn(abandonReasons, { context: { code: 'unknown-reason' } })
  reason: AbandonReason;
}
