/** What administering users takes. */
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsEmail,
  IsIn,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  MaxLength,
} from 'class-validator';
import { IsId } from '../../kernel/http/id.js';
import { IsName, IsWritten } from '../../kernel/http/one-line.js';
import { roleNames, type Role } from '../domain/actor.js';

export class RolesDto {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(roleNames.length)
  @IsIn(roleNames, { each: true, context: { code: 'unknown-role' } })
  roles: Role[];
}

export class InvitationDto extends RolesDto {
  @IsEmail({}, { message: 'Give an e-mail address.', context: { code: 'email-malformed' } })
  @MaxLength(200)
  email: string;

  @IsString()
  @Length(1, 120)
  @IsName()
  displayName: string;

  /** Id of a team; without it the first one. */
  @IsOptional()
  @IsId()
  team?: string;
}

export class ConfirmationDto {
  /** Ids of what was shown as awaited. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(50)
  @IsUUID(undefined, { each: true, message: 'Give UUIDs.' })
  awaited: string[];
}

export class UserTeamDto {
  @IsId()
  team: string;
}

export class NewTeamDto {
  @IsString()
  @Length(1, 80)
  @IsWritten()
  name: string;
}
