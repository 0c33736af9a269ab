/** Intake as pages: what is asked is explained first, nothing is kept before the person agrees to it, and a client is registered by one form. */
import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { ClientReach } from '../clients/client-reach.js';
import { ClientsService, type NewClient } from '../clients/clients.service.js';
import type { ClientEntity } from '../clients/client.entity.js';
import { payeeKinds, type Identity } from '../clients/domain/identity.js';
import { DuplicatesService } from '../clients/matching/duplicates.service.js';
import { rails } from '../funds/rails.js';
import { Clock } from '../kernel/clock.js';
import { toProblem } from '../kernel/http/problem.filter.js';
import { isId, Ids } from '../kernel/ids.js';
import { countries } from '../kernel/reference-data.js';
import { Settings } from '../kernel/settings.js';
import { INTERPRETERS, LANGUAGES, options } from './case-wording.js';
import { identityIn, rowsShown } from './identity-form.js';
import { intakeIn, paidAnswers, wantsNothingKept, type BirthChoice } from './intake-form.js';
import { msg, msgs, t } from './languages/language.js';
import { addressWith, refusalOf, textIn, textsIn, type Fault, type Sent } from './sent.js';
import { countryName, nameOfSlug, payeeKindWords, railWords, scriptNames } from './wording.js';

const PAID_ANSWERS: Record<(typeof paidAnswers)[number], string> = msgs({
  any: 'Yes, in any way',
  some: 'Only in the ways ticked below',
  no: 'No',
  'not-asked': 'Not asked today',
});
const ANSWERS = msgs({ yes: 'Yes', no: 'No', 'not-asked': 'Not asked today' });
const BIRTH: Record<BirthChoice, string> = msgs({
  day: 'They know the day',
  about: 'They know about when',
  unknown: 'They do not know',
});

/** What was typed, what is wrong with it, and the id that sending it again goes by. */
interface Typed {
  form: Sent;
  id?: string;
  faults?: Fault[];
}

@ApiExcludeController()
@Controller('clients')
export class IntakePagesController {
  constructor(
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly settings: Settings,
    private readonly clients: ClientsService,
    private readonly reach: ClientReach,
    private readonly duplicates: DuplicatesService,
  ) {}

  @Get('new')
  @Allow('clients:register')
  async show(@CurrentActor() actor: Actor, @Query() query: Sent, @Res() response: Response): Promise<void> {
    const isNothingKept = textIn(query, 'done') === 'nothing-kept';
    response.render('intake', { ...(await this.page(actor, { form: {} })), isNothingKept });
  }

  @Post()
  @Allow('clients:register')
  async register(@CurrentActor() actor: Actor, @Body() form: Sent = {}, @Res() response: Response): Promise<void> {
    if (wantsNothingKept(form)) {
      // To an empty form, so that what was typed is gone from the page too.
      response.redirect(303, addressWith('/clients/new', { done: 'nothing-kept' }));
      return;
    }
    const sentId = textIn(form, 'id').toLowerCase();
    const id = isId(sentId) ? sentId : this.ids.newId();
    const { client, faults } = await intakeIn(form, id, this.today());
    if (faults.length > 0) return this.refuse(actor, response, 422, { form, id, faults });
    try {
      const { code } = await this.registerOnce(actor, client);
      response.redirect(303, `/clients/${code}/next`);
    } catch (thrown) {
      const { status, code, faults: refused } = refusalOf(thrown);
      if (code !== 'id-conflict') return this.refuse(actor, response, status, { form, id, faults: refused });
      return this.refuse(actor, response, status, { form, faults: [await this.registeredBefore(actor, id)] });
    }
  }

  @Get(':code/next')
  @Allow('clients:read')
  async next(@CurrentActor() actor: Actor, @Param('code') code: string, @Res() response: Response): Promise<void> {
    const client = await this.clients.find(actor, code);
    response.render('intake-next', {
      client,
      mayRecord: actor.permissions.has('casework:record') && client.consentsToHold,
      mayPlan: actor.permissions.has('plans:record') && client.consentsToHold,
      mayNote: actor.permissions.has('notes:write') && client.consentsToHold,
      mayInterview: actor.permissions.has('needs:record') && client.consentsToHold,
      possibleDuplicate: await this.duplicates.notice(actor, client),
    });
  }

