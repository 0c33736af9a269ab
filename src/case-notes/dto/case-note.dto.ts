/** What writing a case note and reading a page of them take. */
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { IsId } from '../../kernel/http/id.js';
import { noteKinds, type NewCaseNote, type NoteKind } from '../domain/case-note.js';
import { IsWholeNumber } from '../../kernel/http/whole-number.js';

export class NewCaseNoteDto implements NewCaseNote {
  /** Chosen by the caller; the same id with the same content may be sent again. */
  @IsId()
  id: string;

  @IsIn(noteKinds, { context: { code: 'unknown-kind' } })
  kind: NoteKind;

  /** YYYY-MM-DD; today, where the client lives, when left out. */
  @IsOptional()
  @IsString()
  happenedOn?: string;

  /** YYYY-MM-DD: the day on which to talk next, within 400 days. */
  @IsOptional()
  @IsString()
  nextOn?: string;

  /** What was said and what was agreed, in at most 10,000 characters. */
  @IsString()
  words: string;

  /** The note that this one corrects; it stays, and is shown as corrected. */
  @IsOptional()
  @IsId()
  corrects?: string;
}

export class NotesPageDto {
  /** The `next` of the page before. */
  @IsOptional()
  @IsString()
  @MaxLength(100)
  before?: string;

  /** How many notes that stand; each comes with those that it corrects. */
  @IsOptional()
  @IsWholeNumber(1, 100)
  @ApiPropertyOptional()
  limit: number = 20;
}
