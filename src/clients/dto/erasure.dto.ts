/** A certificate of erasure as somebody shows it. */
import { IsArray, IsObject, IsString, Matches, MaxLength } from 'class-validator';

export class ErasureCertificateDto {
  @Matches(/^E-[0-9A-HJKMNP-TV-Z]{8}$/, { message: 'Give the number of the certificate, like E-01234567.' })
  number: string;

  @IsString()
  @MaxLength(40)
  formerCode: string;

  @IsString()
  @MaxLength(40)
  erasedAt: string;

  @IsString()
  @MaxLength(40)
  backupsClearOn: string;

  @IsObject()
  deleted: Record<string, number>;

  @IsArray()
  kept: { what: string; why: string }[];

  @IsString()
  @MaxLength(64)
  proof: string;
}
