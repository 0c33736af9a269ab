/** Case notes over the API: writing one down, correcting one, and reading what was written before. */
import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { CaseNotesService } from './case-notes.service.js';
import { NewCaseNoteDto, NotesPageDto } from './dto/case-note.dto.js';

@ApiTags('case notes')
@Controller('api/v1/clients/:code/case-notes')
export class CaseNotesApiController {
  constructor(private readonly notes: CaseNotesService) {}

  @Post()
  @Allow('notes:write')
  @ApiOperation({
    summary: 'Keep a note, which may correct an earlier one; 200 instead of 201 when the same one came before',
  })
  async write(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Body() input: NewCaseNoteDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { created, ...note } = await this.notes.write(actor, code, input);
    response.status(created ? 201 : 200);
    return note;
  }

  @Get()
  @Allow('notes:read')
  @ApiOperation({
    summary: 'Notes on the client, the latest first, each followed by those that it corrects; each reading is recorded',
  })
  list(@CurrentActor() actor: Actor, @Param('code') code: string, @Query() { before, limit }: NotesPageDto) {
    return this.notes.ofClient(actor, code, { before, limit });
  }
}
