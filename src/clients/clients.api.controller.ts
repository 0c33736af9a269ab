/** Clients over the API: registration, case file, identity. */
import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { PageDto } from '../kernel/http/page.dto.js';
import type { ClientEntity } from './client.entity.js';
import { ClientsService } from './clients.service.js';
import { ConsentsService } from './consents.service.js';
import { NewClientDto } from './dto/client.dto.js';
import { DuplicatesService } from './matching/duplicates.service.js';

@ApiTags('clients')
@Controller('api/v1/clients')
export class ClientsApiController {
  constructor(
    private readonly clients: ClientsService,
    private readonly consents: ConsentsService,
    private readonly duplicates: DuplicatesService,
  ) {}

  @Post()
  @Allow('clients:register')
  @ApiOperation({
    summary:
      'Register a client; 200 instead of 201 when the same registration came before. Says whether somebody registered before may be the same person, which a supervisor looks at',
  })
  async register(
    @CurrentActor() actor: Actor,
    @Body() input: NewClientDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { client, created } = await this.clients.register(actor, input);
    response.status(created ? 201 : 200);
    return { id: client.id, code: client.code, possibleDuplicate: await this.duplicates.notice(actor, client) };
  }

  @Get()
  @Allow('clients:read')
  @ApiOperation({ summary: 'The clients within your reach, by code' })
  async list(@CurrentActor() actor: Actor, @Query() page: PageDto) {
    const { items, next } = await this.clients.list(actor, { after: page.after, limit: page.limit });
    return { items: items.map(caseFile), next };
  }

  @Get(':code')
  @Allow('clients:read')
  @ApiOperation({ summary: 'The case file, without identity' })
  async find(@CurrentActor() actor: Actor, @Param('code') code: string) {
    const { client, reason } = await this.clients.caseFile(actor, code);
    return {
      ...caseFile(client),
      consents: await this.consents.ofClient(client),
      // Not in an emergency: who else a client may be is for those who work with them.
      ...(reason === 'case-file' && { possibleDuplicate: await this.duplicates.notice(actor, client) }),
    };
  }

  @Get(':code/identity')
  @Allow('identity:read')
  @ApiOperation({ summary: 'Who the client is; each reading is recorded' })
  async identity(@CurrentActor() actor: Actor, @Param('code') code: string) {
    const { version, identity } = await this.clients.identity(actor, code);
    return { version, ...identity };
  }
}

function caseFile(client: ClientEntity) {
  return {
    id: client.id,
    code: client.code,
    cohort: client.cohort,
    caseGroup: client.caseGroup,
    country: client.country,
    region: client.region,
    ageBand: client.ageBand,
    guardianOnRecord: client.guardianOnRecord,
    registeredAt: client.registeredAt.toISOString(),
  };
}