  /** The same form sent twice at once: the second finds what the first one registered as soon as that is there. */
  private async registerOnce(actor: Actor, client: NewClient): Promise<ClientEntity> {
    try {
      return (await this.clients.register(actor, client)).client;
    } catch (thrown) {
      if (toProblem(thrown).code !== 'try-again') throw thrown;
      return (await this.clients.register(actor, client)).client;
    }
  }

  /** Somebody went back and changed what they had sent. Whom it registered is told to those who work with them. */
  private async registeredBefore(actor: Actor, id: string): Promise<Fault> {
    const text = t(
      'This form registered somebody before. If this is the same person, open their page by this link and correct it there. If it is somebody else, send the form once more.',
    );
    const client = await this.reach.requireWithin(actor, id, 'client').catch(() => null);
    return client ? { text, href: `/clients/${client.code}` } : { text };
  }

  private async refuse(actor: Actor, response: Response, status: number, typed: Typed): Promise<void> {
    response.status(status).render('intake', await this.page(actor, typed));
  }

  private today(): string {
    return this.clock.today(this.settings.timeZone);
  }

  private async page(actor: Actor, { form, id, faults = [] }: Typed) {
    const identity = identityIn(form);
    const chosen = (words: Record<string, string>, name: string) => radios(words, textIn(form, name));
    const cohorts = Object.fromEntries((await this.clients.cohorts(actor)).map((slug) => [slug, nameOfSlug(slug)]));
    const ways = textsIn(form, 'rails');
    return {
      id: id ?? this.ids.newId(),
      faults,
      typed: identity,
      rows: rowsShown(identity),
      open: openParts(identity, faults),
      birthYear: textIn(form, 'birthYear'),
      dateOfBirth: textIn(form, 'dateOfBirth'),
      thisYear: this.today().slice(0, 4),
      languages: options(LANGUAGES, textIn(form, 'language')),
      interpreters: options(INTERPRETERS, textIn(form, 'interpreter')),
      holdData: textIn(form, 'holdData'),
      bePaid: chosen(PAID_ANSWERS, 'bePaid'),
      rails: rails.map((rail) => ({ value: rail, text: railWords(rail), checked: ways.includes(rail) })),
      beContacted: chosen(ANSWERS, 'beContacted'),
      beQuoted: chosen(ANSWERS, 'beQuoted'),
      birth: chosen(BIRTH, 'birth'),
      scripts: [
        { value: '', text: t('not said') },
        ...Object.entries(scriptNames).map(([value, text]) => ({ value, text: t(text) })),
      ],
      payeeKinds: ['' as const, ...payeeKinds].map((value) => ({ value, text: payeeKindWords(value || undefined) })),
      countries: options(
        Object.fromEntries(countries.map(({ code }) => [code, countryName(code)])),
        textIn(form, 'country'),
      ),
      region: textIn(form, 'region'),
      cohorts: options(cohorts, textIn(form, 'cohort'), msg('A new one, written below')),
      newCohort: textIn(form, 'newCohort'),
      caseGroup: textIn(form, 'caseGroup'),
    };
  }
}

/** Which of the parts that are folded away show what was typed, or what is wrong with it. */
function openParts(identity: Identity, faults: readonly Fault[]) {
  const isWrong = (part: string) => faults.some(({ href = '' }) => href.startsWith(`#identity.${part}`));
  const { names, safety, guardian, kin, documents, payee } = identity;
  return {
    names: names.length > 1 || isWrong('names.1'),
    safety: safety !== undefined || isWrong('safety'),
    guardian: guardian !== undefined || isWrong('guardian'),
    kin: kin !== undefined || isWrong('kin'),
    documents: documents !== undefined || isWrong('documents'),
    payee: payee !== undefined || isWrong('payee'),
  };
}

const radios = (words: Record<string, string>, answer: string) =>
  Object.entries(words).map(([value, text]) => ({ value, text: t(text), checked: value === answer }));
