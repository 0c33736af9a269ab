/** Who a client is, as a page: shown to those who may see it, which is recorded, with the forms by which it is corrected. */
import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { ClientsService } from '../clients/clients.service.js';
import { CorrectionsService } from '../clients/corrections.service.js';
import { CaseFileCorrectionDto } from '../clients/dto/client.dto.js';
import { IdentityCorrectionDto } from '../clients/dto/identity.dto.js';
import { payeeKinds, type Identity } from '../clients/domain/identity.js';
import { Problem } from '../kernel/domain/problem.js';
import { validationPipe } from '../kernel/http/validation.js';
import { countries } from '../kernel/reference-data.js';
import { identityIn, rowsShown } from './identity-form.js';
import { msg, t } from './languages/language.js';
import { addressWith, faultOf, refusalOf, textIn, type Fault, type Sent } from './sent.js';
import { countryName, payeeKindWords, scriptNames } from './wording.js';

const SCRIPTS = Object.entries({ '': msg('not said'), ...scriptNames });

type Form = 'identity' | 'case-file';

const NOTHING: Identity = { names: [] };

@ApiExcludeController()
@Controller('clients/:code')
export class IdentityPagesController {
  constructor(
    private readonly clients: ClientsService,
    private readonly corrections: CorrectionsService,
  ) {}

  @Get('identity')
  @Allow('identity:read')
  async show(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Query() query: Sent,
    @Res() response: Response,
  ): Promise<void> {
    response.render('identity', await this.page(actor, code, { isDone: textIn(query, 'done') === 'corrected' }));
  }

  @Post('identity')
  @Allow('casework:record')
  async correctIdentity(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Body() form: Sent | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const identity = identityIn(form);
    await this.correct(actor, code, { form: 'identity', identity }, response, async () => {
      const expectedVersion = Number(textIn(form, 'expectedVersion'));
      const checked = await checkedAs(IdentityCorrectionDto, { identity, expectedVersion });
      await this.corrections.correctIdentity(actor, code, checked);
    });
  }

  @Post('corrections')
  @Allow('casework:record')
  async correctCaseFile(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Body() form: Sent | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const [cohort, caseGroup, country, region] = ['cohort', 'caseGroup', 'country', 'region'].map((name) =>
      textIn(form, name),
    );
    const correction = { cohort, caseGroup, country, region: region || null };
    await this.correct(actor, code, { form: 'case-file', caseFile: correction }, response, async () => {
      await this.corrections.correctCaseFile(actor, code, await checkedAs(CaseFileCorrectionDto, correction));
    });
  }

  /** Corrects and leads back to the page; or shows it again with what was typed, what was refused and why. */
  private async correct(
    actor: Actor,
    code: string,
    typed: { form: Form; identity?: Identity; caseFile?: object },
    response: Response,
    correcting: () => Promise<void>,
  ): Promise<void> {
    try {
      await correcting();
    } catch (thrown) {
      const faults =
        thrown instanceof Problem && thrown.errors.length > 0 ? thrown.errors.map(faultOf) : refusalOf(thrown).faults;
      const { status } = refusalOf(thrown);
      response.status(status).render('identity', await this.page(actor, code, { ...typed, faults }));
      return;
    }
    response.redirect(303, addressWith(`/clients/${code}/identity`, { done: 'corrected' }));
  }

  private async page(
    actor: Actor,
    code: string,
    state: { form?: Form; identity?: Identity; caseFile?: object; faults?: Fault[]; isDone?: boolean },
  ) {
    const { client, version, identity } = await this.clients.openCaseFile(actor, code);
    const typed = state.identity ?? identity ?? NOTHING;
    return {
      client,
      version,
      identity,
      typed,
      rows: rowsShown(typed),
      typedCaseFile: state.caseFile ?? client,
      openForm: state.form ?? (identity ? null : 'identity'),
      faults: state.faults ?? [],
      isDone: state.isDone ?? false,
      mayCorrect: actor.permissions.has('casework:record'),
      ...choices(),
    };
  }
}

function choices() {
  return {
    scripts: SCRIPTS.map(([value, text]) => ({ value, text: t(text) })),
    payeeKinds: ['' as const, ...payeeKinds].map((value) => ({ value, text: payeeKindWords(value || undefined) })),
    countries: countries.map(({ code }) => ({ value: code, text: countryName(code) })),
  };
}

/** The same checks as over the API. Throws what they refuse. */
async function checkedAs<Dto extends object>(dto: new () => Dto, value: object): Promise<Dto> {
  return (await validationPipe().transform(value, { type: 'body', metatype: dto })) as Dto;
}
