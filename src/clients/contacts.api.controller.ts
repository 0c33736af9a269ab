/** Safe contact over the API: the rules, and the contacts that were made under them. */
import { Body, Controller, Get, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { ContactsService } from './contacts.service.js';
import { NewContactDto, NewSafeContactDto } from './dto/contact.dto.js';

@ApiTags('clients')
@Controller('api/v1/clients/:code')
export class ContactsApiController {
  constructor(private readonly contacts: ContactsService) {}

  @Get('safe-contact')
  @Allow('identity:read')
  @ApiOperation({ summary: 'How the client can be contacted without harm; each reading is recorded' })
  rules(@CurrentActor() actor: Actor, @Param('code') code: string) {
    return this.contacts.rules(actor, code);
  }

  @Post('safe-contact')
  @Allow('casework:record')
  @ApiOperation({ summary: 'Keep new rules in place of the version that was read' })
  async changeRules(@CurrentActor() actor: Actor, @Param('code') code: string, @Body() input: NewSafeContactDto) {
    return { version: await this.contacts.changeRules(actor, code, input.replaces, input.rules) };
  }

  @Get('contacts')
  @Allow('identity:read')
  @ApiOperation({ summary: 'Contacts with the client, latest first; each reading is recorded' })
  async list(@CurrentActor() actor: Actor, @Param('code') code: string) {
    return { items: await this.contacts.ofClient(actor, code), next: null };
  }

  @Post('contacts')
  @Allow('casework:record')
  @ApiOperation({
    summary: 'Record a contact, with the version of the rules that was read; 200 instead of 201 when it came before',
  })
  async record(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Body() input: NewContactDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { id, created } = await this.contacts.record(actor, code, input);
    response.status(created ? 201 : 200);
    return { id };
  }
}
