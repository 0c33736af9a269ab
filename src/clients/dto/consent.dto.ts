/** What recording a consent and withdrawing it take. */
import { IsBoolean, IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { consentPurposes, interpreters, type ConsentPurpose, type Interpreter } from '../domain/consent.js';

export class WithdrawalDto {
  @IsIn(consentPurposes, { context: { code: 'unknown-consent' } })
  purpose: ConsentPurpose;

  /** With whom to share (one organisation by name), or by which rail to be paid; all when left out. A consent to share names somebody. */
  @IsOptional()
  @IsString()
  @MaxLength(120)
  party?: string;

  /** The language it was explained in: my, th, lo, km, en ... */
  @Matches(/^[a-z]{2,3}$/, {
    message: 'Give the language as its code, like my, th, lo, km or en.',
    context: { code: 'language-malformed' },
  })
  language: string;

  /** Who put it into that language; nobody when left out. */
  @IsOptional()
  @IsIn(interpreters, { context: { code: 'unknown-interpreter' } })
  interpreter?: Interpreter;

  /** YYYY-MM-DD; today when left out. */
  @IsOptional()
  @IsString()
  recordedOn?: string;
}

export class ConsentDto extends WithdrawalDto {
  @IsBoolean()
  given: boolean;
}
