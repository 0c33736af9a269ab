/** What signing in takes. */
import { IsOptional, IsString, MaxLength } from 'class-validator';

export class SignInDto {
  @IsString()
  @MaxLength(200)
  email: string;

  @IsString()
  @MaxLength(200)
  password: string;

  /** One-time password; no account has one yet. */
  @IsOptional()
  @IsString()
  @MaxLength(10)
  otp?: string;
}
