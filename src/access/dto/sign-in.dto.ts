/** What signing in takes. */
import { IsOptional, IsString, MaxLength } from 'class-validator';

export class SignInDto {
  @IsString()
  @MaxLength(200)
  email: string;

  @IsString()
  @MaxLength(200)
  password: string;

  /** Code of the authenticator, or a recovery code, for whoever has set up a second factor. */
  @IsOptional()
  @IsString()
  @MaxLength(40)
  otp?: string;
}
