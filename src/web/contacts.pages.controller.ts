/** Safe contact as pages: the rules first, and below them the form in which a contact is recorded, which carries their version. */
import { randomUUID } from 'node:crypto';
import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { ContactsService, type NewContact } from '../clients/contacts.service.js';
import {
  contactChannels,
  contactDirections,
  contactOutcomes,
  type SafeContactRules,
} from '../clients/domain/safe-contact.js';
import { isId } from '../kernel/ids.js';
import { CHANNELS, DIRECTIONS, LANGUAGES, options, OUTCOMES } from './case-wording.js';
import { FormReader } from './form-reader.js';
import { t } from './languages/language.js';
import { addressWith, refusal, textIn, type Fault, type Sent } from './sent.js';

const LONGEST_RULE = 500;
const LONGEST_NOTE = 2000;

@ApiExcludeController()
@Controller('clients/:code')
export class ContactsPagesController {
  constructor(private readonly contacts: ContactsService) {}

  @Get('contacts')
  @Allow('identity:read')
  async show(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Query() query: Sent,
    @Res() response: Response,
  ): Promise<void> {
    response.render('client-contacts', await this.page(actor, code, { done: textIn(query, 'done') }));
  }

  @Post('contacts')
  @Allow('casework:record')
  async record(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    const { contact, faults } = contactIn(form);
    const refused = await refusal(faults, () => this.contacts.record(actor, code, contact));
    if (refused) {
      const { status, faults: said, code: refusedAs } = refused;
      response
        .status(status)
        .render('client-contacts', await this.page(actor, code, { form, faults: said, refusedAs }));
    } else response.redirect(303, addressWith(`/clients/${code}/contacts`, { done: 'contact' }));
  }

  @Get('safe-contact')
  @Allow('casework:record')
  async edit(@CurrentActor() actor: Actor, @Param('code') code: string, @Res() response: Response): Promise<void> {
    const { version, rules } = await this.contacts.rules(actor, code);
    response.render('client-safe-contact', rulesPage(code, version, rules ?? {}, []));
  }

  @Post('safe-contact')
  @Allow('casework:record')
  async change(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    const { replaces, rules, faults } = rulesIn(form);
    const refused = await refusal(faults, () => this.contacts.changeRules(actor, code, replaces, rules));
    if (refused) {
      // Somebody else may have changed them: what was typed stays, and takes the place of the rules as they are now once they were looked at.
      const { version } = await this.contacts.rules(actor, code);
      response.status(refused.status).render('client-safe-contact', rulesPage(code, version, rules, refused.faults));
    } else response.redirect(303, addressWith(`/clients/${code}/contacts`, { done: 'rules' }));
  }

  private async page(actor: Actor, code: string, { done = '', form, faults = [], refusedAs }: Shown) {
    const { version, rules, recordedAt, consentsToBeContacted } = await this.contacts.rules(actor, code);
    const sentId = textIn(form, 'id');
    return {
      code,
      done,
      version,
      rules,
      recordedAt,
      consentsToBeContacted,
      contacts: await this.contacts.ofClient(actor, code),
      // The id is made with the page, so that sending it twice records one contact; one that has another content is no use any more.
      id: isId(sentId) && refusedAs !== 'id-conflict' ? sentId : randomUUID(),
      directions: options(DIRECTIONS, textIn(form, 'direction')),
      channels: options(CHANNELS, textIn(form, 'channel')),
      outcomes: options(OUTCOMES, textIn(form, 'outcome')),
      happenedOn: textIn(form, 'happenedOn'),
      words: textIn(form, 'words', 20_000),
      faults,
    };
  }
}

interface Shown {
  done?: string;
  form?: Sent;
  faults?: Fault[];
  refusedAs?: string;
}

function contactIn(form: Sent): { contact: NewContact; faults: Fault[] } {
  const reader = new FormReader(form);
  const id = textIn(form, 'id').toLowerCase();
  const contact = {
    id: isId(id) ? id : randomUUID(),
    rulesVersion: reader.number('rulesVersion'),
    direction: reader.choice('direction', contactDirections, t('Choose who contacted whom.')),
    channel: reader.choice('channel', contactChannels, t('Choose how.')),
    outcome: reader.choice('outcome', contactOutcomes, t('Choose what came of it.')),
    happenedOn: reader.day('happenedOn'),
    words: reader.text('words', LONGEST_NOTE) || undefined,
  };
  return { contact, faults: reader.faults };
}

function rulesIn(form: Sent): { replaces: number; rules: SafeContactRules; faults: Fault[] } {
  const reader = new FormReader(form);
  const rules = {
    channels: reader.choices('channels', contactChannels, t('Choose at least one way.')),
    how: reader.text('how', LONGEST_RULE),
    when: reader.text('when', LONGEST_RULE),
    language: reader.choice('language', Object.keys(LANGUAGES), t('Choose the language.')),
    byWhom: reader.text('byWhom', LONGEST_RULE),
    never: reader.text('never', LONGEST_RULE, t('Say how never. If the client sees no danger, write that.')),
    wording: reader.text('wording', LONGEST_RULE),
    interviewer: reader.text('interviewer', LONGEST_RULE),
    interpreter: reader.text('interpreter', LONGEST_RULE),
  };
  return { replaces: reader.number('replaces'), rules, faults: reader.faults };
}

function rulesPage(code: string, version: number, rules: Partial<SafeContactRules>, faults: Fault[]) {
  const channels = Object.entries(CHANNELS).map(([value, text]) => ({
    value,
    text: t(text),
    checked: rules.channels?.some((channel) => channel === value) ?? false,
  }));
  return { code, version, rules, channels, languages: options(LANGUAGES, rules.language), faults };
}
