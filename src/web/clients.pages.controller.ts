/** Clients as pages, by their codes: the list within reach, one case file, who the client is, their consents, and who works with them. */
import { Body, Controller, Get, Param, Post, Query, Render, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor, Permission } from '../access/domain/actor.js';
import { AssignmentsService } from '../clients/assignments.service.js';
import type { ClientEntity } from '../clients/client.entity.js';
import { ClientsService } from '../clients/clients.service.js';
import { ConsentsService, type ConsentGiven } from '../clients/consents.service.js';
import { consentPurposes, interpreters } from '../clients/domain/consent.js';
import { DuplicatesService } from '../clients/matching/duplicates.service.js';
import { rails } from '../funds/rails.js';
import { needsCatalogue } from '../needs/catalogue.js';
import { NeedsService } from '../needs/needs.service.js';
import { PlansService } from '../plans/plans.service.js';
import { TransfersService } from '../transfers/transfers.service.js';
import { INTERPRETERS, LANGUAGES, options } from './case-wording.js';
import { FormReader } from './form-reader.js';
import { msg } from './languages/language.js';
import { addressWith, refusal, textIn, type Fault, type Sent } from './sent.js';
import { consentWords, railWords } from './wording.js';

const CLIENTS_A_PAGE = 50;

/** What can be done with a case file beside reading it, by who may. */
const RIGHTS: readonly {
  path: string;
  text: string;
  permission: Permission;
  asksConsent?: true;
  asksCaseFile?: true;
}[] = [
  {
    path: 'contacts',
    text: 'Safe contact: read this before you call or write',
    permission: 'identity:read',
    asksConsent: true,
  },
  {
    path: 'identity',
    text: 'Who they are (the reading is recorded)',
    permission: 'identity:read',
    asksConsent: true,
  },
  {
    path: 'identification',
    text: 'Identification: what they told of how they were trafficked. Nothing depends on it',
    permission: 'words:read',
    asksConsent: true,
    asksCaseFile: true,
  },
  { path: 'export', text: 'Everything held of them, for them', permission: 'clients:export' },
  { path: 'erase', text: 'Erase them, when they ask for it', permission: 'clients:erase' },
];

const needLabels = new Map(needsCatalogue.needs.map(({ code, label }) => [code, label]));
const labelOf = (need: string) => needLabels.get(need) ?? need;

const wordsFor = (codes: readonly string[], words: (code: string) => string) =>
  Object.fromEntries(codes.map((code) => [code, words(code)]));

/** A form that was refused: shown again with what was typed and what is wrong with it. */
interface Refused {
  form: Sent;
  faults: Fault[];
}

@ApiExcludeController()
@Controller('clients')
export class ClientsPagesController {
  constructor(
    private readonly clients: ClientsService,
    private readonly consents: ConsentsService,
    private readonly duplicates: DuplicatesService,
    private readonly assignments: AssignmentsService,
    private readonly needs: NeedsService,
    private readonly plans: PlansService,
    private readonly transfers: TransfersService,
  ) {}

  @Get()
  @Allow('clients:read')
  @Render('clients')
  async list(@CurrentActor() actor: Actor, @Query() query: Sent) {
    const { items, next } = await this.clients.list(actor, {
      after: textIn(query, 'after') || undefined,
      limit: CLIENTS_A_PAGE,
    });
    return {
      clients: items,
      mayRegister: actor.permissions.has('clients:register'),
      isTeam: actor.permissions.has('clients:read-team'),
      nextPage: next && addressWith('/clients', { after: next }),
    };
  }

  @Get(':code')
  @Allow('clients:read')
  async show(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Query() query: Sent,
    @Res() response: Response,
  ): Promise<void> {
    response.render('client', await this.page(actor, code, textIn(query, 'done')));
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
    const purpose = reader.choice('purpose', consentPurposes, 'Choose what the client withdraws.');
    const language = reader.text('language', 3);
    if (!/^[a-z]{2,3}$/.test(language)) reader.fault('consents', 'Open the page again and withdraw it once more.');
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
    const caseworker = reader.text('caseworker', 36, 'Choose who works with the client.');
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
    sent: Refused,
    act: () => Promise<void>,
  ): Promise<void> {
    const refused = await refusal(sent.faults, act);
    if (refused) {
      const { status, faults } = refused;
      response.status(status).render('client', await this.page(actor, code, '', { ...sent, faults }));
    } else response.redirect(303, addressWith(`/clients/${code}`, { done }));
  }

  private async page(actor: Actor, code: string, done: string, refused?: Refused) {
    const { client, reason } = await this.clients.caseFile(actor, code);
    const isOwn = reason === 'case-file';
    const consents = await this.consents.ofClient(client);
    return {
      client,
      isOwn,
      done,
      consents,
      rights: RIGHTS.filter(
        ({ permission, asksConsent, asksCaseFile }) =>
          actor.permissions.has(permission) && (client.consentsToHold || !asksConsent) && (isOwn || !asksCaseFile),
      ),
      possibleDuplicate: isOwn ? await this.duplicates.notice(actor, client) : { found: false, yourClients: [] },
      // In an emergency nobody needs to know what was said of needs and plans, nor what is paid.
      told: isOwn && client.consentsToHold ? await this.told(actor, code) : null,
      transfers: isOwn ? await this.transfers.ofClient(actor, code) : null,
      payableBy: isOwn ? await this.transfers.payableBy(actor, code) : [],
      hands: isOwn && actor.permissions.has('clients:assign') ? await this.hands(actor, client, refused) : null,
      form: consentForm(refused?.form),
      faults: refused?.faults ?? [],
    };
  }

  /** What the client said of needs and plans; each reading is recorded. */
  private async told(actor: Actor, code: string) {
    const assessment = await this.needs.latestAssessment(actor, code);
    const plans = await this.plans.ofClient(actor, code);
    return {
      assessment: assessment && {
        assessedOn: assessment.assessedOn,
        priorities: assessment.highestPriorities.map((need) => ({
          label: labelOf(need),
          words: assessment.interpretations[need] ?? null,
        })),
      },
      plans: plans.map((plan) => ({
        ...plan,
        items: plan.items.map((item) => ({
          ...item,
          needLabel: labelOf(item.need),
          told: plan.tracking.flatMap(({ toldOn, items }) =>
            items.filter((tracked) => tracked.item === item.item).map((tracked) => ({ ...tracked, toldOn })),
          ),
        })),
      })),
    };
  }

  private async hands(actor: Actor, client: ClientEntity, refused: Refused | undefined) {
    const people = await this.assignments.assignable(actor);
    const names = Object.fromEntries(people.map(({ id, displayName }) => [id, displayName]));
    return {
      now: names[client.caseworkerId] ?? null,
      changes: await this.assignments.ofClient(actor, client.code),
      options: options(names, textIn(refused?.form, 'caseworker')),
    };
  }
}

function consentIn(form: Sent): { consent: Omit<ConsentGiven, 'given'>; faults: Fault[] } {
  const reader = new FormReader(form);
  const purpose = reader.choice('purpose', consentPurposes, 'Choose what the client agrees to.');
  const organisation = reader.text('organisation', 120);
  const language = reader.choice('language', Object.keys(LANGUAGES), 'Choose the language in which it was explained.');
  const interpreter = reader.choice('interpreter', interpreters, 'Choose who interpreted.');
  const rail = reader.text('rail', 20);
  if (purpose === 'share' && organisation === '') reader.fault('organisation', 'Name the organisation.');
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
