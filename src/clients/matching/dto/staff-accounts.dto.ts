/** What saying where one is paid oneself takes. */
import { ArrayMaxSize, IsArray, IsString, Length } from 'class-validator';

export class StaffAccountsDto {
  /** Account and mobile money numbers; an empty list takes away what was said before. */
  @IsArray()
  @ArrayMaxSize(10)
  @IsString({ each: true })
  @Length(1, 64, { each: true })
  accounts: string[];
}
