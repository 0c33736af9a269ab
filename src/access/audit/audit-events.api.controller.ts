/** The audit trail over the API, for auditors. */
import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentActor } from '../declarations.js';
import type { Actor } from '../domain/actor.js';
import { AuditReader, type AuditPage } from './audit-reader.js';
import { AuditEventsFilterDto } from './dto/audit-events.dto.js';

@ApiTags('audit')
@Controller('api/v1/audit-events')
export class AuditEventsApiController {
  constructor(private readonly reader: AuditReader) {}

  @Get()
  @Allow('audit:read')
  @ApiOperation({
    summary: 'Who did what to which record, newest first; `head` is to be noted elsewhere; each reading is recorded',
  })
  list(@CurrentActor() actor: Actor, @Query() { after, limit, ...filter }: AuditEventsFilterDto): Promise<AuditPage> {
    return this.reader.read(actor, filter, { after, limit });
  }
}
