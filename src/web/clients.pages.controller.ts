/** Clients as pages, by their codes: the list within reach, one case file, who the client is, their consents, and who works with them. */
import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { AssignmentsService } from '../clients/assignments.service.js';
import { ConsentsService, type ConsentGiven } from '../clients/consents.service.js';
import { consentPurposes, interpreters } from '../clients/domain/consent.js';
import { rails } from '../funds/rails.js';
import { INTERPRETERS, LANGUAGES, options, wordsFor } from './case-wording.js';
import { FormReader } from './form-reader.js';
import { CaseloadService } from './caseload/caseload.service.js';
import { ClientPage, type RefusedForm } from './client-page.js';
import { msg, t } from './languages/language.js';
import { addressWith, refusal, textIn, type Fault, type Sent } from './sent.js';
import { consentWords, railWords } from './wording.js';

const CLIENTS_A_PAGE = 50;

const DONE = ['consent', 'withdrawal', 'assignment', 'interview', 'interview-discarded'] as const;

@ApiExcludeController()
@Controller('clients')
export class ClientsPagesController {
  constructor(
    private readonly page: ClientPage,
    private readonly caseload: CaseloadService,
    private readonly consents: ConsentsService,
    private readonly assignments: AssignmentsService,
  ) {}

  /** Those within reach, by need of attention; or straight to the one whose code was typed. */
  @Get()
  @Allow('clients:read')
  async list(@CurrentActor() actor: Actor, @Query() query: Sent, @Res() response: Response): Promise<void> {
    const typed = textIn(query, 'code').toUpperCase();
    if (/^C-[A-Z0-9]{8}$/.test(typed)) return response.redirect(303, `/clients/${typed}`);
    const { items, next } = await this.caseload.page(actor, {
      after: textIn(query, 'after') || undefined,
      limit: CLIENTS_A_PAGE,
    });
    response.render('clients', {
      clients: items,
      isTeam: actor.permissions.has('clients:read-team'),
      mayRegister: actor.permissions.has('clients:register'),
      typed,
      faults: typed ? [{ text: t('Write the code as it is, like C-8EAAT8NN.'), href: '#code' }] : [],
      nextPage: next && addressWith('/clients', { after: next }),
    });
  }

  @Get(':code')
  @Allow('clients:read')
  async show(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Query() query: Sent,
    @Res() response: Response,
  ): Promise<void> {
    const done = DONE.find((one) => one === textIn(query, 'done'));
    response.render('client', { ...(await this.page.of(actor, code)), done, form: consentForm(undefined), faults: [] });
  }

  @Post(':code/consents')
  @Allow('casework:record')
  async recordConsent(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    const { consent, faults } = consentIn(form);
    await this.act(actor, code, response, 'consent', { form, faults }, () =>
      this.consents.record(actor, code, { ...consent, given: true }),
    );
  }

  @Post(':code/consents/withdrawals')
  @Allow('casework:record')
  async withdrawConsent(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    const reader = new FormReader(form);
    const purpose = reader.choice('purpose', consentPurposes, t('Choose what the client withdraws.'));
    const language = reader.text('language', 3);
    if (!/^[a-z]{2,3}$/.test(language)) reader.fault('consents', t('Open the page again and withdraw it once more.'));
    // Too long is refused and never taken for nothing, which would withdraw from everybody.
    const withdrawn = { purpose, party: reader.text('party', 120) || undefined, language };
    await this.act(actor, code, response, 'withdrawal', { form: {}, faults: reader.faults }, () =>
      this.consents.withdraw(actor, code, withdrawn),
    );
  }

  @Post(':code/assignments')
  @Allow('clients:assign')
  async assign(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    const reader = new FormReader(form);
    const caseworker = reader.text('caseworker', 36, t('Choose who works with the client.'));
    await this.act(actor, code, response, 'assignment', { form, faults: reader.faults }, () =>
      this.assignments.assign(actor, code, caseworker),
    );
  }

  /** Does it and leads back to the client, so that a reload does nothing again; or shows the page with what is wrong. */
  private async act(
    actor: Actor,
    code: string,
    response: Response,
    done: string,
    sent: RefusedForm,
    act: () => Promise<void>,
  ): Promise<void> {
    const refused = await refusal(sent.faults, act);
    if (refused) {
      const { status, faults } = refused;
      const page = await this.page.of(actor, code, { ...sent, faults });
      response.status(status).render('client', { ...page, form: consentForm(sent.form), faults });
    } else response.redirect(303, addressWith(`/clients/${code}`, { done }));
  }
}

function consentIn(form: Sent): { consent: Omit<ConsentGiven, 'given'>; faults: Fault[] } {
  const reader = new FormReader(form);
  const purpose = reader.choice('purpose', consentPurposes, t('Choose what the client agrees to.'));
  const organisation = reader.text('organisation', 120);
  const language = reader.choice(
    'language',
    Object.keys(LANGUAGES),
    t('Choose the language in which it was explained.'),
  );
  const interpreter = reader.choice('interpreter', interpreters, t('Choose who interpreted.'));
  const rail = reader.text('rail', 20);
  if (purpose === 'share' && organisation === '') reader.fault('organisation', t('Name the organisation.'));
  const party = purpose === 'share' ? organisation : purpose === 'be-paid' ? rail : '';
  return { consent: { purpose, party: party || undefined, language, interpreter }, faults: reader.faults };
}

function consentForm(form: Sent | undefined) {
  return {
    purposes: options(wordsFor(consentPurposes, consentWords), textIn(form, 'purpose')),
    rails: options(wordsFor(rails, railWords), textIn(form, 'rail'), msg('any way')),
    organisation: textIn(form, 'organisation', 5000),
    languages: options(LANGUAGES, textIn(form, 'language')),
    interpreters: options(INTERPRETERS, textIn(form, 'interpreter')),
  };
}
